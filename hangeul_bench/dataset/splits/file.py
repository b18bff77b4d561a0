"""A user's own splits, read from a JSON file."""

from collections.abc import Sequence
from pathlib import Path

from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.dataset.splits.lists import FONT_LISTS, LISTS

_NAMES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
_PROPERTIES = {
    name: _NAMES if name in FONT_LISTS else {**_NAMES, "type": ["array", "string"]}
    for name in LISTS
    if name != "seen_characters"
} | {"content_font": {"type": "string"}}
_SCHEMA = Schema({"type": "object", "properties": _PROPERTIES, "additionalProperties": False})


def read_splits_file(path: Path) -> dict[str, Sequence[str] | str]:
    """Read a user's own splits.

    A JSON object in which every key is optional: ``unseen_fonts``, ``seen_fonts``, ``train_fonts``
    (lists of font ids), ``unseen_characters``, ``references``, ``lite_characters`` (strings or
    lists of syllables) and ``content_font`` (a font id). What is left out follows the rules;
    fonts and characters that are not unseen are for training.

    Raises:
        UserError: It is no such file.
    """
    keys = ", ".join(sorted(_PROPERTIES))
    content: dict[str, Sequence[str] | str] = read_json(
        path, _SCHEMA, expected=f"a splits file with keys among {keys}", remedy="correct it"
    )
    return content
