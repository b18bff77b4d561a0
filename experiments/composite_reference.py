"""Pin what the composite is relative to: the errors of `nearest-font` on each track and cell.

    python experiments/composite_reference.py leaderboards/results/nearest-font-*.json

Writes `hangeul_bench/results/composite_reference.json`. A reference of a track and dataset that is
named stands in place of the one before, which changes every composite there and its signature; the
others stay.
"""

from collections.abc import Sequence
from pathlib import Path

import click

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.results.composite import (
    NEAREST,
    PINNED,
    Reference,
    pinned,
    reference_of,
    references_json,
)
from hangeul_bench.results.file import read_result


def replaced(kept: Sequence[Reference], paths: Sequence[Path]) -> list[Reference]:
    """The references with those of some results in place of the ones before.

    Raises:
        UserError: A result is none of `nearest-font` with one reference on a whole track.
    """
    by_key = {reference.key: reference for reference in kept}
    for path in paths:
        reference = reference_of(read_result(path))
        if reference is None or reference.limit is not None:
            raise UserError(
                f"Expected a result of {NEAREST} with one reference on a whole track, but {path} "
                "is another."
            )
        by_key[reference.key] = reference
    return list(by_key.values())


@click.command(help=__doc__.splitlines()[0])
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path), default=PINNED, show_default=True)
def main(results: tuple[Path, ...], out: Path) -> None:
    """Read results and write the file of references."""
    references = replaced(pinned(), results)
    write_whole(out, references_json(references))
    for reference in references:
        metrics = ", ".join(sorted(reference.signatures))
        click.echo(f"{reference.track}, {reference.fingerprint[:12]}: {metrics}")
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    main()
