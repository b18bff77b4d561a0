"""Which fonts of a gallery are nearest to references: by their shape, or by their whole look."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.glyphs.alignment import Change, fit, left_over, signature
from baselines.glyphs.bank import STEPS_A_PIXEL, quantize
from baselines.style_encoder.encoder import StyleEncoder
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import GlyphDataset

# What else makes a font unlike, beside the distance of signatures; see `experiments/held_out.py`.
_LEFT = 1.0  # of what is left of the difference once it is aligned
_WEIGHT = 0.02  # a pixel of weight that aligning it adds or takes: much of it makes edges ragged
_STYLE = 0.15  # of 1 - cosine of style vectors, which know a brush from a pen
_KEPT = 30_000  # fields in memory, 4 kB each


@dataclass(frozen=True)
class Ranking:
    """The neighbours of N requests.

    Attributes:
        fonts: (N, G) rows of the gallery, nearest first, no two of one lineage.
        distances: (N, G) mean squared distances of signatures, whatever it was ranked by.
    """

    fonts: Tensor
    distances: Tensor


def rank(
    wanted: Tensor,
    gallery: Tensor,
    usable: Tensor,
    *,
    lineages: Tensor,
    count: int,
    unlike: Tensor | None = None,
    pool: int | None = None,
    generator: torch.Generator | None = None,
) -> Ranking:
    """Rank a gallery's fonts for references, the best of each lineage alone.

    Kindred fonts of one lineage would say the same thing several times over.

    Args:
        wanted: (N, K, D) signatures of the references.
        gallery: (N, F, K, D) or (1, F, K, D) signatures of the gallery's same syllables.
        usable: (N, F) bool; false where a font lacks a syllable or must not be seen.
        lineages: (F,) numbers from 0 on.
        count: G, how many to give; at most the number of usable lineages.
        unlike: (N, F) what is added to the distances to rank by; see :func:`unlikeness`.
        pool: Training: choose the ``count`` at random among this many nearest.
        generator: For ``pool``.
    """
    distance = (wanted.unsqueeze(1) - gallery).square().mean((2, 3))  # (N, F)
    ranked = distance if unlike is None else distance + unlike
    ranked = ranked.masked_fill(~usable, torch.inf)
    n = len(ranked)
    best = ranked.new_full((n, int(lineages.max()) + 1), torch.inf)
    best = best.scatter_reduce(1, lineages.expand(n, -1), ranked, "amin")
    leading = ranked.masked_fill(ranked > best[:, lineages], torch.inf)
    nearest = leading.sort(dim=1, stable=True)
    if pool is None:
        fonts = nearest.indices[:, :count]
        return Ranking(fonts, distance.gather(1, fonts))
    values = nearest.values[:, :pool]
    chance = torch.rand(values.shape, generator=generator).masked_fill(values.isinf(), 2.0)
    chosen = chance.topk(count, dim=1, largest=False).indices.sort(1).values
    fonts = nearest.indices.gather(1, chosen)
    return Ranking(fonts, distance.gather(1, fonts))


def unlikeness(
    their: Tensor, wanted: Tensor, change: Change, styles: Tensor, style: Tensor
) -> Tensor:
    """What makes F fonts unlike the references beside their signatures, (F,).

    A signature forgets weight, and a stroke's end and texture are small in it. So this adds what is
    left of the difference after aligning, how much thicker or thinner aligning makes a font, and
    how far apart the style encoder sees them.

    Args:
        their: (F, K, S, S) fields of the references' syllables in the fonts.
        wanted: (K, S, S) fields of the references.
        change: F rows, what aligns each font.
        styles: (F, D) style vectors of the fonts' glyphs of these syllables.
        style: (D,) that of the references.
    """
    left = left_over(their, wanted, change)
    cosine = torch.cosine_similarity(styles, style.unsqueeze(0))
    return _LEFT * left + _WEIGHT * change.weight.abs() + _STYLE * (1 - cosine)


def changes(neighbours: Tensor, wanted: Tensor) -> Change:
    """What aligns neighbours with the references.

    Args:
        neighbours: (N, G, K, S, S) fields of the references' syllables in the neighbours.
        wanted: (N, K, S, S) fields of the references.

    Returns:
        A change of N x G rows.
    """
    n, count = neighbours.shape[:2]
    targets = wanted.unsqueeze(1).expand(-1, count, -1, -1, -1)
    return fit(neighbours.flatten(0, 1), targets.reshape(n * count, *wanted.shape[1:]))


def lineage_numbers(lineages: Sequence[str]) -> Tensor:
    """(F,) int64: equal for fonts of one lineage."""
    known = {name: number for number, name in enumerate(sorted(set(lineages)))}
    return torch.tensor([known[name] for name in lineages])


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
