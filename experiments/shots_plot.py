"""Scores against the number of references, from result files.

    python -m experiments.shots_plot --results leaderboards/results --out leaderboards/shots.png

A line a model that was evaluated with two numbers of references or more; bars are the results' 95 %
intervals. The results come from ``hangeul-bench evaluate --shots 1``, ``--shots 4`` and so on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.metrics import higher_is_better
from hangeul_bench.results.file import Estimate, Result, find_score, read_results

METRICS = ("jer", "style_distance", "ssim")
_ASIDE = 1.04  # of the number of references, from one model's points to the next one's


@dataclass(frozen=True)
class Curve:
    """One model's scores of one metric.

    Attributes:
        model: Its name.
        shots: Numbers of references, ascending.
        estimates: The score at each.
    """

    model: str
    shots: tuple[int, ...]
    estimates: tuple[Estimate, ...]


def curves(
    results: Iterable[Result], metric: str, *, track: str, cell: str, category: str
) -> list[Curve]:
    """The curves of one metric, by model; a model of one number of references has none.

    Of results that differ by their seed the first seed's counts, as on a board.

    Args:
        results: Result files of any models, tracks and numbers of references.
        metric: The score.
        track: ``lite`` or ``full``.
        cell: ``paper``, ``ufsc`` and so on.
        category: ``all``, ``handwritten`` or ``printed``.

    Raises:
        UserError: A model has two results of one number of references and one seed, or two that
            measure different things.
    """
    points: dict[str, dict[int, tuple[Result, Estimate]]] = {}
    for result in sorted(results, key=lambda result: result["seed"]):
        score = find_score(result, cell=cell, category=category)
        estimate = score["metrics"].get(metric) if score else None
        if result["track"] != track or estimate is None or estimate["value"] is None:
            continue
        of_model = points.setdefault(result["model"]["name"], {})
        first = of_model.get(result["shots"])
        if first is not None and first[0]["seed"] < result["seed"]:
            continue
        if first is not None:
            raise UserError(
                f"Expected one result of {result['model']['name']} with {result['shots']} "
                "references, but found two; leave one out of the folder."
            )
        of_model[result["shots"]] = result, estimate
    found = []
    for model, by_shots in sorted(points.items()):
        if len(by_shots) > 1:
            _check_alike(model, metric, [result for result, _ in by_shots.values()])
            shots = tuple(sorted(by_shots))
            found.append(Curve(model, shots, tuple(by_shots[k][1] for k in shots)))
    return found


def _check_alike(model: str, metric: str, results: Sequence[Result]) -> None:
    for name, values in (
        ("dataset", {r["dataset"]["benchmark_fingerprint"] for r in results}),
        ("--limit", {r["limit"] for r in results}),
        (f"signature of {metric}", {r["signatures"].get(metric) for r in results}),
        ("checkpoint", {r["model"]["checkpoint_sha256"] for r in results}),
    ):
        if len(values) > 1:
            raise UserError(
                f"Expected results of {model} that differ in the number of references alone, but "
                f"their {name} differs too: {' and '.join(sorted(map(str, values)))}."
            )


def draw(panels: dict[str, list[Curve]], out: Path, *, title: str) -> None:
    """Write a PNG with a panel a metric, all over the same numbers of references."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.6))
    models = sorted({curve.model for panel in panels.values() for curve in panel})
    ticks = sorted({k for panel in panels.values() for curve in panel for k in curve.shots})
    handles = {}
    for axis, (metric, panel) in zip(axes, panels.items(), strict=True):
        for curve in panel:
            values, bars = _values(curve.estimates)
            at = models.index(curve.model)
            # Side by side, or the bars of one model hide another's.
            aside = _ASIDE ** (at - (len(models) - 1) / 2)
            handles[curve.model] = axis.errorbar(
                [k * aside for k in curve.shots],
                values,
                bars,
                marker="o",
                markersize=4,
                linewidth=1.2,
                capsize=2,
                color=f"C{at}",
            )
        axis.set_xscale("log", base=2)
        axis.set_xticks(ticks, [str(k) for k in ticks])
        axis.minorticks_off()
        axis.set_xlabel("references")
        better = "higher" if higher_is_better(metric) else "lower"
        axis.set_title(f"{metric} ({better} is better)", fontsize=10)
        axis.grid(alpha=0.3)
    figure.suptitle(title, fontsize=11)
    names = sorted(handles)
    figure.legend(
        [handles[name] for name in names], names, loc="lower center", ncols=len(names), fontsize=9
    )
    figure.tight_layout(rect=(0, 0.07, 1, 1))
    out.parent.mkdir(parents=True, exist_ok=True)
    # Without its version in the file, the same results give the same bytes.
    figure.savefig(out, dpi=120, metadata={"Software": None})
    plt.close(figure)


def _values(estimates: Sequence[Estimate]) -> tuple[list[float], list[list[float]]]:
    """Values, and how far each interval reaches below and above; 0 where there is none."""
    values, below, above = [], [], []
    for estimate in estimates:
        value = estimate["value"] or 0.0
        low, high = estimate["low"], estimate["high"]
        values.append(value)
        below.append(0.0 if low is None else max(value - low, 0.0))
        above.append(0.0 if high is None else max(high - value, 0.0))
    return values, [below, above]


@click.command()
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("results"), show_default=True
)
@click.option("--out", type=click.Path(path_type=Path), default=Path("shots.png"))
@click.option("--track", default="lite", show_default=True)
@click.option("--cell", default="uf", show_default=True)
@click.option("--category", default="all", show_default=True)
def main(results: Path, out: Path, track: str, cell: str, category: str) -> None:
    """Draw jer, style distance and SSIM against the number of references."""
    read = read_results(results)
    panels = {m: curves(read, m, track=track, cell=cell, category=category) for m in METRICS}
    if not any(panels.values()):
        raise UserError(
            f"Expected results of one model with two numbers of references in {results}, but "
            "found none; run hangeul-bench evaluate with --shots 1, then with --shots 4."
        )
    draw(panels, out, title=f"{track} track, {cell}, {category}")
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
