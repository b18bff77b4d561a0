"""Fields of many glyphs at once, for training: the numbers of ``field`` to a sixteenth pixel.

Arrays are laid out as (rows, glyphs, columns). A step to the row below is then one whole slice,
and a step to the next column one place in the flat array, as every row ends in blank columns; so
no operation has a short inner loop, which is what a distance transform otherwise waits for.
"""

import numpy as np
from numpy.typing import NDArray

from baselines.glyphs.representation import CORRECTIONS, EDGE, FIELD_SIZE, REACH
from hangeul_bench.base.images import Glyphs

GLYPHS_AT_ONCE = 8  # more fall out of the processor's cache
_UNIT = 20  # steps a pixel of distances in whole numbers: squares of two still fit 16 bits
_FAR = _UNIT * REACH
# Bicubic weights (a = -0.75) of a point 1/4 pixel before and after a cell's middle, each over five
# neighbouring cells.
_WEIGHTS = (-0.03515625, 0.26171875, 0.87890625, -0.10546875)  # before; after is its mirror image
_RIM = 2  # cells that these weights reach beyond the field
Lengths = NDArray[np.uint8]
Distances = NDArray[np.uint16]
Numbers = NDArray[np.float32]


def fields_of(glyphs: Glyphs) -> Numbers:
    """Fields of glyphs.

    Args:
        glyphs: (N, 128, 128) uint8, 0 = ink, 255 = paper.

    Returns:
        (N, 64, 64) float32 in pixels of the image, positive in ink, within 1/16 pixel of
        :func:`~baselines.glyphs.representation.field` once both are rounded to sixteenths.
    """
    parts = [_fields(glyphs[k : k + GLYPHS_AT_ONCE]) for k in range(0, len(glyphs), GLYPHS_AT_ONCE)]
    return np.concatenate(parts) if parts else np.empty((0, FIELD_SIZE, FIELD_SIZE), np.float32)


def _fields(glyphs: Glyphs) -> Numbers:
    n, height, width = glyphs.shape
    # (rows, N, columns): coverage less one half, with paper around the image.
    over = np.full((height + 2, n, width + 2 + REACH), -0.5, np.float32)
    page = over[1:-1, :, 1 : width + 1]
    np.multiply(glyphs.transpose(1, 0, 2), np.float32(-1 / 255), out=page)
    page += np.float32(0.5)
    distance = _signed(over)[1:-1, :, 1 : width + 1]  # (128, N, 128)
    np.copyto(distance, page, where=np.abs(page) < 0.5 - EDGE)  # the contour runs through these
    return _corrected(_halved(distance), page).transpose(1, 0, 2)


def _signed(over: Numbers) -> Numbers:
    """(rows, N, columns) distance of each pixel's middle to the 50 % contour, positive in ink."""
    row = over[0].size  # places from a pixel to the one below
    # New memory for each step would cost as much as the step.
    squared, other, moved, nearest = np.empty((4, over.size), np.uint16)
    work = np.empty((3, over.size), np.uint8)
    _spread(_to_crossings(over, row, work, out=other), 1, moved=moved, out=squared)
    _spread(_to_crossings(over, 1, work, out=other), row, moved=moved, out=nearest)
    np.minimum(squared, nearest, out=squared)
    distance = np.sqrt(squared, dtype=np.float32).reshape(over.shape)
    distance *= np.float32(1 / _UNIT)
    return np.copysign(distance, over, out=distance)


def _to_crossings(over: Numbers, step: int, work: Lengths, *, out: Distances) -> Distances:
    """Flat squared distances to the contour's crossings of the lines that run by ``step``."""
    values = over.ravel()
    inside = values > 0
    first = np.flatnonzero(inside[:-step] != inside[step:])
    upper, lower = values[first], values[first + step]
    part = upper / (upper - lower)  # [0, 1) of the way
    ahead, behind, moved = work  # at most _FAR, so that none overflows below
    ahead[:] = behind[:] = _FAR
    ahead[first] = part * _UNIT + 0.5
    behind[first + step] = (1 - part) * _UNIT + 0.5
    for reach in (1, 2, 4):  # each doubles how far a crossing is seen: 7 pixels and a part
        places, far = reach * step, np.uint8(reach * _UNIT)
        np.add(ahead, far, out=moved)
        np.minimum(ahead[:-places], moved[places:], out=ahead[:-places])
        np.add(behind, far, out=moved)
        np.minimum(behind[places:], moved[:-places], out=behind[places:])
    np.minimum(ahead, behind, out=ahead)
    np.multiply(ahead, ahead, out=out, dtype=np.uint16)
    return out


def _spread(squared: Distances, step: int, *, moved: Distances, out: Distances) -> Distances:
    """Flat squared distances, each the least over places across by ``step``."""
    out[:] = squared
    for k in range(1, REACH):
        places = k * step
        np.add(squared, np.uint16((k * _UNIT) ** 2), out=moved)
        np.minimum(out[:-places], moved[places:], out=out[:-places])
        np.minimum(out[places:], moved[:-places], out=out[places:])
    return out


def _halved(distance: Numbers) -> Numbers:
    """(2 H, N, 2 W) to (H, N, W) by means of four."""
    rows = distance[0::2] + distance[1::2]
    return (rows[:, :, 0::2] + rows[:, :, 1::2]) * np.float32(0.25)


def _corrected(field: Numbers, page: Numbers) -> Numbers:
    """Add to a field what its image has too much or too little, as ``field`` does."""
    wanted = _halved(page)  # coverage less one half, as a mean over a cell's four pixels
    size, n, _ = field.shape
    cells = np.pad(field, ((_RIM, _RIM), (0, 0), (_RIM, _RIM)), "edge")
    inner = cells[_RIM:-_RIM, :, _RIM:-_RIM]
    for _ in range(CORRECTIONS):
        drawn = _drawn(cells).reshape(size, n, -1)[:, :, _RIM:-_RIM]
        inner += wanted - drawn
        _repeat_edges(cells)
    return inner


def _drawn(cells: Numbers) -> Numbers:
    """Flat (H N (W + 4)) means over a cell's four pixels of what is drawn, less one half."""
    row = cells[0].size
    total = np.zeros((len(cells) - 2 * _RIM) * row, np.float32)
    inner = total[_RIM:-_RIM]
    for rows in _quarters(cells.ravel(), row):
        for drawn in _quarters(rows, 1):
            inner += np.clip(drawn, -0.5, 0.5, out=drawn)
    total *= np.float32(0.25)
    return total


def _quarters(values: Numbers, step: int) -> tuple[Numbers, Numbers]:
    """Flat values 1/4 cell before and after each place but ``_RIM`` at each end, by ``step``."""
    length = values.size - 2 * _RIM * step
    parts = [values * np.float32(weight) for weight in _WEIGHTS]
    before, after = parts[0][:length].copy(), parts[0][4 * step :].copy()
    for k in (1, 2, 3):
        before += parts[k][k * step :][:length]
        after += parts[k][(4 - k) * step :][:length]
    return before, after


def _repeat_edges(cells: Numbers) -> None:
    for k in range(_RIM):
        cells[k], cells[-1 - k] = cells[_RIM], cells[-1 - _RIM]
    for k in range(_RIM):
        cells[:, :, k], cells[:, :, -1 - k] = cells[:, :, _RIM], cells[:, :, -1 - _RIM]
