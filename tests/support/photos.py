"""Made-up photographs of a made-up syllable, so that what a picture should become is known."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

# 한 out of strokes: (left, top, right, bottom) in parts of its box.
_STROKES = (
    (0.25, 0.00, 0.45, 0.07),
    (0.00, 0.15, 0.65, 0.23),
    (0.75, 0.02, 0.85, 0.68),
    (0.85, 0.30, 1.00, 0.38),
    (0.12, 0.72, 0.22, 1.00),
    (0.12, 0.92, 0.90, 1.00),
)


def coverage(side: int) -> NDArray[np.float64]:
    """How much of each pixel is ink: (side, side) in [0, 1], the box filled to its edges."""
    fine = np.zeros((side * 4, side * 4))
    n = side * 4
    for left, top, right, bottom in _STROKES:
        fine[round(top * n) : round(bottom * n), round(left * n) : round(right * n)] = 1
    y, x = np.mgrid[0 : 1 : n * 1j, 0 : 1 : n * 1j]
    radius = np.hypot(x - 0.35, y - 0.45)
    fine[(radius < 0.20) & (radius > 0.11)] = 1
    return fine.reshape(side, 4, side, 4).mean(axis=(1, 3))


def photograph(
    *,
    side: int = 300,
    height: int = 600,
    width: int = 500,
    at: tuple[int, int] = (120, 90),
    paper: float = 225,
    ink: float = 40,
    slant: float = 0.0,
    shadow: float = 0.0,
    noise: float = 0.0,
    dust: int = 0,
    inverted: bool = False,
) -> NDArray[np.uint8]:
    """A photograph of the syllable.

    Args:
        side: Pixels of the syllable's box.
        height: Of the picture.
        width: Of the picture.
        at: Upper left corner of the box, (y, x).
        paper: Its grey level in full light.
        ink: Its grey level in full light.
        slant: Part of the light that is lost from one corner to the other.
        shadow: Part of the light that a shadow with a hard edge takes, across the syllable.
        noise: Standard deviation in grey levels.
        dust: Number of specks.
        inverted: Chalk on a board.
    """
    rng = np.random.default_rng(5)
    page = np.full((height, width), float(paper))
    y, x = at
    page[y : y + side, x : x + side] += (ink - paper) * coverage(side)
    for _ in range(dust):
        row, column = rng.integers(height), rng.integers(width)
        page[row : row + 4, column : column + 4] = ink
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    page *= 1 - slant * (0.6 * columns + 0.4 * rows)
    page *= np.where(0.7 * columns + rows > 0.9, 1 - shadow, 1)
    page = ndimage.gaussian_filter(page, 0.8) + rng.normal(0, noise, page.shape)
    if inverted:
        page = 255 - page
    return np.rint(page.clip(0, 255)).astype(np.uint8)
