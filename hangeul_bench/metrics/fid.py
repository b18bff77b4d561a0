"""FID as pytorch-fid computes it, with a distance that is exact for any number of glyphs."""

from pathlib import Path

import torch
from torch import Tensor, nn

from hangeul_bench.base.weights import Weights
from hangeul_bench.metrics.base import NETWORK_BATCH, in_chunks
from hangeul_bench.metrics.frechet import FrechetMetric
from hangeul_bench.metrics.networks import NetworkMetric, fid_inception

_FEATURES = 2048


class FID(NetworkMetric, FrechetMetric):
    """Frechet distance of the Inception features of two sets of glyphs.

    pytorch-fid's Inception (pt_inception-2015-12-05), 2,048 features, its own bilinear resize to
    299, grey repeated to three channels; float64 mean and covariance (divided by n - 1). Range
    from 0, no upper bound; lower is better. It falls as the sets grow: compare only equal N, and
    print N. Pooled over fonts and per font are two different numbers.

    Its weights: ``pt_inception-2015-12-05-6726825d.pth``.

    Source: Heusel et al. (2017); pytorch-fid 0.3.0. The distance:
    :mod:`hangeul_bench.metrics.frechet`.
    """

    name = "fid"

    def _load(self, folder: Path | None, *, allow_unpinned: bool) -> tuple[nn.Module, Weights]:
        return fid_inception(folder, allow_unpinned=allow_unpinned)

    def signature(self) -> str:
        """Definition, version and weights; N stands in the result beside it."""
        return f"fid[v1|inc-2015-12-05|{_FEATURES}|bilinear299|f64|exact|{self._weights}]"

    @torch.no_grad()
    def _features(self, images: Tensor) -> Tensor:
        return in_chunks(self._pool, images, size=NETWORK_BATCH, fill_up=True)

    def _pool(self, images: Tensor) -> Tensor:
        pooled: Tensor = self.network(self._colour(images) / 255)[0]  # (n, 2048, 1, 1)
        return pooled.flatten(1).double()
