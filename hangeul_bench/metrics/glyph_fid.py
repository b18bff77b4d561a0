"""The Frechet distance on the jamo reader's features; a number of its own, never called FID."""

import torch
from torch import Tensor

from hangeul_bench.metrics.base import Reader, in_chunks
from hangeul_bench.metrics.frechet_metric import FrechetMetric
from hangeul_bench.metrics.networks import jamo_reader

_CHUNK = 64  # the reader itself sees that no result depends on it


class GlyphFID(FrechetMetric):
    """Frechet distance of the jamo reader's hidden layer over two sets of glyphs.

    Range from 0, no upper bound; lower is better. It needs no ImageNet weights, and knows
    Hangeul; it falls as the sets grow, so compare only equal N.

    Args:
        reader: The jamo reader; None loads the shipped one.
        device: Where the shipped reader runs.

    Raises:
        UserError: The shipped reader's weights are absent.

    Source: own definition; the distance is FID's, see :mod:`hangeul_bench.metrics.frechet`.
    """

    name = "glyph_fid"
    needs = "reader"

    def __init__(self, *, reader: Reader | None = None, device: str = "cpu") -> None:
        reader = reader or jamo_reader(device)
        blank = torch.full((1, 128, 128), 255, dtype=torch.uint8)
        super().__init__(reader.embed(blank).shape[1])
        self._reader = reader

    def signature(self) -> str:
        """Definition, version and the reader's hash; N stands in the result beside it."""
        return f"glyph_fid[v1|reader-embedding|f64|exact|w:{self._reader.sha256[:8]}]"

    @torch.no_grad()
    def _features(self, images: Tensor) -> Tensor:
        return in_chunks(lambda x: self._reader.embed(x).double(), images, size=_CHUNK)
