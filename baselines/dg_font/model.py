"""DG-Font as one model: what is saved and draws, and the discriminator that only training needs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from baselines.dg_font.discriminator import Discriminator
from baselines.dg_font.generator import PRESETS, Content, ContentEncoder, Mixer, StyleEncoder
from baselines.glyphs.representation import Pixels, to_images
from baselines.training.checkpoint import CHARACTERS, TrainedModel

REPRESENTATION = Pixels()


@dataclass(frozen=True)
class DGFontConfig:
    """All that is needed to build the generator again, beside its weights.

    Attributes:
        preset: Name of an entry of ``PRESETS``.
        characters: The characters that it was trained on; it draws any that the content font has.
    """

    schema: ClassVar[Mapping[str, Any]] = {"preset": {"type": "string"}, "characters": CHARACTERS}

    preset: str
    characters: tuple[str, ...] = field(default=(), metadata={"fixed": True})

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON values; ``characters`` as code points."""
        return {**asdict(self), "characters": [ord(character) for character in self.characters]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "DGFontConfig":
        """The inverse of :meth:`to_json`."""
        return cls(data["preset"], tuple(chr(codepoint) for codepoint in data["characters"]))


class DGFont(TrainedModel):
    """The generator: a content glyph and a reference to the glyph in the reference's style."""

    name = "dg-font"
    config_type = DGFontConfig
    presets = PRESETS
    config: DGFontConfig

    def __init__(self, config: DGFontConfig) -> None:
        super().__init__(config)
        preset = PRESETS[config.preset]
        self.style_encoder = StyleEncoder(preset)
        self.content_encoder = ContentEncoder(preset)
        self.mixer = Mixer(preset)

    def style(self, glyphs: Tensor) -> Tensor:
        """(N, 1, 128, 128) glyphs in [-1, 1] to (N, 128) style codes."""
        code: Tensor = self.style_encoder(glyphs)
        return code

    def content(self, glyphs: Tensor) -> Content:
        """What the content encoder says of (N, 1, 128, 128) glyphs in [-1, 1]."""
        content: Content = self.content_encoder(glyphs)
        return content

    def mix(self, content: Content, code: Tensor) -> tuple[Tensor, list[Tensor]]:
        """N glyphs in [-1, 1] of this content and these style codes, and the skips' offsets."""
        mixed: tuple[Tensor, list[Tensor]] = self.mixer(content, code)
        return mixed

    def forward(self, content: Tensor, reference: Tensor) -> Tensor:
        """Draw: (N, 1, 128, 128) content glyphs and references to glyphs, all in [-1, 1]."""
        return self.mix(self.content(content), self.style(reference))[0]

    @torch.no_grad()
    def draw(self, content: Tensor, code: Tensor) -> Tensor:
        """(N, 1, 128, 128) content glyphs and (N, 128) codes to (N, 128, 128) uint8 images."""
        return to_images(REPRESENTATION, self.mix(self.content(content), code)[0].float())


class Players(nn.Module):
    """Both sides of the training: the generator and its discriminator."""

    def __init__(self, generator: DGFont, fonts: int) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = Discriminator(PRESETS[generator.config.preset], fonts)
