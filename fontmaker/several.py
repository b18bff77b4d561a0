"""Tell one syllable from several on a page: by the bare lanes that part glyphs from each other."""

import numpy as np
from numpy.typing import NDArray

from fontmaker.ink_boxes import INK_LEVEL

# Length by breadth from which ink in a row, or in a column, may be several syllables: some fonts
# draw 글 twice as high as wide.
_WIDE, _HIGH = 1.6, 2.2
_LANE = 0.05  # of the shorter side: a bare lane at least as wide parts two glyphs
_LEAST, _NARROWEST = 0.2, 0.35  # each part's share of the ink, and its length by the breadth
_CORNER = 0.13  # share of the ink in each corner of a grid of four


def several_syllables(grey: NDArray[np.number]) -> bool:
    """Whether a page looks like several syllables, in a row, a column or a grid.

    Within a syllable bare lanes mostly run one way only, and it is hardly longer than broad. Of
    9,045 glyphs of 135 fonts 39 look like several all the same (맑 is a grid of four), so that the
    jamo reader has the last word.

    Args:
        grey: (H, W), 0 = ink, 255 = paper.
    """
    ink = np.asarray(grey < INK_LEVEL)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return False
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape
    if width >= _WIDE * height and _parts(ink):
        return True
    if height >= _HIGH * width and _parts(ink.T):
        return True
    return _grid(ink)


def _parts(ink: NDArray[np.bool_]) -> bool:
    """Whether a bare lane across the length leaves parts that could be syllables."""
    breadth, total = ink.shape[0], int(ink.sum())
    for start, stop in _lanes(ink):
        shares = ink[:, :start].sum() / total, ink[:, stop:].sum() / total
        lengths = start / breadth, (ink.shape[1] - stop) / breadth
        if min(shares) >= _LEAST and min(lengths) >= _NARROWEST:
            return True
    return False


def _grid(ink: NDArray[np.bool_]) -> bool:
    """Whether a lane across and a lane along leave ink in all four corners, and enough of it."""
    total = int(ink.sum())
    for left, right in _lanes(ink):
        for top, bottom in _lanes(ink.T):
            corners = ink[:top, :left], ink[:top, right:], ink[bottom:, :left], ink[bottom:, right:]
            if min(int(corner.sum()) for corner in corners) >= _CORNER * total:
                return True
    return False


def _lanes(ink: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Columns without ink between columns with ink, as (start, stop), if wide enough."""
    bare = ~ink.any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bare, [0]]).astype(np.int8)))
    least = _LANE * min(ink.shape)
    lanes = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, stop) for start, stop in lanes if stop - start >= least]
