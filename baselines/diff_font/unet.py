"""The denoising U-Net: a noisy glyph, a timestep and a condition vector in, a prediction out."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.diff_font.presets import CONDITION_SIZE, IMAGE_SIZE, Preset
from hangeul_bench.adapter import ensure_torchvision

ensure_torchvision()  # diffusers imports torchvision, which fails beside another build of torch

from diffusers import UNet2DModel  # noqa: E402

_MAP_SIZE = 16  # pixels; the condition map is made at this size and enlarged to the first level


class GlyphUNet(nn.Module):
    """``UNet2DModel`` with adaptive group norm, behind a pixel-unshuffle stem.

    The condition vector is added to the time embedding and scales and shifts the group norms
    (Diff-Font; Dhariwal and Nichol 2021, adaGN). There is no content image.
    """

    def __init__(self, preset: Preset, *, dropout: float = 0.0) -> None:
        super().__init__()
        missing = [size for size in preset.attention if size not in preset.feature_sizes]
        if missing:
            raise ValueError(
                f"Attention is asked for at feature sizes {missing}, but the levels have sizes "
                f"{list(preset.feature_sizes)}: it would be left out without a word."
            )
        self.stem = preset.stem
        self.grid = IMAGE_SIZE // preset.stem
        self.map_channels = preset.map_channels
        pixels = preset.stem**2
        self.unet = UNet2DModel(
            sample_size=self.grid,
            in_channels=pixels + preset.map_channels,
            out_channels=pixels,
            block_out_channels=tuple(preset.channels * m for m in preset.multipliers),
            layers_per_block=preset.res_blocks,
            down_block_types=_block_types(preset, "DownBlock2D"),
            up_block_types=tuple(reversed(_block_types(preset, "UpBlock2D"))),
            add_attention=bool(preset.attention),
            attention_head_dim=32,
            resnet_time_scale_shift="scale_shift",
            class_embed_type="identity",
            norm_num_groups=32,
            norm_eps=1e-5,
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
            x_t: (N, 1, 128, 128) noisy glyphs, paper = 1, ink = -1.
            t: (N,) timesteps.
            z: (N, 512) condition vectors.

        Returns:
            (N, 1, 128, 128) prediction.
        """
        patches = functional.pixel_unshuffle(x_t, self.stem)  # (N, stem^2, grid, grid)
        if self.map_channels:
            patches = torch.cat([patches, self.condition_map(z)], dim=1)
        out = self.unet(patches, t, class_labels=self.to_embedding(z)).sample
        return functional.pixel_shuffle(out, self.stem)  # (N, 1, 128, 128)

    def condition_map(self, z: Tensor) -> Tensor:
        """What z adds to the U-Net's input, ``(N, map_channels, grid, grid)``."""
        small = self.to_map(z).view(-1, self.map_channels, _MAP_SIZE, _MAP_SIZE)
        if self.grid == _MAP_SIZE:
            return small
        return functional.interpolate(small, size=(self.grid, self.grid), mode="nearest")


def _block_types(preset: Preset, plain: str) -> tuple[str, ...]:
    return tuple(
        "Attn" + plain if size in preset.attention else plain for size in preset.feature_sizes
    )


def attention_sizes(model: GlyphUNet) -> tuple[int, ...]:
    """The feature sizes at which the built network really attends, largest first."""
    blocks = model.unet.down_blocks
    return tuple(
        model.grid >> level for level, block in enumerate(blocks) if hasattr(block, "attentions")
    )
