"""Options that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from hangeul_bench.base.documents import parse_json
from hangeul_bench.base.errors import UserError

# The command's argument ``results``: a tuple of at least one path.
some_results = click.argument(
    "results",
    nargs=-1,
    required=True,
    metavar="RESULT.json [...]",
    type=click.Path(path_type=Path, dir_okay=False),
)


def parse_options(pairs: Sequence[str]) -> dict[str, Any]:
    """``--option steps=20`` -> ``{"steps": 20}``; a value that is no JSON is text.

    Raises:
        UserError: A pair has no ``=`` or names a key twice.
    """
    options: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals or not key.isidentifier():
            raise UserError(f"Expected --option KEY=VALUE such as steps=20, but found {pair!r}.")
        if key in options:
            raise UserError(f"--option names {key} twice; give it once.")
        try:
            options[key] = parse_json(text, expected=pair[:80])
        except UserError:
            options[key] = text
    return options


def parse_names(text: str | None) -> tuple[str, ...] | None:
    """``ssim,rmse`` -> ``("ssim", "rmse")``; None where the option was not given.

    Raises:
        UserError: It was given without a name, or with that of a metric that is no more.
    """
    from hangeul_bench.metrics.columns import RETIRED, unknown_metric

    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UserError("Expected NAME[,NAME...], but found no name.")
    for name in RETIRED.keys() & set(names):
        raise UserError(unknown_metric(name))
    return names
