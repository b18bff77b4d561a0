"""LPIPS with AlexNet, as its authors publish it."""

from pathlib import Path

import torch
from torch import Tensor, nn

from hangeul_bench.base.weights import Weights
from hangeul_bench.metrics.base import NETWORK_BATCH, GlyphMetric, GlyphPair, in_chunks
from hangeul_bench.metrics.networks import NetworkMetric, lpips_network


class LPIPS(NetworkMetric, GlyphMetric):
    """Learned perceptual distance of each glyph from the true one, then the mean over glyphs.

    The `lpips` package, AlexNet, version 0.1; grey repeated to three channels, [-1, 1], at the
    glyphs' own size. Range from 0, no upper bound; lower is better.

    Its weights: ``alexnet-owt-7be5be79.pth``.

    Source: Zhang et al., The unreasonable effectiveness of deep features as a perceptual metric
    (2018), https://github.com/richzhang/PerceptualSimilarity.
    """

    name = "lpips"

    def _load(self, folder: Path | None, *, allow_unpinned: bool) -> tuple[nn.Module, Weights]:
        return lpips_network("alex", folder, allow_unpinned=allow_unpinned)

    def signature(self) -> str:
        """Definition, version and weights."""
        return f"lpips[v1|alex|0.1|[-1,1]|rep3|{self._weights}|mean-glyph]"

    @torch.no_grad()
    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The distance of each glyph."""
        sides = pair.pred, pair.target
        return {self.name: in_chunks(self._distances, *sides, size=NETWORK_BATCH, fill_up=True)}

    def _distances(self, pred: Tensor, target: Tensor) -> Tensor:
        distances: Tensor = self.network(*(self._colour(x) / 127.5 - 1 for x in (pred, target)))
        return distances.flatten().double()
