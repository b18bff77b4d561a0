"""A perceptual distance on the jamo reader's features; a number of its own, never called LPIPS."""

import torch
from torch import Tensor

from hangeul_bench.metrics.base import GlyphMetric, Reader, in_chunks
from hangeul_bench.metrics.networks import jamo_reader

_CHUNK = 64  # the reader itself sees that no result depends on it
_TINY = 1e-10  # as in the lpips package: a place without any activation stays zero


class GlyphLPIPS(GlyphMetric):
    """Distance of each glyph from the true one in the jamo reader's feature maps, then the mean.

    At every place of every map the two channel vectors are scaled to length 1; the squared
    distance is averaged over the places of a map, then over the maps. Activations are not
    negative, so the range is [0, 2]; lower is better. It needs no ImageNet weights.

    Args:
        reader: The jamo reader; None loads the shipped one.
        device: Where the shipped reader runs.

    Raises:
        UserError: The shipped reader's weights are absent.

    Source: own definition, after Zhang et al. (2018) without learned weights.
    """

    name = "glyph_lpips"
    higher_is_better = False
    unit_range = (0.0, 2.0)
    needs = "reader"

    def __init__(self, *, reader: Reader | None = None, device: str = "cpu") -> None:
        super().__init__()
        self._reader = reader or jamo_reader(device)

    def signature(self) -> str:
        """Definition, version and the reader's hash."""
        return f"glyph_lpips[v1|reader-maps|unit-channels|mean|w:{self._reader.sha256[:8]}]"

    @torch.no_grad()
    def _scores(self, pred: Tensor, target: Tensor) -> Tensor:
        return in_chunks(self._distances, pred, target, size=_CHUNK)

    def _distances(self, pred: Tensor, target: Tensor) -> Tensor:
        maps = zip(self._reader.features(pred), self._reader.features(target), strict=True)
        each = [(_unit(a) - _unit(b)).square().sum(1).double().mean((1, 2)) for a, b in maps]
        return torch.stack(each).mean(0)


def _unit(x: Tensor) -> Tensor:
    return x / (x.square().sum(1, keepdim=True).sqrt() + _TINY)  # (n, C, h, w)
