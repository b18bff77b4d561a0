"""`hangeul-bench score`: more columns for results that are there, without drawing."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.options import (
    CellName,
    data_option,
    device_option,
    predictions_option,
    some_results,
    weights_option,
)

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

_EXAMPLES = """\b
Examples:
  hangeul-bench score results/*-lite.json
  hangeul-bench score --metrics lpips,fid --weights my-weights results/*-lite.json
  hangeul-bench score --convention all --out conventions.csv results/shifted-3px-lite.json
"""


@click.command(epilog=_EXAMPLES)
@some_results
@data_option
@click.option("--metrics", help="NAME[,NAME...]; default: the usual ones that are lacking.")
@weights_option
@predictions_option
@click.option("--convention", help="NAME[,NAME...] or all: print other papers' numbers instead.")
@click.option(
    "--cell",
    "cells",
    type=CellName(),
    default="uf",
    show_default=True,
    help="With --convention: whose glyphs.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --convention: CSV to write.",
)
@device_option
def score(
    results: tuple[Path, ...],
    data: Path | None,
    metrics: str | None,
    weights: Path | None,
    predictions: Path | None,
    convention: str | None,
    cells: tuple[str, ...],
    out: Path | None,
    device: str,
) -> None:
    """Score stored predictions and write the columns that a result lacks into it.

    Numbers that a result has stay as they are. Predictions that are absent, or are not those that
    the result was made from, are refused. With --convention the results stay untouched, and SSIM,
    RMSE, LPIPS and FID are printed as other papers and libraries compute them.
    """
    from hangeul_bench.base.processes import join_processes
    from hangeul_bench.cli.options import one_cell, parse_names
    from hangeul_bench.dataset.glyphs import GlyphDataset

    dataset, device = GlyphDataset.open(data), join_processes(device).device
    conventions = parse_names(convention)
    if conventions is None:
        named = parse_names(metrics)
        _add_columns(results, dataset, named, weights=weights, out=predictions, device=device)
    elif metrics is not None:
        raise UserError("--metrics and --convention do not go together; give one of them.")
    else:
        how = {"cell": one_cell(cells), "weights": weights, "out": predictions, "device": device}
        _print_conventions(results, dataset, conventions, table=out, **how)


def _add_columns(
    results: Sequence[Path],
    dataset: "GlyphDataset",
    named: tuple[str, ...] | None,
    *,
    weights: Path | None,
    out: Path | None,
    device: str,
) -> None:
    from hangeul_bench.evaluate.rescore import WITNESSES, rescore
    from hangeul_bench.evaluate.scoring import Scorer

    columns = (*named, *WITNESSES) if named else None
    scorer = Scorer.open(dataset, columns, weights=weights, device=device)
    for path in results:
        added = rescore(path, scorer, named=named, out=out)
        done = f"added {', '.join(added)}" if added else "its numbers are as they were"
        click.echo(f"{path}: {done}.")
    if scorer.missing:
        click.echo(
            f"Left out for want of weights: {', '.join(scorer.missing)}; "
            "`hangeul-bench weights check` says which."
        )


def _print_conventions(
    results: Sequence[Path],
    dataset: "GlyphDataset",
    conventions: tuple[str, ...],
    *,
    table: Path | None,
    **how: Any,
) -> None:
    from hangeul_bench.base.files import is_stdout, write_whole
    from hangeul_bench.evaluate.conventions import (
        conventions_csv,
        conventions_text,
        measure_conventions,
    )
    from hangeul_bench.metrics.conventions import variants_of

    on_stdout = table is not None and is_stdout(table)  # refuses a folder before the work
    variants = variants_of(conventions)
    measured = [
        entry for path in results for entry in measure_conventions(path, dataset, variants, **how)
    ]
    click.echo(conventions_text(measured), nl=False, err=on_stdout)
    if table is not None:
        write_whole(table, conventions_csv(measured))
        click.echo(f"Wrote {table}.", err=on_stdout)
