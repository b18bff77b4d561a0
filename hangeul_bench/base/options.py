"""Options of a command that are KEY=VALUE pairs."""

from collections.abc import Sequence
from typing import Any

from hangeul_bench.base.documents import parse_json
from hangeul_bench.base.errors import UserError


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
