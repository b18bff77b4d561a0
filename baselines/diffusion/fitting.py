"""Drawings moved, scaled and thickened as the references ask: what a style vector leaves out.

A style encoder is trained to know a font wherever its glyph stands on the page, so its vector says
little of place, proportion and weight. The references do: the model draws their syllables too, and
what takes those drawings to the references is done to all others.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.diffusion.alignment import Change, apply, fit
from baselines.diffusion.sdf import field, render
from hangeul_bench.base.images import Glyphs

_CHUNK = 16  # glyphs at once: their pages stay in a core's cache


@dataclass(frozen=True)
class Fitting:
    """What takes a model's drawings nearer to the references.

    Attributes:
        change: Of one row.
    """

    change: Change

    @classmethod
    def between(cls, drawn: Glyphs | Tensor, references: Glyphs | Tensor) -> "Fitting":
        """The fitting that K drawings of the reference syllables ask for.

        One glyph's difference is in part its own and not the font's. So of the whole difference
        the share K / (K + 1) is made up for: half of it for one reference, eight ninths for eight.

        Args:
            drawn: (K, 128, 128) uint8, what the model made of the reference syllables.
            references: (K, 128, 128) uint8.
        """
        own, wanted = (field(torch.as_tensor(pages)) for pages in (drawn, references))
        inked = ((own.flatten(1) > 0).any(1) & (wanted.flatten(1) > 0).any(1)).nonzero()[:, 0]
        if not len(inked):
            return cls(Change.none())
        whole = fit(own[inked].unsqueeze(0), wanted[inked].unsqueeze(0))
        share = len(inked) / (len(inked) + 1)
        return cls(Change(whole.scale**share, whole.shift * share, whole.weight * share))

    def __call__(self, drawn: Glyphs | Tensor) -> NDArray[np.uint8]:
        """(N, 128, 128) uint8 pages to such pages, with edges as a rasteriser draws them."""
        pages = torch.as_tensor(drawn)
        parts = [self._fitted(part).numpy() for part in pages.split(_CHUNK) if len(part)]
        return np.concatenate([np.empty((0, *pages.shape[1:]), np.uint8), *parts])

    def _fitted(self, pages: Tensor) -> Tensor:
        return render(apply(field(pages), self.change.expand(len(pages))))
