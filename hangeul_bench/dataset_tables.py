"""The tables of a dataset: fonts, characters and missing glyphs, as CSV text and back."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from hangeul_bench.charset import codepoint_name, parse_codepoint_name
from hangeul_bench.phonetics import compatibility_jamo, layout, phonetic_line, romanize
from hangeul_bench.splits import Splits


@dataclass(frozen=True)
class Font:
    """One font of a dataset; a row of ``fonts.csv``.

    Attributes:
        font_id: Unique name; also that of its shard.
        family: Family name.
        style: Style name.
        category: ``handwritten`` or ``printed``.
        lineage: Fonts of one lineage stand on one side of the split.
        licence: SPDX-like name, or ``unknown``.
        split: ``train`` or ``unseen``.
        file: Path of the font file in the folder of fonts.
        face_index: Face of a collection.
        instance: Named instance of a variable font as ``wght=700``, else empty.
        sha256: Hash of the font file.
        scale: Pixels a font unit.
        baseline: Distance of the baseline from the upper edge, pixels.
        n_glyphs: Number of images.
        n_missing: Number of syllables that the font does not draw.
        outline_sha256: Hash of its outlines and advances; independent of any renderer.
        bitmap_sha256: Hash of its pixels.
        shard_sha256: Hash of its Parquet file.
    """

    font_id: str
    family: str
    style: str
    category: str
    lineage: str
    licence: str
    split: str
    file: str
    face_index: int
    instance: str
    sha256: str
    scale: float
    baseline: float
    n_glyphs: int
    n_missing: int
    outline_sha256: str
    bitmap_sha256: str
    shard_sha256: str


@dataclass(frozen=True)
class Missing:
    """A syllable that a font does not draw; a row of ``missing.csv``."""

    font_id: str
    syllable: str
    reason: str


def fonts_csv(fonts: Iterable[Font]) -> str:
    """``fonts.csv`` as text."""
    return _table([f.name for f in fields(Font)], (asdict(font).values() for font in fonts))


def missing_csv(missing: Iterable[Missing]) -> str:
    """``missing.csv`` as text."""
    rows = ([m.font_id, codepoint_name(m.syllable), m.syllable, m.reason] for m in missing)
    return _table(["font_id", "codepoint", "syllable", "reason"], rows)


def characters_csv(characters: Iterable[str], splits: Splits) -> str:
    """``characters.csv`` as text: jamo, romanization, layout and split of each syllable."""
    unseen, lite = set(splits.unseen_characters), set(splits.lite_characters)
    header = [
        "codepoint",
        "syllable",
        "phonetic",
        "jamo",
        "romanization",
        "layout",
        "split",
        "role",
    ]
    rows = (
        [
            codepoint_name(s),
            s,
            phonetic_line(s),
            compatibility_jamo(s),
            romanize(s),
            layout(s),
            "unseen" if s in unseen else "seen",
            "reference" if s in splits.references else "lite" if s in lite else "",
        ]
        for s in characters
    )
    return _table(header, rows)


def read_fonts(text: str) -> tuple[Font, ...]:
    """The fonts of a ``fonts.csv``; the inverse of :func:`fonts_csv`.

    Raises:
        ValueError: It is no such table.
    """
    kinds: dict[str, Any] = {field.name: field.type for field in fields(Font)}
    rows = csv.DictReader(io.StringIO(text))
    try:
        return tuple(Font(**{key: kinds[key](value) for key, value in row.items()}) for row in rows)
    except (KeyError, TypeError) as error:
        raise ValueError(f"unexpected columns ({error})") from None


def read_missing(text: str) -> tuple[Missing, ...]:
    """The rows of a ``missing.csv``; the inverse of :func:`missing_csv`."""
    return tuple(
        Missing(row["font_id"], parse_codepoint_name(row["codepoint"]), row["reason"])
        for row in csv.DictReader(io.StringIO(text))
    )


def read_characters(text: str) -> tuple[str, ...]:
    """The syllables of a ``characters.csv``."""
    return tuple(
        parse_codepoint_name(row["codepoint"]) for row in csv.DictReader(io.StringIO(text))
    )


def _table(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
