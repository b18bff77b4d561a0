"""Glyph images of many fonts, kept as PNG files and decoded when a batch asks for them.

381 fonts of 2,115 characters take 13 GB as pixels, and 1 GB as the files that the dataset holds. To
decode one takes a fortieth of a millisecond.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hangeul_bench.base.images import decode
from hangeul_bench.dataset import GlyphDataset

_PAPER = 255
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class ImageStore:
    """(F, C, size, size) uint8 images, 0 = ink; indexed by a pair of rows and columns as a tensor.

    Attributes:
        data: The files, one after another.
        ends: (F, C) where each ends; one that is missing ends where the one before it does.
        size: Width and height of an image, pixels.
    """

    data: NDArray[np.uint8]
    ends: NDArray[np.int64]
    size: int

    device = _CPU

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, index: tuple[Tensor | int, Tensor | int]) -> Tensor:
        """The images of pairs of font and character, broadcast against each other; a copy."""
        rows, columns = torch.broadcast_tensors(*(torch.as_tensor(part) for part in index))
        places = (rows * self.ends.shape[1] + columns).flatten().numpy()
        ends = self.ends.ravel()
        starts = np.where(places > 0, ends[places - 1], 0)
        there = np.flatnonzero(ends[places] > starts)
        images = np.full((len(places), self.size, self.size), _PAPER, np.uint8)
        spans = zip(starts[there].tolist(), ends[places[there]].tolist(), strict=True)
        images[there] = decode((self.data[a:b].tobytes() for a, b in spans), self.size)
        return torch.from_numpy(images).view(*rows.shape, self.size, self.size)

    def to(self, device: torch.device | str) -> "ImageStore | Tensor":
        """The same on the CPU; on a GPU a tensor of all images, which lie in its memory."""
        return self if torch.device(device).type == "cpu" else self.all().to(device)

    def all(self) -> Tensor:
        """(F, C, size, size) uint8: every image."""
        columns = torch.arange(self.ends.shape[1])
        return torch.stack([self[row, columns] for row in range(len(self))])


def image_store(
    dataset: GlyphDataset, font_ids: Sequence[str], characters: Sequence[str]
) -> ImageStore:
    """The images of F fonts and C characters; what a font lacks is white.

    Raises:
        UserError: A file of the dataset cannot be read.
    """
    files: list[bytes] = []
    for font_id in font_ids:
        pngs = dataset.pngs(font_id)
        files += [pngs.get(character, b"") for character in characters]
    ends = np.cumsum([len(file) for file in files], dtype=np.int64)
    data = np.frombuffer(b"".join(files), np.uint8)
    return ImageStore(data, ends.reshape(len(font_ids), len(characters)), dataset.size)
