"""`hangeul-bench board`: what a published board says of a model."""

from pathlib import Path

import click

from hangeul_bench.cli.options import CellName

_EXAMPLES = """\b
Examples:
  hangeul-bench board show nearest-font
  hangeul-bench board show nearest-font --track lite --cell ufsc,ufuc --category all --shots 1
"""


@click.group(epilog=_EXAMPLES)
def board() -> None:
    """Read a published board."""


@board.command()
@click.argument("model")
@click.option(
    "--board",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV that `leaderboard --out` wrote; default: that of the repository.",
)
@click.option("--track", "tracks", multiple=True, help="Only this track; may be repeated.")
@click.option("--cell", type=CellName(), default=(), help="CELL[,CELL...]: only these.")
@click.option("--category", "categories", multiple=True, help="Only this category.")
@click.option("--shots", type=int, multiple=True, help="Only this number of references.")
def show(
    model: str,
    path: Path | None,
    tracks: tuple[str, ...],
    cell: tuple[str, ...],
    categories: tuple[str, ...],
    shots: tuple[int, ...],
) -> None:
    """Print the published rows of MODEL: every number with its 95 % interval."""
    from hangeul_bench.results.published import own_board, published_rows, row_text

    where = {
        "track": tracks,
        "cell": cell,
        "category": categories,
        "shots": tuple(map(str, shots)),
    }
    found = published_rows(path or own_board(), model, where=where)
    click.echo("\n\n".join(map(row_text, found)))
