"""Find the ink in a photograph: ink is an island, paper reaches the picture's border.

Light falls unevenly and shadows have edges, so no one level parts ink from paper. But paper, lit
or shaded, is one sea up to the border, and strokes stand in it as islands.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Grey = NDArray[np.float32]  # (H, W) in [0, 255]
Mask = NDArray[np.bool_]  # (H, W)

_FLOOD_LEVELS = 40
# Part of a side: what meets the border on a shorter stretch is a stroke that the crop touches, on
# a longer one a shadow or a table. In a tight crop a whole bar may lie along the border.
_STROKE, _BAR = 0.34, 0.9
_TIGHT = 0.015  # part of a side: ink this near to three borders says that the crop is tight
_QUIET = 15  # pixels along the border
_MIN_DEPTH = 0.06  # how much darker than its paper ink must be; a hard pencil's line has more
_NOISE = 6.0  # standard deviations; the wildest of 10^5 pixels of noise reaches 4.5
_SPECK = 0.005  # part of all ink; the smallest tick of a thin syllable has 0.015


@dataclass(frozen=True)
class Ink:
    """Where the ink is.

    Attributes:
        mask: (H, W) bool; empty where there is nothing but paper.
        inverted: Whether the ink is lighter than the paper.
        dropped: How many specks and marks at the border were left out.
    """

    mask: Mask
    inverted: bool
    dropped: int


def find_ink(grey: Grey) -> Ink:
    """Find the strokes, darker or lighter than the paper.

    Seen the wrong way round only the paper shut in by strokes is an island, and its box lies
    inside that of the strokes; in a tight crop ink covers less of the border than paper does.

    Args:
        grey: (H, W) float32 in [0, 255]; a few hundred pixels a side are enough.
    """
    found = _find(grey, _STROKE)
    if _is_tight(found.mask):
        found = _find(grey, _BAR)
    return found


def ink_depth(grey: Grey, stretch: float = _STROKE) -> Grey:
    """How much darker than the paper around it each pixel is, if ink is dark.

    The picture is flooded from the border at every level (grey-scale hole filling): what stays
    dry is ink. A shadow is no island, however hard its edge.

    Args:
        grey: (H, W) float32 in [0, 255].
        stretch: Part of a side; what darkens the border over less than this counts as ink.

    Returns:
        (H, W) float32 in [0, 1]: 0 = paper, 1 = black.
    """
    window = max(3, round(stretch * max(grey.shape)))
    even = grey / _slant(grey, window)
    padded = np.pad(even, 1, mode="edge")
    _set_border(padded, _paper_along_border(padded, window))
    low, high = float(even.min()), float(padded.max())
    step = (high - low) / _FLOOD_LEVELS
    filled = np.full(padded.shape, low, np.float32)
    for level in low + step * np.arange(1, _FLOOD_LEVELS + 1):
        labels, count = ndimage.label(padded < level)
        reached = np.zeros(count + 1, bool)
        reached[_border(labels)] = True
        reached[0] = False
        filled += np.float32(step) * ~reached[labels]
    filled = np.maximum(filled, padded)[1:-1, 1:-1]
    # Half a step is the flood's own error.
    depth = (filled - even - 0.5 * step) / np.maximum(filled, 1)
    return depth.clip(0, 1).astype(np.float32)


def otsu_threshold(values: NDArray[np.floating]) -> float:
    """The level that best parts values in [0, 1] in two.

    Source: N. Otsu, "A threshold selection method from gray-level histograms", IEEE Transactions
    on Systems, Man, and Cybernetics 9 (1979).
    """
    counts, edges = np.histogram(values, bins=256, range=(0, 1))
    below = counts.cumsum(dtype=np.float64)
    sums = (counts * edges[1:]).cumsum()
    above = below[-1] - below
    difference = sums / np.maximum(below, 1) - (sums[-1] - sums) / np.maximum(above, 1)
    variance = below * above * np.square(difference)
    best = np.flatnonzero(variance == variance.max())
    return float(edges[best[len(best) // 2] + 1])  # the middle of an empty valley


def _find(grey: Grey, stretch: float) -> Ink:
    candidates = []
    for inverted in (False, True):
        levels = 255 - grey if inverted else grey
        depth = ink_depth(levels, stretch)
        floor = max(_MIN_DEPTH, _NOISE * _noise(levels) / max(float(np.median(levels)), 1))
        mask, dropped = _ink_mask(depth, floor)
        candidates.append((_inkiness(mask, depth), Ink(mask, inverted, dropped)))
    (dark, as_dark), (light, as_light) = candidates
    return as_light if light > dark else as_dark


def _noise(grey: Grey) -> float:
    """Standard deviation of the noise, from the median step between neighbours."""
    return 1.48 / 2**0.5 * float(np.median(np.abs(np.diff(grey, axis=1))))


def _slant(grey: Grey, window: int) -> Grey:
    """How the light slants, as a quadratic surface through the border: (H, W) in [0.1, 1]."""
    height, width = grey.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=-1)  # (H, W, 6)
    at, levels = _border(terms), _paper_along_border(grey, window)
    keep = np.ones(len(levels), bool)
    for _ in range(5):  # shadows at the border are trimmed off step by step
        weights = np.linalg.lstsq(at[keep], levels[keep], rcond=None)[0]
        residual = np.abs(at @ weights - levels)
        keep = residual <= max(2.5 * float(np.median(residual)), 2.0)
    surface = (terms @ weights).clip(1, 255)
    slant: Grey = (surface / surface.max()).clip(0.1, 1).astype(np.float32)
    return slant


def _border(pixels: NDArray[Any]) -> NDArray[Any]:
    """The border pixels, once around."""
    return np.concatenate([pixels[0], pixels[1:, -1], pixels[-1, -2::-1], pixels[-2:0:-1, 0]])


def _paper_along_border(pixels: Grey, window: int) -> NDArray[np.float32]:
    """Grey levels once around, with the strokes that touch the border bridged."""
    # The median takes noise out, whose brightest pixels the closing would spread.
    quiet = ndimage.median_filter(_border(pixels), _QUIET, mode="wrap")
    closed: NDArray[np.float32] = ndimage.grey_closing(quiet, size=window, mode="wrap")
    return closed


def _set_border(pixels: Grey, ring: Grey) -> None:
    height, width = pixels.shape
    corners = np.cumsum([width, height - 1, width - 1])
    pixels[0], pixels[1:, -1], pixels[-1, -2::-1], pixels[-2:0:-1, 0] = np.split(ring, corners)


def _ink_mask(depth: Grey, floor: float) -> tuple[Mask, int]:
    """Where ink is, faint ends of strokes included, and how many marks were dropped."""
    threshold = max(otsu_threshold(depth), floor)
    labels, count = ndimage.label(depth > threshold / 2, structure=np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    sure = np.bincount(labels.ravel(), depth.ravel() > threshold, count + 1) > 0
    sure[0] = False
    areas = np.where(sure, areas, 0)
    touching = np.zeros(count + 1, bool)
    touching[_border(labels)] = True
    if areas[~touching].sum() < areas.sum() / 2:
        touching[:] = False  # most of the ink touches the border: it is no mark
    drop = sure & (touching | (areas < max(_SPECK * areas[~touching].sum(), 2)))
    return (sure & ~drop)[labels], int(drop.sum())


def _inkiness(mask: Mask, depth: Grey) -> float:
    """How much an island looks like strokes: far-flung, steep on all sides, seldom at the edge."""
    if not mask.any():
        return -1.0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1) / mask.size
    shore = mask ^ ndimage.binary_dilation(mask)
    steepness = ndimage.gaussian_gradient_magnitude(depth, 1.0)[shore]
    quarter = float(np.percentile(steepness, 25)) if steepness.size else 0.0
    return float(box * quarter * (1 - _border(mask).mean()) ** 2)


def _is_tight(mask: Mask) -> bool:
    if not mask.any():
        return False
    height, width = mask.shape
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    gaps = (
        rows[0] / height,
        columns[0] / width,
        (height - 1 - rows[-1]) / height,
        (width - 1 - columns[-1]) / width,
    )
    return sum(bool(gap <= _TIGHT) for gap in gaps) >= 3
