"""The sizes of DG-Font's networks."""

from dataclasses import dataclass

IMAGE_SIZE = 128  # pixels; the dataset's. The paper's is 80
STYLE_SIZE = 128  # width of the style code


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
