"""Which file a glyph is in: glyphs to train on never share one with glyphs that test.

A program that takes whole files, as ``datasets.load_dataset`` does, can so keep them apart. A
folder below ``images/`` is named for the cell of its glyphs; the references, which no cell scores,
have folders of their own.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hangeul_bench.dataset.splits.lists import SIDES, Splits

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
