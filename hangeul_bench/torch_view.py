"""A dataset as PyTorch sees it; made by ``GlyphDataset.torch_dataset``, so torch loads late."""

from typing import TYPE_CHECKING, TypedDict

import torch
from torch.utils.data import Dataset

from hangeul_bench.png import decode

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset


class GlyphItem(TypedDict):
    """One glyph: (size, size) uint8 tensor with 0 = ink, and what it shows."""

    image: torch.Tensor
    font_id: str
    syllable: str
    phonetic: str


class GlyphTorchDataset(Dataset[GlyphItem]):
    """The glyphs of some fonts and syllables, fonts first; those that are missing are left out.

    The PNG files stay in memory, about 3.5 MB a font of 2,350 syllables.
    """

    def __init__(
        self, dataset: "GlyphDataset", font_ids: tuple[str, ...], characters: tuple[str, ...]
    ) -> None:
        self._size = dataset.size
        self._phonetics = dict(zip(characters, dataset.phonetics(characters), strict=True))
        self._glyphs: list[tuple[str, str, bytes]] = []
        for font_id in font_ids:
            pngs = dataset.pngs(font_id)
            self._glyphs += [(font_id, s, pngs[s]) for s in characters if s in pngs]

    def __len__(self) -> int:
        return len(self._glyphs)

    def __getitem__(self, index: int) -> GlyphItem:
        """The glyph at a place, decoded now."""
        font_id, syllable, png = self._glyphs[index]
        return GlyphItem(
            image=torch.from_numpy(decode((png,), self._size)[0]),
            font_id=font_id,
            syllable=syllable,
            phonetic=self._phonetics[syllable],
        )
