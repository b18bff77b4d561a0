"""Fonts that are pinned by the hash that git gives a file, and that nobody here has opened yet.

They are Naver's Nanum handwriting fonts, which fill the handwritten half of the paper's Table I. A
build that has fetched one has verified it: its row moves from ``unopened.csv`` to ``corpus.csv``.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.order import hash_order
from hangeul_bench.base.tables import one_line
from hangeul_bench.fonts.corpus import (
    FILLED_UP,
    LOCKED,
    N_HANDWRITTEN,
    CorpusFont,
    corpus_fonts,
    opened_fonts,
    table_rows,
)
from hangeul_bench.fonts.faces import open_face
from hangeul_bench.fonts.names import describe
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import ksx1001

_SALT = "paper "  # of the order in which they are chosen


@dataclass(frozen=True)
class UnopenedFont:
    """A row of ``unopened.csv``.

    Attributes:
        font_id: File name of the fetched font, without suffix.
        category: ``handwritten`` or ``printed``.
        family: Family name.
        lineage: The foundry's set: one block, on one side of a split and in a resample.
        licence: SPDX-like name, as its package says.
        package: npm package.
        version: Its version.
        file: Name in the package's repository; in the package it is found by its hash.
        git_blob_sha1: Hash of the file, as git names it.
    """

    font_id: str
    category: str
    family: str
    lineage: str
    licence: str
    package: str
    version: str
    file: str
    git_blob_sha1: str

    source = "npm"

    @property
    def lock_fields(self) -> dict[str, str]:
        """What the lock file says of it beside where it came from and lies."""
        own = {"git_blob_sha1": self.git_blob_sha1}
        return {name: getattr(self, name) for name in LOCKED} | own

    def is_file(self, data: bytes) -> bool:
        """Whether these are the bytes of the pinned file."""
        return git_blob_sha1(data) == self.git_blob_sha1


@cache
def unopened_fonts() -> tuple[UnopenedFont, ...]:
    """All of them in the order in which they are chosen: by the SHA-256 of their ids."""
    opened = {font.font_id for font in opened_fonts()}
    fonts = {row["font_id"]: UnopenedFont(**row) for row in table_rows("unopened.csv")}
    return tuple(fonts[font_id] for font_id in hash_order(fonts, _SALT) if font_id not in opened)


def chosen_fonts(passed_over: Collection[str] = ()) -> tuple[UnopenedFont, ...]:
    """Those that fill the paper's set: the first that draw all 2,350 syllables.

    One that cannot be had keeps its place, so that the set is the same for everybody.

    Args:
        passed_over: Ids of those that were opened and do not draw all syllables.
    """
    handwritten = [f for f in corpus_fonts(FILLED_UP) if f.category == "handwritten"]
    fit = [font for font in unopened_fonts() if font.font_id not in passed_over]
    return tuple(fit[: max(N_HANDWRITTEN - len(handwritten), 0)])


def set_fonts(
    set_name: str, passed_over: Collection[str] = ()
) -> tuple[CorpusFont | UnopenedFont, ...]:
    """All fonts of a set, those that nobody has opened last.

    Raises:
        UserError: There is no such set.
    """
    unopened = chosen_fonts(passed_over) if set_name == FILLED_UP else ()
    return (*corpus_fonts(set_name), *unopened)


def git_blob_sha1(data: bytes) -> str:
    """The hash by which git names a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def why_passed_over(sfnt: bytes) -> str:
    """Why a font does not belong to a set of 2,350 syllables a font; empty if it does."""
    with TemporaryDirectory(prefix="hangeul-bench-") as folder:
        path = Path(folder) / "font.ttf"
        path.write_bytes(sfnt)
        try:
            with Rasterizer(open_face(path)) as rasterizer:
                missing = rasterizer.missing_reasons(ksx1001())
        except UserError:
            return "it is no usable font"
    if not missing:
        return ""
    syllable, reason = next(iter(missing.items()))
    return f"it lacks {len(missing):,} of the 2,350 syllables, such as {syllable} ({reason})"


def names_of(sfnt: bytes) -> dict[str, str]:
    """Style and CSS weight of a font, as a lock file's fields."""
    from fontTools.ttLib import TTFont

    names = describe(sfnt, Path("font.ttf"), instances=False)[0][1]
    font = TTFont(BytesIO(sfnt), lazy=True)
    weight = font["OS/2"].usWeightClass if "OS/2" in font else 400
    return {"style": one_line(names["style"]), "weight": str(weight)}


def verified_row(font: UnopenedFont, entry: Mapping[str, str]) -> CorpusFont:
    """The row of ``corpus.csv`` of a font that was fetched, from its entry in the lock file."""
    return CorpusFont(
        font_id=font.font_id,
        sets=(FILLED_UP,),
        category=font.category,
        family=font.family,
        style=entry["style"],
        weight=int(entry["weight"]),
        lineage=font.lineage,
        licence=font.licence,
        source=font.source,
        package=font.package,
        version=entry["version"],
        package_sha256=entry["package_sha256"],
        file=entry["source_file"],
        sha256=entry["source_sha256"],
        n_bytes=int(entry["bytes"]),
        note="",
    )
