"""Fields of many glyphs at once, and those of many fonts in one file, mapped into memory.

:func:`fields_of` gives the numbers of ``field`` to a sixteenth pixel. Its arrays are laid out as
(rows, glyphs, columns). A step to the row below is then one whole slice, and a step to the next
column one place in the flat array, as every row ends in blank columns; so no operation has a short
inner loop, which is what a distance transform otherwise waits for.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.glyphs.representation import CORRECTIONS, EDGE, FIELD_SIZE, REACH, field
from hangeul_bench.base.files import whole_file
from hangeul_bench.base.images import Glyphs
from hangeul_bench.dataset import GlyphDataset

STEPS_A_PIXEL = 16  # fields are stored as int8, so they reach 127 / 16 pixels
_RULE = 2  # of `fields_of` and this file; raise it when either gives other numbers
GLYPHS_AT_ONCE = 8  # more fall out of the processor's cache
_UNIT = 20  # steps a pixel of distances in whole numbers: squares of two still fit 16 bits
_FAR = _UNIT * REACH
# Bicubic weights (a = -0.75) of a point 1/4 pixel before and after a cell's middle, each over five
# neighbouring cells.
_WEIGHTS = (-0.03515625, 0.26171875, 0.87890625, -0.10546875)  # before; after is its mirror image
_RIM = 2  # cells that these weights reach beyond the field
Lengths = NDArray[np.uint8]
Distances = NDArray[np.uint16]
Numbers = NDArray[np.float32]


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


def fields_of(glyphs: Glyphs) -> Numbers:
    """Fields of glyphs.

    Args:
        glyphs: (N, 128, 128) uint8, 0 = ink, 255 = paper.

    Returns:
        (N, 64, 64) float32 in pixels of the image, positive in ink, within 1/16 pixel of
        :func:`~baselines.glyphs.representation.field` once both are rounded to sixteenths.
    """
    parts = [_fields(glyphs[k : k + GLYPHS_AT_ONCE]) for k in range(0, len(glyphs), GLYPHS_AT_ONCE)]
    return np.concatenate(parts) if parts else np.empty((0, FIELD_SIZE, FIELD_SIZE), np.float32)


def _fields(glyphs: Glyphs) -> Numbers:
    n, height, width = glyphs.shape
    # (rows, N, columns): coverage less one half, with paper around the image.
    over = np.full((height + 2, n, width + 2 + REACH), -0.5, np.float32)
    page = over[1:-1, :, 1 : width + 1]
    np.multiply(glyphs.transpose(1, 0, 2), np.float32(-1 / 255), out=page)
    page += np.float32(0.5)
    distance = _signed(over)[1:-1, :, 1 : width + 1]  # (128, N, 128)
    np.copyto(distance, page, where=np.abs(page) < 0.5 - EDGE)  # the contour runs through these
    return _corrected(_halved(distance), page).transpose(1, 0, 2)


def _signed(over: Numbers) -> Numbers:
    """(rows, N, columns) distance of each pixel's middle to the 50 % contour, positive in ink."""
    row = over[0].size  # places from a pixel to the one below
    # New memory for each step would cost as much as the step.
    squared, other, moved, nearest = np.empty((4, over.size), np.uint16)
    work = np.empty((3, over.size), np.uint8)
    _spread(_to_crossings(over, row, work, out=other), 1, moved=moved, out=squared)
    _spread(_to_crossings(over, 1, work, out=other), row, moved=moved, out=nearest)
    np.minimum(squared, nearest, out=squared)
    distance = np.sqrt(squared, dtype=np.float32).reshape(over.shape)
    distance *= np.float32(1 / _UNIT)
    return np.copysign(distance, over, out=distance)


def _to_crossings(over: Numbers, step: int, work: Lengths, *, out: Distances) -> Distances:
    """Flat squared distances to the contour's crossings of the lines that run by ``step``."""
    values = over.ravel()
    inside = values > 0
    first = np.flatnonzero(inside[:-step] != inside[step:])
    upper, lower = values[first], values[first + step]
    part = upper / (upper - lower)  # [0, 1) of the way
    ahead, behind, moved = work  # at most _FAR, so that none overflows below
    ahead[:] = behind[:] = _FAR
    ahead[first] = part * _UNIT + 0.5
    behind[first + step] = (1 - part) * _UNIT + 0.5
    for reach in (1, 2, 4):  # each doubles how far a crossing is seen: 7 pixels and a part
        places, far = reach * step, np.uint8(reach * _UNIT)
        np.add(ahead, far, out=moved)
        np.minimum(ahead[:-places], moved[places:], out=ahead[:-places])
        np.add(behind, far, out=moved)
        np.minimum(behind[places:], moved[:-places], out=behind[places:])
    np.minimum(ahead, behind, out=ahead)
    np.multiply(ahead, ahead, out=out, dtype=np.uint16)
    return out


def _spread(squared: Distances, step: int, *, moved: Distances, out: Distances) -> Distances:
    """Flat squared distances, each the least over places across by ``step``."""
    out[:] = squared
    for k in range(1, REACH):
        places = k * step
        np.add(squared, np.uint16((k * _UNIT) ** 2), out=moved)
        np.minimum(out[:-places], moved[places:], out=out[:-places])
        np.minimum(out[places:], moved[:-places], out=out[places:])
    return out


def _halved(distance: Numbers) -> Numbers:
    """(2 H, N, 2 W) to (H, N, W) by means of four."""
    rows = distance[0::2] + distance[1::2]
    return (rows[:, :, 0::2] + rows[:, :, 1::2]) * np.float32(0.25)


def _corrected(field: Numbers, page: Numbers) -> Numbers:
    """Add to a field what its image has too much or too little, as ``field`` does."""
    wanted = _halved(page)  # coverage less one half, as a mean over a cell's four pixels
    size, n, _ = field.shape
    cells = np.pad(field, ((_RIM, _RIM), (0, 0), (_RIM, _RIM)), "edge")
    inner = cells[_RIM:-_RIM, :, _RIM:-_RIM]
    for _ in range(CORRECTIONS):
        drawn = _drawn(cells).reshape(size, n, -1)[:, :, _RIM:-_RIM]
        inner += wanted - drawn
        _repeat_edges(cells)
    return inner


def _drawn(cells: Numbers) -> Numbers:
    """Flat (H N (W + 4)) means over a cell's four pixels of what is drawn, less one half."""
    row = cells[0].size
    total = np.zeros((len(cells) - 2 * _RIM) * row, np.float32)
    inner = total[_RIM:-_RIM]
    for rows in _quarters(cells.ravel(), row):
        for drawn in _quarters(rows, 1):
            inner += np.clip(drawn, -0.5, 0.5, out=drawn)
    total *= np.float32(0.25)
    return total


def _quarters(values: Numbers, step: int) -> tuple[Numbers, Numbers]:
    """Flat values 1/4 cell before and after each place but ``_RIM`` at each end, by ``step``."""
    length = values.size - 2 * _RIM * step
    parts = [values * np.float32(weight) for weight in _WEIGHTS]
    before, after = parts[0][:length].copy(), parts[0][4 * step :].copy()
    for k in (1, 2, 3):
        before += parts[k][k * step :][:length]
        after += parts[k][(4 - k) * step :][:length]
    return before, after


def _repeat_edges(cells: Numbers) -> None:
    for k in range(_RIM):
        cells[k], cells[-1 - k] = cells[_RIM], cells[-1 - _RIM]
    for k in range(_RIM):
        cells[:, :, k], cells[:, :, -1 - k] = cells[:, :, _RIM], cells[:, :, -1 - _RIM]
