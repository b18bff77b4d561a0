"""Where ink ends between pixels: by bicubic interpolation, in sums that are exact everywhere.

A model's edges may be softer than a pixel, where it is not sure of their place, and its paper not
quite white. No outline can draw that: a font's edges are as sharp as its rasteriser draws them.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.images import Glyphs

LEVEL = 127.5  # half covered
_PAPER = 255
_SHARPNESS = -0.75  # the cubic kernel's free parameter, as OpenCV and PyTorch have it
_REACH = 2  # pixels to either side that a value between pixels depends on
_FINE = 16  # parts of a pixel's side that are looked at for how much ink covers it


def doubled(pages: Glyphs) -> NDArray[np.float64]:
    """Pages of twice the size, without rounding.

    Args:
        pages: (N, H, W) uint8, 0 = ink, 255 = paper; around them is paper.

    Returns:
        (N, 2 H + 8, 2 W + 8) float64 with a rim of 4 values of paper.
    """
    around = ((0, 0), (2 * _REACH,) * 2, (2 * _REACH,) * 2)
    across = np.pad(pages, around, constant_values=_PAPER).astype(np.float64)
    weights = _weights(2)
    for _ in range(2):
        across = _doubled_rows(across, weights).swapaxes(1, 2)
    return across


def _doubled_rows(pages: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, H, W) to (N, 2 (H - 4), W)."""
    count = pages.shape[1] - 2 * _REACH
    large = np.zeros((len(pages), count, 2, pages.shape[2]))
    for part, tap in product(range(2), range(2 * _REACH + 1)):
        if weights[part, tap]:
            large[:, :, part] += weights[part, tap] * pages[:, tap : tap + count]
    return large.reshape(len(pages), 2 * count, -1)


def crisp(pages: Glyphs) -> Glyphs:
    """The same pages with edges as sharp as a rasteriser's, where they were half ink.

    A grey pixel becomes as dark as the share of it that is more than half ink; what is wholly ink
    or wholly paper stays.

    Args:
        pages: (N, H, W) uint8, 0 = ink, 255 = paper; around them is paper.
    """
    weights = _weights(_FINE)
    over = np.einsum("si,tj->ijst", weights, weights).reshape(-1, _FINE * _FINE)  # (25, 256)
    sharp = pages.copy()
    for page, own in zip(sharp, pages, strict=True):
        grey = np.nonzero((own > 0) & (own < _PAPER))
        padded = np.pad(own, _REACH, constant_values=_PAPER)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * _REACH + 1,) * 2)
        around = windows[grey].reshape(-1, len(over)).astype(np.float64)  # (G, 25)
        paper = (around @ over >= LEVEL).mean(axis=1)
        page[grey] = np.rint(_PAPER * paper).astype(np.uint8)
    return sharp


def _weights(parts: int) -> NDArray[np.float64]:
    """(parts, 5) of the pixels around, for the middle of each part of a pixel's side.

    They are multiples of a power of 2, so that sums of them and grey levels are exact in any order.

    Source: R. Keys, "Cubic convolution interpolation for digital image processing", 1981.
    """
    middles = (np.arange(parts) + 0.5) / parts - 0.5
    x = np.abs(middles[:, None] - np.arange(-_REACH, _REACH + 1))
    near = (_SHARPNESS + 2) * x**3 - (_SHARPNESS + 3) * x**2 + 1
    far = _SHARPNESS * (x**3 - 5 * x**2 + 8 * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
