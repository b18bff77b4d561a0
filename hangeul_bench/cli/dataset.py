"""The commands that make a dataset and look at it: build, info, verify."""

from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import default_workers
from hangeul_bench.builder.run import BuildOptions
from hangeul_bench.builder.run import build as build_dataset
from hangeul_bench.builder.verification import verify as find_problems
from hangeul_bench.dataset.format import MAX_SIZE, MIN_SIZE
from hangeul_bench.dataset.glyphs import GlyphDataset, dataset_folder
from hangeul_bench.dataset.info import describe

_workers_option = click.option(
    "--workers", type=click.IntRange(1), help="Processes.  [default: one a core]"
)
_dataset_argument = click.argument("dataset", required=False, type=click.Path(path_type=Path))


@click.command()
@click.option(
    "--fonts",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder of fonts, with sub-folders handwritten/ and printed/ or a fonts.csv.",
)
@click.option(
    "--out",
    default="hangeul-dataset",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of the dataset; an unfinished or older one there is brought up to date.",
)
@click.option(
    "--size",
    default=128,
    show_default=True,
    type=click.IntRange(MIN_SIZE, MAX_SIZE),
    help="Width and height of an image in pixels.",
)
@click.option(
    "--charset",
    default="ksx1001",
    show_default=True,
    metavar="ksx1001|all|FILE",
    help="The 2,350 syllables of KS X 1001, all 11,172, or those of a text file.",
)
@click.option(
    "--splits", type=click.Path(path_type=Path), help="JSON file with splits of your own."
)
@_workers_option
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Draw on the Dask cluster with this scheduler, e.g. tcp://10.0.0.1:8786.",
)
@click.option("--name", help="Name of the dataset.  [default: that of its folder]")
@click.option("--instances", is_flag=True, help="All named instances of variable fonts.")
@click.option("--strict", is_flag=True, help="Refuse a font that misses a syllable.")
def build(fonts: Path, out: Path, workers: int | None, dask: str | None, **options: Any) -> None:
    """Turn a folder of fonts into a dataset.

    A build that was stopped goes on where it stopped; one that is finished is left alone.
    """
    if dask and workers:
        raise UserError("Expected --dask or --workers, but found both; give one of them.")
    with _executor(dask) as executor:
        chosen = BuildOptions(workers=workers or default_workers(), executor=executor, **options)
        report = build_dataset(fonts, out, chosen)
    for note in report.notes:
        click.echo(f"Note: {note}", err=True)
    for font_id, count in report.missing.items():
        click.echo(f"Note: {font_id} lacks {count:,} syllables; see missing.csv.", err=True)
    kept = report.n_fonts - report.n_drawn
    done = f"{report.n_drawn} drawn, {kept} kept"
    click.echo(f"{out}: {report.n_glyphs:,} glyphs in {report.n_fonts} fonts ({done})")
    click.echo(f"fingerprint {report.fingerprint}")


def _executor(dask: str | None) -> AbstractContextManager[Executor | None]:
    if dask is None:
        return nullcontext()
    from hangeul_bench.builder.cluster import dask_executor

    return dask_executor(dask)


@click.command()
@_dataset_argument
def info(dataset: Path | None) -> None:
    """Say what a dataset holds: Table I, splits, licences, fingerprints.

    DATASET is $HANGEUL_BENCH_DATA or ./hangeul-dataset unless given.
    """
    click.echo(describe(GlyphDataset.open(dataset).contents), nl=False)


@click.command()
@_dataset_argument
@_workers_option
@click.pass_context
def verify(ctx: click.Context, dataset: Path | None, workers: int | None) -> None:
    """Check every hash, count, split, text file and image of a dataset.

    Exit code 0: all is right. 1: it is not; every problem is a line.
    """
    folder = dataset_folder(dataset)
    problems = find_problems(folder, workers=workers or default_workers())
    for problem in problems:
        click.echo(f"{problem.kind}: {problem.path}: {problem.message}")
    if problems:
        click.echo(f"{folder}: {len(problems)} problems.", err=True)
        ctx.exit(1)
    click.echo(f"{folder}: all is right.")
