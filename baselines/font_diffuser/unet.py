"""FontDiffuser's U-Net: a noisy glyph, a syllable's image and a reference in, a prediction out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.diffusion.unet import IMAGE_SIZE
from baselines.font_diffuser.blocks import ContentAggregation, ReferenceInteraction, StyleAttention
from baselines.font_diffuser.encoders import GROUPS
from hangeul_bench.base.torchvision import ensure_torchvision

ensure_torchvision()  # diffusers imports torchvision, which fails beside another build of torch

from diffusers.models.embeddings import TimestepEmbedding, Timesteps  # noqa: E402
from diffusers.models.resnet import ResnetBlock2D  # noqa: E402


@dataclass(frozen=True)
class Size:
    """One size of U-Net and encoders.

    Attributes:
        stem: Pixel-unshuffle factor before the networks; 1 means none.
        channels: Of each level of the U-Net; every level halves the feature size. The first and
            the last level are plain, those between them have the paper's blocks.
        encoder: Channels of the content encoder's levels, which have the U-Net's feature sizes.
        style: Channels of the style encoder's levels, of the same feature sizes.
        res_blocks: Residual blocks a level and way.
    """

    stem: int
    channels: tuple[int, ...]
    encoder: tuple[int, ...]
    style: tuple[int, ...]
    res_blocks: int = 1

    @property
    def grid(self) -> int:
        """Height and width of the first level's features."""
        return IMAGE_SIZE // self.stem

    @property
    def inner(self) -> range:
        """The levels with the paper's blocks."""
        return range(1, len(self.channels) - 1)


SIZES = {
    # The paper's U-Net; its encoders begin with 64 channels and double them.
    "paper": Size(1, (64, 128, 256, 512), (64, 128, 256, 512), (64, 128, 256, 512, 1024), 2),
    "base": Size(2, (64, 128, 256, 384), (48, 96, 192, 256), (48, 96, 192, 256, 384), 2),
    "small": Size(4, (64, 128, 192, 256), (32, 64, 128, 192), (32, 64, 128, 256), 1),
    # For training on a CPU: 32 x 32 patches of 4 x 4 pixels.
    "swift": Size(4, (32, 64, 160, 320), (16, 48, 96, 192), (16, 48, 96, 192), 1),
    "tiny": Size(8, (16, 24, 32), (8, 16, 16), (8, 16, 16), 1),
}


@dataclass(frozen=True)
class Conditions:
    """What the two encoders read.

    Attributes:
        content: A map a level of the asked syllable in the content font, (N, C, h, w).
        structure: The same of the K references, (N, K, C, h, w).
        style: (N, K places, C) tokens of the references.
    """

    content: list[Tensor]
    structure: list[Tensor]
    style: Tensor


class FontDiffuserUNet(nn.Module):
    """Down, MCA ..., Down; MCA in the middle; Up, RSI ..., Up."""

    def __init__(self, size: Size, *, dropout: float = 0.0, pixels: int = IMAGE_SIZE) -> None:
        """Build it.

        Args:
            size: Its size.
            dropout: Of the residual blocks.
            pixels: Height and width of what it draws. The grid is the size's, so the stem
                folds fewer pixels where there are fewer.

        Raises:
            ValueError: There is no stem that could fold fewer pixels.
        """
        super().__init__()
        if size.stem * pixels % IMAGE_SIZE:
            raise ValueError(
                f"This preset draws {IMAGE_SIZE} pixels without a stem; {pixels} are too few."
            )
        self.stem = size.stem * pixels // IMAGE_SIZE
        first, last = size.channels[0], size.channels[-1]
        self.sines = Timesteps(first, flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time = TimestepEmbedding(first, 4 * first)
        self.enter = nn.Conv2d(self.stem**2, first, 3, padding=1)
        before = (first, *size.channels[:-1])
        levels = range(len(size.channels))
        self.down = nn.ModuleList(_Down(size, i, before[i], dropout) for i in levels)
        self.middle = _Block(last, last, size, -1, dropout, content=True)
        self.leave_middle = _residual(last, last, 4 * first, dropout)
        self.up = nn.ModuleList(_Up(size, i, before[i], dropout) for i in reversed(levels))
        self.norm = nn.GroupNorm(GROUPS, first)
        self.leave = nn.Conv2d(first, self.stem**2, 3, padding=1)

    def forward(self, x_t: Tensor, t: Tensor, given: Conditions) -> tuple[Tensor, Tensor]:
        """Predict x_0, v or epsilon, as the model was trained to.

        Args:
            x_t: (N, 1, pixels, pixels) noisy glyphs.
            t: (N,) timesteps.
            given: Of N rows.

        Returns:
            (N, 1, pixels, pixels) prediction, and the mean of the offsets' magnitudes in cells.
        """
        time = self.time(self.sines(t).to(x_t.dtype))  # (N, 4 C)
        x = self.enter(functional.pixel_unshuffle(x_t, self.stem))  # (N, C, grid, grid)
        skips: list[Tensor] = []
        for down in self.down:
            x = down(x, time, given, skips)
        x = self.leave_middle(self.middle(x, time, given), time)
        lengths: list[Tensor] = []
        for up in self.up:
            x = up(x, time, given, skips, lengths)
        out = self.leave(functional.silu(self.norm(x)))
        return functional.pixel_shuffle(out, self.stem), torch.stack(lengths).mean()


class _Block(nn.Module):
    """Content joins, a residual block, and the style is asked; the first and last where wanted."""

    def __init__(
        self,
        before: int,
        width: int,
        size: Size,
        level: int,
        dropout: float,
        *,
        content: bool = False,
        style: bool = True,
    ) -> None:
        super().__init__()
        self.level = level
        self.aggregate = ContentAggregation(before, size.encoder[level]) if content else None
        self.residual = _residual(before, width, 4 * size.channels[0], dropout)
        self.attend = StyleAttention(width, size.style[-1]) if content or style else None

    def forward(self, x: Tensor, time: Tensor, given: Conditions) -> Tensor:
        if self.aggregate is not None:
            x = self.aggregate(x, given.content[self.level])
        x = self.residual(x, time)
        return x if self.attend is None else self.attend(x, given.style)


class _Down(nn.Module):
    """One level on the way down; it halves the size at its end, but for the last."""

    def __init__(self, size: Size, level: int, before: int, dropout: float) -> None:
        super().__init__()
        width, inner = size.channels[level], level in size.inner
        self.blocks = nn.ModuleList(
            _Block(own, width, size, level, dropout, content=inner, style=inner)
            for own in (before, *[width] * (size.res_blocks - 1))
        )
        last = level == len(size.channels) - 1
        self.shrink = nn.Identity() if last else nn.Conv2d(width, width, 3, 2, padding=1)

    def forward(self, x: Tensor, time: Tensor, given: Conditions, skips: list[Tensor]) -> Tensor:
        for block in self.blocks:
            x = block(x, time, given)
            skips.append(x)
        shrunk: Tensor = self.shrink(x)
        return shrunk


class _Up(nn.Module):
    """One level on the way up; it doubles the size at its end, but for the first."""

    def __init__(self, size: Size, level: int, after: int, dropout: float) -> None:
        super().__init__()
        width, inner = size.channels[level], level in size.inner
        self.level, count = level, size.res_blocks
        self.bend = nn.ModuleList(
            ReferenceInteraction(width, size.encoder[level]) for _ in range(count * inner)
        )
        self.blocks = nn.ModuleList(
            _Block(
                2 * width, after if place == count - 1 else width, size, level, dropout, style=inner
            )
            for place in range(count)
        )
        self.grow = nn.Conv2d(after, after, 3, padding=1) if level else None

    def forward(
        self,
        x: Tensor,
        time: Tensor,
        given: Conditions,
        skips: list[Tensor],
        lengths: list[Tensor],
    ) -> Tensor:
        for place, block in enumerate(self.blocks):
            skip = skips.pop()
            if self.bend:
                skip, offsets = self.bend[place](skip, given.structure[self.level])
                lengths.append(offsets.abs().mean())
            x = block(torch.cat([x, skip], 1), time, given)
        if self.grow is None:
            return x
        grown: Tensor = self.grow(functional.interpolate(x, scale_factor=2.0))
        return grown


def _residual(before: int, width: int, time: int, dropout: float) -> ResnetBlock2D:
    """A residual block whose second norm the timestep scales and shifts."""
    return ResnetBlock2D(
        in_channels=before,
        out_channels=width,
        temb_channels=time,
        groups=GROUPS,
        eps=1e-5,
        dropout=dropout,
        time_embedding_norm="scale_shift",
    )
