"""The skeleton of a glyph's ink, and the pen's radius along it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.morphology import skeletonize

from hangeul_bench.base.images import PAPER, Glyphs
from hangeul_bench.metrics.style.axis import Array

UP = 2  # the skeleton is taken on a page of twice the size
_BLUR = 0.5  # pixels of the page
_RIM = 8  # pixels of the larger page, of paper around it
_LEAST_POINTS = 10
_LEAST_PEN = 5  # points away from ends and junctions; with fewer, those between two neighbours do
_LEAST_RADIUS = 0.5
# How near to a junction or an end, in its radii, a point is no longer the pen's alone.
_END_TO_JUNCTION, _PEN_TO_JUNCTION, _PEN_TO_END = 1.2, 1.1, 1.5
_BLOCK = 64  # points whose distances are taken at a time, to those at about their height alone
_BESIDE = [(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)]
_Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Skeleton:
    """A skeleton; all lengths are in pixels of the larger page, half a pixel of the glyph's own.

    Attributes:
        ink: (H, W) share of ink on the larger page.
        points: (P, 2) x and y, whole numbers, from the top to the bottom.
        radius: (P) distance to the nearest paper.
        ends: Indices of the points where a stroke ends.
        pen: Indices of the points away from ends and junctions.
        unit: Median radius of the pen's points, at least half a pixel.
    """

    ink: Array
    points: Array
    radius: Array
    ends: _Indices
    pen: _Indices
    unit: float


def skeleton_of(page: Glyphs) -> Skeleton | None:
    """The skeleton of a glyph (H, W) uint8; None if it has fewer than ten points.

    Source: skeleton: Zhang and Suen, A fast parallel algorithm for thinning digital patterns
    (1984), as in scikit-image's ``skeletonize``.
    """
    ink = _enlarged(page)
    frame = _inked_frame(ink)
    inked = ink[frame] > 0.5
    thin = skeletonize(inked)
    y, x = np.nonzero(thin)
    if len(y) < _LEAST_POINTS:
        return None
    radius = distance_transform_edt(inked)[y, x] - 0.5
    neighbours = sum(thin[y + down, x + right].astype(np.int64) for down, right in _BESIDE)
    points = np.stack([x + frame[1].start, y + frame[0].start], axis=1).astype(np.float64)
    ends, pen = _ends_and_pen(points, radius, neighbours)
    unit = max(float(np.median(radius[pen] if len(pen) else radius)), _LEAST_RADIUS)
    return Skeleton(ink, points, radius, ends, pen, unit)


@cache
def skeleton_rule() -> str:
    """Eight digits that change if scikit-image thins a known picture otherwise."""
    y, x = np.mgrid[0:64, 0:64]
    picture = (np.sin(x / 5) * np.cos(y / 7) + np.sin((x + 2 * y) / 11)) > 0.2
    return hashlib.sha256(np.packbits(skeletonize(picture)).tobytes()).hexdigest()[:8]


def squared_distances(first: Array, second: Array) -> Array:
    """(N, M) squared distances of points (N, 2) and (M, 2); exact, as they are whole numbers."""
    across = first[:, None, 0] - second[None, :, 0]
    down = first[:, None, 1] - second[None, :, 1]
    squares: Array = across * across + down * down
    return squares


def near_blocks(chosen: Array, points: Array, reach: Array) -> Iterator[tuple[slice, slice]]:
    """Blocks of chosen points, each with the points that may lie within their reach.

    Args:
        chosen: (N, 2), from the top to the bottom.
        points: (P, 2), from the top to the bottom.
        reach: (N) of each chosen point.

    Yields:
        A slice of the chosen and one of the points; no other point is within reach.
    """
    for start in range(0, len(chosen), _BLOCK):
        rows = slice(start, start + _BLOCK)
        height, far = chosen[rows, 1], float(reach[rows].max())
        first = np.searchsorted(points[:, 1], height[0] - far)
        last = np.searchsorted(points[:, 1], height[-1] + far, side="right")
        yield rows, slice(int(first), int(last))


def main_direction(near: npt.NDArray[np.bool_], points: Array) -> tuple[Array, Array, Array]:
    """Middle and main direction of several sets of points.

    Args:
        near: (N, P) which of the points belong to each set.
        points: (P, 2) whole numbers.

    Returns:
        (N, 2) middle, (N) angle of the main direction in radians, in [-pi/2, pi/2], and (N) its
        elongation, 0 for a disc and 1 for a line.
    """
    origin = np.round(points.mean(axis=0))
    x, y = (points - origin).T
    # Sums of whole numbers are exact in any order, whatever library adds them.
    terms = np.stack([np.ones(len(points)), x, y, x * x, y * y, x * y], axis=1)
    sums = near.astype(np.float64) @ terms
    mean_x, mean_y, xx, yy, xy = (sums[:, 1:] / np.maximum(sums[:, :1], 1)).T
    across, down, both = xx - mean_x**2, yy - mean_y**2, xy - mean_x * mean_y
    angle = 0.5 * np.arctan2(2 * both, across - down)
    elongation = np.hypot(across - down, 2 * both) / (across + down + 1e-6)
    return np.stack([mean_x, mean_y], axis=1) + origin, angle, elongation


def _enlarged(page: Glyphs) -> Array:
    height, width = page.shape
    large = Image.fromarray(page).resize((UP * width, UP * height), Image.Resampling.BICUBIC)
    ink = 1 - np.asarray(large, dtype=np.float64) / PAPER
    blurred: Array = gaussian_filter(np.pad(ink, _RIM), UP * _BLUR)
    return blurred


def _inked_frame(ink: Array) -> tuple[slice, slice]:
    """Rows and columns that hold all ink, with one of paper around it."""
    inked = ink > 0.5
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(inked.any(axis=axis))
        low, high = (places[0], places[-1]) if len(places) else (1, 0)
        spans.append(slice(int(low) - 1, int(high) + 2))
    return spans[0], spans[1]


def _ends_and_pen(
    points: Array, radius: Array, neighbours: npt.NDArray[np.integer]
) -> tuple[_Indices, _Indices]:
    junctions = np.flatnonzero(neighbours > 2)
    ends = np.flatnonzero(neighbours == 1)
    # A short spur beside a junction is the skeleton's, not the pen's.
    ends = ends[_clear(points[ends], points[junctions], _END_TO_JUNCTION * radius[junctions])]
    away = _clear(points, points[junctions], _PEN_TO_JUNCTION * radius[junctions])
    away &= _clear(points, points[ends], _PEN_TO_END * radius[ends] + 1)
    if away.sum() < _LEAST_PEN:
        away = neighbours == 2
    return ends, np.flatnonzero(away)


def _clear(points: Array, centres: Array, reach: Array) -> npt.NDArray[np.bool_]:
    """Which points lie farther from every centre than its reach."""
    clear = np.ones(len(points), bool)
    for rows, window in near_blocks(centres, points, reach):
        squares = squared_distances(centres[rows], points[window])
        clear[window] &= (squares > np.square(reach[rows])[:, None]).all(axis=0)
    return clear
