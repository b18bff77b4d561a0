"""The contour of a glyph's ink: how it turns, and which way it runs."""

import numpy as np
from contourpy import LineType, contour_generator
from scipy.ndimage import gaussian_filter

from hangeul_bench.base.images import Glyphs
from hangeul_bench.metrics.style.axis import Array, Axis

TURNING = Axis(-180, 180, 72)  # degrees
# A direction of 0 degrees lies in the middle of a bin.
ORIENTATION = Axis(-2.5, 177.5, 36, circular=True)  # degrees, modulo 180
NEAR, WIDE = 4, 12  # steps over which turning is measured: 2 and 6 pixels
_BLUR = 0.6  # pixels: a rasteriser's steps on a slanted edge are no feature of it
_RIM = 4  # pixels of paper around the page, so that every contour closes
_STEP = 0.5  # pixels between the points of a contour
_LEAST_POINTS, _LEAST_LENGTH = 8, 6.0  # of a contour; less is a speck (length in pixels)


def contours(page: Glyphs) -> list[Array]:
    """The closed contours of the ink, resampled to even steps.

    Args:
        page: (H, W) uint8, 0 = ink, 255 = paper.

    Returns:
        (n, 2) x and y in pixels each, the last point beside the first.
    """
    ink = gaussian_filter(np.pad(1 - page / 255, _RIM), _BLUR)
    lines = contour_generator(z=ink, name="serial", line_type=LineType.Separate).lines(0.5)
    found = [_resampled(np.asarray(line)) for line in lines if len(line) >= _LEAST_POINTS]
    return [line for line in found if line is not None]


def turning(lines: list[Array], steps: int) -> Array:
    """Histogram of the angle between what lies ``steps`` behind and before each point."""
    return TURNING.histogram(np.concatenate([_turns(line, steps) for line in lines]))


def orientation(lines: list[Array]) -> Array:
    """Histogram of the directions of the contours, over two steps to either side."""
    chords = np.concatenate([np.roll(c, -2, axis=0) - np.roll(c, 2, axis=0) for c in lines])
    return ORIENTATION.histogram(np.degrees(np.arctan2(chords[:, 1], chords[:, 0])))


def _resampled(line: Array) -> Array | None:
    if not np.array_equal(line[0], line[-1]):
        return None
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    length = along[-1]
    if length < _LEAST_LENGTH:
        return None
    n = round(length / _STEP)
    at = np.arange(n) * (length / n)
    return np.stack([np.interp(at, along, line[:, i]) for i in (0, 1)], axis=1)


def _turns(line: Array, steps: int) -> Array:
    """(n) degrees; positive one way round, negative the other."""
    steps = min(steps, max(1, len(line) // 4))
    ahead = np.roll(line, -steps, axis=0) - line
    behind = np.roll(ahead, steps, axis=0)
    cross = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]
    degrees: Array = np.degrees(np.arctan2(cross, (behind * ahead).sum(axis=1)))
    return degrees
