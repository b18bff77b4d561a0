"""The layout of a glyph's strokes: where its skeleton lies within its own frame."""

import numpy as np

from hangeul_bench.metrics.style.axis import Array, Axis
from hangeul_bench.metrics.style.skeleton import Skeleton

PLACE = Axis(-1.5, 1.5, 96)  # half the frame's longer side
N_VIEWS = 4
# The frame of the skeleton, in percent: a pen's overshoot moves it little.
_INNER = (2, 98)


def layout_histogram(skeleton: Skeleton) -> Array:
    """(4 x 96) histograms of the skeleton, seen along both sides and both diagonals."""
    first, last = np.percentile(skeleton.points, _INNER, axis=0)
    half = max(float((last - first).max()) / 2, 1e-6)
    x, y = ((skeleton.points - (first + last) / 2) / half).T
    views = np.stack([x, y, (x + y) / np.sqrt(2), (x - y) / np.sqrt(2)], axis=1)
    return PLACE.histogram(views, N_VIEWS)
