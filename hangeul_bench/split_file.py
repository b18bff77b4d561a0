"""A user's own splits, read from a JSON file."""

import json
from collections.abc import Sequence
from pathlib import Path

from hangeul_bench.errors import UserError
from hangeul_bench.splits import FONT_LISTS, LISTS

_MAX_FILE_BYTES = 16 << 20
_KEYS = frozenset({*LISTS, "content_font"} - {"seen_characters"})


def read_splits_file(path: Path) -> dict[str, Sequence[str] | str]:
    """Read a user's own splits.

    A JSON object in which every key is optional: ``unseen_fonts``, ``seen_fonts``, ``train_fonts``
    (lists of font ids), ``unseen_characters``, ``references``, ``lite_characters`` (strings or
    lists of syllables) and ``content_font`` (a font id). What is left out follows the rules;
    fonts and characters that are not unseen are for training.

    Raises:
        UserError: It is no such file.
    """
    expected = f"a JSON object with keys among {', '.join(sorted(_KEYS))}"
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise UserError(f"Expected {expected} in {path}, but it is larger than 16 MB.")
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise UserError(f"Expected a splits file at {path}, but there is none.") from None
    except (ValueError, IsADirectoryError) as error:
        raise UserError(f"Expected {expected} in {path}, but it is no JSON ({error}).") from None
    if not isinstance(content, dict):
        raise UserError(f"Expected {expected} in {path}, found a {type(content).__name__}.")
    for key, value in content.items():
        _check_value(key, value, path)
    return content


def _check_value(key: str, value: object, path: Path) -> None:
    if key not in _KEYS:
        raise UserError(f"Splits file {path} has a key {key!r}; use {', '.join(sorted(_KEYS))}.")
    if isinstance(value, str) and (key == "content_font" or key not in FONT_LISTS):
        return
    if key == "content_font" or not isinstance(value, list):
        raise UserError(f"Splits file {path}: {key} has the wrong type {type(value).__name__}.")
    for item in value:
        if not isinstance(item, str):
            raise UserError(f"Splits file {path}: {key} holds {item!r}, which is no string.")
    if len(set(value)) < len(value):
        double = next(item for item in value if value.count(item) > 1)
        raise UserError(f"Splits file {path}: {key} holds {double} twice; keep one.")
