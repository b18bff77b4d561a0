"""The pinned open fonts, and the sets they are fetched by; a row of ``corpus.csv`` each."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from hangeul_bench.base.errors import UserError

SETS = {
    "eval": "the 20 evaluation fonts, the content font and the 40 of the wide test set",
    "demo": "the 20 evaluation fonts, the content font and 10 training fonts, all in npm packages",
    "npm": "all that come in npm packages",
    "core": "all that come in npm and Debian packages",
    "paper": "105 + 105 as in Table I, 100 for training and 5 unseen of each; all under the OFL",
    "open": "all pinned fonts: those of core and those in public GitHub repositories",
}
# What the lock file says of every pinned font, by the names of its attributes.
LOCKED = ("font_id", "category", "family", "lineage", "licence", "source", "package")


@dataclass(frozen=True)
class CorpusFont:
    """One pinned font style: a row of ``corpus.csv``.

    Attributes:
        font_id: File name of the fetched font, without suffix.
        sets: Which of :data:`SETS` hold it.
        category: ``handwritten`` or ``printed``.
        family: Typographic family name.
        style: Typographic style name.
        weight: CSS weight, 100 to 950.
        lineage: Fonts drawn from one another share it.
        licence: SPDX-like name; the texts are in NOTICE.
        source: ``npm``, ``deb`` or ``github``.
        package: Package name; of ``github`` the repository, as owner/name.
        version: Package version that was opened and measured; of ``github`` the commit.
        package_sha256: Hash of that version's archive; empty for ``github``, which has none.
        file: Name inside the archive or repository.
        sha256: Hash of that file.
        n_bytes: Its size.
        note: Known defect, or empty.
        licence_evidence: Where the licence is stated: in the font's own name table, or by whom.
        foundry: Short name of the foundry; empty for fonts of packages.
        wide: Role in the wide test set: ``test``, ``excluded`` (of a test font's lineage) or
            ``train``; empty for fonts of packages, which train.
    """

    font_id: str
    sets: tuple[str, ...]
    category: str
    family: str
    style: str
    weight: int
    lineage: str
    licence: str
    source: str
    package: str
    version: str
    package_sha256: str
    file: str
    sha256: str
    n_bytes: int
    note: str
    licence_evidence: str
    foundry: str
    wide: str

    @property
    def lock_fields(self) -> dict[str, str]:
        """What the lock file says of it beside where it came from and lies."""
        own = {"style": self.style, "source_file": self.file, "source_sha256": self.sha256}
        return {name: getattr(self, name) for name in LOCKED} | own


@cache
def corpus_fonts(set_name: str = "open") -> tuple[CorpusFont, ...]:
    """The fonts of one set by font id.

    Raises:
        UserError: There is no such set.
    """
    if set_name not in SETS:
        raise UserError(f"Expected --set {', '.join(SETS)}, but found {set_name!r}.")
    return tuple(font for font in _all_fonts() if set_name in font.sets)


@cache
def _all_fonts() -> tuple[CorpusFont, ...]:
    text = files("hangeul_bench.fonts").joinpath("corpus.csv").read_text(encoding="utf-8")
    fonts = (_corpus_font(row) for row in csv.DictReader(text.splitlines()))
    return tuple(sorted(fonts, key=lambda font: font.font_id))


def _corpus_font(row: dict[str, str]) -> CorpusFont:
    values = {
        **row,
        "sets": tuple(row["sets"].split()),
        "weight": int(row["weight"]),
        "n_bytes": int(row["bytes"]),
    }
    del values["bytes"]
    return CorpusFont(**values)  # type: ignore[arg-type]


# Each font was opened, draws all 2,350 syllables and is pinned by the SHA-256 of its file.
VERIFIED = "verified"
_LISTED = (
    *("font_id", "category", "family", "lineage", "licence", "licence_evidence"),
    *("source", "package", "version", "file", "sha256"),
)


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
    row = {name: getattr(font, name) for name in _LISTED}
    return {**row, "bytes": font.n_bytes, "state": VERIFIED}


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
