"""`hangeul-bench compare`: how two results differ, paired over fonts."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hangeul_bench.cli.options import CellName

if TYPE_CHECKING:
    from hangeul_bench.results.paired import Difference

_EXAMPLES = """\b
Examples:
  hangeul-bench compare results/mine-lite.json results/nearest-font-lite.json
  hangeul-bench compare A.json B.json --category handwritten --metrics jer,ssim
"""


@click.command(epilog=_EXAMPLES)
@click.argument("first", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("second", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--cell",
    "cells",
    type=CellName(),
    default="uf",
    show_default=True,
    help="sfsc, sfuc, ufsc, ufuc or uf (unseen fonts, all characters).",
)
@click.option(
    "--category",
    type=click.Choice(["handwritten", "printed", "all"]),
    default="all",
    show_default=True,
)
@click.option("--metrics", help="NAME[,NAME...]; default: all that both have.")
@click.option("--digits", type=click.IntRange(0, 6), default=4, show_default=True)
def compare(
    first: Path,
    second: Path,
    cells: tuple[str, ...],
    category: str,
    metrics: str | None,
    digits: int,
) -> None:
    """Print what two results differ by: means over fonts, and the 95 % interval of FIRST - SECOND.

    The difference is taken font by font, so that what is hard for both does not blur it; fonts of
    one lineage count as one, and one lineage alone has no interval. Results of two protocols are
    refused.
    """
    from hangeul_bench.base.tables import one_line
    from hangeul_bench.cli.options import one_cell, parse_names
    from hangeul_bench.results.file import read_result
    from hangeul_bench.results.paired import compare as compare_results

    cell = one_cell(cells)
    names = [one_line(path.stem) for path in (first, second)]
    found = compare_results(
        read_result(first),
        read_result(second),
        cell=cell,
        category=category,
        metrics=parse_names(metrics),
    )
    click.echo(f"{names[0]} - {names[1]}: {cell}, {category}, means over {found[0].n_fonts} fonts")
    rows = [("", *names, "difference", "95 % interval", "better")]
    rows += [_row(difference, names, digits) for difference in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(map(str.ljust, row, widths)).rstrip())


def _row(difference: "Difference", names: list[str], digits: int) -> tuple[str, ...]:
    from hangeul_bench.base.tables import fixed

    interval = difference.interval
    ends = [fixed(end, digits) for end in (interval.low, interval.high) if end is not None]
    shown = f"[{', '.join(ends)}]" if ends else "none"
    better = {"first": names[0], "second": names[1], "": "not told apart"}[difference.better]
    values = (difference.first, difference.second, interval.value)
    return (difference.metric, *(fixed(value, digits) for value in values), shown, better)
