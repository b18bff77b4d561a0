"""From grey images to outlines: the level set of half ink, as corners, lines and quadratic curves.

A level set never crosses itself, and holes run the other way round than what they lie in. Between
its corners the outline becomes a quadratic spline through knots that stand the closer the more it
bends, so that neighbouring arcs are alike and no joint shows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from fontmaker.rings import Index, Mask, Points, Rings, Values, cross, exact
from hangeul_bench.base.images import SIZE, Glyphs

UNITS_PER_EM = 1024
UNITS = 9  # font units a pixel; at 8 Korean text would be a tenth smaller than fonts set it
IMAGE_UNITS = SIZE * UNITS
# The image's middle stands where Noto Sans KR has that of its Hangul, 0.38 em above the baseline.
BOTTOM = 388 - IMAGE_UNITS // 2
TOP = BOTTOM + IMAGE_UNITS
_BATCH = 64  # images traced at once
_LEAST_AREA = 1.0  # square pixels; a smaller component or hole is a speck
TOLERANCE = 0.15  # pixels by which the arc between two knots may leave its chord
_STEP = 0.5  # pixels between the points at which outlines are looked at
_ARM = 3  # steps at either side between which a turn is measured
_SHARP = np.cos(np.radians(58.0))  # over 1.5 pixels a round end of 3 pixels turns less
_TIP_REACH = 0.9  # pixels; the level set cuts the tip of a square corner off by 0.3
_TAUBIN = (0.5, -0.53) * 3  # weights of smoothing; the grid's ripple is 0.1 pixels high
_SOFT = 3  # steps at either side over which bending is averaged
_FEWEST, _MOST = 1 / 12, 1.0  # knots a pixel
_STRAIGHT = 0.12  # pixels that a side between corners may bend and still be a line
_RELAXATIONS = 5  # each leaves a third of the error of 0.1 pixels
LEVEL = 127.5  # half covered
_PAPER = 255
_SHARPNESS = -0.75  # the cubic kernel's free parameter, as OpenCV and PyTorch have it
_REACH = 2  # pixels to either side that a value between pixels depends on
_FINE = 16  # parts of a pixel's side that are looked at for how much ink covers it


@dataclass(frozen=True)
class Outline:
    """What one image draws.

    Attributes:
        points: (P, 2) float64, x to the right and y downwards, in pixels of the image.
        on_curve: (P,) bool; the others are control points of quadratic curves, as in TrueType.
        ends: Index of each contour's last point. Contours start on the curve; seen on the image,
            those around ink run clockwise and those around holes counter-clockwise.
    """

    points: Points
    on_curve: Mask
    ends: tuple[int, ...]


def trace(images: NDArray[np.uint8], *, tolerance: float = TOLERANCE) -> Iterator[Outline]:
    """Trace images, one outline for each.

    Args:
        images: (N, H, W) uint8, 0 = ink, 255 = paper.
        tolerance: Pixels by which the arc between two knots may leave its chord.
    """
    for start in range(0, len(images), _BATCH):
        yield from _trace_batch(images[start : start + _BATCH], tolerance)


def _trace_batch(images: NDArray[np.uint8], tolerance: float) -> Iterator[Outline]:
    rings, corner = smooth_rings(images)
    kept = corner | _knots(rings, corner, tolerance)
    rings, corner = rings.keep(kept), corner[kept]
    rings, on_curve = _clockwise(rings.with_points(_controls(rings, corner)), corner)
    bounds = np.searchsorted(rings.image[rings.ring], np.arange(len(images) + 1))
    for start, stop in zip(bounds[:-1], bounds[1:], strict=True):
        ends = np.flatnonzero(np.diff(rings.ring[start:stop], append=-1))
        yield Outline(rings.points[start:stop], on_curve[start:stop], tuple(ends.tolist()))


def smooth_rings(images: NDArray[np.uint8]) -> tuple[Rings, Mask]:
    """The outlines at half ink of (N, H, W) uint8 images, with a point each half pixel.

    Returns:
        The outlines without specks and without the pixel grid's ripple, and which of their points
        are corners. Rings start with a corner if they have one; seen on the image, those around
        ink run counter-clockwise.
    """
    rings = level_set(images)
    rings = rings.keep((np.abs(rings.areas()) >= _LEAST_AREA)[rings.ring]).evenly(_STEP)
    corner = _corners(rings)
    order = rings.from_first(corner)
    rings, corner = rings.with_points(rings.points[order]), corner[order]
    return _smoothed(_with_tips(rings, corner), corner), corner


def level_set(images: NDArray[np.uint8]) -> Rings:
    """The outlines at half ink of (N, H, W) uint8 images, as polygons of a few points a pixel."""
    from contourpy import LineType, contour_generator

    points, ring = [np.empty((0, 2))], [np.empty(0, np.int64)]
    image: list[int] = []
    large = doubled(images)
    rim = (large.shape[1] - 2 * images.shape[1]) / 2
    for number, paper in enumerate(large):
        lines = contour_generator(z=paper, name="serial", line_type=LineType.ChunkCombinedOffset)
        found, offsets = (chunks[0] for chunks in lines.lines(LEVEL))  # it is all one chunk
        if found is None or offsets is None:
            continue
        kept = np.ones(len(found), bool)
        kept[offsets[1:] - 1] = False  # a ring's last point is its first again
        lengths = np.diff(offsets.astype(np.int64)) - 1
        # A value's middle is at its index.
        points.append((np.asarray(found, np.float64)[kept] + 0.5 - rim) / 2)
        ring.append(np.repeat(np.arange(len(image), len(image) + len(lengths)), lengths))
        image += [number] * len(lengths)
    return Rings(np.concatenate(points), np.concatenate(ring), np.array(image, np.int64))


def _corners(rings: Rings) -> Mask:
    """Which points turn further within a short stretch than a round end would."""
    turn = rings.turns(_ARM)
    least = turn.copy()
    for steps in range(1, _ARM + 1):
        back, ahead = rings.walk(np.arange(len(turn)), steps)
        least = np.minimum(least, np.minimum(turn[back], turn[ahead]))
    corner: Mask = (turn < _SHARP) & (turn <= least)
    return corner & ~corner[rings.before]  # of equals one


def _with_tips(rings: Rings, corner: Mask) -> Rings:
    """Put the tip back on corners, where the lines at their sides meet."""
    at, points = np.flatnonzero(corner), rings.points
    (back, ahead), (far_back, far_ahead) = rings.walk(at, 2), rings.walk(at, 5)
    into, out = points[back] - points[far_back], points[far_ahead] - points[ahead]
    crossed = cross(into, out)
    slanted = np.abs(crossed) > 1e-3
    share = cross(points[ahead] - points[back], out) / np.where(slanted, crossed, 1.0)
    tip = points[back] + into * share[:, None]
    good = slanted & (share > 0) & (np.hypot(*(tip - points[at]).T) < _TIP_REACH)
    at, back, ahead, tip = at[good], back[good], ahead[good], tip[good]
    moved = points.copy()
    moved[at] = tip
    moved[rings.after[back]] = (tip + points[back]) / 2
    moved[rings.before[ahead]] = (tip + points[ahead]) / 2
    return rings.with_points(moved)


def _smoothed(rings: Rings, corner: Mask) -> Rings:
    """Take the pixel grid's ripple out of curves, not out of corners.

    Source: G. Taubin, "Curve and surface smoothing without shrinkage", ICCV 1995.
    """
    points, loose = rings.points, ~rings.widened(corner, 1)[:, None]
    for weight in _TAUBIN:
        middle = (points[rings.before] + points[rings.after]) / 2
        points = points + weight * loose * (middle - points)
    return rings.with_points(points)


def _knots(rings: Rings, corner: Mask, tolerance: float) -> Mask:
    """Which points the spline passes through; rings start with a corner if they have one."""
    bend = np.arccos(rings.turns(_ARM).clip(-1, 1)) / (_ARM * _STEP)  # radians a pixel
    bend[rings.widened(corner, _ARM)] = 0  # a corner is no bend of the sides that meet in it
    bend = rings.averaged(bend, _SOFT)
    # An arc of radius r leaves its chord of length c by c^2 / 8 r.
    density = exact(np.sqrt(bend / (8 * tolerance)).clip(_FEWEST, _MOST) * _STEP)
    first = corner.copy()
    first[rings.bounds[:-1]] = True
    piece = np.cumsum(first) - 1
    starts = np.flatnonzero(first)
    way = np.cumsum(density)
    way -= (way[starts] - density[starts])[piece]
    total = np.bincount(piece, density)
    count = np.maximum(np.rint(total), np.where(corner[starts], 1, 4))
    count[corner[starts] & _straight(rings, starts, piece)] = 0
    number = np.floor(way * (count / total)[piece] + 0.5)
    knot: Mask = np.diff(number, prepend=0) > 0
    knot[starts] = False
    return knot


def _straight(rings: Rings, starts: Index, piece: Index) -> Mask:
    """Which pieces, each from a start to the next around its ring, are as good as lines."""
    points = rings.points
    last = rings.before[starts]  # the last point of the piece before, around the ring
    end = np.empty_like(starts)
    end[piece[last]] = starts
    along = points[end] - points[starts]
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-12)
    away: Values = np.abs(cross(along[piece], points - points[starts][piece])) / length[piece]
    if not len(starts):
        return np.zeros(0, bool)
    farthest: Values = np.maximum.reduceat(away, starts)
    return np.asarray((farthest <= _STRAIGHT) & (end != starts))


def _controls(rings: Rings, corner: Mask) -> Points:
    """Control points whose curves pass through the knots; corners stay as they are.

    A curve joins the next halfway between their control points, or in the corner between them. At
    its own middle it is a quarter of either joint and half its control point.
    """
    controls, before, after = rings.points.copy(), rings.before, rings.after
    for _ in range(_RELAXATIONS):
        joints = np.where(corner[:, None], controls, (controls + controls[after]) / 2)
        ahead = np.where(corner[after][:, None], controls[after], joints)
        back = np.where(corner[before][:, None], controls[before], joints[before])
        passed = (back + ahead) / 4 + controls / 2
        step = (rings.points - passed) / 0.75
        controls = np.where(corner[:, None], controls, controls + step)
    return controls


def _clockwise(rings: Rings, corner: Mask) -> tuple[Rings, Mask]:
    """The contours the other way round, each from a point on its curve."""
    starts = rings.bounds[:-1]
    smooth = starts[~corner[starts]]
    joints = (rings.points[smooth] + rings.points[rings.before[smooth]]) / 2
    ring = np.insert(rings.ring, smooth, rings.ring[smooth])
    begun = Rings(np.insert(rings.points, smooth, joints, axis=0), ring, rings.image)
    on_curve = np.insert(corner, smooth, True)
    first, last = begun.bounds[:-1][ring], begun.bounds[1:][ring] - 1
    place = np.arange(len(ring))
    order = np.where(place == first, place, first + 1 + last - place)
    return begun.with_points(begun.points[order]), on_curve[order]


def doubled(images: Glyphs) -> NDArray[np.float64]:
    """Images of twice the size, without rounding.

    Args:
        images: (N, H, W) uint8, 0 = ink, 255 = paper; around them is paper.

    Returns:
        (N, 2 H + 8, 2 W + 8) float64 with a rim of 4 values of paper.
    """
    around = ((0, 0), (2 * _REACH,) * 2, (2 * _REACH,) * 2)
    across = np.pad(images, around, constant_values=_PAPER).astype(np.float64)
    weights = _weights(2)
    for _ in range(2):
        across = _doubled_rows(across, weights).swapaxes(1, 2)
    return across


def _doubled_rows(images: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, H, W) to (N, 2 (H - 4), W)."""
    count = images.shape[1] - 2 * _REACH
    large = np.zeros((len(images), count, 2, images.shape[2]))
    for part, tap in product(range(2), range(2 * _REACH + 1)):
        if weights[part, tap]:
            large[:, :, part] += weights[part, tap] * images[:, tap : tap + count]
    return large.reshape(len(images), 2 * count, -1)


def crisp(images: Glyphs) -> Glyphs:
    """The same images with edges as sharp as a rasteriser's, where they were half ink.

    A grey pixel becomes as dark as the share of it that is more than half ink; what is wholly ink
    or wholly paper stays.

    Args:
        images: (N, H, W) uint8, 0 = ink, 255 = paper; around them is paper.
    """
    weights = _weights(_FINE)
    over = np.einsum("si,tj->ijst", weights, weights).reshape(-1, _FINE * _FINE)  # (25, 256)
    sharp = images.copy()
    for image, own in zip(sharp, images, strict=True):
        grey = np.nonzero((own > 0) & (own < _PAPER))
        padded = np.pad(own, _REACH, constant_values=_PAPER)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * _REACH + 1,) * 2)
        around = windows[grey].reshape(-1, len(over)).astype(np.float64)  # (G, 25)
        paper = (around @ over >= LEVEL).mean(axis=1)
        image[grey] = np.rint(_PAPER * paper).astype(np.uint8)
    return sharp


def _weights(parts: int) -> NDArray[np.float64]:
    """(parts, 5) of the pixels around, for the middle of each part of a pixel's side.

    They are multiples of a power of 2, so that sums of them and grey levels are exact in any order.

    Source: R. Keys, "Cubic convolution interpolation for digital image processing", 1981.
    """
    middles = (np.arange(parts) + 0.5) / parts - 0.5
    x = np.abs(middles[:, None] - np.arange(-_REACH, _REACH + 1))
    near = (_SHARPNESS + 2) * x**3 - (_SHARPNESS + 3) * x**2 + 1
    far = _SHARPNESS * (x**3 - 5 * x**2 + 8 * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
