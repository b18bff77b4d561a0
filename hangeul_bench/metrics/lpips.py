"""LPIPS with AlexNet, as its authors publish it."""

from pathlib import Path

import torch
from torch import Tensor

from hangeul_bench.metrics.base import NETWORK_BATCH, GlyphMetric, GlyphPair, in_chunks
from hangeul_bench.metrics.networks import lpips_network


class LPIPS(GlyphMetric):
    """Learned perceptual distance of each glyph from the true one, then the mean over glyphs.

    The `lpips` package, AlexNet, version 0.1; grey repeated to three channels, [-1, 1], at the
    glyphs' own size. Range from 0, no upper bound; lower is better.

    Args:
        weights: Folder holding ``alexnet-owt-7be5be79.pth``; None looks where torch keeps it,
            then downloads.
        device: Where the network runs.
        allow_unpinned: Accept a file of another SHA-256 (for tests of the loading itself).

    Raises:
        MissingWeights: The weights are not on this machine and cannot be downloaded.
        UserError: They are not the published ones.

    Source: Zhang et al., The unreasonable effectiveness of deep features as a perceptual metric
    (2018), https://github.com/richzhang/PerceptualSimilarity.
    """

    name = "lpips"

    def __init__(
        self, *, weights: Path | None = None, device: str = "cpu", allow_unpinned: bool = False
    ) -> None:
        super().__init__()
        self.network, loaded = lpips_network("alex", weights, allow_unpinned=allow_unpinned)
        self._weights = loaded.signature
        self.to(device)

    def signature(self) -> str:
        """Definition, version and weights."""
        return f"lpips[v1|alex|0.1|[-1,1]|rep3|{self._weights}|mean-glyph]"

    @torch.no_grad()
    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The distance of each glyph."""
        sides = pair.pred, pair.target
        return {self.name: in_chunks(self._distances, *sides, size=NETWORK_BATCH, fill_up=True)}

    def _distances(self, pred: Tensor, target: Tensor) -> Tensor:
        distances: Tensor = self.network(self._as_input(pred), self._as_input(target))
        return distances.flatten().double()

    def _as_input(self, images: Tensor) -> Tensor:
        x = images.to(self.device).float() / 127.5 - 1
        return x[:, None].expand(-1, 3, -1, -1)  # (n, 3, H, W)
