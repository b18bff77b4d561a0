"""DG-Font's generator: content encoder, style encoder, and the mixer that draws."""

from itertools import pairwise
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from baselines.dg_font.layers import (
    DeformableConv,
    DeformableSkip,
    ResidualBlock,
    StyledNorm,
    StyledResidualBlock,
)
from baselines.dg_font.presets import STYLE_SIZE, Preset

_POOLED = (0, 1, 3, 5, 7)  # the convolutions of VGG-11 after which it halves the picture
_GROUPS = 4  # of a group norm
_HIDDEN = 256  # of the network that turns a style code into scales and shifts


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
    """(N, 1, 128, 128) glyphs in [-1, 1] to (N, 128) style codes: VGG-11, averaged over the page.

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
