"""Training batches of retrieval-font: virtual fonts, their neighbours, and references."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from baselines.glyphs.alignment import apply, signature
from baselines.glyphs.augmentation import StyleChange, apply_change, half_width, random_change
from baselines.glyphs.bank import FieldBank
from baselines.glyphs.representation import Sdf64
from baselines.retrieval_font.neighbours import Ranking, changes, lineage_numbers, rank
from baselines.training.data import Batch, TrainingFonts
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.hangeul import decompose

REPRESENTATION = Sdf64()
_POOL = 12  # neighbours are drawn among this many in half of the batches
_SHOTS = (1, 1, 1, 2, 4, 8)  # references of a batch, drawn evenly
_USUAL = 0.5  # share of batches with the dataset's own reference syllables
_SIGNED = 127  # signatures are kept as int8


@dataclass(frozen=True)
class NeighbourSet:
    """Fonts to draw, and the gallery that their neighbours come from.

    Attributes:
        bank: Fields of all fonts by all characters.
        rows: (F,) rows in the bank of the fonts to draw.
        weights: (F,) how often each is drawn.
        gallery: (G,) rows in the bank of the gallery.
        lineages: (B,) number of each of the bank's fonts' lineage.
        signatures: (B, C, D) int8.
        drawn: (M,) columns of the characters to draw.
        usual: Columns of the benchmark's reference characters, in their order.
        content: Row in the bank of the content font.
        jamo: (C, 3) int64 rows of each character's jamo.
        count: Number of neighbours.
        augment: Whether fonts are changed at random.
    """

    bank: FieldBank
    rows: Tensor
    weights: Tensor
    gallery: Tensor
    lineages: Tensor
    signatures: Tensor
    drawn: Tensor
    usual: Tensor
    content: int
    jamo: Tensor
    count: int
    augment: bool = True

    def batch(self, size: int, seed: int) -> Batch:
        """A random batch; the same seed gives the same batch."""
        generator = torch.Generator().manual_seed(seed)

        def below(n: int, *shape: int) -> Tensor:
            return torch.randint(n, shape, generator=generator)

        k = _SHOTS[int(below(len(_SHOTS), 1))]
        fonts = self.rows[torch.multinomial(self.weights, size, True, generator=generator)]
        present = torch.from_numpy(self.bank.present)
        columns = self._pick(present[fonts][:, self.drawn], self.drawn, 1, generator)[:, 0]
        if float(torch.rand(1, generator=generator)) < _USUAL:
            references = self.usual[:k].expand(size, -1)
        else:
            references = self._pick(present[fonts], torch.arange(present.shape[1]), k, generator)
        change = random_change(size, generator) if self.augment else None
        pool = _POOL if float(torch.rand(1, generator=generator)) < 0.5 else None
        return self._gather(fonts, columns, references, change, pool=pool, generator=generator)

    def grid(self, fonts: int, characters: int) -> Batch:
        """Fixed glyphs for validation: the first fonts by evenly spaced characters, one reference.

        Fonts are as they are, and their neighbours the nearest.
        """
        generator = torch.Generator().manual_seed(0)
        fonts = min(fonts, len(self.rows))
        picked = self.drawn[torch.linspace(0, len(self.drawn) - 1, characters).long()]
        rows = self.rows[:fonts].repeat_interleave(characters)
        columns = picked.repeat(fonts)
        present = torch.from_numpy(self.bank.present)[rows, columns]
        rows, columns = rows[present], columns[present]
        references = self.usual[:1].expand(len(rows), -1)
        return self._gather(rows, columns, references, None, pool=None, generator=generator)

    @staticmethod
    def _pick(present: Tensor, columns: Tensor, k: int, generator: torch.Generator) -> Tensor:
        picked = torch.multinomial(present.float(), k, replacement=False, generator=generator)
        return columns[picked]

    def _gather(
        self,
        fonts: Tensor,
        columns: Tensor,
        references: Tensor,
        change: StyleChange | None,
        *,
        pool: int | None,
        generator: torch.Generator,
    ) -> Batch:
        n, k = references.shape
        own = torch.cat([columns.unsqueeze(1), references], 1)  # (N, 1 + K)
        fields = self._fields(fonts.unsqueeze(1).expand(-1, 1 + k), own)
        if change is not None:
            change = change.bounded_by(half_width(fields[:, 1]))
            every = torch.arange(n).repeat_interleave(1 + k)
            fields = apply_change(fields.flatten(0, 1), change.rows(every)).view(fields.shape)
        target, shown = fields[:, 0], fields[:, 1:]
        ranking = self._rank(shown, fonts, own, pool, generator)
        inputs = self.inputs(shown, references, columns, ranking)
        return Batch(REPRESENTATION.encode_fields(target), inputs, generator)

    def _rank(
        self,
        shown: Tensor,
        fonts: Tensor,
        own: Tensor,
        pool: int | None,
        generator: torch.Generator,
    ) -> Ranking:
        n, k = shown.shape[:2]
        wanted = signature(shown.flatten(0, 1)).view(n, k, -1)
        rows = self.gallery.view(1, -1, 1)
        there = self.signatures[rows, own[:, 1:].unsqueeze(1)].float() / _SIGNED  # (N, G, K, D)
        present = torch.from_numpy(self.bank.present)[self.gallery][:, own].all(2).T  # (N, G)
        foreign = self.lineages[self.gallery] != self.lineages[fonts].unsqueeze(1)
        ranking = rank(
            wanted,
            there,
            present & foreign,
            lineages=self.lineages[self.gallery],
            count=self.count,
            pool=pool,
            generator=generator,
        )
        return Ranking(self.gallery[ranking.fonts], ranking.distances)

    def inputs(
        self, shown: Tensor, references: Tensor, columns: Tensor, ranking: Ranking
    ) -> dict[str, Tensor]:
        """What the network gets of N glyphs beside the noisy field.

        Args:
            shown: (N, K, 64, 64) fields of the references.
            references: (N, K) their columns.
            columns: (N,) of the glyphs to draw.
            ranking: Of N rows, with fonts as rows of the bank.
        """
        n, k = references.shape
        neighbours = ranking.fonts  # (N, G)
        g = neighbours.shape[1]
        their = self._fields(
            neighbours.unsqueeze(2).expand(-1, -1, k), references.unsqueeze(1).expand(-1, g, -1)
        )  # (N, G, K, 64, 64)
        change = changes(their, shown)  # N G rows
        glyphs = self._fields(neighbours, columns.unsqueeze(1).expand(-1, g))
        aligned = apply(glyphs.flatten(0, 1), change).view(n, g, 64, 64)
        first = torch.arange(n) * g  # the nearest of each
        nearest = apply(their[:, 0].flatten(0, 1), change.rows(first).expand(k)).view(n, k, 64, 64)
        content = self._fields(torch.full_like(own := columns, self.content), own)
        there = self._fields(torch.full_like(references, self.content), references)
        return {
            "neighbours": _encoded(aligned),
            "content": _encoded(content),
            "references": _encoded(shown),
            "reference_neighbours": _encoded(nearest),
            "reference_content": _encoded(there),
            "distances": ranking.distances.clamp(max=2.0),
            "jamo": self.jamo[columns],
        }

    def _fields(self, fonts: Tensor, columns: Tensor) -> Tensor:
        """(...) rows and columns to (..., 64, 64) fields in pixels."""
        return self.bank.get(fonts.flatten(), columns.flatten()).view(*fonts.shape, 64, 64)


def _encoded(fields: Tensor) -> Tensor:
    """(..., 64, 64) fields as x_0 carries them."""
    return REPRESENTATION.encode_fields(fields.flatten(0, -3)).view(fields.shape)


def bank_signatures(bank: FieldBank) -> Tensor:
    """(B, C, D) int8 signatures of a bank's glyphs."""
    every = torch.arange(len(bank.characters))
    fonts = []
    for row in range(len(bank.font_ids)):
        parts = [
            (signature(bank.get(torch.full_like(part, row), part)) * _SIGNED).round().to(torch.int8)
            for part in every.split(64)
        ]
        fonts.append(torch.cat(parts))
    return torch.stack(fonts)


def load_neighbour_sets(
    dataset: GlyphDataset, fonts: TrainingFonts, bank: FieldBank, *, count: int, augment: bool
) -> tuple[NeighbourSet, NeighbourSet | None]:
    """The training set and, where families are held out, the validation set.

    Both have the training fonts as their gallery, the held-out families in neither.
    """
    row = {font_id: number for number, font_id in enumerate(bank.font_ids)}
    column = {character: number for number, character in enumerate(bank.characters)}
    seen = [column[c] for c in dataset.splits.seen_characters if c in column]
    parts = [decompose(c) for c in bank.characters]
    shared: dict[str, Any] = {
        "bank": bank,
        "gallery": torch.tensor([row[f] for f in fonts.font_ids]),
        "lineages": lineage_numbers([dataset.font(f).lineage for f in bank.font_ids]),
        "signatures": bank_signatures(bank),
        "usual": torch.tensor([column[c] for c in dataset.splits.references]),
        "content": row[dataset.splits.content_font],
        "jamo": torch.tensor([[1 + index for index in jamo] for jamo in parts]),
        "count": count,
    }
    training = NeighbourSet(
        rows=shared["gallery"],
        weights=fonts.weights(),
        drawn=torch.tensor(seen),
        augment=augment,
        **shared,
    )
    if not fonts.validation:
        return training, None
    held_out = torch.tensor([row[font.font_id] for font in fonts.validation])
    even = torch.ones(len(held_out))
    return training, NeighbourSet(
        rows=held_out, weights=even, drawn=torch.tensor(seen), augment=False, **shared
    )
