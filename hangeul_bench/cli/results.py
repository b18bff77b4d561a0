"""`hangeul-bench results`: check a result, or make one ready to submit."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hangeul_bench.cli.options import data_option, predictions_option, weights_option

if TYPE_CHECKING:
    from hangeul_bench.evaluate.scoring import Scorer

_EXAMPLES = """\b
Examples:
  hangeul-bench results check results/nearest-font-lite.json
  hangeul-bench results check results/bolder-lite.json --model my_model.py:Bolder --fonts 8
  hangeul-bench results submit results/bolder-lite.json --core-hours 4 --out submission
"""
_result = click.argument("path", metavar="RESULT.json", type=click.Path(path_type=Path))


@click.group(epilog=_EXAMPLES)
def results() -> None:
    """Check a result file, or make one ready for a pull request."""


@results.command()
@_result
@data_option
@click.option("--model", help="As for evaluate; default: the registered one of the result's name.")
@click.option("--fonts", "n_fonts", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--salt", help="Decides with the result which fonts; default: drawn by lot.")
@click.option("--stored", is_flag=True, help="Score the stored predictions again; draw nothing.")
@predictions_option
@weights_option
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
def check(
    path: Path,
    data: Path | None,
    stored: bool,
    predictions: Path | None,
    weights: Path | None,
    device: str,
    salt: str | None,
    **how: Any,
) -> None:
    """Draw some fonts of a result again, chosen by hash, score them and compare.

    A result that holds is marked as verified, with the date. Drawn again, a number of
    pixels alone may be off by .001, one of a network by .01, or by a thousandth and 1 % where it is
    above 1: machines differ by grey levels. FILE.py:Class runs that
    file with your rights: read a stranger's before you name it.

    Exit code 0: it holds. 1: it does not; every difference is a line.
    """
    import secrets

    from hangeul_bench.base.processes import join_processes
    from hangeul_bench.evaluate.check import check_drawn_again, check_stored

    device = join_processes(device).device
    scorer = _scorer(path, data, weights, device)
    if stored:
        verdict = check_stored(path, scorer, out=predictions)
    else:
        lot = secrets.token_hex(8) if salt is None else salt
        verdict = check_drawn_again(path, scorer, salt=lot, device=device, **how)
    for problem in verdict.problems:
        click.echo(f"{path} says {problem}.")
    click.echo(f"{path}: {verdict.how}; {', '.join(verdict.metrics)}.")
    if verdict.problems:
        click.echo(f"{path}: it does not hold ({len(verdict.problems)} differences).", err=True)
        sys.exit(1)
    click.echo(f"{path}: verified.")


@results.command()
@_result
@data_option
@click.option("--out", type=click.Path(path_type=Path), required=True, help="New folder.")
@click.option("--samples-seen", type=click.IntRange(min=0), help="Samples seen in training.")
@click.option("--core-hours", type=click.FloatRange(min=0), help="Core-hours of training.")
@click.option("--evaluations", type=click.FloatRange(min=0), help="Passes of the network a glyph.")
@click.option("--peak-memory", type=click.FloatRange(min=0), help="While drawing, in MB.")
@click.option("--code", metavar="URL", help="Where the model's code is published.")
@click.option("--organisation", metavar="NAME", help="Who made the model.")
@click.option("--hardware", metavar="TEXT", help="What it was drawn on.")
@click.option(
    "--replicated/--not-replicated",
    default=None,
    help="Whether others than its makers trained it again and got this result.",
)
@predictions_option
def submit(
    path: Path,
    data: Path | None,
    out: Path,
    samples_seen: int | None,
    core_hours: float | None,
    evaluations: float | None,
    peak_memory: float | None,
    predictions: Path | None,
    **origin: Any,
) -> None:
    """Check a result against its predictions and write a folder for a pull request.

    It holds the result, five glyphs a font as pictures, and a card with what it cost.
    """
    from hangeul_bench.evaluate.submission import write_submission

    cost = {
        "samples_seen": samples_seen,
        "core_hours": core_hours,
        "evaluations_per_glyph": evaluations,
        "peak_memory_mb": peak_memory,
    }
    scorer = _scorer(path, data, None, "cpu", reference_columns=True)
    stated = {"cost": cost, "origin": origin}
    written = write_submission(path, scorer, out, **stated, predictions=predictions)
    for file in written[:2]:
        click.echo(f"Wrote {file}.")
    click.echo(f"Wrote {len(written) - 2} glyphs to {out / path.stem}.")


def _scorer(
    path: Path,
    data: Path | None,
    weights: Path | None,
    device: str,
    *,
    reference_columns: bool = False,
) -> "Scorer":
    """What measures those of a result's columns whose weights are here."""
    from hangeul_bench.dataset.glyphs import GlyphDataset
    from hangeul_bench.evaluate.rescore import WITNESSES
    from hangeul_bench.evaluate.scoring import Scorer
    from hangeul_bench.metrics import METRICS
    from hangeul_bench.results.file import read_result

    known = WITNESSES if reference_columns else tuple(METRICS)
    had = [name for name in read_result(path)["signatures"] if name in known]
    dataset = GlyphDataset.open(data)
    return Scorer.open(dataset, had, weights=weights, device=device, required=False)
