"""The ends of strokes: how wide and how lopsided they are, and how the pen tapers behind them."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import map_coordinates

from hangeul_bench.metrics.style.axis import Array, Axis
from hangeul_bench.metrics.style.skeleton import (
    Skeleton,
    main_direction,
    near_blocks,
    squared_distances,
)

WIDTH = Axis(0, 3, 48)  # of the stroke, in median diameters of the pen
LOPSIDED = Axis(-1.5, 1.5, 48)  # left less right of the axis, in median diameters
# How far behind the tip, in median radii, a stroke's width is measured: at its tip, its shoulder,
# and where it is the pen's.
TIP, SHOULDER, TAPER = (0.2, 0.4), (0.7, 1.1, 1.6), (2.2, 3.0, 4.0)
_BEHIND = TIP + SHOULDER + TAPER
N_TERMINAL = len(TIP + SHOULDER)  # of these widths, those of the terminal itself
# The axis is that of the skeleton between these, in median radii, behind the end; at least so many
# pixels of the larger page.
_NEAREST, _FARTHEST, _LEAST = 0.8, 3.0, 3.0
_STRAIGHT, _ON_AXIS = 0.9, 0.7  # least elongation, and share of the way that leads to the end
_LEAST_POINTS = 3
_STEP = 0.25  # pixels of the larger page between looks for paper


def terminal_histograms(skeleton: Skeleton) -> tuple[Array, Array]:
    """Histograms of the widths behind the ends of strokes and of their lopsidedness.

    Returns:
        (8 x 48) widths at :data:`TIP`, :data:`SHOULDER` and :data:`TAPER`, and (5 x 48)
        lopsidedness at the first five; zeros for ink without ends.
    """
    start, along = _axes(skeleton)
    tip, found = _tips(skeleton, start, along)
    tip, along = tip[found], along[found]
    left, right = _half_widths(skeleton, tip, along)
    diameter = 2 * skeleton.unit
    widths = WIDTH.histogram((left + right) / diameter, len(_BEHIND))
    lopsided = ((left - right) / diameter)[:, :N_TERMINAL]
    return widths, LOPSIDED.histogram(lopsided, N_TERMINAL)


def _axes(skeleton: Skeleton) -> tuple[Array, Array]:
    """Of each end, a point on the stroke's axis beside it and the way out: (E, 2) each."""
    ends = skeleton.points[skeleton.ends]
    if not len(ends):
        return np.zeros((0, 2)), np.zeros((0, 2))
    middle, angle, elongation, count = _behind(skeleton, ends)
    axis = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    out = ends - middle
    length = np.hypot(*out.T)
    ahead = (axis * out).sum(axis=1)
    axis *= np.where(ahead < 0, -1.0, 1.0)[:, None]
    ahead = np.abs(ahead)
    # A bent end points away from the middle of what lies behind it.
    straight = (elongation > _STRAIGHT) & (ahead > _ON_AXIS * length)
    along = np.where(straight[:, None], axis, out / np.maximum(length, 1e-3)[:, None])
    start = np.where(straight[:, None], middle + axis * ahead[:, None], ends)
    usable = (count >= _LEAST_POINTS) & (length > 1e-3)
    return start[usable], along[usable]


def _behind(skeleton: Skeleton, ends: Array) -> tuple[Array, Array, Array, Array]:
    """Of the skeleton behind each end: middle, angle, elongation and number of points."""
    points, far = skeleton.points, _FARTHEST * skeleton.unit + _LEAST
    found = []
    for rows, window in near_blocks(ends, points, np.full(len(ends), far)):
        squares = squared_distances(ends[rows], points[window])
        near = (squares < far**2) & (squares > (_NEAREST * skeleton.unit) ** 2)
        found.append((*main_direction(near, points[window]), near.sum(axis=1)))
    middle, angle, elongation, count = (np.concatenate(part) for part in zip(*found, strict=True))
    return middle, angle, elongation, count


def _tips(skeleton: Skeleton, start: Array, along: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Where the ink ends on each axis (E, 2), and whether it does: (E)."""
    steps = np.arange(0, 5 * skeleton.unit + 4, _STEP)
    paper = _is_paper(skeleton.ink, start[:, None] + steps[None, :, None] * along[:, None])
    found = paper.any(axis=1) & ~paper[:, 0]
    tip: Array = start + along * steps[paper.argmax(axis=1)][:, None]
    return tip, found


def _half_widths(skeleton: Skeleton, tip: Array, along: Array) -> tuple[Array, Array]:
    """(E, 8) from the axis to the paper on either side, in pixels of the larger page."""
    unit = skeleton.unit
    behind = unit * np.array(_BEHIND)
    foot = tip[:, None] - behind[None, :, None] * along[:, None]
    aside = np.stack([along[:, 1], -along[:, 0]], axis=1)
    steps = np.arange(0, 3.2 * unit + 1, _STEP * max(1.0, unit / 6))
    sides = []
    for sign in (1.0, -1.0):
        way = sign * steps[None, None, :, None] * aside[:, None, None]
        paper = _is_paper(skeleton.ink, foot[:, :, None] + way)
        sides.append(steps[np.where(paper.any(axis=2), paper.argmax(axis=2), len(steps) - 1)])
    return sides[0], sides[1]


def _is_paper(ink: Array, at: Array) -> npt.NDArray[np.bool_]:
    values = map_coordinates(ink, [at[..., 1].ravel(), at[..., 0].ravel()], order=1)
    paper: npt.NDArray[np.bool_] = values.reshape(at.shape[:-1]) < 0.5
    return paper
