"""Turn a photograph of one written syllable into black ink on white paper."""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from fontmaker.islands import Grey, Mask, find_ink, otsu_threshold
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import shrink

_SMALL_SIDE = 384  # pixels; ink is found on a small picture and measured on the whole one
_UNEVEN = 0.06  # light that varies less than this is not worth a word


@dataclass(frozen=True)
class CleanedPage:
    """A page with grey levels kept.

    Attributes:
        grey: (H, W) float32, 0 = ink, 255 = paper.
        notes: One sentence for each thing that was done.
    """

    grey: Grey
    notes: tuple[str, ...]


def clean_page(grey: Grey, where: str) -> CleanedPage:
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
    return CleanedPage(stretched, (*notes, *note))


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
