"""Checks the files of images of a dataset: rows, pixels, columns and hashes."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from hangeul_bench.base.files import file_sha256
from hangeul_bench.base.images import decode
from hangeul_bench.base.processes import run_each
from hangeul_bench.base.progress import progress
from hangeul_bench.dataset.format import DATASET_JSON, Contents, part_path, parts_of
from hangeul_bench.dataset.shards import (
    SCHEMA,
    Glyph,
    bitmap_sha256,
    fixed_columns,
    glyphs_of,
    outline_sha256,
    read_table,
)
from hangeul_bench.dataset.tables import Font
from hangeul_bench.hangeul.charset import codepoint_name

# "pixels": the outlines are the recorded ones, only their pixels differ, as another FreeType makes
# them; "encoding": even the pixels agree, only the file's bytes differ, as another zlib makes them.
Kind = Literal["file", "hash", "count", "split", "text", "outlines", "pixels", "encoding"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: What sort of thing.
        path: The file, relative to the dataset.
        message: One sentence: expected, found.
    """

    kind: Kind
    path: str
    message: str


def differs(what: str, expected: object, found: object) -> str:
    """The message of a difference; a hash is shortened."""
    return f"{what}: expected {_short(expected)}, found {_short(found)}"


def _short(value: object) -> str:
    text = str(value)
    return f"{text[:16]}..." if len(text) == 64 else text


@dataclass(frozen=True)
class _FileCheck:
    """What a file should hold: glyphs of these syllables, and bytes of this hash."""

    name: str  # its path in the dataset
    syllables: tuple[str, ...]
    sha256: str | None


@dataclass(frozen=True)
class _FontCheck:
    """What the files of a font should hold."""

    dataset: Path
    font: Font
    size: int
    files: tuple[_FileCheck, ...]


def check_shards(dataset: Path, contents: Contents, workers: int) -> list[Problem]:
    """Every problem of the files of images, by path.

    Args:
        dataset: The folder.
        contents: What its tables say.
        workers: Number of processes.
    """
    missing: dict[str, set[str]] = defaultdict(set)
    for row in contents.missing:
        missing[row.font_id].add(row.syllable)
    checks = [
        _FontCheck(
            dataset, font, contents.size, tuple(_file_checks(contents, font, missing[font.font_id]))
        )
        for font in contents.fonts
    ]
    problems: list[Problem] = []
    with progress("Verifying", len(checks), "fonts") as bar:
        for found in run_each(_check_font, checks, workers=workers):
            problems += found
            bar.advance()
    return sorted(problems, key=lambda problem: problem.path)


def _file_checks(contents: Contents, font: Font, missing: set[str]) -> Iterator[_FileCheck]:
    for part in parts_of(font.font_id, contents.splits):
        name = part_path(part.folder, font.font_id)
        expected = tuple(s for s in part.syllables if s not in missing)
        yield _FileCheck(name, expected, contents.shards.get(name))


def _check_font(check: _FontCheck) -> list[Problem]:
    problems: list[Problem] = []
    glyphs: list[Glyph] = []
    changed: list[str] = []
    for file in check.files:
        path = check.dataset / file.name
        try:
            table = read_table(path)
            found = glyphs_of(table)
        except FileNotFoundError:
            problems.append(Problem("file", file.name, "the file is missing"))
            continue
        except Exception as error:  # pyarrow raises many kinds on a broken file
            why = f"it cannot be read: {type(error).__name__}: {error}"
            problems.append(Problem("file", file.name, why))
            continue
        problems += _check_glyphs(found, file, check.size)
        problems += _check_columns(table, file, check.font)
        glyphs += found
        if file_sha256(path) != file.sha256:
            changed.append(file.name)
    if changed and not problems:
        glyphs.sort(key=lambda glyph: glyph.syllable)
        return [_say_difference(glyphs, check.font, name) for name in changed]
    return problems


def _check_glyphs(glyphs: list[Glyph], file: _FileCheck, size: int) -> Iterator[Problem]:
    found, expected = [glyph.syllable for glyph in glyphs], list(file.syllables)
    if found != expected:
        odd = sorted(set(found) ^ set(expected))
        which = f": {_names(odd)}" if odd else ", in another order or twice"
        message = f"expected {len(expected)} glyphs, found {len(found)}{which}"
        yield Problem("count", file.name, message)
    for glyph in glyphs:
        try:
            decode((glyph.png,), size)
        except (ValueError, IndexError) as error:
            yield Problem("pixels", file.name, f"{_names([glyph.syllable])} has a {error}")


def _check_columns(table: pa.Table, file: _FileCheck, font: Font) -> Iterator[Problem]:
    """Whether the columns beside the image say what the tables say; rows are checked before."""
    if table.column_names != SCHEMA.names:
        found = ", ".join(table.column_names)[:200]
        message = f"expected the columns {', '.join(SCHEMA.names)}, found {found}"
        yield Problem("file", file.name, message)
        return
    syllables = table["syllable"].to_pylist()
    columns = fixed_columns(syllables, font_id=font.font_id, category=font.category)
    for column, expected in columns.items():
        pairs = zip(syllables, expected, table[column].to_pylist(), strict=True)
        wrong = next((pair for pair in pairs if pair[1] != pair[2]), None)
        if wrong:
            message = differs(f"{column} of {wrong[0]}", wrong[1], wrong[2])
            yield Problem("text", file.name, message)


def _say_difference(glyphs: list[Glyph], font: Font, name: str) -> Problem:
    """What a file with another hash differs in, given all glyphs of its font."""
    outlines, bitmaps = outline_sha256(glyphs), bitmap_sha256(glyphs)
    if outlines != font.outline_sha256:
        return Problem("outlines", name, differs("outlines", font.outline_sha256, outlines))
    if bitmaps != font.bitmap_sha256:
        text = "the outlines are the same, but the pixels differ, as another FreeType draws them"
        return Problem("pixels", name, f"{text}: {differs('pixels', font.bitmap_sha256, bitmaps)}")
    text = (
        "outlines and pixels are the same, but the file was encoded in another way than the one "
        f"that {DATASET_JSON} names"
    )
    return Problem("encoding", name, text)


def _names(syllables: list[str]) -> str:
    # A damaged file may have anything where a syllable should be.
    named = ", ".join(
        f"{text} ({codepoint_name(text)})" if len(text) == 1 else repr(text[:20])
        for text in syllables[:5]
    )
    return named + (f" and {len(syllables) - 5} more" if len(syllables) > 5 else "")
