"""How much softer the outlines of a drawing are than the truth's."""

import torch
from torch import Tensor

from hangeul_bench.base.images import INK_BELOW
from hangeul_bench.metrics.base import GlyphMetric, GlyphPair

_GREY = (51, 204)  # exclusive: between a fifth and four fifths of ink
_WIDEST = 16.0  # pixels: what a page of grey without an outline has


class EdgeBlur(GlyphMetric):
    """Width of the grey beside outlines, less the truth's, in pixels; then the mean over glyphs.

    The width is the number of grey pixels over the number of sides between a pixel of ink (value
    below 128) and one of paper. An outline of a rasterised font has .5, under a Gaussian of 1 pixel
    1.6. A page that is grey without an outline has the widest, 16; one of paper alone 0. A drawing
    that is sharper than the truth has 0. Range [0, 16]; lower is better. Blurring makes RMSE and
    topology better, so this is what a board asks for before it ranks by them.
    """

    name = "edge_blur"

    def signature(self) -> str:
        """Definition and version."""
        low, high = _GREY
        return f"edge_blur[v1|grey{low}-{high}|ink<{INK_BELOW}|over-truth|mean-glyph]"

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """How much wider the grey of each glyph is, in pixels."""
        return {self.name: (_width(pair.pred) - _width(pair.target)).clamp(min=0.0)}


def _width(images: Tensor) -> Tensor:
    """(N, H, W) uint8 => (N,) float64 pixels of grey a side of outline."""
    ink = images < INK_BELOW
    across = (ink[:, :, 1:] != ink[:, :, :-1]).sum((1, 2))
    down = (ink[:, 1:] != ink[:, :-1]).sum((1, 2))
    grey = ((images > _GREY[0]) & (images < _GREY[1])).sum((1, 2))
    sides = across + down
    width = torch.where(sides > 0, grey.double() / sides.clamp(min=1), _WIDEST * (grey > 0))
    return width.clamp(max=_WIDEST)
