"""Errors of pixels: L1, RMSE, and the overlap of the ink."""

import torch
from torch import Tensor

from hangeul_bench.base.images import INK_BELOW
from hangeul_bench.metrics.base import GlyphMetric, GlyphPair, in_chunks

_CHUNK = 32


class L1(GlyphMetric):
    """Mean absolute error of each glyph on [0, 1], then the mean over glyphs.

    Range [0, 1]; lower is better.

    Source: numpy's ``abs(a - b).mean()``; used by DM-Font, FFG, FontDiffuser and IF-Font.
    """

    name = "l1"

    def signature(self) -> str:
        """Definition and version."""
        return "l1[v1|[0,1]|mean-glyph]"

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The mean absolute error of each glyph."""
        return {self.name: in_chunks(_mean_absolute, pair.pred, pair.target, size=_CHUNK)}


class RMSE(GlyphMetric):
    """sqrt(mean squared error) of each glyph on [0, 1], then the mean over glyphs.

    The root is taken glyph by glyph: the root of the mean over all glyphs is larger. Range
    [0, 1]; lower is better. A blurred mean of fonts has the best RMSE of all: not a headline.

    Source: as CF-Font's evaluation computes it (per image, then the mean).
    """

    name = "rmse"

    def signature(self) -> str:
        """Definition and version."""
        return "rmse[v1|[0,1]|per-glyph|mean-glyph]"

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The root mean squared error of each glyph."""
        squares = in_chunks(_mean_square, pair.pred, pair.target, size=_CHUNK)
        return {self.name: squares.sqrt()}


class InkIoU(GlyphMetric):
    """Intersection over union of the ink (value below 128), then the mean over glyphs.

    Two pages without ink agree: 1. Range [0, 1]; higher is better. Unlike SSIM and RMSE it is
    blind to paper, so a blank page scores 0.

    Source: Jaccard index.
    """

    name = "ink_iou"

    def signature(self) -> str:
        """Definition and version."""
        return f"ink_iou[v1|ink<{INK_BELOW}|mean-glyph]"

    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """The overlap of each glyph."""
        a, b = pair.pred < INK_BELOW, pair.target < INK_BELOW
        both, either = (a & b).sum((1, 2)), (a | b).sum((1, 2))
        return {self.name: torch.where(either > 0, both.double() / either.clamp(min=1), 1.0)}


def _mean_absolute(pred: Tensor, target: Tensor) -> Tensor:
    # Whole numbers: rows sum exactly in float32.
    total = pred.float().sub_(target).abs_().sum(2).double().sum(1)
    return total / (pred[0].numel() * 255.0)


def _mean_square(pred: Tensor, target: Tensor) -> Tensor:
    squares = pred.float().sub_(target).square_()
    # Grey levels squared are whole numbers: a row of up to 258 of them sums exactly in float32.
    total = squares.sum(2).double().sum(1)
    return total / (pred[0].numel() * 255.0**2)
