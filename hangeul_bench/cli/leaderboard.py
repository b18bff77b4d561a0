"""`hangeul-bench leaderboard`: result files to a ranked table."""

from pathlib import Path

import click

_EXAMPLES = """\b
Examples:
  hangeul-bench leaderboard --results leaderboards/results --out leaderboards/open-hangeul-1.csv
  hangeul-bench leaderboard --format md --cell paper --category all
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
    type=click.Choice(["csv", "md", "html", "text"]),
    help="Default: by the ending of --out, else csv.",
)
@click.option("--rank-by", default="jer", show_default=True, help="Metric that ranks the rows.")
@click.option("--track", "tracks", multiple=True, help="Only this track; may be repeated.")
@click.option("--cell", "cells", multiple=True, help="Only this cell; may be repeated.")
@click.option("--category", "categories", multiple=True, help="Only this category.")
def leaderboard(
    results: Path,
    out: Path | None,
    format_name: str | None,
    rank_by: str,
    tracks: tuple[str, ...],
    cells: tuple[str, ...],
    categories: tuple[str, ...],
) -> None:
    """Rank the models of a folder of result files."""
    from hangeul_bench.atomic import write_text
    from hangeul_bench.leaderboard import rank_results
    from hangeul_bench.leaderboard_formats import FORMATS
    from hangeul_bench.results import read_results

    rows = rank_results(read_results(results), rank_by=rank_by)
    rows = [
        row
        for row in rows
        if row.result["track"] in (tracks or (row.result["track"],))
        and row.cell in (cells or (row.cell,))
        and row.category in (categories or (row.category,))
    ]
    text = FORMATS[format_name or _format_of(out)](rows)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(out, text)
        click.echo(f"Wrote {len(rows)} rows to {out}.")


def _format_of(out: Path | None) -> str:
    ending = out.suffix.removeprefix(".").lower() if out else ""
    return ending if ending in ("md", "html") else "csv"
