"""How large FontDiffuser's networks are under each preset's name."""

from dataclasses import dataclass

from baselines.diffusion.presets import IMAGE_SIZE


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
