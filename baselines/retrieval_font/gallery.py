"""The gallery at drawing time: fields of a dataset's training fonts, made when asked for."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from baselines.diffusion.alignment import signature
from baselines.diffusion.fields import STEPS_A_PIXEL, quantize
from baselines.retrieval_font.kin import lineage_numbers
from baselines.style_encoder.encoder import StyleEncoder
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import GlyphDataset

_KEPT = 30_000  # fields in memory, 4 kB each


class Gallery:
    """Fields of fonts that a model may look at.

    Attributes:
        font_ids: The gallery's fonts, sorted.
        lineages: (F,) numbers, equal for fonts of one lineage.
    """

    def __init__(self, dataset: GlyphDataset, font_ids: Sequence[str]) -> None:
        """Take fonts of a dataset.

        Raises:
            UserError: There is none.
        """
        if not font_ids:
            raise UserError(
                f"Expected training fonts in {dataset.path} as a gallery, but found none; build "
                "the dataset from more fonts."
            )
        self.dataset = dataset
        self.font_ids = tuple(sorted(font_ids))
        self.lineages = lineage_numbers([dataset.font(f).lineage for f in self.font_ids])
        self._known = frozenset(dataset.characters)
        self._fields: dict[tuple[str, str], Tensor] = {}
        self._signatures: dict[str, Tensor] = {}
        self._styles: dict[str, Tensor] = {}

    def has(self, font_id: str, character: str) -> bool:
        """Whether a font of the dataset draws a character."""
        return character in self._known and character not in self.dataset.missing(font_id)

    def fields(self, font_id: str, characters: Sequence[str]) -> Tensor:
        """(N, 64, 64) float32 fields in pixels; a missing glyph's is paper alone."""
        lacking = [c for c in dict.fromkeys(characters) if (font_id, c) not in self._fields]
        if len(self._fields) + len(lacking) > _KEPT:
            self._fields.clear()
            lacking = list(dict.fromkeys(characters))
        if lacking:
            pages = torch.from_numpy(self.dataset.images(font_id, tuple(lacking)))
            made = torch.cat([torch.from_numpy(quantize(part)) for part in pages.split(8)])
            self._fields.update({(font_id, c): f for c, f in zip(lacking, made, strict=True)})
        stored = torch.stack([self._fields[font_id, c] for c in characters])
        return stored.float() / STEPS_A_PIXEL

    def signatures(self, character: str) -> Tensor:
        """(F, 400) signatures of one syllable in all fonts of the gallery."""
        if character not in self._signatures:
            glyphs = torch.cat([self.fields(font_id, (character,)) for font_id in self.font_ids])
            self._signatures[character] = signature(glyphs)
        return self._signatures[character]

    def styles(self, character: str, encoder: StyleEncoder) -> Tensor:
        """(F, D) style vectors of one syllable in all fonts of the gallery."""
        if character not in self._styles:
            pages = [self.dataset.images(font_id, (character,)) for font_id in self.font_ids]
            self._styles[character] = encoder.embed(np.concatenate(pages))
        return self._styles[character]

    def usable(self, characters: Sequence[str]) -> Tensor:
        """(F,) bool: the fonts that draw all of some characters."""
        return torch.tensor([all(self.has(f, c) for c in characters) for f in self.font_ids])
