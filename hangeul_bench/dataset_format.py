"""Dataset format 1 on disk: file names, tables and hashes, for those who write and who read it."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hangeul_bench.charset import codepoint_name
from hangeul_bench.dataset_tables import (
    Font,
    Missing,
    read_characters,
    read_fonts,
    read_missing,
)
from hangeul_bench.errors import UserError
from hangeul_bench.phonetics import phonetic_line
from hangeul_bench.splits import LISTS, Splits

FORMAT = 1

DATASET_JSON = "dataset.json"  # written last: a folder with it is a finished dataset
BUILDING_JSON = "building.json"  # stands there from a build's first step to its last
FONTS_CSV = "fonts.csv"
CHARACTERS_CSV = "characters.csv"
MISSING_CSV = "missing.csv"
README = "README.md"
CROISSANT = "croissant.json"
IMAGES, TEXTS, SPLITS = "images", "texts", "splits"
CONTENT_FONT_TXT = "content_font.txt"


@dataclass(frozen=True)
class Contents:
    """What a dataset holds, but for the pixels; fonts are sorted by id, characters by code point.

    Attributes:
        name: Its name.
        size: Width and height of an image in pixels.
        characters: All syllables.
        splits: Who trains and who tests.
        fonts: All fonts.
        missing: Which font does not draw which syllable.
    """

    name: str
    size: int
    characters: tuple[str, ...]
    splits: Splits
    fonts: tuple[Font, ...]
    missing: tuple[Missing, ...]


def shard_path(dataset: Path, font_id: str) -> Path:
    """Where a font's images are."""
    return dataset / IMAGES / f"{font_id}.parquet"


def text_name(syllable: str) -> str:
    """Name of the file below ``texts/`` that holds a syllable's phonetic line."""
    return f"{codepoint_name(syllable)}.txt"


def text_content(syllable: str) -> str:
    """What a syllable's text file holds: its phonetic line."""
    return phonetic_line(syllable) + "\n"


def canonical_json(content: Any) -> str:
    """JSON that is the same for the same content: keys sorted, no white space."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def pretty_json(content: Any) -> str:
    """JSON for people to read, keys in the given order."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def sha256_of(content: str | bytes | memoryview) -> str:
    """SHA-256, hexadecimal; text as UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def split_files(splits: Splits) -> dict[str, str]:
    """Name and text of each file below ``splits/``: one font id or syllable a line."""
    files = {f"{name}.txt": "".join(f"{x}\n" for x in getattr(splits, name)) for name in LISTS}
    return files | {CONTENT_FONT_TXT: f"{splits.content_font}\n"}


def read_splits(dataset: Path) -> Splits:
    """Read the files below ``splits/``; the inverse of :func:`split_files`."""
    lists = {
        name: tuple((dataset / SPLITS / f"{name}.txt").read_text(encoding="utf-8").split())
        for name in LISTS
    }
    content_font = (dataset / SPLITS / CONTENT_FONT_TXT).read_text(encoding="utf-8").strip()
    return Splits(**lists, content_font=content_font)


def write_whole(path: Path, content: str | bytes | memoryview) -> None:
    """Write a file under another name and rename it: whole or not at all. Its folder exists."""
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_contents(dataset: Path, state: Mapping[str, Any]) -> Contents:
    """Read the tables and splits of a dataset.

    Args:
        dataset: Its folder.
        state: Its ``dataset.json``.

    Raises:
        OSError, ValueError, KeyError, TypeError: Something is not there or not as it should be.
    """
    tables = {
        name: (dataset / name).read_text(encoding="utf-8")
        for name in (FONTS_CSV, CHARACTERS_CSV, MISSING_CSV)
    }
    return Contents(
        name=str(state["name"]),
        size=int(state["size"]),
        characters=read_characters(tables[CHARACTERS_CSV]),
        splits=read_splits(dataset),
        fonts=read_fonts(tables[FONTS_CSV]),
        missing=read_missing(tables[MISSING_CSV]),
    )


def holds(path: Path, content: str) -> bool:
    """Whether a file is there and holds just this text."""
    try:
        return path.read_bytes() == content.encode()
    except FileNotFoundError:
        return False


def check_format(state: Mapping[str, Any], dataset: Path) -> None:
    """Refuse a dataset whose format this program does not know.

    Raises:
        UserError: Its format is another.
    """
    if state.get("format") != FORMAT:
        raise UserError(
            f"{dataset} has dataset format {state.get('format')!r}, but this program reads format "
            f"{FORMAT}; update hangeul-bench, or build the dataset again."
        )


def read_json_object(path: Path) -> Mapping[str, Any]:
    """Read a JSON file that holds an object.

    Raises:
        UserError: It holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"{path} is no JSON ({error}); build the dataset again.") from None
    if not isinstance(content, dict):
        raise UserError(f"Expected a JSON object in {path}, found a {type(content).__name__}.")
    return content
