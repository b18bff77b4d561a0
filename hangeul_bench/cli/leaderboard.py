"""`hangeul-bench leaderboard`: result files to a ranked table."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.options import CellName

if TYPE_CHECKING:
    from hangeul_bench.results.rows import Row

_EXAMPLES = """\b
Examples:
  hangeul-bench leaderboard --results leaderboards/results --out leaderboards/open-hangeul-1.csv
  hangeul-bench leaderboard --format md --cell uf --category all
  hangeul-bench leaderboard --format md --cell ufsc,ufuc --category all
  hangeul-bench leaderboard --pairs --track lite --shots 1 --cell uf --category all
  hangeul-bench leaderboard --pareto speed.png --track lite --shots 1 --cell uf --category all
  hangeul-bench leaderboard --format latex --metrics ssim,rmse --digits 3 --no-intervals
"""


@click.command(epilog=_EXAMPLES)
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("results"),
    show_default=True,
    help="Folder of result files.",
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else printed."
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["csv", "md", "html", "latex", "text"]),
    help="Default: by the ending of --out, else csv.",
)
@click.option("--metrics", help="NAME[,NAME...]: these alone; not with csv, which has all.")
@click.option("--digits", type=click.IntRange(0, 6), help="Decimals of a metric.  [default: 4]")
@click.option("--intervals/--no-intervals", default=True, help="95 % intervals beside the numbers.")
@click.option(
    "--rank-by",
    default="composite",
    show_default=True,
    help="Metric that ranks the rows; the gates are for the composite alone.",
)
@click.option("--pairs", is_flag=True, help="Every pair of rows and who wins (csv or md).")
@click.option(
    "--pareto",
    type=click.Path(path_type=Path, dir_okay=False),
    help="PNG to write: quality against glyphs a second.",
)
@click.option("--model", "models", help="NAME[,NAME...]: these rows alone, ranked among all.")
@click.option("--track", "tracks", multiple=True, help="Only this track; may be repeated.")
@click.option("--shots", type=int, multiple=True, help="Only this number of references.")
@click.option(
    "--cell",
    "cells",
    type=CellName(),
    multiple=True,
    help="Only this cell; may be repeated. CELL,CELL: one table with both side by side.",
)
@click.option("--category", "categories", multiple=True, help="Only this category.")
def leaderboard(
    results: Path,
    out: Path | None,
    format_name: str | None,
    metrics: str | None,
    digits: int | None,
    intervals: bool,
    rank_by: str,
    pairs: bool,
    pareto: Path | None,
    models: str | None,
    tracks: tuple[str, ...],
    shots: tuple[int, ...],
    cells: tuple[tuple[str, ...], ...],
    categories: tuple[str, ...],
) -> None:
    """Rank the models of a folder of result files."""
    from hangeul_bench.base.files import is_stdout, write_whole
    from hangeul_bench.cli.options import parse_names
    from hangeul_bench.results.board import View
    from hangeul_bench.results.file import read_results
    from hangeul_bench.results.pareto import write_pareto
    from hangeul_bench.results.ranking import rank_results
    from hangeul_bench.results.tables import PAGES, to_csv

    on_stdout = out is not None and is_stdout(out)  # refuses a folder before the work
    format_name = format_name or _format_of(out)
    chosen = {} if digits is None else {"digits": digits}
    named, beside = _cells(cells)
    view = View(parse_names(metrics), intervals=intervals, side_by_side=beside, **chosen)
    if format_name not in PAGES and view != View():
        raise UserError(
            "CSV has every metric whole; choose a --format of md, html, latex or text for "
            "--metrics, --digits, --no-intervals or cells side by side."
        )
    ranked = rank_results(read_results(results), rank_by=rank_by)
    rows = _only(ranked, (_models(models, ranked), tracks, shots, named, categories))
    if pareto is not None:
        write_pareto(rows, pareto)
        click.echo(f"Wrote {pareto}.", err=out is None)
    if pairs:
        text = _pairs(rows, format_name, view.digits)
    else:
        text = PAGES[format_name](rows, view) if format_name in PAGES else to_csv(rows)
    if pareto is not None and out is None and not pairs:
        return
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)
        click.echo(f"Wrote {len(rows)} rows to {out}.", err=on_stdout)


def _cells(
    groups: tuple[tuple[str, ...], ...],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All cells that were named, and those that are to stand side by side."""
    beside = [group for group in groups if len(group) > 1]
    if beside and len(groups) > 1:
        raise UserError("Cells side by side are one table; give --cell once, as in ufsc,ufuc.")
    return tuple(cell for group in groups for cell in group), beside[0] if beside else ()


def _models(names: str | None, rows: "Sequence[Row]") -> tuple[str, ...]:
    """The models that were named; each has a row."""
    from hangeul_bench.cli.options import parse_names

    known = {row.model for row in rows}
    wanted = parse_names(names) or ()
    for name in wanted:
        if name not in known:
            raise UserError(
                f"Expected models among {', '.join(sorted(known))}, but found {name!r}."
            )
    return wanted


def _pairs(rows: "Sequence[Row]", format_name: str, digits: int) -> str:
    from hangeul_bench.results.pairs import pairs_csv, pairs_markdown

    if format_name not in ("csv", "md"):
        raise UserError(f"Expected --pairs as --format csv or md, but found {format_name}.")
    return pairs_csv(rows) if format_name == "csv" else pairs_markdown(rows, digits)


def _only(rows: "Sequence[Row]", asked: tuple[tuple[object, ...], ...]) -> "list[Row]":
    """The rows of the tracks, shots, cells and categories asked for; where none is named, all."""
    kept = []
    for row in rows:
        own = (row.model, row.result["track"], row.result["shots"], row.cell, row.category)
        if all(value in (names or (value,)) for value, names in zip(own, asked, strict=True)):
            kept.append(row)
    return kept


def _format_of(out: Path | None) -> str:
    ending = out.suffix.removeprefix(".").lower() if out else ""
    return {"tex": "latex", "txt": "text", "md": "md", "html": "html"}.get(ending, "csv")
