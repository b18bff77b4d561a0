"""What a dataset holds, in words and tables: Table I of the DK-Font paper for this one."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hangeul_bench.dataset.fingerprint import benchmark_fingerprint, fingerprint
from hangeul_bench.dataset.format import Contents


@dataclass(frozen=True)
class TableRow:
    """A row of Table I: one category, or all together."""

    category: str
    characters: int
    fonts: int
    training: int
    testing: int


def table_one(contents: Contents) -> list[TableRow]:
    """Table I ("Summary of Hangeul Dataset"): categories x characters, fonts, training, testing."""
    categories = sorted({font.category for font in contents.fonts})
    groups = [(name.capitalize(), {name}) for name in categories]
    rows = []
    for title, group in [*groups, ("Total", set(categories))]:
        splits = Counter(font.split for font in contents.fonts if font.category in group)
        n_fonts = splits.total()
        characters = len(contents.characters)
        rows.append(TableRow(title, characters, n_fonts, splits["train"], splits["unseen"]))
    return rows


def table_one_lines(contents: Contents) -> list[str]:
    """Table I in Markdown; its columns are aligned for a terminal, too."""
    header = ("Category", "Characters", "Fonts", "Training", "Testing")
    cells = [
        (row.category, *(f"{n:,}" for n in (row.characters, row.fonts, row.training, row.testing)))
        for row in table_one(contents)
    ]
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
        f"Evaluated   {len(splits.unseen_fonts)} unseen fonts, {len(splits.seen_fonts)} seen ones",
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


def _families(contents: Contents) -> str:
    lineages = {(font.category, font.lineage) for font in contents.fonts}
    return _counts(category for category, _ in sorted(lineages))


def _counts(values: Iterable[str]) -> str:
    return ", ".join(f"{n} {value}" for value, n in Counter(values).most_common())


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].ljust(widths[0])
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return f"| {' | '.join([first, *rest])} |"
