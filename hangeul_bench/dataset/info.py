"""What a dataset holds, in words and tables: Table I of the DK-Font paper for this one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hangeul_bench.base.tables import markdown
from hangeul_bench.dataset.fingerprint import benchmark_fingerprint, fingerprint
from hangeul_bench.dataset.format import Contents

_TITLES = {"train": "Training", "unseen": "Testing"}  # of Table I; any other split is named so


@dataclass(frozen=True)
class TableRow:
    """A row of Table I: one category, or all together; ``splits`` counts its fonts by split."""

    category: str
    characters: int
    fonts: int
    splits: Mapping[str, int]


def table_one(contents: Contents) -> list[TableRow]:
    """Table I ("Summary of Hangeul Dataset"): categories x characters, fonts, training, testing.

    Fonts of any other split than these two are counted too.
    """
    categories = sorted({font.category for font in contents.fonts})
    groups = [(name.capitalize(), {name}) for name in categories]
    rows = []
    for title, group in [*groups, ("Total", set(categories))]:
        fonts = [font for font in contents.fonts if font.category in group]
        splits = Counter(font.split for font in fonts)
        rows.append(TableRow(title, len(contents.characters), len(fonts), splits))
    return rows


def table_one_lines(contents: Contents) -> list[str]:
    """Table I in Markdown; its columns are aligned for a terminal, too."""
    names = _splits_of(contents)
    titles = (_TITLES.get(name, name.capitalize()) for name in names)
    header = ("Category", "Characters", "Fonts", *titles)
    cells = [
        (
            row.category,
            f"{row.characters:,}",
            f"{row.fonts:,}",
            *(f"{row.splits.get(name, 0):,}" for name in names),
        )
        for row in table_one(contents)
    ]
    return table_lines(header, cells)


def licence_lines(contents: Contents) -> list[str]:
    """Licences x fonts of each category in Markdown, the licence of most fonts first."""
    categories = sorted({font.category for font in contents.fonts})
    counts = Counter((font.licence, font.category) for font in contents.fonts)
    order = Counter(font.licence for font in contents.fonts).most_common()
    header = ("Licence", *(name.capitalize() for name in categories), "Fonts")
    cells = [
        (markdown(name), *(f"{counts[name, category]:,}" for category in categories), f"{n:,}")
        for name, n in order
    ]
    return table_lines(header, cells)


def table_lines(header: Sequence[str], cells: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose first column is text and whose others are numbers."""
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    ruler = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [_line(row, widths) for row in (header, ruler, *cells)]


def describe(contents: Contents) -> str:
    """The text that ``hangeul-bench info`` prints."""
    splits = contents.splits
    n_glyphs = sum(font.n_glyphs for font in contents.fonts)
    lacking = sum(1 for font in contents.fonts if font.n_missing)
    lines = [
        f"{contents.name}: {n_glyphs:,} glyphs, {contents.size} x {contents.size} pixels",
        "",
        *table_one_lines(contents),
        "",
        *font_set_lines(contents),
        f"Families    {_families(contents)}",
        f"Seen        {len(splits.seen_characters):,} characters",
        f"Unseen      {len(splits.unseen_characters):,} characters",
        f"Lite track  {len(splits.lite_characters)} characters",
        f"References  {' '.join(splits.references)}",
        f"Evaluated   {_evaluated(contents)}",
        f"Content     {splits.content_font}",
        f"Missing     {len(contents.missing):,} glyphs in {lacking} fonts",
        f"Licences    {_counts(font.licence for font in contents.fonts)}",
        f"Fingerprint {fingerprint(contents)}",
        f"Benchmark   {benchmark_fingerprint(contents) or 'not the fonts of the benchmark'}",
    ]
    return "\n".join(lines) + "\n"


def font_set_lines(contents: Contents) -> list[str]:
    """Which set the fonts are of, and which of it are not there."""
    said = contents.font_set
    if said is None:
        return []
    there = said.n_fonts - len(said.lacks)
    lines = [f"Font set    {said.name}: {there} of {said.n_fonts} fonts"]
    if said.lacks:
        lines.append(f"Lacks       {', '.join(said.lacks)}")
    return lines


def _splits_of(contents: Contents) -> list[str]:
    """The splits of the fonts: those of Table I, then any other."""
    others = {font.split for font in contents.fonts} - set(_TITLES)
    return [*_TITLES, *sorted(others)]


def _evaluated(contents: Contents) -> str:
    counts = Counter(font.split for font in contents.fonts)
    seen = f"{len(contents.splits.seen_fonts)} seen ones"
    others = [f"{counts[name]} {name} ones" for name in _splits_of(contents)[len(_TITLES) :]]
    return ", ".join([f"{counts['unseen']} unseen fonts", seen, *others])


def _families(contents: Contents) -> str:
    lineages = {(font.category, font.lineage) for font in contents.fonts}
    return _counts(category for category, _ in sorted(lineages))


def _counts(values: Iterable[str]) -> str:
    return ", ".join(f"{n} {value}" for value, n in Counter(values).most_common())


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return f"| {' | '.join([first, *rest])} |"
