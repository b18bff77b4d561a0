"""Jamo confusion matrices: what was asked, what the reader read, in each of the three positions."""

import math
from collections import Counter
from dataclasses import dataclass

import jamo

from hangeul_bench.hangeul.charset import is_syllable
from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS, decompose
from hangeul_bench.results.report.runs import Run

NO_FINAL = "–"
NO_INK = "×"
LEVELS = 8
CELL, MARGIN = 11, 20  # SVG units, which are CSS pixels
_MOST_COMMON = 8

POSITIONS = {
    "initial": tuple(jamo.j2hcj(letter) for letter in INITIALS),
    "medial": tuple(jamo.j2hcj(letter) for letter in MEDIALS),
    "final": tuple(jamo.j2hcj(letter) if letter else NO_FINAL for letter in FINALS),
}


@dataclass(frozen=True)
class Confusion:
    """How often ``asked`` was read as ``read``: ``count`` times of ``total``."""

    asked: str
    read: str
    count: int
    total: int


@dataclass(frozen=True)
class Matrix:
    """One position's matrix, laid out: rows are asked, columns are read (last: no ink).

    ``right`` and ``wrong`` hold, for each heat level from 1 to 8, an SVG path of the squares on
    and off the diagonal: one path a level is a twentieth of one element a square.
    """

    position: str
    labels: tuple[str, ...]
    right: tuple[tuple[int, str], ...]
    wrong: tuple[tuple[int, str], ...]
    most_common: tuple[Confusion, ...]
    error: float
    total: int

    @property
    def width(self) -> int:
        """With the column of pages without ink."""
        return MARGIN + CELL * (len(self.labels) + 1)

    @property
    def height(self) -> int:
        """With the column heads."""
        return MARGIN + CELL * len(self.labels)


def level_share(level: int) -> float:
    """The highest share of a row that has this heat level; the square root shows rare errors."""
    return (level / LEVELS) ** 2


def confusion_matrices(run: Run) -> tuple[Matrix, ...]:
    """The three matrices of a run over all its glyphs; none if the reader did not read them."""
    if run.glyphs is None or not run.was_read:
        return ()
    pairs = Counter(zip(run.glyphs["syllable"], run.glyphs["read"], strict=True))
    return tuple(_matrix(index, position, pairs) for index, position in enumerate(POSITIONS))


def _matrix(index: int, position: str, pairs: Counter[tuple[str, str]]) -> Matrix:
    labels = POSITIONS[position]
    no_ink = len(labels)
    counts: Counter[tuple[int, int]] = Counter()
    for (asked, read), count in pairs.items():
        column = decompose(read)[index] if is_syllable(read) else no_ink
        counts[decompose(asked)[index], column] += count
    totals: Counter[int] = Counter()
    for (row, _), count in counts.items():
        totals[row] += count
    wrong = sum(count for (row, column), count in counts.items() if row != column)
    total = sum(totals.values())
    return Matrix(
        position=position,
        labels=labels,
        right=_paths({key: n for key, n in counts.items() if key[0] == key[1]}, totals),
        wrong=_paths({key: n for key, n in counts.items() if key[0] != key[1]}, totals),
        most_common=_most_common(counts, totals, (*labels, NO_INK)),
        error=wrong / total if total else 0.0,
        total=total,
    )


def _paths(counts: dict[tuple[int, int], int], totals: Counter[int]) -> tuple[tuple[int, str], ...]:
    squares: dict[int, list[str]] = {}
    for (row, column), count in sorted(counts.items()):
        level = max(1, math.ceil(math.sqrt(count / totals[row]) * LEVELS - 1e-9))
        x, y = MARGIN + column * CELL, MARGIN + row * CELL
        squares.setdefault(level, []).append(f"M{x} {y}h{CELL - 1}v{CELL - 1}h-{CELL - 1}z")
    return tuple((level, "".join(squares[level])) for level in sorted(squares))


def _most_common(
    counts: Counter[tuple[int, int]], totals: Counter[int], labels: tuple[str, ...]
) -> tuple[Confusion, ...]:
    errors = [(count, row, column) for (row, column), count in counts.items() if row != column]
    errors.sort(key=lambda error: (-error[0], error[1], error[2]))
    return tuple(
        Confusion(labels[row], labels[column], count, totals[row])
        for count, row, column in errors[:_MOST_COMMON]
    )
