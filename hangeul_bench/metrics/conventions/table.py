"""Which convention computes which metric how: one row each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics.conventions import similarity
from hangeul_bench.metrics.conventions.features import (
    Load,
    Measure,
    as_pytorch_fid,
    as_tensorflow,
    as_torchmetrics,
    inception_of,
    lpips_of,
)
from hangeul_bench.metrics.frechet import fit, frechet_distance
from hangeul_bench.metrics.pixels import RMSE
from hangeul_bench.metrics.ssim import ssim_scores

Combine = Callable[[Sequence[Tensor]], float]


@dataclass(frozen=True)
class Variant:
    """One metric of one convention.

    Attributes:
        convention: Its name for ``--convention``.
        metric: ``ssim``, ``rmse``, ``lpips`` or ``fid``.
        definition: What it does, in a line.
        load: Folder of weights and device => what measures a font.
        combine: The fonts' measurements => one number.
    """

    convention: str
    metric: str
    definition: str
    load: Load
    combine: Combine


def _mean_over_glyphs(fonts: Sequence[Tensor]) -> float:
    return float(torch.cat(tuple(fonts)).mean())


def _mean_over_fonts(fonts: Sequence[Tensor]) -> float:
    return float(np.mean([float(font.mean()) for font in fonts]))


def _root_of_mean_square(fonts: Sequence[Tensor]) -> float:
    return float(torch.cat(tuple(fonts)).square().mean().sqrt())


def _pooled_distance(fonts: Sequence[Tensor]) -> float:
    pred, target = torch.cat(tuple(fonts), 1).cpu().numpy()
    return frechet_distance(fit(pred), fit(target))


def _distance_of_each_font(fonts: Sequence[Tensor]) -> float:
    return float(np.mean([_pooled_distance([font]) for font in fonts]))


def _plain(measure: Measure) -> Load:
    """What needs no weights."""
    return lambda folder, device: measure


def _rmse(pred: Tensor, target: Tensor) -> Tensor:
    return RMSE().scores(pred, target)


_LPIPS_ALEX = lpips_of("alex")
_PYTORCH_FID = inception_of(as_pytorch_fid)
_SKIMAGE = _plain(similarity.skimage_default)
_UNIFORM = "7 x 7 uniform window, sample covariance, L = 255, valid map"
_PER_FONT = "pytorch-fid, a font, then the mean over fonts"

# The board's own stand first, to compare with. Of DG-Font its threads say which SSIM and which FID
# (its code has no scorer), of FFG there is neither RMSE nor FID on Inception.
VARIANTS = (
    Variant(
        "ours",
        "ssim",
        "11 x 11 Gaussian, population covariance, L = 1, valid map",
        _plain(ssim_scores),
        _mean_over_glyphs,
    ),
    Variant("ours", "rmse", "[0, 1], a glyph, then the mean", _plain(_rmse), _mean_over_glyphs),
    Variant("ours", "lpips", "AlexNet, 128 px", _LPIPS_ALEX, _mean_over_glyphs),
    Variant("ours", "fid", "pytorch-fid, all fonts together", _PYTORCH_FID, _pooled_distance),
    Variant("skimage-default", "ssim", _UNIFORM, _SKIMAGE, _mean_over_glyphs),
    Variant("dgfont", "ssim", f"{_UNIFORM} (scikit-image)", _SKIMAGE, _mean_over_glyphs),
    Variant("dgfont", "fid", _PER_FONT, _PYTORCH_FID, _distance_of_each_font),
    Variant(
        "cffont",
        "ssim",
        "11 x 11 Gaussian, sample covariance, L = 255, valid map; a font, then the mean",
        _plain(similarity.cf_font),
        _mean_over_fonts,
    ),
    Variant("cffont", "rmse", "[0, 1], a glyph, a font, the mean", _plain(_rmse), _mean_over_fonts),
    Variant("cffont", "lpips", "AlexNet, a font, then the mean", _LPIPS_ALEX, _mean_over_fonts),
    Variant("cffont", "fid", _PER_FONT, _PYTORCH_FID, _distance_of_each_font),
    Variant(
        "ffg",
        "ssim",
        "64 px on [-1, 1], doubled; 11 x 11 Gaussian, L guessed from what was drawn",
        _plain(similarity.ffg),
        _mean_over_glyphs,
    ),
    Variant(
        "ffg",
        "lpips",
        "AlexNet at 64 px",
        lpips_of("alex", prepare=similarity.shrunk),
        _mean_over_glyphs,
    ),
    Variant(
        "iffont",
        "ssim",
        "torchmetrics: page mirrored beyond its edge, whole map, L = 1",
        _plain(similarity.torchmetrics_unit),
        _mean_over_glyphs,
    ),
    Variant("iffont", "rmse", "[0, 1], root of the mean", _plain(_rmse), _root_of_mean_square),
    Variant("iffont", "lpips", "SqueezeNet", lpips_of("squeeze"), _mean_over_glyphs),
    Variant(
        "iffont",
        "fid",
        "torchmetrics before 1.8: TensorFlow 1's grid, all fonts together",
        inception_of(as_tensorflow),
        _pooled_distance,
    ),
    Variant(
        "torchmetrics",
        "ssim",
        "page mirrored beyond its edge, whole map, L = range of the batch (a font)",
        _plain(similarity.torchmetrics_default),
        _mean_over_glyphs,
    ),
    Variant("torchmetrics", "rmse", "root of the mean", _plain(_rmse), _root_of_mean_square),
    Variant("torchmetrics", "lpips", "AlexNet", _LPIPS_ALEX, _mean_over_glyphs),
    Variant(
        "torchmetrics",
        "fid",
        "bilinear with antialiasing, all fonts together",
        inception_of(as_torchmetrics),
        _pooled_distance,
    ),
)
CONVENTIONS = tuple(dict.fromkeys(variant.convention for variant in VARIANTS))


def variants_of(names: Sequence[str]) -> tuple[Variant, ...]:
    """The variants of some conventions, in the order of the table; ``all`` takes every one.

    Raises:
        UserError: There is no such convention.
    """
    unknown = [name for name in names if name not in (*CONVENTIONS, "all")]
    if unknown:
        raise UserError(
            f"Expected --convention all or of {', '.join(CONVENTIONS)}, but found {unknown[0]!r}."
        )
    return tuple(v for v in VARIANTS if "all" in names or v.convention in names)
