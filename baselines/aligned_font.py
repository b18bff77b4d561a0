"""Controls that cost no training: the nearest training fonts, fitted to the references."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.controls import Control
from baselines.glyphs.alignment import Change, apply, fit, left_over
from baselines.glyphs.representation import FIELD_SIZE, REACH, render, shrink, signed_distance
from hangeul_bench.adapter import Request
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs

_NO_DISTANCE = 1e-3  # of two fits; keeps a font that finds itself from a weight without bound
_CHUNK = 16  # glyphs at once: their images stay in a core's cache


@dataclass(frozen=True)
class Neighbours:
    """The training fonts fitted to some references, nearest first.

    Attributes:
        font_ids: The F fonts; of equals, the first by font_id.
        changes: F rows: what takes each font to the references.
        distances: (F,) mean squared difference of tanh(signed distance) that is left.
    """

    font_ids: tuple[str, ...]
    changes: Change
    distances: tuple[float, ...]


class SDFBlend(Control):
    """Draws the mean of the eight training fonts nearest to the references, each fitted to them.

    Every training font that draws the reference syllables has its ink box and its amount of ink
    fitted to all references given; the distance that is left ranks them. The same change, a
    stretch, a shift and a constant added to the signed distance, is made to their glyphs of the
    syllables asked for, whose signed distances are averaged by the inverse square of that
    distance. For a syllable that one of them lacks, the next nearest stands in; a syllable that no
    font has stays blank. A seen font is a training font, so it would find that itself, had the
    harness not its lineage excluded.

    Raises:
        UserError: There is no dataset, or no training font.
    """

    name = "sdf-blend"
    count = 8

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.gallery = tuple(sorted(self.dataset.splits.train_fonts))
        if not self.gallery:
            raise UserError(f"Control {self.name} needs a dataset with training fonts.")
        self.details = {"gallery": len(self.gallery), "kin": self.count}
        self._hidden: frozenset[str] = frozenset()
        self._neighbours: dict[tuple[bytes, tuple[str, ...]], Neighbours] = {}
        self._gallery_fields: dict[tuple[str, ...], Tensor] = {}

    def exclude(self, lineages: Sequence[str]) -> None:
        """Leave fonts of these lineages out of the neighbours, and no others."""
        if self._hidden != frozenset(lineages):
            self._hidden, self._neighbours = frozenset(lineages), {}

    def generate(self, request: Request) -> Glyphs:
        """The neighbours' glyphs, fitted and blended."""
        neighbours = self.neighbours(request)
        fields = self._blend(neighbours, request.characters)
        pages = [render(part, self.dataset.size) for part in fields.split(_CHUNK)]
        return torch.cat(pages).numpy()

    def neighbours(self, request: Request) -> Neighbours:
        """The fonts of the gallery that draw the reference syllables, ranked.

        Raises:
            UserError: None of them does.
        """
        key = request.references.tobytes(), request.reference_characters
        if key not in self._neighbours:
            self._neighbours[key] = self._rank(request)
        return self._neighbours[key]

    def _rank(self, request: Request) -> Neighbours:
        asked = request.reference_characters
        kept = [
            i
            for i, font in enumerate(self.gallery)
            if self._draws(font, asked) and self.dataset.font(font).lineage not in self._hidden
        ]
        if not kept:
            raise UserError(
                f"Control {self.name} expected a training font that draws {' '.join(asked)}, but "
                f"none of the {len(self.gallery)} in {self.dataset.path} does; build it from more "
                "fonts."
            )
        own = self._reference_fields(asked)[kept]  # (F, K, S, S)
        wanted = _fields(request.references)
        changes = fit(own, wanted.expand_as(own))
        distances = left_over(own, wanted, changes)
        order = distances.argsort(stable=True)
        names = tuple(self.gallery[kept[row]] for row in order.tolist())
        return Neighbours(names, changes.rows(order), tuple(distances[order].tolist()))

    def _draws(self, font_id: str, characters: Sequence[str]) -> bool:
        return self.dataset.missing(font_id).isdisjoint(characters)

    def _reference_fields(self, characters: tuple[str, ...]) -> Tensor:
        if characters not in self._gallery_fields:
            fields = [_fields(self.dataset.images(font, characters)) for font in self.gallery]
            self._gallery_fields[characters] = torch.stack(fields)
        return self._gallery_fields[characters]

    def _blend(self, neighbours: Neighbours, characters: Sequence[str]) -> Tensor:
        """(N, 64, 64) signed distance: for each syllable, of the nearest fonts that draw it."""
        total = torch.zeros(len(characters), FIELD_SIZE, FIELD_SIZE)
        weights = torch.zeros(len(characters))
        lacking = np.full(len(characters), self.count)
        for row, font_id in enumerate(neighbours.font_ids):
            missing = self.dataset.missing(font_id)
            asked = [i for i in np.flatnonzero(lacking).tolist() if characters[i] not in missing]
            if asked:
                glyphs = _fields(self.dataset.images(font_id, [characters[i] for i in asked]))
                change = neighbours.changes.rows(torch.tensor([row]))
                weight = (_NO_DISTANCE / (neighbours.distances[row] + _NO_DISTANCE)) ** 2
                total[asked] += weight * apply(glyphs, change.expand(len(asked)))
                weights[asked] += weight
                lacking[asked] -= 1
            if not lacking.any():
                break
        blank = (weights == 0).view(-1, 1, 1)
        return torch.where(blank, -REACH, total / weights.clamp(min=1e-30).view(-1, 1, 1))


class AlignedFont(SDFBlend):
    """Answers with the glyphs of the training font nearest to the references, fitted to them.

    As :class:`SDFBlend`, with one font for each syllable: the nearest that draws it.
    """

    name = "aligned-font"
    count = 1


def _fields(glyphs: Glyphs) -> Tensor:
    """(N, 128, 128) uint8 => (N, 64, 64) float32 signed distance in pixels of the image."""
    parts = torch.from_numpy(glyphs).split(_CHUNK)
    return torch.cat([shrink(signed_distance(part)) for part in parts])
