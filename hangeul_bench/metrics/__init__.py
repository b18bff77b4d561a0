"""The pinned metrics: what they are called, where they stand, which direction is better.

Each is a :class:`torchmetrics.Metric` of its own file, usable in any evaluation loop::

    from hangeul_bench.metrics import SSIM

    ssim = SSIM()
    ssim.update(pred, target)  # (N, H, W) uint8 tensors, 0 = ink, 255 = paper
    ssim.compute()

Importing this package loads no torch; a metric's module is imported when its class is asked for.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hangeul_bench.errors import UserError

if TYPE_CHECKING:
    from hangeul_bench.metrics.fid import FID
    from hangeul_bench.metrics.glyph_fid import GlyphFID
    from hangeul_bench.metrics.glyph_lpips import GlyphLPIPS
    from hangeul_bench.metrics.ink_iou import InkIoU
    from hangeul_bench.metrics.jer import JamoErrorRate
    from hangeul_bench.metrics.l1 import L1
    from hangeul_bench.metrics.lpips import LPIPS
    from hangeul_bench.metrics.rmse import RMSE
    from hangeul_bench.metrics.ssim import SSIM
    from hangeul_bench.metrics.ssim_aligned import SSIMAligned
    from hangeul_bench.metrics.style_error import StyleError

__all__ = [
    "FID",
    "L1",
    "LPIPS",
    "METRICS",
    "RMSE",
    "SSIM",
    "GlyphFID",
    "GlyphLPIPS",
    "InkIoU",
    "JamoErrorRate",
    "SSIMAligned",
    "StyleError",
    "higher_is_better",
    "load_metric",
]

_JER = "hangeul_bench.metrics.jer:JamoErrorRate"

# Every column of a result -> "module:Class", in the order of the tables. The jamo error rate and
# its parts are columns of one class.
METRICS: dict[str, str] = {
    "jer": _JER,
    "jer_initial": _JER,
    "jer_medial": _JER,
    "jer_final": _JER,
    "syllable_error": _JER,
    "shuffle_rate": _JER,
    "ssim": "hangeul_bench.metrics.ssim:SSIM",
    "rmse": "hangeul_bench.metrics.rmse:RMSE",
    "lpips": "hangeul_bench.metrics.lpips:LPIPS",
    "fid": "hangeul_bench.metrics.fid:FID",
    "ssim_aligned": "hangeul_bench.metrics.ssim_aligned:SSIMAligned",
    "l1": "hangeul_bench.metrics.l1:L1",
    "ink_iou": "hangeul_bench.metrics.ink_iou:InkIoU",
    "style_error": "hangeul_bench.metrics.style_error:StyleError",
    "glyph_lpips": "hangeul_bench.metrics.glyph_lpips:GlyphLPIPS",
    "glyph_fid": "hangeul_bench.metrics.glyph_fid:GlyphFID",
}
_HIGHER_IS_BETTER = frozenset({"ssim", "ssim_aligned", "ink_iou"})
_IMAGENET = frozenset({"lpips", "fid"})
_READER = frozenset(name for name in METRICS if METRICS[name] == _JER) | {
    "glyph_lpips",
    "glyph_fid",
}


def higher_is_better(name: str) -> bool:
    """The direction of a column of :data:`METRICS`; imports no metric."""
    _check_name(name)
    return name in _HIGHER_IS_BETTER


def load_metric(
    name: str, *, weights: Path | None = None, reader: Any = None, device: str = "cpu"
) -> Any:
    """The metric behind a column, ready to score.

    Args:
        name: A column of :data:`METRICS`; the parts of the jamo error rate share one class.
        weights: Folder of the ImageNet weights; None looks where torch keeps them, then
            downloads.
        reader: A :class:`hangeul_bench.reader.JamoReader`; None loads the shipped one.
        device: Where networks run, e.g. ``cpu`` or ``cuda``.

    Raises:
        UserError: There is no such metric.
        MissingWeights: Its weights are neither here nor to be had.
    """
    _check_name(name)
    metric = _import(METRICS[name])
    if name in _IMAGENET:
        return metric(weights=weights, device=device)
    if name in _READER:
        return metric(reader=reader, device=device)
    return metric()


def _check_name(name: str) -> None:
    if name not in METRICS:
        raise UserError(f"Expected a metric among {', '.join(METRICS)}, but found {name!r}.")


def _import(target: str) -> Any:
    module, _, class_name = target.partition(":")
    return getattr(importlib.import_module(module), class_name)


def __getattr__(name: str) -> Any:
    for target in METRICS.values():
        if target.endswith(f":{name}"):
            return _import(target)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
