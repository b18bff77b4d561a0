"""The Frechet distance on the jamo reader's features; a number of its own, never called FID."""

import torch
from torch import Tensor

from hangeul_bench.metrics.base import GlyphPair, Side, in_chunks
from hangeul_bench.metrics.frechet import FrechetMetric
from hangeul_bench.metrics.networks import ReaderMetric

_CHUNK = 64  # the reader itself sees that no result depends on it


class GlyphFID(ReaderMetric, FrechetMetric):
    """Frechet distance of the jamo reader's hidden layer over two sets of glyphs.

    Range from 0, no upper bound; lower is better. It needs no ImageNet weights, and knows
    Hangeul; it falls as the sets grow, so compare only equal N.

    Source: own definition; the distance is FID's, see :mod:`hangeul_bench.metrics.frechet`.
    """

    name = "glyph_fid"

    def signature(self) -> str:
        """Definition, version and the reader's hash; N stands in the result beside it."""
        return f"glyph_fid[v1|reader-embedding|f64|exact|w:{self._reader.sha256[:8]}]"

    def features_of(self, pair: GlyphPair, side: Side) -> Tensor:
        """The embedding of one side, which comes with the maps if ``glyph_lpips`` looked before."""
        return pair.once(f"embedding of {side}", lambda: self._features(getattr(pair, side)))

    @torch.no_grad()
    def _features(self, images: Tensor) -> Tensor:
        return in_chunks(lambda x: self._reader.embed(x).double(), images, size=_CHUNK)
