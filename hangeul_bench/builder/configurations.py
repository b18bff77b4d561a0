"""The configurations of a dataset as its card shows them: for the hub's loader, and for people."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from hangeul_bench.dataset.format import Contents, configurations, part_path, parts_of
from hangeul_bench.dataset.splits.lists import CELLS

# Whoever names no configuration gets this one: nothing in it tests.
DEFAULT = "train"
# "all" is a word of the loader's own, so the split of that configuration has another name.
_SPLITS = {"train": "train", "all": "everything"}
_MEANING = {
    "train": "all that a model may train on (the default)",
    "sfsc": "test: seen fonts, seen characters; part of `train`",
    "sfuc": "test: seen fonts, unseen characters",
    "ufsc": "test: unseen fonts, seen characters",
    "ufuc": "test: unseen fonts, unseen characters",
    "wide": "test: the fonts of the track `wide`, all characters",
    "references": "what a model is shown of the fonts that test it",
    "all": "**everything, the test with it: never train on this**",
}


class Configuration(NamedTuple):
    """What can be loaded under a name: patterns of files, and how much is in them."""

    name: str
    split: str
    patterns: tuple[str, ...]
    n_fonts: int
    n_glyphs: int
    meaning: str

    @property
    def is_cell(self) -> bool:
        """Whether it is one of the cells that a benchmark scores."""
        return self.name in CELLS


def configurations_of(contents: Contents) -> tuple[Configuration, ...]:
    """The configurations of a dataset, the default one first."""
    lacking = Counter((row.font_id, row.syllable) for row in contents.missing)
    n_glyphs, fonts = {}, {}
    for font in contents.fonts:
        for part in parts_of(font.font_id, contents.splits):
            path = part_path(part.folder, font.font_id)
            there = (s for s in part.syllables if (font.font_id, s) not in lacking)
            n_glyphs[path], fonts[path] = sum(1 for _ in there), font.font_id
    found = []
    for name, files in configurations(contents.splits).items():
        paths = [path for file in files for path in file.paths]
        row = Configuration(
            name=name,
            split=_SPLITS.get(name, "test"),
            patterns=tuple(file.pattern for file in files),
            n_fonts=len({fonts[path] for path in paths}),
            n_glyphs=sum(n_glyphs[path] for path in paths),
            meaning=_MEANING[name],
        )
        found.append(row)
    return tuple(found)


def front_matter(contents: Contents) -> Iterator[str]:
    """The lines by which ``datasets.load_dataset`` finds the configurations."""
    yield "configs:"
    for row in configurations_of(contents):
        yield f"- config_name: {row.name}"
        if row.name == DEFAULT:
            yield "  default: true"
        yield from ("  data_files:", f"  - split: {row.split}", "    path:")
        yield from (f"    - {pattern}" for pattern in row.patterns)


def table(contents: Contents) -> Iterator[str]:
    """The configurations as lines of a Markdown table."""
    yield from (
        "| configuration | split | fonts | glyphs | holds |",
        "| --- | --- | --: | --: | --- |",
    )
    for row in configurations_of(contents):
        yield f"| `{row.name}` | `{row.split}` | {row.n_fonts} | {row.n_glyphs:,} | {row.meaning} |"
