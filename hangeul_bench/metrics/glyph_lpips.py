"""A perceptual distance on the jamo reader's features; a number of its own, never called LPIPS."""

import torch
from torch import Tensor

from hangeul_bench.metrics.base import GlyphMetric, GlyphPair
from hangeul_bench.metrics.networks import ReaderMetric

_CHUNK = 64  # the reader itself sees that no result depends on it
_TINY = 1e-10  # as in the lpips package: a place without any activation stays zero


class GlyphLPIPS(ReaderMetric, GlyphMetric):
    """Distance of each glyph from the true one in the jamo reader's feature maps, then the mean.

    At every place of every map the two channel vectors are scaled to length 1; the squared
    distance is averaged over the places of a map, then over the maps. Activations are not
    negative, so the range is [0, 2]; lower is better. It needs no ImageNet weights.

    Source: own definition, after Zhang et al. (2018) without learned weights.
    """

    name = "glyph_lpips"

    def signature(self) -> str:
        """Definition, version and the reader's hash."""
        return f"glyph_lpips[v1|reader-maps|unit-channels|mean|w:{self._reader.sha256[:8]}]"

    @torch.no_grad()
    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The distance of each glyph; the embedding of both sides is left for ``glyph_fid``."""
        distances, embedded = [], []
        for drawn, true in zip(pair.pred.split(_CHUNK), pair.target.split(_CHUNK), strict=True):
            (a, first), (b, second) = map(self._reader.features_and_embedding, (drawn, true))
            distances.append(torch.stack(list(map(_distance, a, b))).mean(0))
            embedded.append((first.double(), second.double()))
        for side, parts in zip(("pred", "target"), zip(*embedded, strict=True), strict=True):
            pair.known[f"embedding of {side}"] = torch.cat(parts)
        return {self.name: torch.cat(distances)}


def _distance(a: Tensor, b: Tensor) -> Tensor:
    """Of feature maps (n, C, h, w): (n,) float64."""
    return (_unit(a) - _unit(b)).square().sum(1).double().mean((1, 2))


def _unit(x: Tensor) -> Tensor:
    return x / (x.square().sum(1, keepdim=True).sqrt() + _TINY)  # (n, C, h, w)
