"""The pen's radius along the strokes: how heavy, how even, and how it changes with direction."""

import numpy as np
import numpy.typing as npt

from hangeul_bench.metrics.style.axis import Array, Axis
from hangeul_bench.metrics.style.skeleton import (
    UP,
    Skeleton,
    main_direction,
    near_blocks,
    squared_distances,
)

RADIUS = Axis(-2, 5, 56)  # log2 of pixels
RATIO = Axis(-2, 2, 64)  # log2 of the median radius
_LEAST_RADIUS = 0.3  # pixels of the larger page: a point on the ink's edge has a logarithm, too
_LEVEL, _UPRIGHT = 20.0, 70.0  # degrees from the horizontal
_STRAIGHT = 0.8  # how much longer than wide its surroundings are, where a point has a direction
# What counts as a point's surroundings: median radii, pixels of the larger page at least.
_AROUND, _LEAST_AROUND = 1.5, 6.0


def pen_histograms(skeleton: Skeleton) -> tuple[Array, Array, Array, Array]:
    """Histograms of the radius, of its ratio to the median, and the ratio in two directions.

    Returns:
        (56) radius, (64) ratio, (64) the ratio where strokes lie within 20 degrees of the
        horizontal, (64) and beyond 70.
    """
    radius = np.log2(np.maximum(skeleton.radius[skeleton.pen], _LEAST_RADIUS))
    ratio = radius - np.log2(skeleton.unit)
    # Every second point tells as much of the directions in half the time.
    some = skeleton.pen[::2]
    slope, straight = _slopes(skeleton, some)
    level, upright = straight & (slope < _LEVEL), straight & (slope > _UPRIGHT)
    return (
        RADIUS.histogram(radius - np.log2(UP)),
        RATIO.histogram(ratio),
        RATIO.histogram(ratio[::2][level]),
        RATIO.histogram(ratio[::2][upright]),
    )


def _slopes(
    skeleton: Skeleton, chosen: npt.NDArray[np.int64]
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Degrees from the horizontal at some points (n), and whether the skeleton is straight."""
    points, own = skeleton.points, skeleton.points[chosen]
    reach = np.full(len(own), max(_LEAST_AROUND, _AROUND * skeleton.unit))
    slopes, straight = [np.zeros(0)], [np.zeros(0, bool)]
    for rows, window in near_blocks(own, points, reach):
        near = squared_distances(own[rows], points[window]) < np.square(reach[rows])[:, None]
        _, angle, elongation = main_direction(near, points[window])
        slopes.append(np.abs(np.degrees(angle)))
        straight.append(elongation > _STRAIGHT)
    return np.concatenate(slopes), np.concatenate(straight)
