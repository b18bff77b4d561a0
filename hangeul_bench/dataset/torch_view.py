"""A dataset as PyTorch sees it; made by ``GlyphDataset.torch_dataset``, so torch loads late."""

from collections.abc import Callable
from typing import Any, Protocol, TypedDict

import torch
from torch.utils.data import Dataset

from hangeul_bench.base.images import decode
from hangeul_bench.hangeul.phonetics import phonetic_line

Transform = Callable[[torch.Tensor], Any]  # (1, size, size) uint8, 0 = ink, as torchvision's take


class GlyphItem(TypedDict):
    """One glyph: its image, (size, size) uint8 with 0 = ink or what a transform made of it."""

    image: Any
    font_id: str
    syllable: str
    phonetic: str


class Glyphs(Protocol):
    """What is asked of a dataset."""

    size: int

    def pngs(self, font_id: str) -> dict[str, bytes]:
        """The PNG file of each syllable that a font draws."""


class GlyphTorchDataset(Dataset[GlyphItem]):
    """The glyphs of some fonts and syllables, fonts first; those that are missing are left out.

    The PNG files stay in memory, about 3.5 MB a font of 2,350 syllables.
    """

    def __init__(
        self,
        dataset: Glyphs,
        font_ids: tuple[str, ...],
        characters: tuple[str, ...],
        *,
        transform: Transform | None = None,
    ) -> None:
        self._size = dataset.size
        self._transform = transform
        self._glyphs: list[tuple[str, str, bytes]] = []
        for font_id in font_ids:
            pngs = dataset.pngs(font_id)
            self._glyphs += [(font_id, s, pngs[s]) for s in characters if s in pngs]

    def __len__(self) -> int:
        return len(self._glyphs)

    def __getitem__(self, index: int) -> GlyphItem:
        """The glyph at a place, decoded now."""
        font_id, syllable, png = self._glyphs[index]
        image = torch.from_numpy(decode((png,), self._size))
        return GlyphItem(
            image=self._transform(image) if self._transform else image[0],
            font_id=font_id,
            syllable=syllable,
            phonetic=phonetic_line(syllable),
        )
