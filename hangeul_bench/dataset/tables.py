"""The tables of a dataset: fonts, characters and missing glyphs, as CSV text and back."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from hangeul_bench.base.documents import check_file_name
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import csv_rows, csv_text
from hangeul_bench.dataset.splits.lists import SIDES, TRACKS, Splits
from hangeul_bench.hangeul.charset import codepoint_name, parse_codepoint_name
from hangeul_bench.hangeul.phonetics import compatibility_jamo, layout, phonetic_line, romanize

_MISSING_COLUMNS = ("font_id", "codepoint", "syllable", "reason")
_CHARACTER_COLUMNS = (
    "codepoint",
    "syllable",
    "phonetic",
    "jamo",
    "romanization",
    "layout",
    "split",
    "role",
)
_CHOICES = {"category": ("handwritten", "printed"), "split": SIDES}


@dataclass(frozen=True)
class Font:
    """One font of a dataset; a row of ``fonts.csv``.

    Attributes:
        font_id: Unique name; also that of its files of images.
        family: Family name.
        style: Style name.
        category: ``handwritten`` or ``printed``.
        lineage: Fonts of one lineage stand on one side of the split.
        licence: SPDX-like name, or ``unknown``.
        split: ``train``, ``unseen``, ``wide`` or ``excluded``.
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


@dataclass(frozen=True)
class Missing:
    """A syllable that a font does not draw; a row of ``missing.csv``."""

    font_id: str
    syllable: str
    reason: str


def fonts_csv(fonts: Iterable[Font]) -> str:
    """``fonts.csv`` as text."""
    return csv_text([f.name for f in fields(Font)], (asdict(font).values() for font in fonts))


def missing_csv(missing: Iterable[Missing]) -> str:
    """``missing.csv`` as text."""
    rows = ([m.font_id, codepoint_name(m.syllable), m.syllable, m.reason] for m in missing)
    return csv_text(_MISSING_COLUMNS, rows)


def characters_csv(characters: Iterable[str], splits: Splits) -> str:
    """``characters.csv`` as text: jamo, romanization, layout and split of each syllable."""
    unseen = set(splits.unseen_characters)
    lists = {track.name: track.syllables for track in TRACKS.values() if track.syllables}
    roles = {k: getattr(splits, name) for k, name in {"reference": "references", **lists}.items()}
    rows = (
        [
            codepoint_name(s),
            s,
            phonetic_line(s),
            compatibility_jamo(s),
            romanize(s),
            layout(s),
            "unseen" if s in unseen else "seen",
            " ".join(role for role, members in roles.items() if s in members),
        ]
        for s in characters
    )
    return csv_text(_CHARACTER_COLUMNS, rows)


def read_fonts(text: str, *, where: object) -> tuple[Font, ...]:
    """The fonts of a ``fonts.csv``; the inverse of :func:`fonts_csv`.

    Args:
        text: The table.
        where: The file, for the messages.

    Raises:
        UserError: It is no such table, an id may not name a file, or two fonts share one.
    """
    columns = [field.name for field in fields(Font)]
    fonts: dict[str, Font] = {}
    for line, row in csv_rows(text, columns, where=where):
        font = _font(row, f"{where}, line {line}")
        if font.font_id in fonts:
            raise UserError(f"{where}, line {line}: the font {font.font_id} stands there twice.")
        fonts[font.font_id] = font
    return tuple(fonts.values())


def read_missing(text: str, *, where: object) -> tuple[Missing, ...]:
    """The rows of a ``missing.csv``; the inverse of :func:`missing_csv`.

    Raises:
        UserError: It is no such table.
    """
    return tuple(
        Missing(row["font_id"], _syllable(row, place), row["reason"])
        for place, row in _rows(text, _MISSING_COLUMNS, where)
    )


def read_characters(text: str, *, where: object) -> tuple[str, ...]:
    """The syllables of a ``characters.csv``.

    Raises:
        UserError: It is no such table, or a syllable stands there twice.
    """
    rows = _rows(text, _CHARACTER_COLUMNS, where)
    characters = tuple(_syllable(row, place) for place, row in rows)
    if len(set(characters)) < len(characters):
        raise UserError(f"{where}: a syllable stands there twice; build the dataset again.")
    return characters


def _rows(
    text: str, columns: tuple[str, ...], where: object
) -> Iterator[tuple[str, dict[str, str]]]:
    for line, row in csv_rows(text, columns, where=where):
        yield f"{where}, line {line}", row


def _syllable(row: Mapping[str, str], place: str) -> str:
    try:
        return parse_codepoint_name(row["codepoint"])
    except UserError as error:
        raise UserError(f"{place}: {error}") from None


def _font(row: Mapping[str, str], place: str) -> Font:
    check_file_name(row["font_id"], what="font_id", where=place)
    for column, choices in _CHOICES.items():
        if row[column] not in choices:
            raise UserError(
                f"{place}: expected {column} to be {' or '.join(choices)}, but found "
                f"{row[column][:40]!r}."
            )
    values: dict[str, Any] = dict(row)
    for field in fields(Font):
        if field.type is not str:
            read: Callable[[str], float] = _COUNTED[field.type]  # type: ignore[index]
            try:
                values[field.name] = read(row[field.name])
            except ValueError:
                raise UserError(
                    f"{place}: expected a number in {field.name}, but found "
                    f"{row[field.name][:40]!r}."
                ) from None
    return Font(**values)


def _count(text: str) -> int:
    value = int(text)
    if not 0 <= value < 1 << 31:
        raise ValueError(text)
    return value


def _measure(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_COUNTED = {int: _count, float: _measure}
