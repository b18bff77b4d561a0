"""Glyphs drawn again with another pen, other ends or another edge, for the tests of the style."""

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import affine_transform, distance_transform_edt, gaussian_filter, label, maximum
from scipy.signal import fftconvolve
from skimage.morphology import skeletonize

Page = npt.NDArray[np.uint8]  # (128, 128), 0 = ink
Ink = npt.NDArray[np.bool_]  # the same at four times the size
_UP = 4


def _ink(page: Page) -> Ink:
    side = len(page) * _UP
    return np.asarray(Image.fromarray(page).resize((side, side), Image.Resampling.BICUBIC)) < 128


def _page(ink: Ink) -> Page:
    share = ink.reshape(len(ink) // _UP, _UP, len(ink) // _UP, _UP).mean(axis=(1, 3))
    return np.uint8(255 - (255 * share).round())


def _skeleton(ink: Ink) -> tuple[Ink, float]:
    """The skeleton and the median radius along it."""
    thin = skeletonize(gaussian_filter(ink.astype(np.float32), _UP / 2) > 0.5)
    return thin, float(np.median(distance_transform_edt(ink)[thin]))


def by_round_pen(page: Page) -> Page:
    """One width everywhere: the skeleton inked by a round pen."""
    ink = _ink(page)
    thin, radius = _skeleton(ink)
    kept = thin & (distance_transform_edt(ink) > radius / 2)
    return _page(distance_transform_edt(~kept) <= radius)


def by_broad_nib(page: Page) -> Page:
    """Thick stems and thin bars: the skeleton inked by a broad nib."""
    thin, radius = _skeleton(_ink(page))
    reach = int(1.35 * radius) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    nib = (x / (1.35 * radius)) ** 2 + (y / (0.55 * radius)) ** 2 <= 1
    return _page(fftconvolve(thin.astype(np.float32), nib, mode="same") > 0.5)


def with_round_ends(page: Page) -> Page:
    """Ends and corners rounded; what is thinner than the pen stays as it is."""
    ink = _ink(page)
    inside = distance_transform_edt(ink)
    radius = 0.95 * float(np.median(inside[skeletonize(ink)]))
    opened = distance_transform_edt(inside < radius) <= radius
    lost, count = label(ink & ~opened)
    parts = np.arange(1, count + 1)
    thick = maximum(distance_transform_edt(lost), lost, parts) if count else parts
    large = np.bincount(lost.ravel(), minlength=count + 1)[1:] > 2 * radius**2
    return _page(opened | np.isin(lost, parts[large & (np.asarray(thick) > 0)]))


def with_jagged_edge(page: Page, *, pixels: float, seed: int = 0) -> Page:
    """An edge that wavers by so many pixels."""
    ink = _ink(page)
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=ink.shape), 5)
    outside = distance_transform_edt(ink) - distance_transform_edt(~ink)
    return _page(outside / _UP + pixels * noise / noise.std() > 0)


def transformed(page: Page, matrix: npt.ArrayLike) -> Page:
    """The page under the inverse of a matrix of y and x about its centre."""
    centre = np.full(2, (len(page) - 1) / 2)
    inverse = np.asarray(matrix, dtype=np.float64)
    dark = affine_transform(
        255 - page.astype(np.float64), inverse, offset=centre - inverse @ centre, order=1
    )
    return np.uint8(255 - dark.clip(0, 255).round())
