"""`hangeul-bench evaluate`: generate, score, and write one result a model."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hangeul_bench.cli.options import data_option, device_option, weights_option

if TYPE_CHECKING:
    from hangeul_bench.results.file import Result

_WEIGHTS = {"its weights were not at hand": "; --metrics NAME says which to get"}
_MAX_NAMED = 5  # fonts that lack glyphs, in one sentence
_EXAMPLES = """\b
Examples:
  hangeul-bench evaluate --model ground-truth,nearest-font
  hangeul-bench evaluate --model dir:my-glyphs --resize --track full
  hangeul-bench evaluate --model my_model.py:MyModel --option steps=20 --out results
"""


@click.command(epilog=_EXAMPLES)
@click.option(
    "--model", "names", required=True, help="NAME[,NAME...], FILE.py:Class or dir:FOLDER."
)
@data_option
@click.option("--track", default="lite", show_default=True, help="lite, full or wide.")
@click.option(
    "--protocol",
    default="open",
    show_default=True,
    help="Rules of training: open, or paper: all characters, one model a category; ranks apart.",
)
@click.option("--category", help="What the models are for, with --protocol paper.")
@click.option("--limit", type=int, help="Only so many syllables of each cell a font; unranked.")
@click.option("--metrics", help="NAME[,NAME...]; default: the usual ones whose weights are there.")
@weights_option
@device_option
@click.option("--batch-size", type=click.IntRange(min=1), help="Glyphs at once; changes no glyph.")
@click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Boards show a model's further seeds as the spread of its row.",
)
@click.option(
    "--shots",
    type=int,
    default=1,
    show_default=True,
    help="References shown: the first K of the fixed ones; rows of other K rank apart.",
)
@click.option(
    "--perturb",
    metavar="photo|tilt|thin|noise|wrong",
    help="Spoil the references; such rows rank apart. wrong: one of several is another syllable.",
)
@click.option("--option", "options", multiple=True, metavar="KEY=VALUE", help="For the model.")
@click.option("--resize", is_flag=True, help="dir: only; take pictures of another size or mode.")
@click.option("--restart", is_flag=True, help="Discard predictions made with other settings.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
)
def evaluate(
    names: str,
    data: Path | None,
    device: str,
    out: Path,
    metrics: str | None,
    options: tuple[str, ...],
    resize: bool,
    **settings: Any,
) -> None:
    """Let models draw the evaluation fonts, score them, and write a result file each.

    FILE.py:Class runs that file with your rights, as `python FILE.py` does: read a stranger's file
    before you name it. dir:FOLDER runs nothing.
    """
    from hangeul_bench.base.options import parse_options
    from hangeul_bench.base.processes import join_processes
    from hangeul_bench.cli.options import parse_names
    from hangeul_bench.dataset.glyphs import GlyphDataset
    from hangeul_bench.evaluate.run import Settings, evaluate

    given = parse_options(options) | ({"resize": True} if resize else {})
    chosen = parse_names(metrics)
    processes = join_processes(device)
    paths = evaluate(
        tuple(filter(None, names.split(","))),
        GlyphDataset.open(data),
        out,
        Settings(metrics=chosen, options=given, **settings),
        processes,
        say=partial(click.echo, err=True),
    )
    if processes.first:
        _print_results(paths, out)


def _print_results(paths: list[Path], out: Path) -> None:
    """Print the new results ranked, beside the controls that lie in the same folder."""
    from hangeul_bench.dataset.splits.lists import UNSEEN_FONTS
    from hangeul_bench.metrics.columns import RANKED_BY
    from hangeul_bench.results.file import read_result, read_results, rules_of
    from hangeul_bench.results.ranking import rank_results
    from hangeul_bench.results.tables import to_text

    new = [read_result(path) for path in paths]
    names = {result["model"]["name"] for result in new}
    beside = [
        result
        for result in read_results(out)
        if result["model"]["kind"] == "control"
        and result["model"]["name"] not in names
        and all(result[key] == new[0][key] for key in ("track", "dataset", "limit", "shots"))
        and result.get("perturb") == new[0].get("perturb")
        and rules_of(result) == rules_of(new[0])
    ]
    rank_by = _first_known(new[0])
    if rank_by is None:
        click.echo("No metric has a number: too few glyphs, or all failed; see below.")
    else:
        rows = rank_results([*new, *beside])
        if all(row.value(RANKED_BY) is None for row in rows):
            rows = rank_results([*new, *beside], rank_by=rank_by)
        cell = next((row.cell for row in rows if row.cell == UNSEEN_FONTS), rows[0].cell)
        click.echo(to_text([row for row in rows if row.cell == cell]))
    for result in new:
        _print_lacking(result)
    for path in paths:
        click.echo(f"Wrote {path}.")


def _first_known(result: "Result") -> str | None:
    """The metric to rank by: the first in the order of a page that has a number anywhere."""
    from hangeul_bench.metrics.columns import HEADLINE
    from hangeul_bench.results.board import PAGE_METRICS

    known = _known(result)
    order = (HEADLINE, *PAGE_METRICS, *result["signatures"])
    return next((name for name in order if name in known), None)


def _known(result: "Result") -> set[str]:
    """The metrics that have a number of some cell as a whole."""
    return {
        name
        for score in result["scores"]
        for name, estimate in score["metrics"].items()
        if estimate["value"] is not None and score["group"] == "all"
    }


def _print_lacking(result: "Result") -> None:
    """What a result lacks: metrics, numbers of metrics, glyphs."""
    name = result["model"]["name"]
    for reason in sorted(set(result["missing_metrics"].values())):
        metrics = ", ".join(m for m, why in result["missing_metrics"].items() if why == reason)
        click.echo(f"{name}: left out: {metrics}: {reason}{_WEIGHTS.get(reason, '')}.")
    known = _known(result)
    empty = [metric for metric in result["signatures"] if metric not in known]
    if empty:
        click.echo(
            f"{name}: no number: {', '.join(empty)}: a distance needs two glyphs of a font; score "
            "more with --track full or a greater --limit."
        )
    if result["n_delivered"] < result["n_expected"]:
        click.echo(_undelivered(result))


def _undelivered(result: "Result") -> str:
    """Which fonts lack how many glyphs, the emptiest first."""
    fonts = sorted(result.get("undelivered", {}).items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{font_id} {count:,}" for font_id, count in fonts[:_MAX_NAMED]]
    more = len(fonts) - len(shown)
    return (
        f"{result['model']['name']}: {result['n_expected'] - result['n_delivered']:,} of "
        f"{result['n_expected']:,} glyphs were not delivered and count as blank paper: "
        f"{', '.join(shown)}{f' and {more} more fonts' if more else ''}."
    )
