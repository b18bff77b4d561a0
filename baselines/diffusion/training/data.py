"""The training set as tensors on the device, and batches that a step's number alone decides."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.diffusion.augmentation import apply_change, half_width, random_change
from baselines.diffusion.carrier import Carrier
from baselines.diffusion.conditions import Inputs, add_style
from baselines.diffusion.fields import FieldBank, open_bank
from baselines.diffusion.model import GlyphDiffusion
from baselines.diffusion.sdf import render
from baselines.page_store import PageStore, page_store
from baselines.style_encoder.encoder import StyleEncoder
from baselines.training_fonts import TrainingFonts
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import GlyphDataset

_REFERENCES = 32  # glyphs of each font that may be its reference


@dataclass(frozen=True)
class Batch:
    """One step's glyphs and conditions, and the generator for the rest of the step's noise."""

    x_0: Tensor  # (N, 1, S, S) float32 in [-1, 1], as the carrier has it
    inputs: Inputs
    generator: torch.Generator


class TrainingData(Protocol):
    """What a run draws its batches from."""

    def batch(self, size: int, seed: int) -> Batch:
        """A random batch; the same seed gives the same batch."""

    def grid(self, fonts: int, characters: int) -> Batch:
        """Fixed glyphs for validation: the first fonts by evenly spaced characters."""


class Glyphs(Protocol):
    """Where glyphs of fonts (rows) and characters (columns) come from."""

    def x_0(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 1, S, S) glyphs as the carrier has them."""


@dataclass(frozen=True)
class Pages:
    """(F, C, 128, 128) uint8 pages on the device: glyphs as their fonts draw them."""

    images: Tensor | PageStore
    carrier: Carrier

    def x_0(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 1, S, S) glyphs."""
        device = self.images.device
        return self.carrier.encode(self.images[rows.to(device), columns.to(device)])


@dataclass(frozen=True)
class Fields:
    """Fields of a bank: glyphs that can be changed."""

    bank: FieldBank
    fonts: Tensor  # (F,) rows of the bank
    characters: Tensor  # (C,) its columns
    carrier: Carrier

    @classmethod
    def of(
        cls, bank: FieldBank, font_ids: Sequence[str], characters: Sequence[str], carrier: Carrier
    ) -> "Fields":
        """The bank's fields of some fonts and characters, which it must hold."""
        rows = torch.tensor([bank.font_ids.index(font_id) for font_id in font_ids])
        places = {character: place for place, character in enumerate(bank.characters)}
        columns = torch.tensor([places[character] for character in characters])
        return cls(bank, rows, columns, carrier)

    def fields(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 64, 64) float32 in pixels."""
        return self.bank.get(self.fonts[rows], self.characters[columns])

    def x_0(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 1, S, S) glyphs."""
        return self.carrier.encode_fields(self.fields(rows, columns))


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

    glyphs: Glyphs
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
        x_0 = self.glyphs.carrier.encode_fields(own).to(device)
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
        model: Its carrier, and its conditions of a character.
        encoder: Makes style vectors.
        device: Where the training runs.
        augment: Whether fonts are changed at random; those that validate are not.
        bank_folder: Where the fields of the dataset lie or shall lie; needed with ``augment``,
            or with a carrier other than pixels.
        autocast: In which precision ``encoder`` reads references of changed fonts.

    Raises:
        UserError: A font of the dataset lacks every character asked for.
    """
    inputs = model.character_inputs(characters, dataset.phonetics(characters))
    on_device = {name: value.to(device) for name, value in inputs.items()}
    carrier = model.carrier
    bank = None
    if augment or carrier.name != "pixels":
        bank = open_bank(dataset, bank_folder or Path("runs") / "fields").on(device)

    def load(font_ids: tuple[str, ...], weights: Tensor) -> TrainingSet:
        present = dataset.present(font_ids, characters)
        check_present(dataset, font_ids, present)
        known = torch.from_numpy(present)
        references = _references(known)
        glyphs: Glyphs
        if bank is not None:
            glyphs = Fields.of(bank, font_ids, characters, carrier)
            shown = _shown(dataset, font_ids, characters, references)
        else:
            pages = page_store(dataset, font_ids, characters)
            glyphs = Pages(pages.to(device), carrier)
            shown = pages[torch.arange(len(pages)).unsqueeze(1), references]
        styles = encoder.embed(shown.flatten(0, 1)).view(len(shown), _REFERENCES, -1).to(device)
        return TrainingSet(glyphs, known, references, styles, on_device, weights, characters)

    validation_ids = tuple(font.font_id for font in fonts.validation)
    validation = load(validation_ids, torch.ones(len(validation_ids))) if validation_ids else None
    training = load(fonts.font_ids, fonts.weights())
    if augment:
        training = replace(training, encoder=encoder, autocast=autocast)
    return training, validation


def random_columns(
    present: Tensor, generator: torch.Generator, *, besides: Tensor | None = None
) -> Tensor:
    """A random column of each row, evenly among those that are there.

    ``torch.multinomial`` over the rows does the same and takes longer than a GPU takes to learn.

    Args:
        present: (N, C) bool, on the CPU; a true in each row.
        generator: Where the random numbers come from.
        besides: (N,) a column of each row that is there and not to be drawn, unless it is all.

    Returns:
        (N,) int64.
    """
    counts = present.sum(1)
    free = counts if besides is None else (counts - 1).clamp(min=1)
    place = (torch.rand(len(present), generator=generator, dtype=torch.float64) * free).long()
    if besides is not None:
        passed = present.long().cumsum(1).gather(1, besides.unsqueeze(1))[:, 0] - 1
        place = torch.where((place >= passed) & (counts > 1), place + 1, place)
    some = counts < present.shape[1]
    if bool(some.any()):
        reached = present[some].long().cumsum(1)  # (M, C)
        found = torch.searchsorted(reached, (place[some] + 1).unsqueeze(1))[:, 0]
        place = place.masked_scatter(some, found)
    return place


def check_present(
    dataset: GlyphDataset, font_ids: tuple[str, ...], present: NDArray[np.bool_]
) -> None:
    """Refuse fonts that have none of the training characters.

    Args:
        dataset: Where they are from.
        font_ids: The F fonts.
        present: (F, C).

    Raises:
        UserError: A font has none.
    """
    if not present.any(1).all():
        empty = font_ids[int((~present.any(1)).argmax())]
        raise UserError(f"Font {empty} of {dataset.path} has none of the training characters.")


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
    """(F, K, 128, 128) uint8 pages of the references alone."""
    pages = (
        dataset.images(font_id, [characters[column] for column in row])
        for font_id, row in zip(font_ids, references.tolist(), strict=True)
    )
    return torch.from_numpy(np.stack(list(pages)))
