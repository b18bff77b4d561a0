"""The U-Net sizes that Diff-Font and DK-Font share."""

from dataclasses import dataclass

IMAGE_SIZE = 128  # pixels; the paper's and the dataset's
CONDITION_SIZE = 512  # width of z in Diff-Font


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
