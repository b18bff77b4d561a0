"""Glyphs of many fonts: as images, or as fields in one file that is mapped into memory."""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.glyphs.field_batch import fields_of
from baselines.glyphs.image_store import ImageStore
from baselines.glyphs.representation import (
    FIELD_SIZE,
    Representation,
    field,
)
from hangeul_bench.base.files import whole_file
from hangeul_bench.dataset import GlyphDataset

STEPS_A_PIXEL = 16  # fields are stored as int8, so they reach 127 / 16 pixels
_RULE = 2  # of `fields_of` and this file; raise it when either gives other numbers


@dataclass(frozen=True)
class FieldBank:
    """Fields of F fonts by C characters.

    Attributes:
        font_ids: The F fonts.
        characters: The C characters.
        fields: (F, C, 64, 64) int8, in sixteenths of a pixel of the 128 px image: a file mapped
            into memory, or a tensor on a device.
        present: (F, C) bool; false where a font lacks a character.
    """

    font_ids: tuple[str, ...]
    characters: tuple[str, ...]
    fields: NDArray[np.int8] | Tensor
    present: NDArray[np.bool_]

    def get(self, fonts: Sequence[int] | Tensor, columns: Sequence[int] | Tensor) -> Tensor:
        """(N, 64, 64) float32 fields in pixels, of N pairs of font and character rows."""
        if isinstance(self.fields, Tensor):
            device = self.fields.device
            rows, places = (torch.as_tensor(index, device=device) for index in (fonts, columns))
            return self.fields[rows, places].float() / STEPS_A_PIXEL
        picked = self.fields[np.asarray(fonts), np.asarray(columns)]
        return torch.from_numpy(picked).float() / STEPS_A_PIXEL

    def on(self, device: torch.device) -> "FieldBank":
        """The same with its fields in a GPU's memory; on the CPU the file stays mapped."""
        if device.type == "cpu":
            return self
        return replace(self, fields=torch.from_numpy(np.array(self.fields)).to(device))


def open_bank(dataset: GlyphDataset, folder: Path, *, workers: int | None = None) -> FieldBank:
    """The bank of a dataset's training fonts and content font, and all its characters.

    It is made where ``folder`` does not hold it yet, and is 9.6 MB a font of 2,350 characters.

    Args:
        dataset: Whose fonts.
        folder: Where the file lies or shall lie.
        workers: Processes that make it; None for one a core.
    """
    splits = dataset.splits
    font_ids = tuple(sorted({*splits.train_fonts, splits.content_font}))
    characters = tuple(dataset.characters)
    path = folder / f"fields-{_RULE}-{dataset.fingerprint[:16]}.npy"
    if not path.is_file():
        jobs = [(dataset.path, font_id, characters) for font_id in font_ids]
        shape = (len(font_ids), len(characters), FIELD_SIZE, FIELD_SIZE)
        with whole_file(path) as partial, ProcessPoolExecutor(workers) as pool:
            file = np.lib.format.open_memmap(partial, "w+", np.int8, shape)
            for row, fields in enumerate(pool.map(_fields_of_font, jobs)):
                file[row] = fields
            file.flush()
    missing = {font_id: dataset.missing(font_id) for font_id in font_ids}
    present = np.array([[c not in missing[f] for c in characters] for f in font_ids])
    return FieldBank(font_ids, characters, np.load(path, mmap_mode="r"), present)


def _fields_of_font(job: tuple[Path, str, tuple[str, ...]]) -> NDArray[np.int8]:
    path, font_id, characters = job
    return _steps(fields_of(GlyphDataset.open(path).images(font_id, characters)))


def quantize(glyphs: Tensor) -> NDArray[np.int8]:
    """(N, 128, 128) uint8 glyphs to (N, 64, 64) int8 fields in sixteenths of a pixel.

    Adapters draw from these; those of a bank are made by another rule and may differ by one.
    """
    return _steps(field(glyphs).numpy())


def _steps(fields: NDArray[np.float32]) -> NDArray[np.int8]:
    return np.rint(fields * STEPS_A_PIXEL).clip(-127, 127).astype(np.int8)


class FontGlyphs(Protocol):
    """Where glyphs of fonts (rows) and characters (columns) come from."""

    def x_0(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 1, S, S) glyphs in their representation."""


@dataclass(frozen=True)
class Images:
    """(F, C, 128, 128) uint8 images on the device: glyphs as their fonts draw them."""

    images: Tensor | ImageStore
    representation: Representation

    def x_0(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 1, S, S) glyphs."""
        device = self.images.device
        return self.representation.encode(self.images[rows.to(device), columns.to(device)])


@dataclass(frozen=True)
class Fields:
    """Fields of a bank: glyphs that can be changed."""

    bank: FieldBank
    fonts: Tensor  # (F,) rows of the bank
    characters: Tensor  # (C,) its columns
    representation: Representation

    @classmethod
    def of(
        cls,
        bank: FieldBank,
        font_ids: Sequence[str],
        characters: Sequence[str],
        representation: Representation,
    ) -> "Fields":
        """The bank's fields of some fonts and characters, which it must hold."""
        rows = torch.tensor([bank.font_ids.index(font_id) for font_id in font_ids])
        places = {character: place for place, character in enumerate(bank.characters)}
        columns = torch.tensor([places[character] for character in characters])
        return cls(bank, rows, columns, representation)

    def fields(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 64, 64) float32 in pixels."""
        return self.bank.get(self.fonts[rows], self.characters[columns])

    def x_0(self, rows: Tensor, columns: Tensor) -> Tensor:
        """(N, 1, S, S) glyphs."""
        return self.representation.encode_fields(self.fields(rows, columns))


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
