"""How well the jamo reader reads true glyphs: its accuracy font by font, and its confusions."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jamo
import numpy as np

from hangeul_bench.base.files import write_whole
from hangeul_bench.base.progress import progress
from hangeul_bench.base.tables import csv_text
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS, decompose
from hangeul_bench.reader.reader import JamoReader

POSITIONS = ("initial", "medial", "final")
# What the shipped reader must read right on true glyphs of the unseen fonts, share of syllables.
MARKS = {"printed": 0.98, "handwritten": 0.95}
FONT_MARK = 0.90

_LETTERS = (INITIALS, MEDIALS, FINALS)


@dataclass(frozen=True)
class FontReading:
    """What the reader read of one font's true glyphs; syllables that the font lacks are left out.

    Attributes:
        font_id: The font.
        category: ``handwritten`` or ``printed``.
        role: ``unseen``, ``learned`` where the reader learned from this font, or ``held-out``.
        asked: ``(N, 3)`` jamo indices that the glyphs show.
        read: ``(N, 3)`` jamo indices that were read; -1 where there was no ink.
    """

    font_id: str
    category: str
    role: str
    asked: np.ndarray
    read: np.ndarray


@dataclass(frozen=True)
class Accuracy:
    """Shares of glyphs read right, from 0 to 1: whole syllables, and each jamo position."""

    glyphs: int
    syllable: float
    initial: float
    medial: float
    final: float

    @property
    def jer(self) -> float:
        """The jamo error rate: the reader's floor on this font."""
        return 1 - (self.initial + self.medial + self.final) / 3


def read_fonts(
    reader: JamoReader, dataset: GlyphDataset, font_ids: Sequence[str]
) -> list[FontReading]:
    """Read every syllable of some fonts."""
    syllables = dataset.characters
    asked = np.array([decompose(syllable) for syllable in syllables])  # (N, 3)
    readings = []
    with progress("Reading", len(font_ids) * len(syllables), "glyphs") as bar:
        for font_id in font_ids:
            missing = dataset.missing(font_id)
            there = np.array([syllable not in missing for syllable in syllables])
            read = reader.read(dataset.images(font_id)[there]).numpy()
            category = str(dataset.font(font_id).category)
            role = _role(reader, dataset, font_id)
            readings.append(FontReading(font_id, category, role, asked[there], read))
            bar.advance(len(syllables))
    return readings


def _role(reader: JamoReader, dataset: GlyphDataset, font_id: str) -> str:
    if font_id in dataset.splits.unseen_fonts:
        return "unseen"
    return "learned" if font_id in reader.details.get("font_ids", ()) else "held-out"


def accuracy(readings: Iterable[FontReading]) -> Accuracy:
    """The accuracy over all glyphs of some fonts."""
    right = np.concatenate([reading.read == reading.asked for reading in readings])
    if not len(right):
        return Accuracy(0, 0.0, 0.0, 0.0, 0.0)
    initial, medial, final = (float(share) for share in right.mean(0))
    return Accuracy(len(right), float(right.all(1).mean()), initial, medial, final)


def accuracy_rows(readings: Sequence[FontReading]) -> list[tuple[str, str, str, Accuracy]]:
    """``(font_id, category, role, accuracy)`` for each font, then ``all`` for each group."""
    rows = [(r.font_id, r.category, r.role, accuracy([r])) for r in readings]
    for category, role in sorted({(r.category, r.role) for r in readings}):
        group = [r for r in readings if (r.category, r.role) == (category, role)]
        rows.append(("all", category, role, accuracy(group)))
    return rows


def below_marks(readings: Sequence[FontReading]) -> list[str]:
    """A sentence for every mark that the unseen fonts miss."""
    misses = []
    for font_id, category, role, found in accuracy_rows(readings):
        mark = MARKS.get(category, FONT_MARK) if font_id == "all" else FONT_MARK
        if role == "unseen" and found.syllable < mark:
            name = f"{category} fonts together" if font_id == "all" else font_id
            misses.append(f"{name}: {found.syllable:.2%} of the syllables, expected {mark:.0%}.")
    return misses


def accuracy_csv(readings: Sequence[FontReading]) -> str:
    """One row a font and one a group; shares of glyphs, 0 to 1."""
    header = ("font_id", "category", "role", "glyphs", "syllable", *POSITIONS, "jer")
    rows = (
        (
            font_id,
            category,
            role,
            a.glyphs,
            *_shares(a.syllable, a.initial, a.medial, a.final, a.jer),
        )
        for font_id, category, role, a in accuracy_rows(readings)
    )
    return csv_text(header, rows)


def _shares(*values: float) -> tuple[str, ...]:
    return tuple(f"{value:.5f}" for value in values)


def confusion_csv(readings: Sequence[FontReading]) -> str:
    """How often which jamo was read as which: one row a pair that occurred.

    The letters are compatibility jamo; ``none`` is no final, ``blank`` a page without ink.
    """
    counts: Counter[tuple[int, int, int]] = Counter()
    for reading in readings:
        for place in range(3):
            pairs = zip(
                reading.asked[:, place].tolist(), reading.read[:, place].tolist(), strict=True
            )
            counts.update((place, asked, read) for asked, read in pairs)
    rows = (
        (POSITIONS[place], letter(place, asked), letter(place, read), count)
        for (place, asked, read), count in sorted(counts.items())
    )
    return csv_text(("position", "asked", "read", "glyphs"), rows)


def letter(place: int, index: int) -> str:
    """The compatibility letter of a jamo index in position 0, 1 or 2."""
    if index < 0:
        return "blank"
    positional = _LETTERS[place][index]
    return jamo.j2hcj(positional) if positional else "none"


def write_report(readings: Sequence[FontReading], out: Path) -> list[Path]:
    """Write accuracy.csv (all fonts) and confusion.csv (unseen fonts, or all if none is unseen)."""
    unseen = [reading for reading in readings if reading.role == "unseen"]
    files = {
        "accuracy.csv": accuracy_csv(readings),
        "confusion.csv": confusion_csv(unseen or readings),
    }
    for name, text in files.items():
        write_whole(out / name, text)
    return [out / name for name in files]
