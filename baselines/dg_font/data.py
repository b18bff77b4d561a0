"""DG-Font's training batches: real glyphs, and unpaired with them glyphs that lend content."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from baselines.dg_font.model import REPRESENTATION
from baselines.glyphs.bank import random_columns
from baselines.glyphs.image_store import ImageStore, image_store
from baselines.training.data import Batch, TrainingFonts, present_in
from baselines.training.recipe import DataOptions
from hangeul_bench.dataset import GlyphDataset


@dataclass(frozen=True)
class UnpairedOptions(DataOptions):
    """Which glyphs DG-Font learns from.

    Attributes:
        content_share: Share of content glyphs that are the content font's; the paper: 0, any
            training font's.
    """

    content_share: float = field(default=1.0, metadata={"range": (0, 1)})


@dataclass(frozen=True)
class UnpairedSet:
    """Glyphs of some fonts, and of the content font.

    In a batch no glyph is the answer to another: ``x_0`` are real glyphs, each the reference of its
    font; ``inputs["content"]`` are glyphs of other syllables; ``inputs["fonts"]`` are the places of
    the real glyphs' fonts, which choose the discriminator's output.

    Attributes:
        images: (F, C, 128, 128) uint8.
        present: (F, C) bool; false where the font lacks the character.
        content: (C, 128, 128) uint8 of the content font.
        drawable: (C,) bool; false where the content font lacks the character.
        weights: (F,) how often a font is drawn.
        shown: Column of the reference in :meth:`grid`.
        content_share: See :class:`UnpairedOptions`.
    """

    images: Tensor | ImageStore
    present: Tensor
    content: Tensor
    drawable: Tensor
    weights: Tensor
    shown: int = 0
    content_share: float = 1.0

    def batch(self, size: int, seed: int) -> Batch:
        """A random batch; the same seed gives the same batch on every machine."""
        generator = torch.Generator().manual_seed(seed)
        fonts = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        real = self.images[fonts, random_columns(self.present[fonts], generator)]
        own = random_columns(self.drawable.expand(size, -1), generator)
        others = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        foreign = random_columns(self.present[others], generator)
        lent = torch.rand(size, generator=generator) < self.content_share
        content = torch.where(lent.view(-1, 1, 1), self.content[own], self.images[others, foreign])
        inputs = {"content": REPRESENTATION.encode(content), "fonts": fonts}
        return Batch(REPRESENTATION.encode(real), inputs, generator)

    def grid(self, fonts: int, characters: int) -> Batch:
        """Fixed glyphs for validation: the first fonts by evenly spaced characters.

        ``x_0`` are the true glyphs, ``inputs["reference"]`` one glyph of each font.
        """
        fonts = min(fonts, len(self.present))
        usable = torch.nonzero(self.drawable & self.present[:fonts].all(0))[:, 0]
        picked = usable[torch.linspace(0, len(usable) - 1, characters).long()]
        rows = torch.arange(fonts).repeat_interleave(characters)
        columns = picked.repeat(fonts)
        inputs = {
            "content": REPRESENTATION.encode(self.content[columns]),
            "reference": REPRESENTATION.encode(self.images[rows, self.shown]),
            "fonts": rows,
        }
        x_0 = REPRESENTATION.encode(self.images[rows, columns])
        return Batch(x_0, inputs, torch.Generator().manual_seed(0))


def load_unpaired_sets(
    dataset: GlyphDataset,
    fonts: TrainingFonts,
    characters: tuple[str, ...],
    *,
    content_share: float = 1.0,
) -> tuple[UnpairedSet, UnpairedSet | None]:
    """The training set and, where families are held out, the validation set.

    Args:
        dataset: Whose glyphs.
        fonts: Which fonts train and which are held out.
        characters: Which characters.
        content_share: See :class:`UnpairedOptions`.

    Raises:
        UserError: A font lacks every character asked for.
    """
    content_font = (dataset.splits.content_font,)
    content = image_store(dataset, content_font, characters)[0, torch.arange(len(characters))]
    drawable = present_in(dataset, content_font, characters)[0]

    def load(font_ids: tuple[str, ...], weights: Tensor) -> UnpairedSet:
        present = present_in(dataset, font_ids, characters)
        images = image_store(dataset, font_ids, characters)
        column = {character: place for place, character in enumerate(characters)}
        shown = next((column[c] for c in dataset.splits.references if c in column), 0)
        return UnpairedSet(images, present, content, drawable, weights, shown, content_share)

    training = load(fonts.font_ids, fonts.weights())
    validation_ids = tuple(font.font_id for font in fonts.validation)
    if not validation_ids:
        return training, None
    return training, load(validation_ids, torch.ones(len(validation_ids)))
