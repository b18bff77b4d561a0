"""The pinned open fonts, and the sets they are fetched by; a row of ``corpus.csv`` each."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

from hangeul_bench.base.errors import UserError

# Each set holds the one before it.
SETS = {
    "eval": "the 20 evaluation fonts and the content font",
    "demo": "10 training fonts more",
    "npm": "all that come in npm packages",
    "core": "those that only Debian packages, too",
    "paper": "105 + 105 as in Table I: 75 handwritten fonts more, which nobody has opened yet",
}
# The set that is filled up with fonts of ``unopened.csv``, and to how many of a category.
FILLED_UP, N_HANDWRITTEN = "paper", 105
# What the lock file says of every pinned font, by the names of its attributes.
LOCKED = ("font_id", "category", "family", "lineage", "licence", "source", "package")


@dataclass(frozen=True)
class CorpusFont:
    """One pinned font style: a row of ``corpus.csv``.

    Attributes:
        font_id: File name of the fetched font, without suffix.
        sets: Which of :data:`SETS` hold it; none if its note says why not.
        category: ``handwritten`` or ``printed``.
        family: Typographic family name.
        style: Typographic style name.
        weight: CSS weight, 100 to 950.
        lineage: Fonts drawn from one another share it.
        licence: SPDX-like name; the texts are in NOTICE.
        source: ``npm`` or ``deb``.
        package: Package name.
        version: Package version that was opened and measured.
        package_sha256: Hash of that version's archive.
        file: Name inside the archive.
        sha256: Hash of that file.
        n_bytes: Its size.
        note: Known defect, or empty.
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

    @property
    def lock_fields(self) -> dict[str, str]:
        """What the lock file says of it beside where it came from and lies."""
        own = {"style": self.style, "source_file": self.file, "source_sha256": self.sha256}
        return {name: getattr(self, name) for name in LOCKED} | own


@cache
def corpus_fonts(set_name: str = "core") -> tuple[CorpusFont, ...]:
    """The fonts of one set that have been opened and measured, by font id.

    Raises:
        UserError: There is no such set.
    """
    if set_name not in SETS:
        raise UserError(f"Expected --set {', '.join(SETS)}, but found {set_name!r}.")
    fonts = [font for font in opened_fonts() if set_name in font.sets]
    return tuple(sorted(fonts, key=lambda font: font.font_id))


@cache
def opened_fonts() -> tuple[CorpusFont, ...]:
    """Every font that has been opened, those of no set too."""
    return tuple(_corpus_font(row) for row in table_rows("corpus.csv"))


def corpus_csv(fonts: Iterable[CorpusFont]) -> str:
    """Fonts as lines of ``corpus.csv``, with its header."""
    names = [field.name for field in fields(CorpusFont)]
    text = io.StringIO()
    # No guard against formulas: a package's name begins with @, and the table is this program's.
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS.get(name, name) for name in names)
    writer.writerows([_cell(getattr(font, name)) for name in names] for font in fonts)
    return text.getvalue()


def table_rows(name: str) -> list[dict[str, str]]:
    """The rows of a table beside this module."""
    text = files("hangeul_bench.fonts").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_COLUMNS = {"n_bytes": "bytes"}  # an attribute's column, where it has another name


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else value


def _corpus_font(row: dict[str, str]) -> CorpusFont:
    values = {
        **row,
        "sets": tuple(row["sets"].split()),
        "weight": int(row["weight"]),
        "n_bytes": int(row["bytes"]),
    }
    del values["bytes"]
    return CorpusFont(**values)  # type: ignore[arg-type]
