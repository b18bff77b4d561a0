"""The sets of pinned fonts in words and as JSON: how many, under which licences, from where."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hangeul_bench.fonts.corpus import SETS, CorpusFont
from hangeul_bench.fonts.unopened import UnopenedFont, set_fonts

VERIFIED, UNVERIFIED = "verified", "unverified"


def summary(set_name: str) -> dict[str, Any]:
    """Counts of a set: fonts, categories, families, licences, sources and states.

    Raises:
        UserError: There is no such set.
    """
    fonts = set_fonts(set_name)
    categories = Counter(font.category for font in fonts)
    return {
        "name": set_name,
        "holds": SETS[set_name],
        "fonts": len(fonts),
        "handwritten": categories["handwritten"],
        "printed": categories["printed"],
        "families": len({font.lineage for font in fonts}),
        "licences": _counts([font.licence for font in fonts]),
        "sources": _counts([font.source for font in fonts]),
        "packages": len({font.package for font in fonts}),
        "states": _counts([_state(font) for font in fonts]),
    }


def font_row(font: CorpusFont | UnopenedFont) -> dict[str, Any]:
    """What a list says of a font."""
    pinned = {"git_blob_sha1": font.git_blob_sha1} if isinstance(font, UnopenedFont) else {}
    return {
        "font_id": font.font_id,
        "category": font.category,
        "family": font.family,
        "lineage": font.lineage,
        "licence": font.licence,
        "source": font.source,
        "package": font.package,
        "version": font.version,
        "file": font.file,
        "state": _state(font),
        **(pinned or {"sha256": getattr(font, "sha256", "")}),
    }


def summary_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Summaries as a table for a terminal, and what each set holds."""
    header = ("set", "fonts", "handwritten", "printed", "families", "licences", "sources", "states")
    cells = [header, *(tuple(_said(row[key]) for key in ("name", *header[1:])) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
    holds = [f"{row['name']}: {row['holds']}" for row in rows]
    return [line.rstrip() for line in (*lines, "", *holds)]


def font_lines(set_name: str) -> list[str]:
    """The fonts of a set, one a line."""
    rows = [font_row(font) for font in set_fonts(set_name)]
    keys = ("font_id", "category", "licence", "state")
    widths = [max(len(str(row[key])) for row in rows) for key in keys]
    return [
        "  ".join(str(row[key]).ljust(width) for key, width in zip(keys, widths, strict=True))
        + f"  {row['source']} {row['package']}@{row['version']}"
        for row in rows
    ]


def _state(font: CorpusFont | UnopenedFont) -> str:
    return UNVERIFIED if isinstance(font, UnopenedFont) else VERIFIED


def _counts(values: Sequence[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _said(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{n} {name}" for name, n in value.items())
    return str(value)
