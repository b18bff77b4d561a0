"""The stroke width of glyph images, and images whose strokes are made thicker or thinner.

Images are changed on their signed distance fields. No gap between strokes is closed and no stroke
is broken: where there is little space the contour moves less, and where a part or a hole would
still come or go the whole glyph changes less.
"""

import numpy as np
from numpy.typing import NDArray

from fontmaker.outline import LEVEL, doubled
from hangeul_bench.base.images import SIZE, Glyphs

Field = NDArray[np.float64]

_FINE = 2  # samples of a field a pixel
_RIM = (2 * SIZE + 8 - _FINE * SIZE) // 2  # samples around a doubled image
_LEAST_GAP = 0.9  # pixels, half the width of a gap that stays open
_HAIRLINE = 0.8  # pixels, half the width of a stroke that stays whole
# Samples; from the edges of a gap or a stroke that is as narrow as it may be its middle is seen,
# and what is half a pixel inside the new contour is wholly ink.
_WINDOW = 7
_SPECK = 1  # pixel or sample; so small a piece is not traced
_SOFTNESS = 0.6  # samples over which a field is smoothed, so that no step of it is traced
_SHARES = (1.0, 0.75, 0.5, 0.25)  # of the change, until no part or hole comes or goes


def stroke_widths(images: Glyphs) -> NDArray[np.float64]:
    """(N,) stroke width of (N, 128, 128) uint8 images, pixels; 0 without ink.

    Four times the mean distance of ink to the contour, which is the width of a long stroke. A
    ragged edge takes less from it than from ink over the length of its edge.
    """
    fields = (signed_distance(image) for image in images)
    inked = (field[field > 0] for field in fields)
    return np.array([4 * own.mean() if own.size else 0.0 for own in inked], np.float64)


def signed_distance(image: Glyphs) -> Field:
    """Distance to the contour at half ink, positive in ink.

    Args:
        image: (128, 128) uint8, 0 = ink, 255 = paper.

    Returns:
        (264, 264) float64 in pixels, two samples a pixel, with a rim of paper.
    """
    from scipy import ndimage

    grey = doubled(image[None])[0]
    ink = grey < LEVEL
    if not ink.any():
        return np.full(grey.shape, -float(SIZE))
    near = ndimage.binary_dilation(ink) & ~ndimage.binary_erosion(ink)  # at both sides of it
    slope = np.maximum(np.hypot(_steepest(grey, 0), _steepest(grey, 1)), 1.0)
    offset = np.where(near, (LEVEL - grey) / slope, 0.0).clip(-1, 1)  # samples
    away, (rows, columns) = ndimage.distance_transform_edt(~near, return_indices=True)
    distance = np.where(ink, away, -away) + offset[rows, columns]
    smooth: Field = ndimage.gaussian_filter(distance, _SOFTNESS) / _FINE
    return smooth


def _steepest(grey: Field, axis: int) -> Field:
    """The larger of the steps from each sample to its two neighbours."""
    steps = np.abs(np.diff(grey, axis=axis))
    around = [(1, 1) if this == axis else (0, 0) for this in range(2)]
    padded = np.pad(steps, around)
    before, after = (np.delete(padded, end, axis=axis) for end in (-1, 0))
    larger: Field = np.maximum(before, after)
    return larger


def thickened(images: Glyphs, offset: float) -> Glyphs:
    """Images whose strokes are bolder or lighter.

    Args:
        images: (N, 128, 128) uint8, 0 = ink, 255 = paper.
        offset: Pixels by which the contour moves outwards; negative makes strokes lighter.

    Returns:
        (N, 128, 128) uint8, with edges as a rasteriser draws them.
    """
    changed = images.copy()
    for row, image in enumerate(images):
        if (image < LEVEL).any():
            changed[row] = _thickened(signed_distance(image), offset)
    return changed


def _thickened(field: Field, offset: float) -> Glyphs:
    plain = _rendered(field)
    kept = _parts_and_holes(plain)
    for share in _SHARES:
        bolder = _rendered(_without_specks(field + _added(field, share * offset)))
        if _parts_and_holes(bolder) == kept:
            return bolder
    return plain


def _added(field: Field, offset: float) -> Field:
    """What a field gains, (H, W) pixels: the offset, or less where there is little space."""
    from scipy import ndimage

    if offset == 0:
        return np.zeros_like(field)
    if offset > 0:
        gap: Field = ndimage.maximum_filter(-field, _WINDOW)
        return (gap - _LEAST_GAP).clip(0, offset)
    half: Field = ndimage.maximum_filter(field, _WINDOW)
    return -(half - _HAIRLINE).clip(0, -offset)


def _parts_and_holes(image: Glyphs) -> tuple[int, int]:
    """How many pieces of ink there are, and of paper."""
    ink = image < LEVEL
    (_, parts), (_, holes) = _pieces(ink, corners=True), _pieces(~ink, corners=False)
    return int(parts.sum()), int(holes.sum())


def _without_specks(field: Field) -> Field:
    """A field whose smallest pieces of ink are paper, and of paper ink."""
    cleaned = field.copy()
    for mask, corners, value in ((field > 0, True, -1.0), (field <= 0, False, 1.0)):
        labels, large = _pieces(mask, corners=corners)
        cleaned[mask & ~np.append(True, large)[labels]] = value
    return cleaned


def _pieces(
    mask: NDArray[np.bool_], *, corners: bool
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Number of the piece that each sample is in, from 1, and which of them are no specks.

    Ink meets at corners, too, and paper does not.
    """
    from scipy import ndimage

    labels, count = ndimage.label(mask, np.ones((3, 3)) if corners else None)
    return labels, np.bincount(labels.ravel(), minlength=count + 1)[1:] > _SPECK


def _rendered(field: Field) -> Glyphs:
    """(128, 128) uint8: how much of each pixel is ink."""
    inner = field[_RIM : _RIM + _FINE * SIZE, _RIM : _RIM + _FINE * SIZE]
    ink = (0.5 + _FINE * inner).clip(0, 1).reshape(SIZE, _FINE, SIZE, _FINE).mean(axis=(1, 3))
    image: Glyphs = np.rint(255 * (1 - ink)).astype(np.uint8)
    return image


def spread(values: NDArray[np.float64]) -> float:
    """How far apart values lie: the range of their middle half over their median."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    return float((high - low) / max(middle, 1e-9))
