"""Dataset format 1 on disk: file names, tables and hashes, for those who write and who read it."""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from hangeul_bench.charset import codepoint_name, parse_codepoint_name
from hangeul_bench.errors import UserError
from hangeul_bench.phonetics import compatibility_jamo, layout, phonetic_line, romanize
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
class Font:
    """One font of a dataset; a row of ``fonts.csv``.

    Attributes:
        font_id: Unique name; also that of its shard.
        family: Family name.
        style: Style name.
        category: ``handwritten`` or ``printed``.
        lineage: Fonts of one lineage stand on one side of the split.
        licence: SPDX-like name, or ``unknown``.
        split: ``train`` or ``unseen``.
        file: Path of the font file in the folder of fonts.
        face_index: Face of a collection.
        instance: Named instance of a variable font as ``wght=700``, else empty.
        sha256: Hash of the font file.
        scale: Pixels a font unit.
        baseline: Distance of the baseline from the upper edge, pixels.
        n_glyphs: Number of images.
        n_missing: Number of syllables that the font does not draw.
        outline_sha256: Hash of its outlines and advances; independent of any renderer.
        bitmap_sha256: Hash of its pixels.
        shard_sha256: Hash of its Parquet file.
    """

    font_id: str
    family: str
    style: str
    category: str
    lineage: str
    licence: str
    split: str
    file: str
    face_index: int
    instance: str
    sha256: str
    scale: float
    baseline: float
    n_glyphs: int
    n_missing: int
    outline_sha256: str
    bitmap_sha256: str
    shard_sha256: str


@dataclass(frozen=True)
class Missing:
    """A syllable that a font does not draw; a row of ``missing.csv``."""

    font_id: str
    syllable: str
    reason: str


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


def fonts_csv(fonts: Iterable[Font]) -> str:
    """``fonts.csv`` as text."""
    return _table([f.name for f in fields(Font)], (asdict(font).values() for font in fonts))


def missing_csv(missing: Iterable[Missing]) -> str:
    """``missing.csv`` as text."""
    rows = ([m.font_id, codepoint_name(m.syllable), m.syllable, m.reason] for m in missing)
    return _table(["font_id", "codepoint", "syllable", "reason"], rows)


def characters_csv(characters: Iterable[str], splits: Splits) -> str:
    """``characters.csv`` as text: jamo, romanization, layout and split of each syllable."""
    unseen, lite = set(splits.unseen_characters), set(splits.lite_characters)
    header = [
        "codepoint",
        "syllable",
        "phonetic",
        "jamo",
        "romanization",
        "layout",
        "split",
        "role",
    ]
    rows = (
        [
            codepoint_name(s),
            s,
            phonetic_line(s),
            compatibility_jamo(s),
            romanize(s),
            layout(s),
            "unseen" if s in unseen else "seen",
            "reference" if s in splits.references else "lite" if s in lite else "",
        ]
        for s in characters
    )
    return _table(header, rows)


def read_fonts(text: str) -> tuple[Font, ...]:
    """The fonts of a ``fonts.csv``; the inverse of :func:`fonts_csv`.

    Raises:
        ValueError: It is no such table.
    """
    kinds: dict[str, Any] = {field.name: field.type for field in fields(Font)}
    rows = csv.DictReader(io.StringIO(text))
    try:
        return tuple(Font(**{key: kinds[key](value) for key, value in row.items()}) for row in rows)
    except (KeyError, TypeError) as error:
        raise ValueError(f"unexpected columns ({error})") from None


def read_missing(text: str) -> tuple[Missing, ...]:
    """The rows of a ``missing.csv``; the inverse of :func:`missing_csv`."""
    return tuple(
        Missing(row["font_id"], parse_codepoint_name(row["codepoint"]), row["reason"])
        for row in csv.DictReader(io.StringIO(text))
    )


def read_characters(text: str) -> tuple[str, ...]:
    """The syllables of a ``characters.csv``."""
    return tuple(
        parse_codepoint_name(row["codepoint"]) for row in csv.DictReader(io.StringIO(text))
    )


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
    """Write a file under another name and rename it: whole or not at all."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


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


def _table(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
