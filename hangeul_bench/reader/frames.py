"""What the jamo reader sees of a page: the glyph in its frame, or the whole page."""

import torch
from torch import Tensor
from torch.nn import functional as F

FRAME = 56  # pixels a side of what the network sees
_MARGIN = 1.18  # the frame is this much larger than the ink, so that no stroke touches its edge
_MIN_BOX = 24.0  # pixels; a smaller box of ink is not enlarged further
_FAINT = 0.25  # darkness below this is taken for noise when the box of the ink is sought
_LINE_INK = 1.0  # darkness that a row or column must sum to, so that one stray pixel is no glyph


def frames_of(ink: Tensor) -> tuple[Tensor, Tensor]:
    """Where the glyph stands on its page and how far the frame around it reaches.

    A narrow glyph is widened half of the way to a square (geometric mean), and a flat one
    heightened: what remains of its proportion is style, not reading.

    Args:
        ink: ``(N, H, W)`` float, 0 = paper, 1 = ink.

    Returns:
        Centre and half side of the frame, each ``(N, 2)`` as (x, y) in the coordinates of
        ``grid_sample``: the page spans [-1, 1].
    """
    dark = torch.where(ink > _FAINT, ink, torch.zeros(()))
    centres, lengths = zip(*(_span(dark.sum(axis)) for axis in (1, 2)), strict=True)
    length = torch.stack(lengths, 1)  # (N, 2) pixels
    side = length.amax(1, keepdim=True)
    pages = torch.tensor([ink.shape[2], ink.shape[1]], dtype=ink.dtype)
    centre = torch.stack(centres, 1) * 2 / pages - 1
    return centre, (length * side).sqrt() * _MARGIN / pages


def _span(profile: Tensor) -> tuple[Tensor, Tensor]:
    """Middle and length in pixels of the stretch that holds ink, from ``(N, L)`` sums."""
    size = profile.shape[1]
    inked = profile > _LINE_INK
    place = torch.arange(size)
    first = torch.where(inked, place, size).amin(1)
    last = torch.where(inked, place + 1, 0).amax(1)
    found = last > first
    first, last = torch.where(found, first, 0), torch.where(found, last, size)
    return (first + last) / 2.0, (last - first).clamp(min=_MIN_BOX).float()


def sample_frames(ink: Tensor, grid: Tensor) -> Tensor:
    """Look up ``(N, H, W)`` ink at ``(N, h, w, 2)`` page coordinates: ``(N, 1, h, w)``."""
    return F.grid_sample(ink[:, None], grid, padding_mode="zeros", align_corners=False)


def framed(ink: Tensor, view: float) -> Tensor:
    """The glyph of ``(N, H, W)`` ink enlarged to ``view`` times its frame, ``(N, 1, 56, 56)``."""
    centre, half = frames_of(ink)
    line = (torch.arange(2 * FRAME) + 0.5) / FRAME - 1
    grid = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1)  # (112, 112, 2)
    grid = centre[:, None, None] + view * half[:, None, None] * grid
    # Twice the resolution and its mean, so that thin strokes are not lost between samples.
    return F.avg_pool2d(sample_frames(ink, grid), 2)


def whole_page(ink: Tensor) -> Tensor:
    """The whole page, ``(N, 1, 56, 56)``."""
    return F.interpolate(ink[:, None], size=(FRAME, FRAME), mode="area")
