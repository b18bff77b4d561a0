"""FID as pytorch-fid computes it, with a distance that is exact for any number of glyphs."""

from pathlib import Path

import torch
from torch import Tensor

from hangeul_bench.metrics.base import NETWORK_BATCH, in_chunks
from hangeul_bench.metrics.frechet import FrechetMetric
from hangeul_bench.metrics.networks import fid_inception

_FEATURES = 2048


class FID(FrechetMetric):
    """Frechet distance of the Inception features of two sets of glyphs.

    pytorch-fid's Inception (pt_inception-2015-12-05), 2,048 features, its own bilinear resize to
    299, grey repeated to three channels; float64 mean and covariance (divided by n - 1). Range
    from 0, no upper bound; lower is better. It falls as the sets grow: compare only equal N, and
    print N. Pooled over fonts and per font are two different numbers.

    Args:
        weights: Folder holding ``pt_inception-2015-12-05-6726825d.pth``; None looks where torch
            keeps it, then downloads.
        device: Where the network runs.
        allow_unpinned: Accept a file of another SHA-256 (for tests of the loading itself).

    Raises:
        MissingWeights: The weights are not on this machine and cannot be downloaded.
        UserError: They are not the published ones.

    Source: Heusel et al. (2017); pytorch-fid 0.3.0. The distance:
    :mod:`hangeul_bench.metrics.frechet`.
    """

    name = "fid"

    def __init__(
        self, *, weights: Path | None = None, device: str = "cpu", allow_unpinned: bool = False
    ) -> None:
        super().__init__()
        self.network, loaded = fid_inception(weights, allow_unpinned=allow_unpinned)
        self._weights = loaded.signature
        self.to(device)

    def signature(self) -> str:
        """Definition, version and weights; N stands in the result beside it."""
        return f"fid[v1|inc-2015-12-05|{_FEATURES}|bilinear299|f64|exact|{self._weights}]"

    @torch.no_grad()
    def _features(self, images: Tensor) -> Tensor:
        return in_chunks(self._pool, images, size=NETWORK_BATCH, fill_up=True)

    def _pool(self, images: Tensor) -> Tensor:
        x = images.to(self.device).float() / 255
        pooled: Tensor = self.network(x[:, None].expand(-1, 3, -1, -1))[0]  # (n, 2048, 1, 1)
        return pooled.flatten(1).double()
