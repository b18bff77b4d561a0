"""Random batches of single glyphs: some of each font, moved and softened as in scans and photos."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional

from baselines.glyphs.augmentation import apply_change, half_width, random_change
from baselines.glyphs.bank import Fields
from baselines.glyphs.image_store import ImageStore
from baselines.glyphs.representation import render
from baselines.style_encoder.encoder import prepare

_STYLES, _GLYPHS = 16, 4  # a batch: this many styles, this many syllables of each


@dataclass(frozen=True)
class Batch:
    """Glyphs of one step.

    Attributes:
        glyphs: (N, 3, 48, 48) in [-1, 1].
        fonts: (N,) index of the font that each is of or was made of.
        styles: (N,) index of the style; a changed font is another one.
        plain: (N,) bool; whether the font is as it is.
    """

    glyphs: Tensor
    fonts: Tensor
    styles: Tensor
    plain: Tensor


class Batches(Protocol):
    """Where the batches of a training come from."""

    @property
    def font_count(self) -> int:
        """How many fonts there are to tell apart."""

    def batch(self, step: int) -> Batch:
        """The step's batch: the same number gives the same batch."""


@dataclass(frozen=True)
class PlainBatches:
    """Sixteen fonts as they are, four glyphs of each."""

    images: Tensor | ImageStore  # (F, C, 128, 128) uint8
    present: Tensor  # (F, C) bool
    weights: Tensor  # (F,)
    seed: int

    @property
    def font_count(self) -> int:
        """How many fonts there are to tell apart."""
        return len(self.images)

    def batch(self, step: int) -> Batch:
        """The step's batch: the same number gives the same batch."""
        generator = _generator(self.seed, step)
        count = min(_STYLES, len(self.images))
        fonts = torch.multinomial(self.weights, count, generator=generator)
        fonts = fonts.repeat_interleave(_GLYPHS)
        columns = torch.multinomial(self.present[fonts].float(), 1, generator=generator)[:, 0]
        glyphs = jitter(prepare(self.images[fonts, columns]), generator)
        return Batch(glyphs, fonts, fonts, torch.ones(len(fonts), dtype=torch.bool))


@dataclass(frozen=True)
class ChangedBatches:
    """Eight fonts as they are and the same eight changed at random, four glyphs of each.

    A changed font beside the one it was made of teaches that weight, slant and stretch are style.
    """

    glyphs: Fields
    present: Tensor  # (F, C) bool
    weights: Tensor  # (F,)
    seed: int

    @property
    def font_count(self) -> int:
        """How many fonts there are to tell apart."""
        return len(self.present)

    def batch(self, step: int) -> Batch:
        """The step's batch: the same number gives the same batch."""
        generator = _generator(self.seed, step)
        count = min(_STYLES // 2, len(self.present))
        own = torch.multinomial(self.weights, count, generator=generator)
        fonts = own.repeat(2).repeat_interleave(_GLYPHS)  # plain ones, then the changed ones
        columns = torch.multinomial(self.present[fonts].float(), 1, generator=generator)[:, 0]
        fields = self.glyphs.fields(fonts, columns)
        plain = torch.arange(len(fonts)) < len(fonts) // 2
        changed = fields[~plain]
        widths = half_width(changed).view(count, _GLYPHS).mean(1)
        change = random_change(count, generator).bounded_by(widths)
        fields[~plain] = apply_change(
            changed, change.rows(torch.arange(count).repeat_interleave(_GLYPHS))
        )
        styles = torch.where(plain, fonts, fonts + self.font_count)
        return Batch(jitter(prepare(render(fields)), generator), fonts, styles, plain)


def jitter(images: Tensor, generator: torch.Generator) -> Tensor:
    """Shift and scale glyphs a little and make some softer or paler, as scans and photos are.

    Args:
        images: (N, 3, H, W) in [-1, 1], paper = 1.
        generator: Where the random numbers come from.
    """
    n = len(images)
    scale = 1 + 0.06 * (2 * torch.rand(n, generator=generator) - 1)
    shift = 0.06 * (2 * torch.rand(n, 2, generator=generator) - 1)  # of half the width
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, :, 2] = shift
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    ink = functional.grid_sample(1 - images, grid, align_corners=False)  # paper is 0 outside
    soft = functional.avg_pool2d(ink, 3, 1, 1)
    amount = torch.rand(n, 1, 1, 1, generator=generator).square()
    fade = 1 - 0.15 * torch.rand(n, 1, 1, 1, generator=generator)
    return 1 - fade * ((1 - amount) * ink + amount * soft)


def _generator(seed: int, step: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed * 1_000_003 + step)
