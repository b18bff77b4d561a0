"""DG-Font's multi-task discriminator: for each training font, whether a glyph is truly its own."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.dg_font.generator import IMAGE_SIZE, Preset

_SLOPE = 0.2  # of the leaky ReLU


class Discriminator(nn.Module):
    """(N, 1, 128, 128) glyphs in [-1, 1] to one number a training font, positive for real."""

    def __init__(self, preset: Preset, fonts: int) -> None:
        super().__init__()
        widths = preset.discriminator
        size = IMAGE_SIZE // preset.stem >> len(widths) - 1  # pixels after the last level
        self.stem = nn.Sequential(
            nn.PixelUnshuffle(preset.stem), nn.Conv2d(preset.stem**2, widths[0], 3, padding=1)
        )
        self.levels = nn.Sequential(*(_Level(*pair) for pair in pairwise(widths)))
        self.whole = nn.Conv2d(widths[-1], widths[-1], size)
        self.fonts = nn.Linear(widths[-1], fonts)

    def forward(self, glyphs: Tensor, fonts: Tensor) -> Tensor:
        """(N,) numbers: of each glyph, the one of its own font.

        Args:
            glyphs: (N, 1, 128, 128).
            fonts: (N,) places in the list of training fonts.
        """
        x = self.levels(self.stem(glyphs))  # (N, C, s, s)
        x = self.whole(functional.leaky_relu(x, _SLOPE)).flatten(1)  # (N, C)
        every: Tensor = self.fonts(functional.leaky_relu(x, _SLOPE))  # (N, F)
        return every.gather(1, fonts.unsqueeze(1))[:, 0]


class _Level(nn.Module):
    """A residual block, activated first, that halves the size."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, out, 3, padding=1)
        self.past = nn.Conv2d(channels, out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        inner = self.first(functional.leaky_relu(x, _SLOPE))
        inner = functional.avg_pool2d(functional.leaky_relu(inner, _SLOPE), 2)
        past = self.past(functional.avg_pool2d(x, 2))
        result: Tensor = (past + self.second(inner)) / math.sqrt(2)
        return result


def gradient_penalty(judged: Tensor, glyphs: Tensor) -> Tensor:
    """R1 (Mescheder et al. 2018, Eq. 9 without its half): the squared gradient at real glyphs.

    Args:
        judged: (N,) what the discriminator says of ``glyphs``.
        glyphs: (N, 1, H, W) that require a gradient.
    """
    (gradient,) = torch.autograd.grad(judged.sum(), glyphs, create_graph=True)
    return gradient.square().sum((1, 2, 3)).mean()
