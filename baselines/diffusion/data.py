"""The training set of the models that read a style vector, as tensors on the device."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from baselines.diffusion.model import GlyphDiffusion, Inputs, add_style
from baselines.glyphs.augmentation import apply_change, half_width, random_change
from baselines.glyphs.bank import Fields, FontGlyphs, Images, open_bank, random_columns
from baselines.glyphs.image_store import image_store
from baselines.glyphs.representation import render
from baselines.style_encoder.encoder import StyleEncoder
from baselines.training.data import Batch, TrainingFonts, present_in
from hangeul_bench.dataset import GlyphDataset

_REFERENCES = 32  # glyphs of each font that may be its reference


@dataclass(frozen=True)
class TrainingSet:
    """Glyphs of some fonts, with the conditions of characters and fonts.

    Attributes:
        glyphs: Where they come from.
        present: (F, C) bool on the CPU; false where the font lacks the character.
        references: (F, K) columns of the glyphs that may be a font's reference.
        styles: (F, K, 128) their style vectors.
        characters: Inputs of the C characters.
        weights: (F,) how often a font is drawn.
        syllables: The C characters.
        encoder: Reads the reference of a font that was changed; None changes no font.
        autocast: In which precision it reads.
    """

    glyphs: FontGlyphs
    present: Tensor
    references: Tensor
    styles: Tensor
    characters: Inputs
    weights: Tensor
    syllables: tuple[str, ...]
    encoder: StyleEncoder | None = None
    autocast: Callable[[], AbstractContextManager[None]] = nullcontext

    def batch(self, size: int, seed: int) -> Batch:
        """A random batch; the same seed gives the same batch on every machine."""
        generator = torch.Generator().manual_seed(seed)
        fonts = torch.multinomial(self.weights, size, replacement=True, generator=generator)
        columns = random_columns(self.present[fonts], generator)
        references = torch.randint(self.references.shape[1], (size,), generator=generator)
        if self.encoder is None:
            return Batch(*self._as_they_are(fonts, columns, references), generator)
        return Batch(*self._changed(fonts, columns, references, generator), generator)

    def grid(self, fonts: int, characters: int) -> Batch:
        """Fixed glyphs for validation: the first fonts by evenly spaced characters."""
        fonts = min(fonts, len(self.present))
        picked = torch.linspace(0, len(self.syllables) - 1, characters).long()
        rows = torch.arange(fonts).repeat_interleave(characters)
        columns = picked.repeat(fonts)
        present = self.present[rows, columns]
        rows, columns = rows[present], columns[present]
        x_0, inputs = self._as_they_are(rows, columns, torch.zeros_like(rows))
        return Batch(x_0, inputs, torch.Generator().manual_seed(0))

    def _as_they_are(
        self, fonts: Tensor, columns: Tensor, references: Tensor
    ) -> tuple[Tensor, Inputs]:
        device = self.styles.device
        style = self.styles[fonts.to(device), references.to(device)]
        x_0 = self.glyphs.x_0(fonts, columns).to(device)
        return x_0, add_style(self._conditions(columns), style)

    def _changed(
        self, fonts: Tensor, columns: Tensor, references: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Inputs]:
        """Each font made another; its reference is changed alike, and its style vector new."""
        assert isinstance(self.glyphs, Fields) and self.encoder is not None
        device = self.styles.device
        shown = self.glyphs.fields(fonts, self.references[fonts, references])
        change = random_change(len(fonts), generator).bounded_by(half_width(shown))
        own = apply_change(self.glyphs.fields(fonts, columns), change)
        with self.autocast():
            style = self.encoder.embed(render(apply_change(shown, change)))
        x_0 = self.glyphs.representation.encode_fields(own).to(device)
        return x_0, add_style(self._conditions(columns), style.to(device))

    def _conditions(self, columns: Tensor) -> Inputs:
        device = self.styles.device
        return {name: value[columns.to(device)] for name, value in self.characters.items()}


def load_training_sets(
    dataset: GlyphDataset,
    fonts: TrainingFonts,
    characters: tuple[str, ...],
    *,
    model: GlyphDiffusion,
    encoder: StyleEncoder,
    device: torch.device,
    augment: bool = False,
    bank_folder: Path | None = None,
    autocast: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> tuple[TrainingSet, TrainingSet | None]:
    """The training set and, where families are held out, the validation set.

    Args:
        dataset: Whose glyphs.
        fonts: Which fonts train and which are held out.
        characters: Which characters.
        model: Its representation, and its conditions of a character.
        encoder: Makes style vectors.
        device: Where the training runs.
        augment: Whether fonts are changed at random; those that validate are not.
        bank_folder: Where the fields of the dataset lie or shall lie; needed with ``augment``,
            or with a representation other than pixels.
        autocast: In which precision ``encoder`` reads references of changed fonts.

    Raises:
        UserError: A font of the dataset lacks every character asked for.
    """
    inputs = model.attributes.character_inputs(characters)
    on_device = {name: value.to(device) for name, value in inputs.items()}
    representation = model.representation
    bank = None
    if augment or representation.name != "pixels":
        bank = open_bank(dataset, bank_folder or Path("runs") / "fields").on(device)

    def load(font_ids: tuple[str, ...], weights: Tensor) -> TrainingSet:
        known = present_in(dataset, font_ids, characters)
        references = _references(known)
        glyphs: FontGlyphs
        if bank is not None:
            glyphs = Fields.of(bank, font_ids, characters, representation)
            shown = _shown(dataset, font_ids, characters, references)
        else:
            pages = image_store(dataset, font_ids, characters)
            glyphs = Images(pages.to(device), representation)
            shown = pages[torch.arange(len(pages)).unsqueeze(1), references]
        styles = encoder.embed(shown.flatten(0, 1)).view(len(shown), _REFERENCES, -1).to(device)
        return TrainingSet(glyphs, known, references, styles, on_device, weights, characters)

    validation_ids = tuple(font.font_id for font in fonts.validation)
    validation = load(validation_ids, torch.ones(len(validation_ids))) if validation_ids else None
    training = load(fonts.font_ids, fonts.weights())
    if augment:
        training = replace(training, encoder=encoder, autocast=autocast)
    return training, validation


def _references(present: Tensor) -> Tensor:
    """(F, K) columns of the glyphs that may be a font's reference."""
    generator = torch.Generator().manual_seed(0)
    return torch.multinomial(present.float(), _REFERENCES, replacement=True, generator=generator)


def _shown(
    dataset: GlyphDataset,
    font_ids: tuple[str, ...],
    characters: tuple[str, ...],
    references: Tensor,
) -> Tensor:
    """(F, K, 128, 128) uint8 images of the references alone."""
    pages = (
        dataset.images(font_id, [characters[column] for column in row])
        for font_id, row in zip(font_ids, references.tolist(), strict=True)
    )
    return torch.from_numpy(np.stack(list(pages)))
