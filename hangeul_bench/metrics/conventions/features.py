"""Other people's LPIPS and FID: the same published networks, seen through other input."""

from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from hangeul_bench.metrics.base import NETWORK_BATCH, in_chunks
from hangeul_bench.metrics.networks import Backbone, fid_inception, lpips_network

Measure = Callable[[Tensor, Tensor], Tensor]
_SIDE = 299  # pixels that Inception takes


Load = Callable[[Path | None, str], Measure]  # from a folder of weights and a device


def lpips_of(
    backbone: Backbone,
    *,
    prepare: Callable[[Tensor], Tensor] = lambda images: images,
    allow_unpinned: bool = False,
) -> Load:
    """LPIPS v0.1 on [-1, 1]: (N, H, W) uint8, twice => (N,).

    Args:
        backbone: ``alex`` or ``squeeze``.
        prepare: (N, H, W) uint8 => the same of another size.
        allow_unpinned: Accept a file of another SHA-256, for tests.
    """

    def load(folder: Path | None, device: str) -> Measure:
        network, _ = lpips_network(backbone, folder, allow_unpinned=allow_unpinned)
        network.to(device)

        def distances(pred: Tensor, target: Tensor) -> Tensor:
            first, second = (_colour(x.to(device)) / 127.5 - 1 for x in (pred, target))
            return network(first, second).flatten().double()  # type: ignore[no-any-return]

        @torch.no_grad()
        def measure(pred: Tensor, target: Tensor) -> Tensor:
            pair = prepare(pred), prepare(target)
            return in_chunks(distances, *pair, size=NETWORK_BATCH, fill_up=True)

        return measure

    return load


def inception_of(prepare: Callable[[Tensor], Tensor], *, allow_unpinned: bool = False) -> Load:
    """Inception's pooled features of both sides: (N, H, W) uint8, twice => (2, N, 2048).

    Args:
        prepare: (n, 3, H, W) float grey levels => (n, 3, 299, 299) in about [-1, 1].
        allow_unpinned: Accept a file of another SHA-256, for tests.
    """

    def load(folder: Path | None, device: str) -> Measure:
        network, _ = fid_inception(folder, allow_unpinned=allow_unpinned)
        network.resize_input, network.normalize_input = False, False  # type: ignore[assignment]
        network.to(device)

        def pooled(images: Tensor) -> Tensor:
            features: Tensor = network(prepare(_colour(images.to(device))))[0]
            return features.flatten(1).double()

        @torch.no_grad()
        def measure(pred: Tensor, target: Tensor) -> Tensor:
            sides = (in_chunks(pooled, x, size=NETWORK_BATCH, fill_up=True) for x in (pred, target))
            return torch.stack(tuple(sides))

        return measure

    return load


def as_pytorch_fid(x: Tensor) -> Tensor:
    """Bilinear between pixels' centres, then 2 x / 255 - 1."""
    return 2 * F.interpolate(x / 255, (_SIDE, _SIDE), mode="bilinear", align_corners=False) - 1


def as_torchmetrics(x: Tensor) -> Tensor:
    """Torchmetrics from 1.8: bilinear with antialiasing, then (x - 128) / 128."""
    size = (_SIDE, _SIDE)
    x = F.interpolate(x, size, mode="bilinear", align_corners=False, antialias=True)
    return (x - 128) / 128


def as_tensorflow(x: Tensor) -> Tensor:
    """TorchMetrics before 1.8: TensorFlow 1's grid from the first pixel's corner; (x - 128) / 128.

    IF-Font truncates ``x / 255 * 255`` before, which loses no level of what was 8 bits already.
    """
    return (tensorflow_bilinear(x, _SIDE) - 128) / 128


def tensorflow_bilinear(x: Tensor, side: int) -> Tensor:
    """(n, C, H, W) => (n, C, side, side), as TensorFlow 1 resizes."""
    for axis in (2, 3):
        length = x.shape[axis]
        place = torch.arange(side, dtype=x.dtype, device=x.device) * (length / side)
        low = place.floor().long().clamp(max=length - 1)
        high = (low + 1).clamp(max=length - 1)
        shape = [1, 1, 1, 1]
        shape[axis] = side
        weight = (place - low).view(shape)
        x = x.index_select(axis, low) * (1 - weight) + x.index_select(axis, high) * weight
    return x


def _colour(images: Tensor) -> Tensor:
    return images.float()[:, None].expand(-1, 3, -1, -1)
