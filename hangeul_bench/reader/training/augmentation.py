"""Variations of glyphs that the jamo reader learns from: shape, stroke, and a model's blemishes.

All of it works on whole batches in torch. Every variation is scaled by a strength drawn for each
glyph, so that nearly clean glyphs stay among the distorted ones.
"""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from hangeul_bench.reader.network import frames_of, sample_frames

MIXED_SHARE = 0.25  # of the glyphs are blended with the same syllable of another font

_KNOTS = 7  # intervals a side whose widths vary: about the number of strokes across a syllable
_KNOT_SPREAD = 0.45  # of the logarithm of an interval's width
_ELASTIC = 0.07  # of half the frame
_ROTATION = math.radians(9)
_SHEAR = 0.28
_SCALE_SPREAD = 0.16  # of the logarithm
_SHIFT = 0.08  # of half the frame


def augmented_frames(pages: Tensor, mates: Tensor, size: int, generator: Generator) -> Tensor:
    """Frames of varied glyphs.

    Args:
        pages: ``(N, H, W)`` uint8, 0 = ink, 255 = paper.
        mates: ``(M, H, W)`` uint8, M <= N: the same syllables as the first M pages in other fonts.
        size: Pixels a side of the frames.
        generator: The source of all randomness.

    Returns:
        ``(N, 1, size, size)`` float, 0 = paper, 1 = ink.
    """
    strength = _uniform((len(pages),), 0.0, 1.0, generator)
    grid = _warped_grid(2 * size, strength, generator)  # twice the size, then the mean
    ink = _sample(pages, grid)
    ink[: len(mates)] = _blend(ink[: len(mates)], _sample(mates, grid[: len(mates)]), generator)
    ink = _vary_strokes(ink, strength, generator)
    return _blemish(F.avg_pool2d(ink, 2), strength, generator)


def _uniform(shape: tuple[int, ...], low: float, high: float, generator: Generator) -> Tensor:
    return low + (high - low) * torch.rand(shape, generator=generator)


def _normal(shape: tuple[int, ...], generator: Generator) -> Tensor:
    return torch.randn(shape, generator=generator)


def _sample(pages: Tensor, grid: Tensor) -> Tensor:
    ink = pages.float().div_(-255).add_(1)
    centre, half = frames_of(ink)
    return sample_frames(ink, centre[:, None, None] + half[:, None, None] * grid)


def _warped_grid(size: int, strength: Tensor, generator: Generator) -> Tensor:
    """Where each pixel of a varied frame comes from, ``(N, size, size, 2)`` in [-1, 1].

    Lines and bumps are small arrays; the affine map is applied to them before they become a grid.
    """
    lines = _stretched(size, strength, generator)  # (N, 2, size)
    bumps = (
        _normal((len(strength), 2, 4, 4), generator) * (_ELASTIC * strength)[:, None, None, None]
    )
    # Smooth at low resolution first: bicubic steps at full size cost more than all the rest.
    bumps = F.interpolate(bumps, size=(16, 16), mode="bicubic", align_corners=True)
    matrix, shift = _affine(strength, generator)
    moved = (matrix @ bumps.flatten(2)).view_as(bumps) + shift[:, :, None, None]
    grid = F.interpolate(moved, size=(size, size), mode="bilinear", align_corners=True)
    grid += (matrix[:, :, :1] * lines[:, :1])[:, :, None, :]  # by column: (N, 2, 1, size)
    grid += (matrix[:, :, 1:] * lines[:, 1:])[:, :, :, None]  # by row: (N, 2, size, 1)
    return grid.movedim(1, -1)


def _stretched(size: int, strength: Tensor, generator: Generator) -> Tensor:
    """Columns and rows squeezed here and widened there, as the proportions of jamo differ.

    Returns:
        ``(N, 2, size)``, rising from -1 to 1: where the columns and the rows come from.
    """
    spread = (_KNOT_SPREAD * strength)[:, None, None]
    widths = torch.exp(_normal((len(strength), 2, _KNOTS), generator) * spread)
    knots = F.pad(widths.cumsum(2), (1, 0))
    knots = 2 * knots / knots[..., -1:] - 1
    return F.interpolate(knots, size=size, mode="linear", align_corners=True)


def _affine(strength: Tensor, generator: Generator) -> tuple[Tensor, Tensor]:
    """Rotation, shear, scale an axis and shift: ``(N, 2, 2)`` and ``(N, 2)``."""
    draw = _uniform((6, len(strength)), -1.0, 1.0, generator) * strength
    cosine, sine = torch.cos(_ROTATION * draw[0]), torch.sin(_ROTATION * draw[0])
    rotation = torch.stack([cosine, -sine, sine, cosine], 1).view(-1, 2, 2)
    shear = torch.eye(2).repeat(len(strength), 1, 1)
    shear[:, 0, 1] = _SHEAR * draw[1]
    scale = torch.exp(_SCALE_SPREAD * _normal((len(strength), 2), generator) * strength[:, None])
    # One glyph in eight is small on its page, as pages that the features see are.
    small = torch.rand(len(strength), generator=generator) < 0.125
    scale = torch.where(
        small[:, None], scale * _uniform((len(strength), 1), 1, 1.6, generator), scale
    )
    return rotation @ shear * scale[:, None, :], (_SHIFT * draw[2:4]).T


def _blend(first: Tensor, second: Tensor, generator: Generator) -> Tensor:
    """Something between two fonts: half of them soft ghosts, half made crisp again."""
    share = _levels(first, 0.15, 0.85, generator)
    mixed = _blur(first, 5) * share + _blur(second, 5) * (1 - share)
    crisp = torch.rand((len(first), 1, 1, 1), generator=generator) < 0.6
    return torch.where(crisp, _sharpen(mixed), first * share + second * (1 - share))


def _blur(ink: Tensor, width: int) -> Tensor:
    kernel = torch.hann_window(width + 2, periodic=False)[1:-1]
    kernel = kernel / kernel.sum()
    ink = F.conv2d(ink, kernel.view(1, 1, 1, -1), padding=(0, width // 2))
    return F.conv2d(ink, kernel.view(1, 1, -1, 1), padding=(width // 2, 0))


def _sharpen(ink: Tensor, level: float = 0.42) -> Tensor:
    """Ink where it is darker than a share of the glyph's darkest, with a soft edge."""
    peak = ink.amax((2, 3), keepdim=True).clamp(min=0.2)
    return ((ink / peak - level) * 5 + 0.5).clamp(0, 1)


# What may happen to strokes, as the pooling windows (height, width) in pixels of twice the frame;
# unequal sides change the contrast between horizontal and vertical strokes.
_THICKER = ((3, 3), (5, 5), (1, 5), (5, 1), (7, 7))
_THINNER = ((3, 3), (1, 5), (5, 1), (5, 5))
_MIN_INK_LEFT = 0.45  # of a glyph's ink; a glyph that thinning would destroy stays as it was
_MAX_INK = 0.38  # of the frame; a glyph whose counters thickening would fill stays as it was


def _vary_strokes(ink: Tensor, strength: Tensor, generator: Generator) -> Tensor:
    """Thicken or thin the strokes of about half of the glyphs."""
    choice = torch.randint(0, 18, (len(ink),), generator=generator)
    choice = torch.where(strength > 0.15, choice, 99)
    out = ink.clone()
    for number, window in enumerate(_THICKER):
        thin = ink[choice == number]
        thick = _pool(thin, window)
        filled = thick.mean((1, 2, 3)) > _MAX_INK
        out[choice == number] = torch.where(filled[:, None, None, None], thin, thick)
    for number, window in enumerate(_THINNER, start=len(_THICKER)):
        thick = ink[choice == number]
        thin = -_pool(-thick, window)
        ruined = thin.sum((1, 2, 3)) < _MIN_INK_LEFT * thick.sum((1, 2, 3))
        out[choice == number] = torch.where(ruined[:, None, None, None], thick, thin)
    return out


def _pool(ink: Tensor, window: tuple[int, int]) -> Tensor:
    """The darkest of each window, one side of it after the other, which is the same and cheaper."""
    height, width = window
    if len(ink) and width > 1:
        ink = F.max_pool2d(ink, (1, width), 1, (0, width // 2))
    if len(ink) and height > 1:
        ink = F.max_pool2d(ink, (height, 1), 1, (height // 2, 0))
    return ink


def _blemish(ink: Tensor, strength: Tensor, generator: Generator) -> Tensor:
    """What models do to glyphs: blur, rough edges, noise, greyness, a small hole."""
    chance = torch.rand((5, len(ink)), generator=generator)
    ink = _change(ink, chance[0] < 0.15, lambda some: _blur(some, 3))
    ink = _change(ink, chance[0] < 0.05, lambda some: _blur(some, 5))
    ink = _change(ink, chance[1] < 0.1 * (0.5 + strength), lambda some: _rough(some, generator))
    ink = _change(ink, chance[2] < 0.15, lambda some: _noisy(some, generator))
    ink = _change(ink, chance[3] < 0.15, lambda some: some * _levels(some, 0.4, 1.0, generator))
    return _change(ink, chance[4] < 0.08, lambda some: _with_hole(some, generator))


def _change(ink: Tensor, mask: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
    """Change the glyphs that the mask ``(N,)`` chooses, in place."""
    if mask.any():
        ink[mask] = change(ink[mask])
    return ink


def _levels(ink: Tensor, low: float, high: float, generator: Generator) -> Tensor:
    """One number for each glyph, ``(N, 1, 1, 1)``."""
    return _uniform((len(ink), 1, 1, 1), low, high, generator)


def _rough(ink: Tensor, generator: Generator) -> Tensor:
    grain = _normal((len(ink), 1, 16, 16), generator)
    grain = F.interpolate(grain, size=ink.shape[2:], mode="bilinear")
    return _sharpen((_blur(ink, 3) + 0.12 * grain).clamp(0, 1))


def _noisy(ink: Tensor, generator: Generator) -> Tensor:
    noise = _normal(tuple(ink.shape), generator) * _levels(ink, 0, 0.2, generator)
    return (ink + noise).clamp(0, 1)


def _with_hole(ink: Tensor, generator: Generator) -> Tensor:
    size = ink.shape[2]
    corner = _uniform((2, len(ink), 1), 0, 0.9, generator) * size
    end = corner + _uniform((2, len(ink), 1), 0.03, 0.11, generator) * size
    line = torch.arange(size)
    inside = (line >= corner) & (line < end)  # (2, N, size)
    hole = inside[0][:, :, None] & inside[1][:, None, :]
    return ink.masked_fill(hole[:, None], 0.0)
