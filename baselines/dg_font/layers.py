"""What DG-Font's networks are made of: deformable convolutions, blocks with and without style."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.deformable import deform_conv2d


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
