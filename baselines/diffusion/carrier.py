"""What a diffusion model paints on: pixels of the page, or a 64 x 64 signed distance field."""

from typing import Protocol

import torch
from torch import Tensor

from baselines.diffusion.sdf import FIELD_SIZE, coverage, field
from hangeul_bench.base.images import Glyphs

_SOFTNESS = 2.0  # pixels; thin strokes still reach far into tanh, and far paper says nothing
_LIMIT = 0.98  # of tanh, before it is inverted


class Carrier(Protocol):
    """How pages become x_0 and x_0 becomes pages.

    Attributes:
        name: What the command line calls it.
        size: Height and width of x_0.
        signal: Factor of x_0 in the noise schedule. A smooth field shows through noise that hides
            single pixels, so less of it must do (Hoogeboom et al. 2023, shifted schedule).
    """

    name: str
    size: int
    signal: float

    def encode(self, glyphs: Glyphs | Tensor) -> Tensor:
        """(N, 128, 128) uint8, 0 = ink, to x_0: (N, 1, size, size) float32 in [-1, 1]."""

    def encode_fields(self, fields: Tensor) -> Tensor:
        """(N, 64, 64) fields in pixels, positive in ink, to x_0."""

    def paper(self, x_0: Tensor) -> Tensor:
        """x_0 to (N, 1, 128, 128) brightness in [0, 255], 0 = ink; differentiable."""


class Pixels:
    """The page itself: paper is 1, ink is -1."""

    name, size, signal = "pixels", 128, 1.0

    def encode(self, glyphs: Glyphs | Tensor) -> Tensor:
        """(N, 128, 128) uint8 to (N, 1, 128, 128)."""
        return torch.as_tensor(glyphs).unsqueeze(1).float() / 127.5 - 1

    def encode_fields(self, fields: Tensor) -> Tensor:
        """(N, 64, 64) fields to the (N, 1, 128, 128) pages that they draw."""
        return 1 - 2 * coverage(fields).unsqueeze(1)

    def paper(self, x_0: Tensor) -> Tensor:
        """(N, 1, 128, 128) brightness."""
        return (x_0 + 1) * 127.5


class Sdf64:
    """tanh of half the signed distance in pixels: 1 deep in ink, -1 far out on paper."""

    name, size, signal = "sdf64", FIELD_SIZE, 0.35

    def encode(self, glyphs: Glyphs | Tensor) -> Tensor:
        """(N, 128, 128) uint8 to (N, 1, 64, 64)."""
        return self.encode_fields(field(glyphs))

    def encode_fields(self, fields: Tensor) -> Tensor:
        """(N, 64, 64) fields to (N, 1, 64, 64)."""
        return torch.tanh(fields / _SOFTNESS).unsqueeze(1)

    def fields(self, x_0: Tensor) -> Tensor:
        """x_0 back to (N, 64, 64) fields in pixels."""
        return _SOFTNESS * torch.atanh(x_0[:, 0].float().clamp(-_LIMIT, _LIMIT))

    def paper(self, x_0: Tensor) -> Tensor:
        """(N, 1, 128, 128) brightness."""
        return (1 - coverage(self.fields(x_0)).unsqueeze(1)) * 255


CARRIERS: dict[str, Carrier] = {carrier.name: carrier for carrier in (Pixels(), Sdf64())}


def to_pages(carrier: Carrier, x_0: Tensor) -> Tensor:
    """The one place where what a model painted becomes pages.

    Args:
        carrier: What it was painted on.
        x_0: (N, 1, size, size) in [-1, 1].

    Returns:
        (N, 128, 128) uint8 on the CPU, 0 = ink, 255 = paper.
    """
    return carrier.paper(x_0.clamp(-1, 1))[:, 0].round().to(torch.uint8).cpu()
