"""See whether what is written in a box was crossed out: thin straight lines run across all of it.

The jamo reader often reads a syllable through them, so that it alone cannot tell.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from fontmaker.photograph import Mask

_SIDE = 96  # pixels of the longer side of the ink, on which lines are looked for
_SLANTED = (*range(22, 70, 2), *range(112, 160, 2))  # degrees; Hangul's own strokes end earlier
_LEVEL = range(-12, 13, 2)
_LONG = 0.92  # of the way across the ink
_LEAST = 0.75  # of the ink's longer side, aslant: a bar of a narrow syllable is shorter
_BARE = 0.55  # of a line's length that has no ink close beside it
_ENDS = 0.06  # of a line's length at each end, which stick out of what it crosses
_BESIDE = 0.07  # of the ink's longer side: as far beside a line is looked
_CROSSED = 3  # strokes that one line runs through; Hangul's own run through one


def is_crossed_out(mask: Mask) -> bool:
    """Whether long thin lines run across the ink, aslant, or level through several strokes.

    Args:
        mask: (H, W) bool, where ink is.
    """
    small = _shrunk(mask)
    if small is None:
        return False
    # A second line may lie close beside the first.
    if any(
        max(line.bare) >= _BARE and min(line.bare) >= _BARE / 2
        for angle in _SLANTED
        for line in _lines(small, angle)
    ):
        return True
    return any(
        min(line.bare) >= _BARE and line.sticks_out and line.crossings >= _CROSSED
        for angle in _LEVEL
        for line in _lines(small, angle)
    )


@dataclass(frozen=True)
class _Line:
    """Where ink lies close above a line that runs all across, below and from one to the other."""

    above: NDArray[np.bool_]  # (length,)
    below: NDArray[np.bool_]
    through: NDArray[np.bool_]

    @property
    def bare(self) -> tuple[float, float]:
        """How much of it has no ink above, and below."""
        return 1 - float(self.above.mean()), 1 - float(self.below.mean())

    @property
    def sticks_out(self) -> bool:
        """Whether both of its ends are bare."""
        ends = round(_ENDS * len(self.above))
        return not any(side[:ends].any() or side[-ends:].any() for side in (self.above, self.below))

    @property
    def crossings(self) -> int:
        """How many upright strokes go through it."""
        edges = np.diff(np.concatenate([[0], self.through]).astype(np.int8))
        return int(np.count_nonzero(edges == 1))


def _shrunk(mask: Mask) -> Mask | None:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    ink = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = (max(1, round(side * _SIDE / max(ink.shape))) for side in ink.shape)
    grey = Image.fromarray(ink.astype(np.uint8) * 255).resize((width, height), Image.Resampling.BOX)
    return np.asarray(grey) > 64


def _lines(ink: Mask, degrees: float) -> Iterator[_Line]:
    """The lines at an angle that run all across the ink."""
    turn = np.radians(degrees)
    height, width = ink.shape
    across = min(width / max(abs(np.cos(turn)), 1e-9), height / max(abs(np.sin(turn)), 1e-9))
    turned = ndimage.rotate(ink.astype(np.float32), degrees, order=1) > 0.3
    # A line drawn by hand is not quite straight.
    turned = np.pad(ndimage.binary_dilation(turned), _SIDE // 8)
    away = max(3, round(_BESIDE * _SIDE))
    for row in range(away, len(turned) - away):
        start, stop = _longest(turned[row])
        if stop - start < max(_LONG * across, _LEAST * _SIDE * abs(np.sin(2 * turn))):
            continue
        beside = turned[row - away : row + away + 1, start:stop]
        yield _Line(beside[0], beside[-1], np.asarray(beside.all(axis=0)))


def _longest(row: NDArray[np.bool_]) -> tuple[int, int]:
    """Start and stop of the longest run of ink."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], row, [0]]).astype(np.int8)))
    if not len(edges):
        return 0, 0
    longest = int((edges[1::2] - edges[::2]).argmax())
    return int(edges[2 * longest]), int(edges[2 * longest + 1])
