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

from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics.columns import BY_NAME, COLUMNS, unknown_metric

# What type checkers see of the classes; `__getattr__` below finds any that has a row.
if TYPE_CHECKING:
    from hangeul_bench.metrics.base import AnyMetric, Reader
    from hangeul_bench.metrics.edge_blur import EdgeBlur as EdgeBlur
    from hangeul_bench.metrics.fd_effnet import FDEfficientNet as FDEfficientNet
    from hangeul_bench.metrics.fid import FID as FID
    from hangeul_bench.metrics.geometry_error import GeometryError as GeometryError
    from hangeul_bench.metrics.glyph_fid import GlyphFID as GlyphFID
    from hangeul_bench.metrics.glyph_lpips import GlyphLPIPS as GlyphLPIPS
    from hangeul_bench.metrics.jer import JamoErrorRate as JamoErrorRate
    from hangeul_bench.metrics.lpips import LPIPS as LPIPS
    from hangeul_bench.metrics.pixels import L1 as L1
    from hangeul_bench.metrics.pixels import RMSE as RMSE
    from hangeul_bench.metrics.pixels import InkIoU as InkIoU
    from hangeul_bench.metrics.ssim import SSIM as SSIM
    from hangeul_bench.metrics.ssim import SSIMAligned as SSIMAligned
    from hangeul_bench.metrics.st_lpips import STLPIPS as STLPIPS
    from hangeul_bench.metrics.style_distance import StyleDistance as StyleDistance
    from hangeul_bench.metrics.topology_error import TopologyError as TopologyError

# Every column of a result -> "module:Class", in the order of the tables.
METRICS: dict[str, str] = {column.name: column.target for column in COLUMNS}

__all__ = ["METRICS", "higher_is_better", "load_metric"]
__all__ += sorted({target.partition(":")[2] for target in METRICS.values()})


def higher_is_better(name: str) -> bool:
    """The direction of a column of :data:`METRICS`; imports no metric."""
    _check_name(name)
    return BY_NAME[name].higher_is_better


def load_metric(
    name: str, *, weights: Path | None = None, reader: Reader | None = None, device: str = "cpu"
) -> AnyMetric:
    """The metric behind a column, ready to score.

    Args:
        name: A column of :data:`METRICS`; those of one class share it.
        weights: Folder of published weights; None looks where torch keeps them, then downloads,
            or in the package that carries them.
        reader: A :class:`hangeul_bench.reader.JamoReader`; None loads the shipped one.
        device: Where networks run, e.g. ``cpu`` or ``cuda``.

    Raises:
        UserError: There is no such metric.
        MissingWeights: Its weights are neither here nor can be downloaded.
    """
    _check_name(name)
    kind = _import(METRICS[name])
    needs = BY_NAME[name].needs
    if needs in ("imagenet", "package"):
        loaded: AnyMetric = kind(weights=weights, device=device)
    elif needs == "reader":
        loaded = kind(reader=reader, device=device)
    else:
        loaded = kind()
    return loaded


def _check_name(name: str) -> None:
    if name not in METRICS:
        raise UserError(unknown_metric(name))


def _import(target: str) -> Any:
    module, _, class_name = target.partition(":")
    return getattr(importlib.import_module(module), class_name)


def __getattr__(name: str) -> Any:
    for target in METRICS.values():
        if target.endswith(f":{name}"):
            return _import(target)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
