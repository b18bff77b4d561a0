"""How far the ink of two glyphs overlaps."""

import torch
from torch import Tensor

from hangeul_bench.base.images import INK_BELOW
from hangeul_bench.metrics.base import GlyphMetric


class InkIoU(GlyphMetric):
    """Intersection over union of the ink (value below 128), then the mean over glyphs.

    Two pages without ink agree: 1. Range [0, 1]; higher is better. Unlike SSIM and RMSE it is
    blind to paper, so a blank page scores 0.

    Source: Jaccard index.
    """

    name = "ink_iou"
    higher_is_better = True
    unit_range = (0.0, 1.0)

    def signature(self) -> str:
        """Definition and version."""
        return f"ink_iou[v1|ink<{INK_BELOW}|mean-glyph]"

    def _scores(self, pred: Tensor, target: Tensor) -> Tensor:
        a, b = pred < INK_BELOW, target < INK_BELOW
        both, either = (a & b).sum((1, 2)), (a | b).sum((1, 2))
        return torch.where(either > 0, both.double() / either.clamp(min=1), 1.0)
