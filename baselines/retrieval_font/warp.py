"""A drawing that keeps every stroke: the nearest kin's glyph, bent and thickened by the network."""

import torch
from torch import Tensor
from torch.nn import functional

from baselines.diffusion.alignment import on_paper, thicken
from baselines.diffusion.carrier import Sdf64
from baselines.diffusion.sdf import FIELD_SIZE

CHANNELS = 28  # of the network's cells of 4 x 4: flow 2 x 4, weight 4, detail 16

_CARRIER = Sdf64()
_FLOW = 0.1  # of the page's half width, for an output of 1: 6.4 pixels
_WEIGHT = 3.0  # pixels that a place can be thickened or thinned by
_NEAR = 3.0  # pixels from a contour
_DETAIL = 1.0  # pixel, of what is neither place nor weight: terminals, corners


def bend(raw: Tensor, kin: Tensor) -> tuple[Tensor, Tensor]:
    """x_0 from a kindred glyph and what the network says of it.

    Places move by a smooth flow (one vector for 4 x 4 pixels of the page), strokes get thicker or
    thinner by a smooth field, and edges may move by a pixel. So a stroke is moved and shaped, and
    one whose place is uncertain does not fade away as it does in the mean of where it may be.

    Args:
        raw: (N, 28, 16, 16) the network's output.
        kin: (N, 1, 64, 64) the aligned glyph, as x_0 is carried.

    Returns:
        x_0 (N, 1, 64, 64), and how rough the change is, (N,): the mean squared second differences,
        in pixels, of the flow, and along the contours of what strokes gain or lose.
    """
    raw = raw.float()
    flow, weight, detail = raw[:, :8], raw[:, 8:12], raw[:, 12:]
    coarse = _FLOW * _smooth(functional.pixel_shuffle(flow, 2))  # (N, 2, 32, 32)
    still = torch.eye(2, 3, device=raw.device).expand(len(raw), 2, 3)
    size = [len(raw), 1, FIELD_SIZE, FIELD_SIZE]
    grid = functional.affine_grid(still, size, False) + _enlarge(coarse).permute(0, 2, 3, 1)
    moved = on_paper(_CARRIER.fields(kin), grid)
    thicker = _WEIGHT * torch.tanh(_enlarge(_smooth(functional.pixel_shuffle(weight, 2))))
    edges = _DETAIL * torch.tanh(_smooth(functional.pixel_shuffle(detail, 4)))
    gained = thicker + edges
    fields = thicken(moved, gained[:, 0])
    near = ((fields.abs() < _NEAR).unsqueeze(1)).float()
    rough = _second(coarse * FIELD_SIZE).mean((1, 2, 3))  # FIELD_SIZE: to pixels of the page
    rough = rough + (_second(gained) * near).sum((1, 2, 3)) / near.sum((1, 2, 3)).clamp(min=1)
    return _CARRIER.encode_fields(fields), rough


def _smooth(maps: Tensor) -> Tensor:
    """Blurred by [1 2 1] / 4 each way."""
    kernel = torch.tensor([0.25, 0.5, 0.25], device=maps.device)
    n, c, height, width = maps.shape
    padded = functional.pad(maps, (1, 1, 1, 1), mode="replicate")
    flat = padded.view(n * c, 1, height + 2, width + 2)
    return functional.conv2d(flat, torch.outer(kernel, kernel).view(1, 1, 3, 3)).view_as(maps)


def _enlarge(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, FIELD_SIZE, mode="bilinear", align_corners=False)


def _second(maps: Tensor) -> Tensor:
    """Squared second differences across and down, summed; of the size of ``maps``."""
    padded = functional.pad(maps, (1, 1, 1, 1), mode="replicate")
    across, down = padded[:, :, 1:-1].diff(n=2, dim=3), padded[:, :, :, 1:-1].diff(n=2, dim=2)
    return across.square() + down.square()
