"""The denoising U-Net: a noisy glyph, a timestep and a condition vector in, a prediction out."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from hangeul_bench.base.torchvision import ensure_torchvision

ensure_torchvision()  # diffusers imports torchvision, which fails beside another build of torch

from diffusers import UNet2DModel  # noqa: E402

IMAGE_SIZE = 128  # pixels; the paper's and the dataset's
CONDITION_SIZE = 512  # width of z in Diff-Font
_MAP_SIZE = 16  # pixels; the condition map is made at this size and enlarged to the first level


@dataclass(frozen=True)
class Preset:
    """One size of the U-Net.

    Attributes:
        stem: Pixel-unshuffle factor before the U-Net; 1 means none.
        channels: Channels of the first level.
        multipliers: Channel multiplier of each level; every level halves the feature size.
        res_blocks: Residual blocks a level.
        attention: Feature sizes, in pixels, at which self-attention stands. Each must exist.
        map_channels: Channels of the condition map that stands beside the noisy image as input;
            0 means none, as in Diff-Font. A convolution sees no position except at its border,
            so without the map a small network learns the layout of a syllable very slowly.
    """

    stem: int
    channels: int
    multipliers: tuple[int, ...]
    res_blocks: int
    attention: tuple[int, ...]
    map_channels: int = 0

    @property
    def feature_sizes(self) -> tuple[int, ...]:
        """The feature size of each level in pixels, the first level first."""
        first = IMAGE_SIZE // self.stem
        return tuple(first >> level for level in range(len(self.multipliers)))


PRESETS = {
    # Diff-Font's own U-Net at 128 px: guided-diffusion's channel multipliers for that size, three
    # residual blocks, attention at 32, 16 and 8. Diff-Font's "40,20,10" fits 80 px and is lost
    # without a word at 128 px.
    "paper": Preset(1, 128, (1, 1, 2, 3, 4), 3, (32, 16, 8)),
    "base": Preset(4, 128, (1, 2, 3), 2, (16, 8), map_channels=16),
    "small": Preset(4, 64, (1, 2, 3), 2, (8,), map_channels=16),
    # For training on a CPU: 16 x 16 patches of 8 x 8 pixels.
    "swift": Preset(8, 64, (1, 2, 3), 1, (4,), map_channels=8),
    "tiny": Preset(4, 32, (1, 2), 1, (), map_channels=4),
}


class GlyphUNet(nn.Module):
    """``UNet2DModel`` with adaptive group norm, behind a pixel-unshuffle stem.

    The condition vector is added to the time embedding and scales and shifts the group norms
    (Diff-Font; Dhariwal and Nichol 2021, adaGN). There is no content image.
    """

    def __init__(self, preset: Preset, *, dropout: float = 0.0, size: int = IMAGE_SIZE) -> None:
        """Build it.

        Args:
            preset: Its size.
            dropout: Of the residual blocks.
            size: Pixels of what it draws. The grid behind the stem is the preset's, so the
                stem folds fewer pixels where there are fewer.

        Raises:
            ValueError: The preset attends at a feature size that it has not, or has no stem that
                could fold fewer pixels.
        """
        super().__init__()
        if preset.stem * size % IMAGE_SIZE:
            raise ValueError(
                f"This preset draws {IMAGE_SIZE} pixels without a stem; {size} are too few for it."
            )
        _check_attention(preset)
        self.stem = preset.stem * size // IMAGE_SIZE
        self.grid = IMAGE_SIZE // preset.stem
        self.map_channels = preset.map_channels
        pixels = self.stem**2
        self.unet = guided_unet(
            self.grid,
            pixels + preset.map_channels,
            pixels,
            channels=tuple(preset.channels * m for m in preset.multipliers),
            attends=tuple(size in preset.attention for size in preset.feature_sizes),
            res_blocks=preset.res_blocks,
            dropout=dropout,
        )
        width = 4 * preset.channels  # of diffusers' time embedding
        self.to_embedding = (
            nn.Identity() if width == CONDITION_SIZE else nn.Linear(CONDITION_SIZE, width)
        )
        if preset.map_channels:
            self.to_map = nn.Linear(CONDITION_SIZE, preset.map_channels * _MAP_SIZE**2)

    def forward(self, x_t: Tensor, t: Tensor, z: Tensor) -> Tensor:
        """Predict x_0, v or epsilon, as the model was trained to.

        Args:
            x_t: (N, 1, size, size) noisy glyphs, in [-1, 1] but for the noise.
            t: (N,) timesteps.
            z: (N, 512) condition vectors.

        Returns:
            (N, 1, size, size) prediction.
        """
        patches = functional.pixel_unshuffle(x_t, self.stem)  # (N, stem^2, grid, grid)
        if self.map_channels:
            patches = torch.cat([patches, self.condition_map(z)], dim=1)
        out = self.unet(patches, t, class_labels=self.to_embedding(z)).sample
        return functional.pixel_shuffle(out, self.stem)  # (N, 1, size, size)

    def condition_map(self, z: Tensor) -> Tensor:
        """What z adds to the U-Net's input, ``(N, map_channels, grid, grid)``."""
        small: Tensor = self.to_map(z).view(-1, self.map_channels, _MAP_SIZE, _MAP_SIZE)
        if self.grid == _MAP_SIZE:
            return small
        return functional.interpolate(small, size=(self.grid, self.grid), mode="nearest")


def _check_attention(preset: Preset) -> None:
    missing = [size for size in preset.attention if size not in preset.feature_sizes]
    if missing:
        raise ValueError(
            f"Attention is asked for at feature sizes {missing}, but the levels have sizes "
            f"{list(preset.feature_sizes)}: it would be left out without a word."
        )


def guided_unet(
    grid: int,
    in_channels: int,
    out_channels: int,
    *,
    channels: tuple[int, ...],
    attends: tuple[bool, ...],
    res_blocks: int,
    dropout: float,
) -> UNet2DModel:
    """A ``UNet2DModel`` whose group norms timestep and a vector of 4 x channels[0] scale and shift.

    Args:
        grid: Height and width of its input and output.
        in_channels: Of the input.
        out_channels: Of the output.
        channels: Of each level; every level halves the feature size.
        attends: Whether self-attention stands at each level.
        res_blocks: Residual blocks a level.
        dropout: Of the residual blocks.
    """
    down = tuple("AttnDownBlock2D" if attend else "DownBlock2D" for attend in attends)
    up = tuple("AttnUpBlock2D" if attend else "UpBlock2D" for attend in reversed(attends))
    return UNet2DModel(
        sample_size=grid,
        in_channels=in_channels,
        out_channels=out_channels,
        block_out_channels=channels,
        layers_per_block=res_blocks,
        down_block_types=down,
        up_block_types=up,
        add_attention=any(attends),
        attention_head_dim=32,
        resnet_time_scale_shift="scale_shift",
        class_embed_type="identity",
        norm_num_groups=32,
        norm_eps=1e-5,
        dropout=dropout,
    )
