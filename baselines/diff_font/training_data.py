"""The training set as tensors on the device, and batches that a step's number alone decides."""

from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.dg_font.encoder import StyleEncoder
from baselines.diff_font.attributes import Inputs, add_style
from baselines.diff_font.model import DiffFont
from baselines.diff_font.sampling import from_uint8
from baselines.training_fonts import TrainingFonts
from hangeul_bench.dataset import GlyphDataset, UserError

_REFERENCES = 32  # glyphs of each font whose style vectors are made once; the encoder is frozen


@dataclass(frozen=True)
class Batch:
    """One step's glyphs and conditions, and the generator for the rest of the step's noise."""

    x_0: Tensor  # (N, 1, 128, 128) float32 in [-1, 1], ink = -1
    inputs: Inputs
    generator: torch.Generator


@dataclass(frozen=True)
class TrainingSet:
    """Glyphs of some fonts as uint8, with the conditions of characters and fonts.

    Attributes:
        images: (F, C, 128, 128) uint8 on the device.
        present: (F, C) bool on the CPU; false where the font lacks the character.
        styles: (F, K, 128) style vectors of K glyphs of each font.
        characters: Inputs of the C characters.
        weights: (F,) how often a font is drawn.
        syllables: The C characters.
    """

    images: Tensor
    present: Tensor
    styles: Tensor
    characters: Inputs
    weights: Tensor
    syllables: tuple[str, ...]

    def batch(self, size: int, seed: int) -> Batch:
        """A random batch; the same seed gives the same batch on every machine."""
        generator = torch.Generator().manual_seed(seed)
        fonts = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        columns = torch.multinomial(self.present[fonts].float(), 1, generator=generator)[:, 0]
        references = torch.randint(self.styles.shape[1], (size,), generator=generator)
        return Batch(*self._gather(fonts, columns, references), generator)

    def grid(self, fonts: int, characters: int) -> Batch:
        """Fixed glyphs for validation: the first fonts by evenly spaced characters."""
        fonts = min(fonts, len(self.images))
        picked = torch.linspace(0, len(self.syllables) - 1, characters).long()
        rows = torch.arange(fonts).repeat_interleave(characters)
        columns = picked.repeat(fonts)
        present = self.present[rows, columns]
        rows, columns = rows[present], columns[present]
        x_0, inputs = self._gather(rows, columns, torch.zeros_like(rows))
        return Batch(x_0, inputs, torch.Generator().manual_seed(0))

    def _gather(self, fonts: Tensor, columns: Tensor, references: Tensor) -> tuple[Tensor, Inputs]:
        device = self.images.device
        fonts_, columns_ = fonts.to(device), columns.to(device)
        x_0 = from_uint8(self.images[fonts_, columns_]).unsqueeze(1)
        inputs = {name: value[columns_] for name, value in self.characters.items()}
        return x_0, add_style(inputs, self.styles[fonts_, references.to(device)])


def load_training_sets(
    dataset: GlyphDataset,
    fonts: TrainingFonts,
    characters: tuple[str, ...],
    *,
    model: DiffFont,
    encoder: StyleEncoder,
    device: torch.device,
) -> tuple[TrainingSet, TrainingSet | None]:
    """The training set and, where families are held out, the validation set.

    Raises:
        UserError: A font of the dataset lacks every character asked for.
    """
    inputs = model.character_inputs(characters, dataset.phonetics(characters))
    on_device = {name: value.to(device) for name, value in inputs.items()}

    def load(font_ids: tuple[str, ...], weights: Tensor) -> TrainingSet:
        images, present = dataset.training_arrays(font_ids, characters)
        if not present.any(1).all():
            empty = font_ids[int((~present.any(1)).argmax())]
            raise UserError(f"Font {empty} of {dataset.path} has none of the training characters.")
        glyphs, known = torch.from_numpy(images), torch.from_numpy(present)
        styles = _styles(encoder, glyphs, known).to(device)
        return TrainingSet(glyphs.to(device), known, styles, on_device, weights, characters)

    validation_ids = tuple(font.font_id for font in fonts.validation)
    validation = load(validation_ids, torch.ones(len(validation_ids))) if validation_ids else None
    return load(fonts.font_ids, fonts.weights()), validation


def _styles(encoder: StyleEncoder, images: Tensor, present: Tensor) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    rows = torch.multinomial(present.float(), _REFERENCES, replacement=True, generator=generator)
    glyphs = torch.stack([own[row] for own, row in zip(images, rows, strict=True)])
    return encoder.embed(glyphs.flatten(0, 1)).view(len(images), _REFERENCES, -1)
