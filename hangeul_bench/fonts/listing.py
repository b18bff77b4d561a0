"""The sets of pinned fonts in words and as JSON: how many, under which licences, from where."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hangeul_bench.fonts.corpus import SETS, CorpusFont, corpus_fonts

# Each font was opened, draws all 2,350 syllables and is pinned by the SHA-256 of its file.
VERIFIED = "verified"


def summary(set_name: str) -> dict[str, Any]:
    """Counts of a set: fonts, categories, families, licences and sources.

    Raises:
        UserError: There is no such set.
    """
    fonts = corpus_fonts(set_name)
    categories = Counter(font.category for font in fonts)
    return {
        "name": set_name,
        "holds": SETS[set_name],
        "fonts": len(fonts),
        "handwritten": categories["handwritten"],
        "printed": categories["printed"],
        "families": len({font.lineage for font in fonts}),
        "licences": _counts([font.licence for font in fonts]),
        "licence_evidence": _counts([font.licence_evidence for font in fonts]),
        "sources": _counts([font.source for font in fonts]),
        "packages": len({font.package for font in fonts}),
        "states": {VERIFIED: len(fonts)},
    }


def font_row(font: CorpusFont) -> dict[str, Any]:
    """What a list says of a font."""
    return {
        "font_id": font.font_id,
        "category": font.category,
        "family": font.family,
        "lineage": font.lineage,
        "licence": font.licence,
        "licence_evidence": font.licence_evidence,
        "source": font.source,
        "package": font.package,
        "version": font.version,
        "file": font.file,
        "sha256": font.sha256,
        "bytes": font.n_bytes,
        "state": VERIFIED,
    }


def summary_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Summaries as a table for a terminal, and what each set holds."""
    header = ("set", "fonts", "handwritten", "printed", "families", "licences", "sources", "states")
    cells = [header, *(tuple(_said(row[key]) for key in ("name", *header[1:])) for row in rows)]
    holds = [f"{row['name']}: {row['holds']}" for row in rows]
    return [line.rstrip() for line in (*_aligned(cells), "", *holds)]


def font_lines(set_name: str) -> list[str]:
    """The fonts of a set, one a line; last stands where its licence is stated."""
    rows = [font_row(font) for font in corpus_fonts(set_name)]
    cells = [
        (
            *(row["font_id"], row["category"], row["licence"]),
            f"{row['source']} {row['package']}@{row['version']}",
            row["licence_evidence"],
        )
        for row in rows
    ]
    return [line.rstrip() for line in _aligned(cells)]


def _aligned(cells: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells]


def _counts(values: Sequence[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{n} {name}" for name, n in value.items())
    return str(value)
