"""A picture of quality against speed: the composite of a board's models over glyphs a second."""

import io
from collections.abc import Sequence
from pathlib import Path

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.metrics.columns import BY_NAME
from hangeul_bench.results.board import heading
from hangeul_bench.results.rows import Row

_INCHES = (7.0, 4.5)


def best_for_their_speed(points: Sequence[tuple[float, float]]) -> list[int]:
    """The places of points that none is faster and better than, the fastest first.

    Args:
        points: (glyphs a second, error); of equals the first stands for all.
    """
    kept: list[int] = []
    for place in sorted(range(len(points)), key=lambda i: (-points[i][0], points[i][1])):
        if not kept or points[place][1] < points[kept[-1]][1]:
            kept.append(place)
    return kept


def write_pareto(rows: Sequence[Row], out: Path) -> None:
    """Write the picture of one table of a board.

    Args:
        rows: Rows of one track, cell, category and number of references.
        out: The PNG.

    Raises:
        UserError: The rows are of several tables, or none has a composite and a speed.
    """
    titles = sorted({heading(row) for row in rows})
    if len(titles) > 1:
        raise UserError(
            f"Expected rows of one table for --pareto, but found {len(titles)}; choose with "
            "--track, --cell, --category and --shots."
        )
    metric = rows[0].ranked_by if rows else ""
    known = [
        (row, 1 / s, v)
        for row in rows
        if (s := row.result["seconds_per_glyph"])
        if row.result["model"]["kind"] == "model" and (v := row.value(metric)) is not None
    ]
    if not known:
        raise UserError(f"No model has both a {metric or 'number'} and its seconds a glyph.")
    write_whole(out, _picture(known, titles[0], metric))


def _picture(known: Sequence[tuple[Row, float, float]], title: str, metric: str) -> bytes:
    from matplotlib.figure import Figure

    sign = -1 if BY_NAME[metric].higher_is_better else 1
    figure = Figure(figsize=_INCHES, layout="constrained")
    axes = figure.add_subplot()
    for row, speed, value in known:
        estimate = row.metrics[metric]
        low, high = estimate["low"], estimate["high"]
        reach = None if low is None or high is None else [[value - low], [high - value]]
        colour = "0.6" if row.rank is None else "C0"
        axes.errorbar([speed], [value], yerr=reach, fmt="o", color=colour, capsize=3)
        axes.annotate(row.label, (speed, value), (6, 4), textcoords="offset points", fontsize=8)
    points = [(speed, sign * value) for _, speed, value in known]
    front = [known[place] for place in best_for_their_speed(points)]
    axes.plot([s for _, s, _ in front], [v for *_, v in front], color="C1", linewidth=1, zorder=0)
    axes.set(xscale="log", xlabel="glyphs a second", ylabel=BY_NAME[metric].title, title=title)
    axes.grid(visible=True, color="0.9")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=150, metadata={"Software": None})
    return buffer.getvalue()
