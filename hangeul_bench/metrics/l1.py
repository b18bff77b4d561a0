"""Mean absolute error of each glyph."""

from torch import Tensor

from hangeul_bench.metrics.base import GlyphMetric, in_chunks

_CHUNK = 32


class L1(GlyphMetric):
    """Mean absolute error of each glyph on [0, 1], then the mean over glyphs.

    Range [0, 1]; lower is better.

    Source: numpy's ``abs(a - b).mean()``; used by DM-Font, FFG, FontDiffuser and IF-Font.
    """

    name = "l1"
    higher_is_better = False
    unit_range = (0.0, 1.0)

    def signature(self) -> str:
        """Definition and version."""
        return "l1[v1|[0,1]|mean-glyph]"

    def _scores(self, pred: Tensor, target: Tensor) -> Tensor:
        return in_chunks(_mean_absolute_error, pred, target, size=_CHUNK)


def _mean_absolute_error(pred: Tensor, target: Tensor) -> Tensor:
    # Whole numbers: rows sum exactly in float32.
    total = pred.float().sub_(target).abs_().sum(2).double().sum(1)
    return total / (pred[0].numel() * 255.0)
