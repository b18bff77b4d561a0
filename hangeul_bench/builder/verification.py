"""Checks a dataset against its own hashes, counts, splits and texts, and says what is wrong."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import hangeul_bench.dataset.format as fmt
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256
from hangeul_bench.builder.copies import leak_sentence, leaks
from hangeul_bench.builder.shard_check import Kind, Problem, check_shards, differs
from hangeul_bench.dataset.fingerprint import described
from hangeul_bench.dataset.format import IMAGES, Contents, shard_paths
from hangeul_bench.dataset.glyphs import require_dataset
from hangeul_bench.dataset.splits.lists import check_splits
from hangeul_bench.hangeul.phonetics import parse_phonetic_line


def verify(dataset: Path, *, workers: int = 1) -> list[Problem]:
    """Check every hash, count, split, text file and image of a dataset.

    Args:
        dataset: Its folder.
        workers: Number of processes, as in :class:`hangeul_bench.builder.BuildOptions`.

    Raises:
        UserError: There is no finished dataset of a known format.
    """
    require_dataset(dataset)
    state = fmt.read_state(dataset)
    problems = list(_check_files(dataset, state))
    try:
        contents = fmt.read_contents(dataset, state)
    except (OSError, UserError) as error:
        why = f"the tables cannot be read: {error}"
        return [*problems, Problem("file", fmt.DATASET_JSON, why)]
    problems += _check_state(contents, state)
    problems += _check_contents(contents)
    problems += _check_texts(dataset, contents)
    problems += _check_listing(dataset, contents)
    broken = check_shards(dataset, contents, workers)
    return problems + (broken or list(_check_sides(dataset, contents)))


def _check_sides(dataset: Path, contents: Contents) -> Iterator[Problem]:
    """Whether one design stands under two names on both sides of the split."""
    files: dict[str, list[str]] = {font.font_id: [] for font in contents.fonts}
    for path in contents.shards:
        files.setdefault(Path(path).stem, []).append(path)
    for copy in leaks(dataset, contents.fonts, files):
        yield Problem("split", fmt.FONTS_CSV, f"{leak_sentence(copy)}.")


def _check_files(dataset: Path, state: Mapping[str, Any]) -> Iterator[Problem]:
    shards = fmt.shard_hashes(state)
    for name, expected in sorted(state.get("files", {}).items()):
        if name in shards:  # their images are looked at, too
            continue
        path = dataset / name
        if not path.is_file():
            yield Problem("file", name, "the file is missing")
        elif (found := file_sha256(path)) != expected:
            yield Problem("hash", name, differs("SHA-256", expected, found))


def _check_state(contents: Contents, state: Mapping[str, Any]) -> Iterator[Problem]:
    """Whether ``dataset.json`` says of the tables what is in them."""
    for key, found in described(contents).items():
        if state.get(key) != found:
            kind: Kind = "count" if key.startswith("n_") else "hash"
            yield Problem(kind, fmt.DATASET_JSON, differs(key, state.get(key), found))


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
        side = contents.splits.side(font.font_id)
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
        *shard_paths(contents.splits),
        *(f"{fmt.TEXTS}/{fmt.text_name(syllable)}" for syllable in contents.characters),
        *(f"{fmt.SPLITS}/{name}" for name in fmt.split_files(contents.splits)),
    }
    for folder in (IMAGES, fmt.SPLITS, fmt.TEXTS):
        found = (path for path in (dataset / folder).rglob("*") if not path.is_dir())
        for name in sorted({path.relative_to(dataset).as_posix() for path in found} - expected):
            yield Problem("file", name, "no table names this file")
