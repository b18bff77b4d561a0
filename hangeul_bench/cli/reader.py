"""`hangeul-bench reader`: train the jamo reader, and test it on true glyphs."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hangeul_bench.cli.options import data_option

if TYPE_CHECKING:
    from hangeul_bench.reader.accuracy import FontReading


@click.group()
def reader() -> None:
    """Train and test the jamo reader, the frozen judge behind the jamo error rate."""


@reader.command()
@data_option
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Weights, *.safetensors."
)
@click.option("--samples", type=click.IntRange(min=1), help="Glyphs to see; repeatable.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Time to train.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--resume", is_flag=True, help="Take up an interrupted run of the same options.")
@click.option("--start", type=click.Path(path_type=Path), help="Weights to go on from.")
@click.option("--threads", type=click.IntRange(min=1), help="CPU threads (default: torch's).")
def train(
    data: Path | None,
    out: Path,
    samples: int | None,
    minutes: float | None,
    seed: int,
    resume: bool,
    start: Path | None,
    threads: int | None,
) -> None:
    """Train on a dataset's training fonts; 20 minutes unless told otherwise."""
    import torch

    from hangeul_bench.base.errors import UserError
    from hangeul_bench.dataset.glyphs import GlyphDataset
    from hangeul_bench.reader.training.loop import Limit
    from hangeul_bench.reader.training.run import train_reader

    if samples is not None and minutes is not None:
        raise UserError("Expected --samples or --minutes, but found both; give one of them.")
    if out.suffix != ".safetensors":
        raise UserError(f"Expected --out to end in .safetensors, but found {out}.")
    if threads is not None:
        torch.set_num_threads(threads)
    limit = Limit(samples=samples, minutes=None if samples else minutes or 20.0)
    train_reader(GlyphDataset.open(data), out, limit=limit, seed=seed, resume=resume, start=start)
    click.echo(f"Wrote {out} and {out.with_suffix('.json')}.")


@reader.command()
@data_option
@click.option("--weights", type=click.Path(path_type=Path), help="Default: the shipped ones.")
@click.option(
    "--fonts",
    default="unseen",
    show_default=True,
    help="unseen, evaluation (unseen and seen), all, or ID[,ID...].",
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for CSV files."
)
def test(data: Path | None, weights: Path | None, fonts: str, out: Path | None) -> None:
    """Read true glyphs: accuracy font by font, and which jamo are confused."""
    from hangeul_bench.dataset.glyphs import GlyphDataset
    from hangeul_bench.reader.accuracy import read_fonts, write_report
    from hangeul_bench.reader.reader import JamoReader

    dataset = GlyphDataset.open(data)
    splits = dataset.splits
    groups = {
        "unseen": splits.unseen_fonts,
        "evaluation": (*splits.unseen_fonts, *splits.seen_fonts),
        "all": tuple(font.font_id for font in dataset.fonts),
    }
    font_ids = groups.get(fonts) or tuple(filter(None, fonts.split(",")))
    judge = JamoReader.load(weights)
    readings = read_fonts(judge, dataset, [dataset.font(name).font_id for name in sorted(font_ids)])
    click.echo(f"Reader {judge.sha256}")
    _print_table(readings)
    if out is not None:
        for path in write_report(readings, out):
            click.echo(f"Wrote {path}.")


def _print_table(readings: "list[FontReading]") -> None:
    from hangeul_bench.reader.accuracy import accuracy_rows, below_marks

    click.echo(f"{'font':34} {'role':7} {'glyphs':>7} {'syllable':>9} {'initial':>8} "
               f"{'medial':>8} {'final':>8} {'jer':>7}")  # fmt: skip
    for font_id, category, role, found in accuracy_rows(readings):
        name = f"{category}, all" if font_id == "all" else font_id
        click.echo(
            f"{name:34} {role:7} {found.glyphs:7} {found.syllable:9.2%} {found.initial:8.2%} "
            f"{found.medial:8.2%} {found.final:8.2%} {found.jer:7.2%}"
        )
    for sentence in below_marks(readings):
        click.echo(f"Below the mark: {sentence}")
