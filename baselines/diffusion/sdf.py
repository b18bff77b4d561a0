"""Glyphs as signed distance fields: smooth, of a quarter of the numbers, with crisp edges back."""

import torch
from torch import Tensor
from torch.nn import functional

from hangeul_bench.base.images import Glyphs

REACH = 8  # pixels of the 128 px page; distances beyond are cut off there
FIELD_SIZE = 64  # a glyph's field is carried at this size

EDGE = 0.02  # coverage from here to 1 minus this lies on the contour itself
CORRECTIONS = 4


def signed_distance(glyphs: Glyphs | Tensor) -> Tensor:
    """Distance of every pixel's centre to the 50 % contour of ink.

    The contour is where lines between neighbouring pixels cross half coverage. A pixel that the
    contour passes through has its coverage less one half, which the ramp of :func:`render` turns
    back into the coverage.

    Args:
        glyphs: (N, H, W) uint8, 0 = ink, 255 = paper.

    Returns:
        (N, H, W) float32 in pixels, positive in ink, within +-``REACH``.
    """
    ink = 1 - torch.as_tensor(glyphs).float() / 255  # (N, H, W) coverage
    paper = functional.pad(ink, (1, 1, 1, 1))  # outside the page is paper
    across = _to_crossings(paper.mT.contiguous()).mT
    squared = torch.minimum(_to_crossings(paper), across)[:, 1:-1, 1:-1]
    far = squared.sqrt().clamp(max=REACH)
    distance = torch.where(ink > 0.5, far, -far)
    on_edge = (ink > EDGE) & (ink < 1 - EDGE)
    return torch.where(on_edge, ink - 0.5, distance)


def _to_crossings(ink: Tensor) -> Tensor:
    """(N, H, W) squared distance to the contour's crossings of the columns, cut off at REACH."""
    high = ink > 0.5
    upper, lower = ink[:, :-1], ink[:, 1:]
    crossed = high[:, :-1] != high[:, 1:]
    part = (upper - 0.5) / (upper - lower).where(crossed, torch.ones_like(upper))  # [0, 1)
    beyond = ink.new_tensor(2.0 * REACH)
    below = part.where(crossed, beyond)  # (N, H - 1, W) to the next one down
    above = (1 - part).where(crossed, beyond)
    column = torch.full_like(ink, 2.0 * REACH)  # (N, H, W) to the nearest
    for step in range(REACH + 1):
        _lower(column[:, : below.shape[1] - step], below[:, step:] + step)
        _lower(column[:, 1 + step :], above[:, : above.shape[1] - step] + step)
    squared = column.square()
    best = squared.clone()
    for step in range(1, REACH + 1):
        moved = squared + step**2
        _lower(best[:, :, :-step], moved[:, :, step:])
        _lower(best[:, :, step:], moved[:, :, :-step])
    return best


def _lower(values: Tensor, bound: Tensor) -> None:
    """Replace values by a bound where that is less; in place, as a page is gone over 50 times."""
    torch.minimum(values, bound, out=values)


def shrink(distance: Tensor, size: int = FIELD_SIZE) -> Tensor:
    """(N, H, W) distances to (N, size, size) by area averages; still in pixels of the page."""
    return functional.adaptive_avg_pool2d(distance.unsqueeze(1), size)[:, 0]


def field(glyphs: Glyphs | Tensor) -> Tensor:
    """Fields of pages, such that :func:`render` gives the pages back as nearly as it can.

    A shrunk field is corrected by what its page has too much or too little, a few times over:
    that lifts the SSIM of the round trip from .987 to .996.

    Args:
        glyphs: (N, 128, 128) uint8, 0 = ink, 255 = paper.

    Returns:
        (N, 64, 64) float32 in pixels of the page, positive in ink.
    """
    ink = 1 - torch.as_tensor(glyphs).float() / 255
    shrunk = shrink(signed_distance(glyphs))
    for _ in range(CORRECTIONS):
        shrunk = shrunk + shrink(ink - coverage(shrunk, ink.shape[-1]))
    return shrunk


def coverage(fields: Tensor, size: int = 128) -> Tensor:
    """(N, h, w) fields to (N, size, size) ink coverage in [0, 1]; differentiable.

    Bicubic to the page's size, then a ramp one of its pixels wide.
    """
    large = functional.interpolate(
        fields.float().unsqueeze(1), size=(size, size), mode="bicubic", align_corners=False
    )[:, 0]
    return (large * (size / 128) + 0.5).clamp(0, 1)


def render(fields: Tensor, size: int = 128) -> Tensor:
    """Fields back to pages.

    Args:
        fields: (N, h, w) float32 distances in pixels of a 128 px page, positive in ink.
        size: Pixels of the page.

    Returns:
        (N, size, size) uint8 on the fields' device, 0 = ink, 255 = paper.
    """
    return ((1 - coverage(fields, size)) * 255).round().to(torch.uint8)
