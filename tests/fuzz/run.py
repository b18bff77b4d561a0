"""The fuzz run: ``make fuzz``, or one case again: ``python tests/fuzz/run.py --only fonts:123``.

A case is made from the run's seed, its kind and its number alone, so a failure can be had again on
any machine. What must hold: no traceback, no hang over 20 processor seconds, no message of more
than a line, nothing written outside of the folder it was to go to, and less than 1 GB a process.
"""

import logging
import os
import sys
import time
from pathlib import Path

import click

HERE = Path(__file__).parent
KINDS = ("fonts", "pictures", "documents", "sheets")
SEED = "1"  # of the run that CHANGELOG and the tests speak of


@click.command()
@click.option("--fonts", default=10_000, show_default=True)
@click.option("--pictures", default=3_000, show_default=True)
@click.option("--documents", default=3_000, show_default=True)
@click.option("--sheets", default=200, show_default=True, help="None without --font-folder.")
@click.option("--seed", default=SEED, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--font-folder", type=click.Path(path_type=Path), help="Real fonts, to be damaged.")
@click.option("--only", help="One case again, in this process: KIND:NUMBER.")
def main(
    seed: str, workers: int, font_folder: Path | None, only: str | None, **counts: int
) -> None:
    """Damage fonts, pictures and documents, and see that the program only ever refuses them."""
    os.environ["HANGEUL_FUZZ_FONTS"] = str(font_folder.resolve()) if font_folder else ""
    sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
    from fuzz.pool import Tally

    if only:
        _again(only, seed)
        return
    tally = Tally()
    if not font_folder:
        counts["sheets"] = 0
    for kind in KINDS:
        _run(kind, counts[kind], tally, seed=seed, workers=workers)
    click.echo(f"slowest case {tally.slowest:.1f} s, largest process {tally.largest:.0f} MB")
    sys.exit(1 if tally.failures else 0)


def _run(kind: str, count: int, tally: "object", *, seed: str, workers: int) -> None:
    from fuzz.pool import PHOTOGRAPHS, PROMISED, Tally, run_all

    assert isinstance(tally, Tally)
    start, known = time.monotonic(), len(tally.failures)
    maker, limits = f"fuzz.{kind}:make", PHOTOGRAPHS if kind == "sheets" else PROMISED
    for outcome in run_all(kind, maker, range(count), seed=seed, workers=workers, limits=limits):
        tally.add(outcome)
        if outcome.failed:
            last = (outcome.detail.strip().splitlines() or [""])[-1][:160]
            click.echo(f"FAIL {kind}:{outcome.number} {outcome.verdict} {last}")
    counts = ", ".join(f"{n} {v}" for (k, v), n in sorted(tally.counts.items()) if k == kind)
    failed = len(tally.failures) - known
    seconds = time.monotonic() - start
    click.echo(f"{kind}: {count} cases in {seconds:.0f} s: {counts or 'none'}; {failed} failed")


def _again(only: str, seed: str) -> None:
    import importlib
    import tempfile

    from fuzz.pool import run_case

    kind, _, number = only.partition(":")
    with tempfile.TemporaryDirectory() as folder:
        run = importlib.import_module(f"fuzz.{kind}").make(Path(folder), seed)
        outcome = run_case(kind, run, int(number))
    click.echo(f"{outcome.verdict}\n{outcome.detail}")
    sys.exit(1 if outcome.failed else 0)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    main()
