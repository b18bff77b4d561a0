"""Dataset format 2 on disk: file names, tables and hashes, for those who write and who read it.

Glyphs to train on never share a file with glyphs that test: a program that takes whole files, as
``datasets.load_dataset`` does, can so keep them apart. A folder below ``images/`` is named for the
cell of its glyphs; the references, which no cell scores, have folders of their own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import read_text
from hangeul_bench.dataset.splits.lists import LISTS, OPTIONAL_LISTS, SIDES, TRACKS, Splits
from hangeul_bench.dataset.tables import Font, Missing, read_characters, read_fonts, read_missing
from hangeul_bench.hangeul.charset import codepoint_name
from hangeul_bench.hangeul.phonetics import phonetic_line

FORMAT = 2
DATE = "2026-11-25"  # since when the format, the splits and the pinned fonts are what they are
_FORMATS = (1, FORMAT)  # that a build brings up to date

DATASET_JSON = "dataset.json"  # written last: a folder with it is a finished dataset
BUILDING_JSON = "building.json"  # stands there from a build's first step to its last
FONTS_CSV = "fonts.csv"
CHARACTERS_CSV = "characters.csv"
MISSING_CSV = "missing.csv"
README = "README.md"
CROISSANT = "croissant.json"
TEXTS, SPLITS = "texts", "splits"
CONTENT_FONT_TXT = "content_font.txt"
MIN_SIZE, MAX_SIZE = 16, 1024  # pixels a side

_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_NULL_OR_SHA256 = {**_SHA256, "type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 10**12}
# What dataset.json and building.json share. Another format may mean other fields.
_FORMAT_SCHEMA = Schema({"type": "object", "properties": {"format": {"type": "integer"}}})
_KIND = {
    "format": {"type": "integer"},
    "size": {"type": "integer", "minimum": MIN_SIZE, "maximum": MAX_SIZE},
    "n_characters": _COUNT,
    "characters_sha256": _SHA256,
    "name": {"type": "string", "format": "line", "minLength": 1},
}
_KIND_SCHEMA = Schema(
    {
        "type": "object",
        "required": ["format", "size", "n_characters", "characters_sha256"],
        "properties": _KIND,
    }
)
_DATASET_SCHEMA = Schema(
    {
        "type": "object",
        "required": ["format", "name", "size", "fingerprint", "benchmark_fingerprint"],
        "properties": _KIND
        | {
            "fingerprint": _SHA256,
            **{track.fingerprint: _NULL_OR_SHA256 for track in TRACKS.values()},
            "bitmap_sha256": _SHA256,
            "n_fonts": _COUNT,
            "n_glyphs": _COUNT,
            "n_missing": _COUNT,
            "placement": {"type": "integer", "minimum": 1},
            "font_set": {
                "type": "object",
                "required": ["name", "n_fonts", "lacks"],
                "properties": {
                    "name": {"type": "string", "format": "line"},
                    "n_fonts": _COUNT,
                    "lacks": {"type": "array", "items": {"type": "string", "format": "file-name"}},
                },
            },
            "files": {
                "type": "object",
                "propertyNames": {"format": "path-below"},
                "additionalProperties": _SHA256,
            },
        },
    }
)


@dataclass(frozen=True)
class FontSet:
    """The set of pinned fonts that a dataset was to be built from.

    Attributes:
        name: Its name.
        n_fonts: How many fonts it has.
        lacks: The ids of those that the dataset lacks, as they were not available.
    """

    name: str
    n_fonts: int
    lacks: tuple[str, ...]


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
        shards: SHA-256 of each file of images, by its path in the dataset.
        font_set: Which set the fonts are of; None if they were not fetched as one.
        placement: Version of the rule by which the glyphs stand in their images.
    """

    name: str
    size: int
    characters: tuple[str, ...]
    splits: Splits
    fonts: tuple[Font, ...]
    missing: tuple[Missing, ...]
    shards: Mapping[str, str]
    font_set: FontSet | None = None
    placement: int = 1


def text_name(syllable: str) -> str:
    """Name of the file below ``texts/`` that holds a syllable's phonetic line."""
    return f"{codepoint_name(syllable)}.txt"


def text_content(syllable: str) -> str:
    """What a syllable's text file holds: its phonetic line."""
    return phonetic_line(syllable) + "\n"


def split_files(splits: Splits) -> dict[str, str]:
    """Name and text of each file below ``splits/``: one font id or syllable a line."""
    names = [name for name in LISTS if getattr(splits, name) or name not in OPTIONAL_LISTS]
    files = {f"{name}.txt": "".join(f"{x}\n" for x in getattr(splits, name)) for name in names}
    return files | {CONTENT_FONT_TXT: f"{splits.content_font}\n"}


def read_splits(dataset: Path) -> Splits:
    """Read the files below ``splits/``; the inverse of :func:`split_files`."""
    paths = {name: dataset / SPLITS / f"{name}.txt" for name in LISTS}
    lists = {
        name: tuple(read_text(path).split())
        for name, path in paths.items()
        if name not in OPTIONAL_LISTS or path.exists()
    }
    content_font = read_text(dataset / SPLITS / CONTENT_FONT_TXT).strip()
    return Splits(**lists, content_font=content_font)


def read_contents(dataset: Path, state: Mapping[str, Any]) -> Contents:
    """Read the tables and splits of a dataset.

    Args:
        dataset: Its folder.
        state: Its ``dataset.json``, as :func:`read_state` returns it.

    Raises:
        OSError: A file is not there.
        UserError: One is not as it should be; names the file and the line.
    """
    fonts, characters, missing = (dataset / n for n in (FONTS_CSV, CHARACTERS_CSV, MISSING_CSV))
    return Contents(
        name=state["name"],
        size=state["size"],
        characters=read_characters(read_text(characters), where=characters),
        splits=read_splits(dataset),
        fonts=read_fonts(read_text(fonts), where=fonts),
        missing=read_missing(read_text(missing), where=missing),
        shards=shard_hashes(state),
        font_set=_font_set(state),
        placement=state.get("placement", 1),
    )


def _font_set(state: Mapping[str, Any]) -> FontSet | None:
    said = state.get("font_set")
    return FontSet(said["name"], said["n_fonts"], tuple(said["lacks"])) if said else None


def shard_hashes(state: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each file of images, by its path, as a ``dataset.json`` says."""
    files: Mapping[str, str] = state.get("files", {})
    return {path: sha256 for path, sha256 in files.items() if path.startswith(f"{IMAGES}/")}


def read_state(dataset: Path) -> Mapping[str, Any]:
    """Read ``dataset.json``.

    Raises:
        UserError: Its format is not that of this program, or it is not of its schema.
    """
    path = dataset / DATASET_JSON
    state = _read_state(path, _DATASET_SCHEMA)
    if state["format"] != FORMAT:
        raise UserError(
            f"{dataset} has dataset format {state['format']}, but this program reads format "
            f"{FORMAT}; run the same 'hangeul-bench build' again, which keeps its images."
        )
    return state


def read_kind(path: Path) -> Mapping[str, Any]:
    """Read from a ``dataset.json`` or ``building.json`` of which kind the dataset is.

    Its format may be one that a build brings up to date.

    Raises:
        UserError: As :func:`read_state`.
    """
    return _read_state(path, _KIND_SCHEMA, remedy="give another folder with --out")


def _read_state(
    path: Path, schema: Schema, *, remedy: str = "build the dataset again"
) -> Mapping[str, Any]:
    expected = "a dataset's state"
    state: dict[str, Any] = read_json(path, _FORMAT_SCHEMA, expected=expected, remedy=remedy)
    if state.get("format", FORMAT) not in _FORMATS:
        raise UserError(
            f"{path.parent} has dataset format {state['format']}, but this program reads format "
            f"{FORMAT}; update hangeul-bench, or build the dataset again."
        )
    problem = schema.problem(state)
    if problem:
        raise UserError(f"Expected {expected} at {path}, but {problem}; {remedy}.")
    return state


# Of each side of the font split: seen characters, references, unseen characters.
_FOLDERS = {
    "train": ("sfsc", "sf-references", "sfuc"),
    "unseen": ("ufsc", "uf-references", "ufuc"),
    "wide": ("wide-sc", "wide-references", "wide-uc"),
    "excluded": ("excluded-sc", "excluded-references", "excluded-uc"),
}
IMAGES = "images"  # the folder of a dataset with a folder for each part
_SUFFIX = ".parquet"


class Part(NamedTuple):
    """A file of a font: its folder below ``images/``, and its syllables in code-point order."""

    folder: str
    syllables: tuple[str, ...]


class Files(NamedTuple):
    """Files of a configuration: the pattern they match, and their paths, relative to a dataset."""

    pattern: str
    paths: tuple[str, ...]


def parts_of(font_id: str, splits: Splits) -> tuple[Part, ...]:
    """The files that a font's syllables go into; none is without a syllable.

    Args:
        font_id: One of the fonts in ``splits``.
        splits: Who trains and who tests.
    """
    references = set(splits.references)
    seen, shown, unseen = _FOLDERS[splits.side(font_id)]
    parts = (
        Part(seen, tuple(s for s in splits.seen_characters if s not in references)),
        Part(shown, tuple(sorted(references))),
        Part(unseen, splits.unseen_characters),
    )
    return tuple(part for part in parts if part.syllables)


def part_path(folder: str, font_id: str) -> str:
    """Where a font's glyphs of one part are, relative to the dataset."""
    return f"{IMAGES}/{folder}/{font_id}{_SUFFIX}"


def shard_paths(splits: Splits) -> Iterator[str]:
    """Every file of images that a dataset has, relative to it, font by font."""
    fonts = (font_id for side in SIDES for font_id in getattr(splits, f"{side}_fonts"))
    for font_id in sorted(fonts):
        for part in parts_of(font_id, splits):
            yield part_path(part.folder, font_id)


def configurations(splits: Splits) -> dict[str, tuple[Files, ...]]:
    """What a dataset can be loaded as, by name; a configuration without a file is left out.

    ``train`` is all that a model may train on. The cells hold what is scored in them, so ``sfsc``
    and ``sfuc`` only the seen fonts that the benchmark asks for; ``wide`` holds all glyphs of the
    fonts of the track of that name, but for the references.
    """
    paths = tuple(shard_paths(splits))

    def whole(folder: str) -> tuple[Files, ...]:
        pattern = part_path(folder, "*")
        found = tuple(path for path in paths if path.startswith(pattern.partition("*")[0]))
        return (Files(pattern, found),) if found else ()

    def seen_fonts(folder: str) -> tuple[Files, ...]:
        wanted = (part_path(folder, font_id) for font_id in splits.seen_fonts)
        return tuple(Files(path, (path,)) for path in wanted if path in paths)

    found = {
        "train": (*whole("sfsc"), *whole("sf-references")),
        "sfsc": seen_fonts("sfsc"),
        "sfuc": seen_fonts("sfuc"),
        "ufsc": whole("ufsc"),
        "ufuc": whole("ufuc"),
        "wide": (*whole("wide-sc"), *whole("wide-uc")),
        "references": (
            *whole("uf-references"),
            *whole("wide-references"),
            *seen_fonts("sf-references"),
        ),
        "all": (Files(part_path("*", "*"), paths),),
    }
    return {name: files for name, files in found.items() if files}
