"""All histograms of a glyph side by side in one row: what a file of features holds."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from hangeul_bench.base.images import INK_BELOW, Glyphs
from hangeul_bench.metrics.style.axis import Array, Axis
from hangeul_bench.metrics.style.contour import (
    NEAR,
    ORIENTATION,
    TURNING,
    WIDE,
    contours,
    orientation,
    turning,
)
from hangeul_bench.metrics.style.layout import N_VIEWS, PLACE, layout_histogram
from hangeul_bench.metrics.style.pen import RADIUS, RATIO, pen_histograms
from hangeul_bench.metrics.style.skeleton import skeleton_of
from hangeul_bench.metrics.style.terminals import (
    LOPSIDED,
    N_TERMINAL,
    SHOULDER,
    TAPER,
    TIP,
    WIDTH,
    terminal_histograms,
)

_LEAST_INK = 20  # pixels; a glyph of less is missing
# Histogram -> its axis and how many of it lie one after the other, in the order of a row.
HISTOGRAMS: Mapping[str, tuple[Axis, int]] = {
    "radius": (RADIUS, 1),
    "ratio": (RATIO, 1),
    "ratio_level": (RATIO, 1),
    "ratio_upright": (RATIO, 1),
    "width_tip": (WIDTH, len(TIP)),
    "width_shoulder": (WIDTH, len(SHOULDER)),
    "width_taper": (WIDTH, len(TAPER)),
    "lopsided": (LOPSIDED, N_TERMINAL),
    "turning_near": (TURNING, 1),
    "turning_wide": (TURNING, 1),
    "orientation": (ORIENTATION, 1),
    "layout": (PLACE, N_VIEWS),
}
_SIZES = {name: axis.bins * groups for name, (axis, groups) in HISTOGRAMS.items()}
N_FEATURES = sum(_SIZES.values())


def glyph_row(page: Glyphs) -> Array:
    """The histograms of a glyph; zeros if it is missing.

    Args:
        page: (H, W) uint8, 0 = ink, 255 = paper.

    Returns:
        (N_FEATURES) counts.
    """
    missing = np.zeros(N_FEATURES)
    if np.count_nonzero(page < INK_BELOW) < _LEAST_INK:
        return missing
    lines, skeleton = contours(page), skeleton_of(page)
    if not lines or skeleton is None:
        return missing
    widths, lopsided = terminal_histograms(skeleton)
    contour = (turning(lines, NEAR), turning(lines, WIDE), orientation(lines))
    parts = (*pen_histograms(skeleton), widths, lopsided, *contour, layout_histogram(skeleton))
    return np.concatenate(parts)


def histograms(rows: npt.NDArray[np.floating], name: str) -> Array:
    """One histogram out of rows (..., N_FEATURES): (..., groups, bins) float64."""
    axis, groups = HISTOGRAMS[name]
    names = list(_SIZES)
    start = sum(_SIZES[other] for other in names[: names.index(name)])
    part = rows[..., start : start + _SIZES[name]]
    return part.reshape(*rows.shape[:-1], groups, axis.bins).astype(np.float64, copy=False)
