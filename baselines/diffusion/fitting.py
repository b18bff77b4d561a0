"""Drawings moved, scaled and thickened as the references ask: what a style vector leaves out.

A style encoder is trained to know a font wherever its glyph stands on the page, so its vector says
little of place, proportion and weight. The references do: the model draws their syllables too, and
what takes those drawings to the references is done to all others.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.diffusion.alignment import Change, apply, fit
from baselines.diffusion.framing import Frame
from baselines.diffusion.sdf import field, render
from hangeul_bench.adapter import Request
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

_CHUNK = 16  # glyphs at once: their pages stay in a core's cache


def fits(fit: str) -> bool:
    """What the adapters' option ``fit`` says: ``references`` fits drawings, ``none`` does not.

    Raises:
        UserError: It is neither.
    """
    if fit not in ("references", "none"):
        raise UserError(f"Expected fit=references or fit=none, found fit={fit}.")
    return fit == "references"


def brought_back(fitting: "Fitting | None", frame: Frame) -> "Fitting | None":
    """What is done to drawings made in a frame: fitted there, then made as small as the references.

    Returns:
        None where nothing is done.
    """
    if frame.enlarged == 1:
        return fitting
    change = Change.none() if fitting is None else fitting.change
    return Fitting(change.then(frame.back))


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


class ContentFitting:
    """The fitting of models that draw from content pages; a request has those of its syllables.

    A font that is asked for in parts is fitted once.
    """

    def __init__(self, dataset: "GlyphDataset | None") -> None:
        """Remember where the reference syllables' content pages are.

        Raises:
            UserError: There is no dataset.
        """
        if dataset is None:
            raise UserError(
                "fit=references has the model draw the reference syllables, whose content pages "
                "are looked up in a dataset; give it one, or fit=none."
            )
        self._dataset = dataset
        self._last: tuple[Hashable, Fitting] | None = None

    def of(
        self, request: Request, seen: Glyphs, draw: Callable[[tuple[str, ...], Glyphs], Glyphs]
    ) -> Fitting:
        """The fitting that a request's references ask for.

        Args:
            request: Which syllables they show.
            seen: (K, 128, 128) uint8, the first K of them as the model sees them.
            draw: Makes the model's own (K, 128, 128) drawings of syllables from content pages.
        """
        asked = request.reference_characters[: len(seen)]
        key = (seen.tobytes(), asked, request.seed)
        if self._last is None or self._last[0] != key:
            pages = self._dataset.images(self._dataset.splits.content_font, asked)
            self._last = key, Fitting.between(draw(asked, pages), seen)
        return self._last[1]
