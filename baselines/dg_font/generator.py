"""DG-Font's generator: content encoder, style encoder, and the mixer that draws."""

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.deformable import deform_conv2d

IMAGE_SIZE = 128  # pixels; the dataset's. The paper's is 80
STYLE_SIZE = 128  # width of the style code
_POOLED = (0, 1, 3, 5, 7)  # the convolutions of VGG-11 after which it halves the picture
_GROUPS = 4  # of a group norm
_HIDDEN = 256  # of the network that turns a style code into scales and shifts


@dataclass(frozen=True)
class Preset:
    """One size of generator and discriminator.

    Attributes:
        stem: Pixel-unshuffle factor before content encoder and discriminator; 1 means none.
        channels: Of the generator's three levels, each of half the size of the one before.
        first_kernel: Width of the first convolution, and of the one that draws.
        up_kernel: Width of the convolutions after upsampling.
        blocks: Residual blocks of the content encoder, and as many of the mixer.
        deformable_content: Whether the content encoder's convolutions are deformable, as in the
            paper; the skips always are.
        style_channels: Of VGG-11's eight convolutions.
        style_input: Width in pixels of what the style encoder sees of a glyph.
        discriminator: Channels of the discriminator's levels, the first at the stem's size.
    """

    stem: int
    channels: tuple[int, int, int]
    first_kernel: int
    up_kernel: int
    blocks: int
    deformable_content: bool
    style_channels: tuple[int, ...]
    style_input: int
    discriminator: tuple[int, ...]


_VGG_11 = (64, 128, 256, 256, 512, 512, 512, 512)

PRESETS = {
    "paper": Preset(
        stem=1,
        channels=(64, 128, 256),
        first_kernel=7,
        up_kernel=5,
        blocks=2,
        deformable_content=True,
        style_channels=_VGG_11,
        style_input=IMAGE_SIZE,
        discriminator=(64, 128, 256, 512, 1024, 1024),
    ),
    # For training on a CPU: patches of 4 x 4 pixels.
    "swift": Preset(
        stem=4,
        channels=(32, 64, 192),
        first_kernel=3,
        up_kernel=3,
        blocks=2,
        deformable_content=False,
        style_channels=tuple(width // 2 for width in _VGG_11),
        style_input=48,
        discriminator=(32, 64, 128, 256),
    ),
    "tiny": Preset(
        stem=8,
        channels=(8, 8, 16),
        first_kernel=3,
        up_kernel=3,
        blocks=1,
        deformable_content=True,
        style_channels=(4, 4, 8, 8, 8, 8, 8, 8),
        style_input=32,
        discriminator=(8, 8, 8),
    ),
}


class DeformableConv(nn.Module):
    """A convolution that learns where each of its taps looks (Zhu et al. 2019).

    Offsets and factors of the taps come from a convolution that begins at zero, where this is a
    plain convolution. It has no bias of its own: a norm or another convolution follows.
    """

    def __init__(
        self, channels: int, out: int, *, kernel: int = 3, stride: int = 1, guide: int = 0
    ) -> None:
        """Set up.

        Args:
            channels: Of the features that are convolved.
            out: Of the result.
            kernel: Width of the convolution.
            stride: Of the convolution.
            guide: Channels of the features that decide the offsets; 0 for the features themselves.
        """
        super().__init__()
        self.taps, self.stride, self.padding = kernel * kernel, stride, (kernel - 1) // 2
        self.weight = nn.Parameter(torch.empty(out, channels, kernel, kernel))
        nn.init.kaiming_normal_(self.weight)
        self.place = nn.Conv2d(
            guide or channels, 3 * self.taps, kernel, stride=stride, padding=self.padding
        )
        for parameter in self.place.parameters():
            nn.init.zeros_(parameter)

    def forward(self, x: Tensor, guide: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Convolve (N, C, H, W) features.

        Returns:
            (N, O, h, w) features and (N, 2 K, h, w) offsets in feature pixels, K taps.
        """
        placed: Tensor = self.place(x if guide is None else guide)  # (N, 3 K, h, w)
        offset, factor = placed.float().split((2 * self.taps, self.taps), 1)
        result = deform_conv2d(
            x,
            offset.to(x.dtype),
            self.weight.to(x.dtype),
            stride=self.stride,
            padding=self.padding,
            mask=(2 * torch.sigmoid(factor)).to(x.dtype),  # 1 where the convolution is silent
        )
        return result, offset


class DeformableSkip(nn.Module):
    """Feature deformation skip connection (section 3.2 of the paper).

    The content's features go into the mixer bent: by how much, mixer and content say together.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bend = DeformableConv(channels, channels, guide=2 * channels)

    def forward(self, mixed: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, H, W) of the mixer and of the content encoder.

        Returns:
            (N, 2 C, H, W) mixer's features with the bent ones beside them, and the offsets.
        """
        bent, offset = self.bend(skip, torch.cat([mixed, skip], 1))
        return torch.cat([mixed, bent], 1), offset


class StyledNorm(nn.Module):
    """Instance normalization, scaled and shifted by style: AdaIN (Huang & Belongie 2017)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(N, C, H, W) and (N, 2 C) scales, which count from 1, and shifts."""
        scale, shift = style[..., None, None].chunk(2, 1)
        normed: Tensor = functional.instance_norm(x.float())
        return (normed * (1 + scale.float()) + shift.float()).to(x.dtype)


class ResidualBlock(nn.Module):
    """Two convolutions, each normalized by its glyph alone, beside the features themselves."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to the same."""
        inner = functional.relu(functional.instance_norm(self.first(x)))
        return x + functional.instance_norm(self.second(inner))


class StyledResidualBlock(nn.Module):
    """The residual block of the mixer: its two norms are the style's."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.second = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norms = nn.ModuleList([StyledNorm(channels), StyledNorm(channels)])

    def forward(self, x: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """(N, C, H, W) and the (N, 2 C) styles of the two norms."""
        inner = functional.relu(self.norms[0](self.first(x), first))
        result: Tensor = x + self.norms[1](self.second(inner), second)
        return result


class Content(NamedTuple):
    """What the content encoder says of a glyph: its features, and those for the two skips."""

    features: Tensor  # (N, C3, S/4, S/4), S the stem's size
    coarse: Tensor  # (N, C2, S/2, S/2)
    fine: Tensor  # (N, C1, S, S)


class ContentEncoder(nn.Module):
    """(N, 1, 128, 128) glyphs in [-1, 1] to their structure; the style is normalized away."""

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        one, two, three = preset.channels
        self.stem = nn.PixelUnshuffle(preset.stem)
        self.levels = nn.ModuleList(
            _conv(preset, *widths, kernel=kernel, stride=stride)
            for widths, kernel, stride in (
                ((preset.stem**2, one), preset.first_kernel, 1),
                ((one, two), 4, 2),
                ((two, three), 4, 2),
            )
        )
        self.blocks = nn.Sequential(*(ResidualBlock(three) for _ in range(preset.blocks)))

    def forward(self, glyphs: Tensor) -> Content:
        """Encode (N, 1, 128, 128)."""
        x = self.stem(glyphs)  # (N, stem^2, S, S)
        levels = []
        for level in self.levels:
            x = level(x)
            x = x[0] if isinstance(x, tuple) else x  # without the offsets of a deformable one
            x = functional.relu(functional.instance_norm(x))
            levels.append(x)
        return Content(self.blocks(x), levels[1], levels[0])


def _conv(preset: Preset, channels: int, out: int, *, kernel: int, stride: int) -> nn.Module:
    if preset.deformable_content:
        return DeformableConv(channels, out, kernel=kernel, stride=stride)
    return nn.Conv2d(channels, out, kernel, stride=stride, padding=(kernel - 1) // 2, bias=False)


class StyleEncoder(nn.Module):
    """(N, 1, 128, 128) glyphs in [-1, 1] to (N, 128) style codes: VGG-11, averaged over the image.

    Its norms are of groups, not of the batch: a code does not depend on its neighbours, and the
    moving average of the weights needs no statistics of its own.
    """

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        self.size = preset.style_input
        layers: list[nn.Module] = []
        for number, (channels, out) in enumerate(pairwise((1, *preset.style_channels))):
            layers += [nn.Conv2d(channels, out, 3, padding=1), nn.GroupNorm(_GROUPS, out)]
            layers += [nn.ReLU()] + [nn.MaxPool2d(2)] * (number in _POOLED)
        self.features = nn.Sequential(*layers)
        self.code = nn.Linear(preset.style_channels[-1], STYLE_SIZE)

    def forward(self, glyphs: Tensor) -> Tensor:
        """Encode (N, 1, 128, 128)."""
        seen = functional.interpolate(glyphs, size=(self.size, self.size), mode="area")
        code: Tensor = self.code(self.features(seen).mean((2, 3)))
        return code


class Mixer(nn.Module):
    """Content and a style code to a glyph and the offsets by which the content was bent."""

    def __init__(self, preset: Preset) -> None:
        super().__init__()
        one, two, three = preset.channels
        up, last = preset.up_kernel, preset.first_kernel
        self.blocks = nn.ModuleList(StyledResidualBlock(three) for _ in range(preset.blocks))
        self.ups = nn.ModuleList(
            nn.Conv2d(channels, out, up, padding=up // 2, bias=False)
            for channels, out in ((three, two), (2 * two, one))
        )
        self.norms = nn.ModuleList(StyledNorm(width) for width in (two, one))
        self.skips = nn.ModuleList(DeformableSkip(width) for width in (two, one))
        self.draw = nn.Sequential(
            nn.Conv2d(2 * one, preset.stem**2, last, padding=last // 2),
            nn.PixelShuffle(preset.stem),
            nn.Tanh(),
        )
        self.widths = [2 * three] * (2 * preset.blocks) + [2 * two, 2 * one]
        self.style = nn.Sequential(
            *(nn.Linear(STYLE_SIZE, _HIDDEN), nn.ReLU()),
            *(nn.Linear(_HIDDEN, _HIDDEN), nn.ReLU()),
            nn.Linear(_HIDDEN, sum(self.widths)),
        )

    def forward(self, content: Content, code: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Draw.

        Args:
            content: Of N glyphs.
            code: (N, 128) style codes.

        Returns:
            (N, 1, 128, 128) glyphs in [-1, 1], paper = 1, and the (N, 18, H, W) offsets of each
            skip, in pixels of its features.
        """
        *inner, coarse, fine = self.style(code).split(self.widths, 1)
        x = content.features  # (N, C3, S/4, S/4)
        for number, block in enumerate(self.blocks):
            x = block(x, inner[2 * number], inner[2 * number + 1])
        offsets = []
        levels = ((coarse, content.coarse), (fine, content.fine))
        for up, norm, bend, (style, skip) in zip(
            self.ups, self.norms, self.skips, levels, strict=True
        ):
            x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
            x = functional.relu(norm(up(x), style))
            x, offset = bend(x, skip)  # (N, 2 C, ...)
            offsets.append(offset)
        glyphs: Tensor = self.draw(x)
        return glyphs, offsets
