"""Checks a dataset against its own hashes, counts, splits and texts, and says what is wrong."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hangeul_bench import dataset_format as fmt
from hangeul_bench.charset import codepoint_name
from hangeul_bench.dataset import require_dataset
from hangeul_bench.dataset_format import Contents
from hangeul_bench.dataset_tables import Font
from hangeul_bench.errors import UserError
from hangeul_bench.fingerprint import (
    benchmark_fingerprint,
    bitmap_sha256,
    characters_sha256,
    fingerprint,
)
from hangeul_bench.phonetics import parse_phonetic_line
from hangeul_bench.png import decode
from hangeul_bench.progress import progress
from hangeul_bench.shard import Glyph, read_glyphs
from hangeul_bench.shard import bitmap_sha256 as glyph_bitmaps
from hangeul_bench.shard import outline_sha256 as glyph_outlines
from hangeul_bench.splits import check_splits
from hangeul_bench.workers import run_each

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


@dataclass(frozen=True)
class _ShardCheck:
    """What a shard should hold."""

    path: Path
    font: Font
    expected: tuple[str, ...]
    size: int


def verify(dataset: Path, *, workers: int = 1) -> list[Problem]:
    """Check every hash, count, split, text file and image of a dataset.

    Args:
        dataset: Its folder.
        workers: Number of processes, as in :class:`hangeul_bench.build.BuildOptions`.

    Raises:
        UserError: There is no finished dataset of a known format.
    """
    require_dataset(dataset)
    state = fmt.read_json_object(dataset / fmt.DATASET_JSON)
    fmt.check_format(state, dataset)
    problems = list(_check_files(dataset, state))
    try:
        contents = fmt.read_contents(dataset, state)
    except (OSError, ValueError, KeyError, TypeError, UserError) as error:
        why = f"the tables cannot be read: {type(error).__name__}: {error}"
        return [*problems, Problem("file", fmt.DATASET_JSON, why)]
    problems += _check_state(contents, state)
    problems += _check_contents(contents)
    problems += _check_texts(dataset, contents)
    problems += _check_listing(dataset, contents)
    return problems + _check_shards(dataset, contents, workers)


def _check_files(dataset: Path, state: Mapping[str, Any]) -> Iterator[Problem]:
    for name, expected in sorted(dict(state.get("files", {})).items()):
        path = dataset / name
        if not path.is_file():
            yield Problem("file", name, "the file is missing")
        elif (found := fmt.file_sha256(path)) != expected:
            yield Problem("hash", name, _differs("SHA-256", expected, found))


def _check_state(contents: Contents, state: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether ``dataset.json`` says of the tables what is in them."""
    counts = {
        "n_fonts": len(contents.fonts),
        "n_characters": len(contents.characters),
        "n_glyphs": sum(font.n_glyphs for font in contents.fonts),
        "n_missing": len(contents.missing),
    }
    hashes = {
        "characters_sha256": characters_sha256(contents.characters),
        "fingerprint": fingerprint(contents),
        "benchmark_fingerprint": benchmark_fingerprint(contents),
        "bitmap_sha256": bitmap_sha256(contents.fonts),
    }
    for key, found in (counts | hashes).items():
        if state.get(key) != found:
            kind: Kind = "count" if key in counts else "hash"
            yield Problem(kind, fmt.DATASET_JSON, _differs(key, state.get(key), found))


def _check_contents(contents: Contents) -> Iterator[Problem]:
    """Whether the tables agree with each other."""
    try:
        check_splits(contents.splits, contents.fonts, contents.characters)
    except UserError as error:
        yield Problem("split", fmt.SPLITS, str(error))
    n_characters = len(contents.characters)
    for font in contents.fonts:
        n_missing = sum(1 for row in contents.missing if row.font_id == font.font_id)
        if (font.n_missing, font.n_glyphs) != (n_missing, n_characters - n_missing):
            found = f"{font.n_missing} missing and {font.n_glyphs} glyphs"
            rows = f"{n_missing} rows in {fmt.MISSING_CSV}, {n_characters} characters"
            yield Problem("count", fmt.FONTS_CSV, f"{font.font_id} has {found}, but {rows}")
        side = "unseen" if font.font_id in contents.splits.unseen_fonts else "train"
        if font.split != side:
            message = f"{font.font_id} is {font.split!r}, but in splits/ it is {side!r}"
            yield Problem("split", fmt.FONTS_CSV, message)


def _check_texts(dataset: Path, contents: Contents) -> Iterator[Problem]:
    for syllable in contents.characters:
        name = f"{fmt.TEXTS}/{fmt.text_name(syllable)}"
        try:
            text = (dataset / name).read_text(encoding="utf-8")
            found = parse_phonetic_line(text)
        except FileNotFoundError:
            yield Problem("file", name, "the file is missing")
            continue
        except (UserError, ValueError) as error:
            yield Problem("text", name, str(error))
            continue
        if found != syllable:
            yield Problem("text", name, f"the line spells {found}, not {syllable}")
        elif text != fmt.text_content(syllable):
            yield Problem("text", name, f"expected {fmt.text_content(syllable)!r}, found {text!r}")


def _check_listing(dataset: Path, contents: Contents) -> Iterator[Problem]:
    """Whether there are files that no table names."""
    expected = {
        fmt.IMAGES: {f"{font.font_id}.parquet" for font in contents.fonts},
        fmt.TEXTS: {fmt.text_name(syllable) for syllable in contents.characters},
        fmt.SPLITS: set(fmt.split_files(contents.splits)),
    }
    for folder, names in expected.items():
        found = {path.name for path in (dataset / folder).glob("*")}
        for name in sorted(found - names):
            yield Problem("file", f"{folder}/{name}", "no table names this file")


def _check_shards(dataset: Path, contents: Contents, workers: int) -> list[Problem]:
    missing: dict[str, set[str]] = defaultdict(set)
    for row in contents.missing:
        missing[row.font_id].add(row.syllable)
    checks = [
        _ShardCheck(
            path=fmt.shard_path(dataset, font.font_id),
            font=font,
            expected=tuple(s for s in contents.characters if s not in missing[font.font_id]),
            size=contents.size,
        )
        for font in contents.fonts
    ]
    problems: list[Problem] = []
    with progress("Verifying", len(checks), "fonts") as bar:
        for found in run_each(_check_shard, checks, workers=workers):
            problems += found
            bar.advance()
    return sorted(problems, key=lambda problem: problem.path)


def _check_shard(check: _ShardCheck) -> list[Problem]:
    name, font = f"{fmt.IMAGES}/{check.path.name}", check.font
    if not check.path.is_file():
        return [Problem("file", name, "the file is missing")]
    same = fmt.file_sha256(check.path) == font.shard_sha256
    try:
        glyphs = read_glyphs(check.path)
    except Exception as error:  # pyarrow raises many kinds on a broken file
        return [Problem("file", name, f"it cannot be read: {type(error).__name__}: {error}")]
    problems = list(_check_glyphs(glyphs, check, name))
    if not same and not problems:
        problems.append(_say_difference(glyphs, font, name))
    return problems


def _check_glyphs(glyphs: list[Glyph], check: _ShardCheck, name: str) -> Iterator[Problem]:
    found, expected = [glyph.syllable for glyph in glyphs], list(check.expected)
    if found != expected:
        odd = sorted(set(found) ^ set(expected))
        which = f": {_names(odd)}" if odd else ", in another order or twice"
        yield Problem("count", name, f"expected {len(expected)} glyphs, found {len(found)}{which}")
    for glyph in glyphs:
        try:
            decode((glyph.png,), check.size)
        except (ValueError, IndexError) as error:
            yield Problem("pixels", name, f"{_names([glyph.syllable])} has a {error}")


def _say_difference(glyphs: list[Glyph], font: Font, name: str) -> Problem:
    """What a shard with another hash differs in."""
    outlines, bitmaps = glyph_outlines(glyphs), glyph_bitmaps(glyphs)
    if outlines != font.outline_sha256:
        return Problem("outlines", name, _differs("outlines", font.outline_sha256, outlines))
    if bitmaps != font.bitmap_sha256:
        text = "the outlines are the same, but the pixels differ, as another FreeType draws them"
        return Problem("pixels", name, f"{text}: {_differs('pixels', font.bitmap_sha256, bitmaps)}")
    text = "outlines and pixels are the same, but the file was encoded in another way"
    return Problem("encoding", name, text)


def _differs(what: str, expected: object, found: object) -> str:
    return f"{what}: expected {_short(expected)}, found {_short(found)}"


def _short(value: object) -> str:
    text = str(value)
    return f"{text[:16]}..." if len(text) == 64 else text


def _names(syllables: list[str]) -> str:
    named = ", ".join(f"{syllable} ({codepoint_name(syllable)})" for syllable in syllables[:5])
    return named + (f" and {len(syllables) - 5} more" if len(syllables) > 5 else "")
