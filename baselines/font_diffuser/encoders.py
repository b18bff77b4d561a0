"""What FontDiffuser reads of two images: content maps at several scales, and style tokens."""

from torch import Tensor, nn
from torch.nn import functional

GROUPS = 8  # of every group norm; the narrowest layer has 8 channels


class Pyramid(nn.Module):
    """(N, 1, 128, 128) image in [-1, 1] -> a map a level, each half as large as the last."""

    def __init__(self, stem: int, channels: tuple[int, ...]) -> None:
        """Build it.

        Args:
            stem: Pixel-unshuffle factor before the first level.
            channels: Of each level.
        """
        super().__init__()
        self.stem = stem
        self.enter = nn.Conv2d(stem**2, channels[0], 3, padding=1)
        before = (channels[0], *channels[:-1])
        self.levels = nn.ModuleList(
            _Residual(own, width, halve=level > 0)
            for level, (own, width) in enumerate(zip(before, channels, strict=True))
        )

    def forward(self, image: Tensor) -> list[Tensor]:
        """The maps, the first of (N, channels[0], 128 / stem, 128 / stem)."""
        x = self.enter(functional.pixel_unshuffle(image, self.stem))
        maps = []
        for level in self.levels:
            x = level(x)
            maps.append(x)
        return maps


class ContentEncoder(nn.Module):
    """E_c: content features of the asked syllable, structure maps of the reference."""

    def __init__(self, stem: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.pyramid = Pyramid(stem, channels)

    def forward(self, image: Tensor) -> list[Tensor]:
        """(N, 1, 128, 128) in [-1, 1] to the maps of :class:`Pyramid`."""
        maps: list[Tensor] = self.pyramid(image)
        return maps


class StyleEncoder(nn.Module):
    """E_s: the reference's style as a few tokens, one a place of its last map."""

    def __init__(self, stem: int, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.pyramid = Pyramid(stem, channels)
        self.norm = nn.LayerNorm(channels[-1])

    def forward(self, image: Tensor) -> Tensor:
        """(N, 1, 128, 128) in [-1, 1] to (N, places, channels[-1])."""
        last = self.pyramid(image)[-1]  # (N, C, h, w)
        tokens: Tensor = self.norm(last.flatten(2).mT)  # (N, h w, C)
        return tokens


class _Residual(nn.Module):
    """Two convolutions beside a straight way; the first halves the size where asked."""

    def __init__(self, before: int, width: int, *, halve: bool) -> None:
        super().__init__()
        stride = 2 if halve else 1
        self.norm_1, self.norm_2 = nn.GroupNorm(GROUPS, before), nn.GroupNorm(GROUPS, width)
        self.conv_1 = nn.Conv2d(before, width, 3, stride, padding=1)
        self.conv_2 = nn.Conv2d(width, width, 3, padding=1)
        same = before == width and not halve
        self.straight = nn.Identity() if same else nn.Conv2d(before, width, 1)
        self.halve = halve

    def forward(self, x: Tensor) -> Tensor:
        straight = functional.avg_pool2d(x, 2) if self.halve else x
        x = self.conv_1(functional.silu(self.norm_1(x)))
        x = self.conv_2(functional.silu(self.norm_2(x)))
        total: Tensor = self.straight(straight) + x
        return total
