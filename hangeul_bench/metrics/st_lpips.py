"""ST-LPIPS: a learned perceptual distance whose weights PyPI carries; never printed as LPIPS.

Its network is written anew, AlexNet at stride 1, blurred where it pools. Only the weights come from
the package that carries them: its code wants packages that it does not name, and half of it is
under a licence that forbids commercial use.
"""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hangeul_bench.base.weights import SHIFT_TOLERANT_ALEXNET, Weights, load_weights
from hangeul_bench.metrics.base import NETWORK_BATCH, GlyphMetric, GlyphPair, in_chunks
from hangeul_bench.metrics.networks import NetworkMetric

# Convolution of each of the five slices, as its weights are named.
_CONVOLUTIONS = ("slice1.0", "slice2.5", "slice3.9", "slice4.11", "slice5.13")
_PADDING = (2, 2, 1, 1, 1)
_POOLED = (False, True, True, False, False)  # slices that begin with a pooling
_BLUR = (1.0, 2.0, 1.0)  # binomial, as Zhang (2019)
_TINY = 1e-10  # of a channel vector's length, as in the authors' code


class STLPIPS(NetworkMetric, GlyphMetric):
    """Shift-tolerant perceptual distance of each glyph from the true one, then the mean.

    AlexNet with blurred pooling, trained from scratch on people's choices; grey repeated to three
    channels, [-1, 1], at the glyphs' own size. Range from 0, no upper bound; lower is better. It
    minds a blur more than another font. A stand-in where LPIPS's weights are not available.

    Its weights: ``alex_shift_tolerant.pth``.

    Source: Ghildyal and Liu, Shift-tolerant perceptual similarity metric (2022).
    """

    name = "st_lpips"

    def _load(
        self, folder: Path | None, *, allow_unpinned: bool
    ) -> tuple["ShiftTolerantAlexNet", Weights]:
        loaded = load_weights(SHIFT_TOLERANT_ALEXNET, folder=folder, allow_unpinned=allow_unpinned)
        return ShiftTolerantAlexNet(loaded.state), loaded

    def signature(self) -> str:
        """Definition, version and weights."""
        return f"st_lpips[v1|alex|st0.0|[-1,1]|rep3|{self._weights}|mean-glyph]"

    @torch.no_grad()
    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The distance of each glyph."""
        pred, target = pair.pred, pair.target
        scores = torch.zeros(len(pred), dtype=torch.float64, device=pred.device)
        other = (pred != target).flatten(1).any(1)  # the same picture is at distance 0
        if other.any():
            pairs = pred[other], target[other]
            found = in_chunks(self._distances, *pairs, size=NETWORK_BATCH, fill_up=True)
            scores[other] = found.to(scores.device)
        return {self.name: scores}

    def _distances(self, pred: Tensor, target: Tensor) -> Tensor:
        distances: Tensor = self.network(*(self._colour(x) / 127.5 - 1 for x in (pred, target)))
        return distances


class ShiftTolerantAlexNet(nn.Module):
    """Distances of pairs of images: (n, 3, H, W) in [-1, 1], twice => (n,) float64.

    Args:
        state: The published state dict; a value that is missing raises ``KeyError``.

    Source: Ghildyal and Liu, Shift-tolerant perceptual similarity metric (2022), figure 4.
    """

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        for number, name in enumerate(_CONVOLUTIONS):
            self.register_buffer(f"weight{number}", state[f"net.{name}.weight"])
            self.register_buffer(f"bias{number}", state[f"net.{name}.bias"])
            self.register_buffer(f"linear{number}", state[f"lin{number}.model.1.weight"])
        self.register_buffer("shift", state["scaling_layer.shift"])
        self.register_buffer("scale", state["scaling_layer.scale"])

    @torch.no_grad()
    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """The distance of each pair."""
        total = torch.zeros(len(first), dtype=torch.float64, device=first.device)
        pairs = zip(self._features(first), self._features(second), strict=True)
        for number, (a, b) in enumerate(pairs):
            difference = (_unit(a) - _unit(b)).square()
            weighted = F.conv2d(difference, self.get_buffer(f"linear{number}"))  # (n, 1, h, w)
            total += weighted.double().mean((1, 2, 3))
        return total

    def _features(self, x: Tensor) -> list[Tensor]:
        x = (x - self.get_buffer("shift")) / self.get_buffer("scale")
        maps = []
        for number, (padding, pooled) in enumerate(zip(_PADDING, _POOLED, strict=True)):
            if pooled:
                x = _blurred(_greatest(x))
            weight, bias = self.get_buffer(f"weight{number}"), self.get_buffer(f"bias{number}")
            x = F.conv2d(x, weight, bias, padding=padding)
            x = (_blurred(x) if number == 0 else x).relu()
            maps.append(x)
        return maps


def _greatest(x: Tensor) -> Tensor:
    """The greatest of each 3 x 3 pixels; torch's pooling notes where, too, and takes longer."""
    rows = torch.maximum(x[:, :, :-2], x[:, :, 1:-1]).maximum(x[:, :, 2:])
    return torch.maximum(rows[..., :-2], rows[..., 1:-1]).maximum(rows[..., 2:])


def _blurred(x: Tensor) -> Tensor:
    """Every other pixel of the blurred map; the page is mirrored by two pixels at its edges."""
    line = torch.tensor(_BLUR, dtype=x.dtype, device=x.device)
    kernel = (line[:, None] * line / line.sum() ** 2).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(F.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, stride=2, groups=x.shape[1])


def _unit(x: Tensor) -> Tensor:
    return x / (x.square().sum(1, keepdim=True).sqrt() + _TINY)
