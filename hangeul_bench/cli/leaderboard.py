"""`hangeul-bench leaderboard`: result files to a ranked table."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hangeul_bench.base.errors import UserError

if TYPE_CHECKING:
    from hangeul_bench.results.ranking import Row

_EXAMPLES = """\b
Examples:
  hangeul-bench leaderboard --results leaderboards/results --out leaderboards/open-hangeul-1.csv
  hangeul-bench leaderboard --format md --cell paper --category all
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
@click.option("--rank-by", default="jer", show_default=True, help="Metric that ranks the rows.")
@click.option("--track", "tracks", multiple=True, help="Only this track; may be repeated.")
@click.option("--shots", type=int, multiple=True, help="Only this number of references.")
@click.option("--cell", "cells", multiple=True, help="Only this cell; may be repeated.")
@click.option("--category", "categories", multiple=True, help="Only this category.")
def leaderboard(
    results: Path,
    out: Path | None,
    format_name: str | None,
    metrics: str | None,
    digits: int | None,
    intervals: bool,
    rank_by: str,
    tracks: tuple[str, ...],
    shots: tuple[int, ...],
    cells: tuple[str, ...],
    categories: tuple[str, ...],
) -> None:
    """Rank the models of a folder of result files."""
    from hangeul_bench.base.files import is_stdout, write_whole
    from hangeul_bench.cli.options import parse_names
    from hangeul_bench.results.board import View
    from hangeul_bench.results.file import read_results
    from hangeul_bench.results.ranking import rank_results
    from hangeul_bench.results.tables import PAGES, to_csv

    on_stdout = out is not None and is_stdout(out)  # refuses a folder before the work
    format_name = format_name or _format_of(out)
    chosen = {} if digits is None else {"digits": digits}
    view = View(parse_names(metrics), intervals=intervals, **chosen)
    if format_name not in PAGES and view != View():
        raise UserError(
            "CSV has every metric whole; choose a --format of md, html, latex or text for "
            "--metrics, --digits or --no-intervals."
        )
    ranked = rank_results(read_results(results), rank_by=rank_by)
    rows = _only(ranked, (tracks, shots, cells, categories))
    text = PAGES[format_name](rows, view) if format_name in PAGES else to_csv(rows)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text)
        click.echo(f"Wrote {len(rows)} rows to {out}.", err=on_stdout)


def _only(rows: "Sequence[Row]", asked: tuple[tuple[object, ...], ...]) -> "list[Row]":
    """The rows of the tracks, shots, cells and categories asked for; where none is named, all."""
    kept = []
    for row in rows:
        own = (row.result["track"], row.result["shots"], row.cell, row.category)
        if all(value in (names or (value,)) for value, names in zip(own, asked, strict=True)):
            kept.append(row)
    return kept


def _format_of(out: Path | None) -> str:
    ending = out.suffix.removeprefix(".").lower() if out else ""
    return {"tex": "latex", "txt": "text", "md": "md", "html": "html"}.get(ending, "csv")
