"""Root mean squared error of each glyph."""

from torch import Tensor

from hangeul_bench.metrics.base import GlyphMetric, in_chunks

_CHUNK = 32


class RMSE(GlyphMetric):
    """sqrt(mean squared error) of each glyph on [0, 1], then the mean over glyphs.

    The root is taken glyph by glyph: the root of the mean over all glyphs is larger. Range
    [0, 1]; lower is better. A blurred mean of fonts has the best RMSE of all: not a headline.

    Source: as CF-Font's evaluation computes it (per image, then the mean).
    """

    name = "rmse"
    higher_is_better = False
    unit_range = (0.0, 1.0)

    def signature(self) -> str:
        """Definition and version."""
        return "rmse[v1|[0,1]|per-glyph|mean-glyph]"

    def _scores(self, pred: Tensor, target: Tensor) -> Tensor:
        return in_chunks(_mean_squared_error, pred, target, size=_CHUNK).sqrt()


def _mean_squared_error(pred: Tensor, target: Tensor) -> Tensor:
    squares = pred.float().sub_(target).square_()
    # Grey levels squared are whole numbers: a row of up to 258 of them sums exactly in float32.
    total = squares.sum(2).double().sum(1)
    return total / (pred[0].numel() * 255.0**2)
