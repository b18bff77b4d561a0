"""Turn a photograph of one written syllable into black ink on white paper.

Ink is what paper surrounds. Light falls unevenly and shadows have edges, so no one level parts ink
from paper; but paper, lit or shaded, is one connected background up to the picture's border, and
strokes are components within it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import shrink

_SMALL_SIDE = 384  # pixels; ink is found on a small picture and measured on the whole one
_UNEVEN = 0.06  # light that varies less than this is not worth a word
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
class CleanedPicture:
    """A picture with grey levels kept.

    Attributes:
        grey: (H, W) float32, 0 = ink, 255 = paper.
        notes: One sentence for each thing that was done.
    """

    grey: Grey
    notes: tuple[str, ...]


def clean_picture(grey: Grey, where: str) -> CleanedPicture:
    """Even the light, make ink black and paper white, and drop specks.

    Args:
        grey: (H, W) float32 in [0, 255]: a picture of ink on paper or of chalk on a board.
        where: The file's name, for messages.

    Raises:
        UserError: There is nothing but paper, or nothing but ink.
    """
    notes = []
    small = ndimage.gaussian_filter(shrink(grey, _SMALL_SIDE), 0.5, mode="nearest")
    ink = find_ink(small)
    if not ink.mask.any():
        raise _nothing_found(small, where)
    if ink.inverted:
        grey, small = 255 - grey, 255 - small
        notes.append("inverted: the ink was lighter than the paper")
    if ink.dropped:
        notes.append(f"left out: {ink.dropped} specks or marks at the edge")
    flat, low = _divide_by_paper(grey, small, ink.mask)
    if low < 1 - _UNEVEN:
        notes.append(f"light evened: the paper's brightness fell to {low:.0%} of its best")
    stretched, note = _stretch(flat, ink.mask)
    return CleanedPicture(stretched, (*notes, *note))


def _nothing_found(small: Grey, where: str) -> UserError:
    dark = float(small.mean()) < 64
    return UserError(
        f"Expected one syllable in the reference, but {where} is "
        f"{'all ink' if dark else 'blank or too faint'}; give a picture with clear ink and paper.",
        reason="all-ink" if dark else "no-ink",
    )


def _divide_by_paper(grey: Grey, small: Grey, ink: Mask) -> tuple[Grey, float]:
    """Ink as a part of the brightness of its paper; all that is no ink becomes white.

    Returns:
        (H, W) float32, 255 = paper, and the least brightness of paper as part of the greatest.
    """
    around = ndimage.binary_dilation(ink, iterations=4)  # soft rims are no paper
    if around.all():
        around = ink
    paper = ndimage.median_filter(small, 5, mode="nearest")
    nearest = ndimage.distance_transform_edt(around, return_distances=False, return_indices=True)
    light = ndimage.gaussian_filter(paper[tuple(nearest)], 4.0, mode="nearest")
    inside = _enlarge(ndimage.binary_dilation(ink, iterations=3).astype(np.float32), grey.shape)
    ratio = (grey * 255 / np.maximum(_enlarge(light, grey.shape), 1)).clip(0, 255)
    flat = np.where(inside > 0.5, ratio, np.float32(255)).astype(np.float32)
    low, high = np.percentile(light, [1, 99])
    return flat, float(low / max(high, 1))


def _stretch(flat: Grey, ink: Mask) -> tuple[Grey, tuple[str, ...]]:
    """Bring ink to 0 and the noise of paper to 255, grey levels between kept."""
    full = _enlarge(ink.astype(np.float32), flat.shape) > 0.5
    dark = flat[full]
    threshold = 255 * otsu_threshold(dark / 255) if np.ptp(dark) > 64 else 256
    black = float(np.median(dark[dark < threshold]))
    rim = flat[~full & (flat < 255)]
    # 1.48 times the median deviation is a normal distribution's standard deviation.
    noise = 1.48 * float(np.median(255 - rim)) if rim.size else 0.0
    white = max(255 - 2 * noise, (black + 255) / 2)
    note = f"contrast stretched: ink {black:.0f} to 0, paper {white:.0f} to 255"
    changed = black > 5 or white < 250
    stretched = ((flat - black) * (255 / (white - black))).clip(0, 255).astype(np.float32)
    return stretched, (note,) if changed else ()


def _enlarge(values: Grey, shape: tuple[int, ...]) -> Grey:
    """Interpolate (h, w) float32 values to ``shape`` linearly."""
    size = shape[1], shape[0]
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR), np.float32)


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

    Seen the wrong way round only the paper shut in by strokes is a component, and its box lies
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
    dry is ink. A shadow reaches the border, however hard its edge.

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
    """How much a component looks like strokes: wide, steep on all sides, seldom at the border."""
    if not mask.any():
        return -1.0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = (np.ptp(rows) + 1) * (np.ptp(columns) + 1) / mask.size
    boundary = mask ^ ndimage.binary_dilation(mask)
    steepness = ndimage.gaussian_gradient_magnitude(depth, 1.0)[boundary]
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
