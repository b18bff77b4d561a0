"""Other people's SSIM: (N, H, W) uint8, twice => (N,) float64."""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from hangeul_bench.base.torchvision import ensure_torchvision

_SIGMA = 1.5
_FFG_SIDE = 64  # pixels to which its evaluator shrinks every image


def skimage_default(pred: Tensor, target: Tensor) -> Tensor:
    """scikit-image without options: 7 x 7 uniform window, sample covariance, L = 255, valid map."""
    window = torch.full((7,), 1 / 7, dtype=torch.float64)
    return _ssim(pred.double(), target.double(), window, span=255, sample=True)


def cf_font(pred: Tensor, target: Tensor) -> Tensor:
    """scikit-image with Gaussian weights: 11 x 11, sigma 1.5, sample covariance, L = 255."""
    return _ssim(pred.double(), target.double(), _gaussian(), span=255, sample=True)


def ffg(pred: Tensor, target: Tensor) -> Tensor:
    """At 64 pixels on [-1, 1], doubled by a bicubic filter, L guessed from what was drawn.

    The guess is 2 if any pixel of the batch lies below -0.5, else 1; a batch is a font here.
    """
    drawn, true = (_doubled(images) for images in (pred, target))
    span = 2 if float(drawn.min()) < -0.5 else 1
    return _ssim(drawn, true, _gaussian(), span=span, sample=False)


def torchmetrics_ssim(
    pred: Tensor, target: Tensor, *, data_range: tuple[float, float] | None
) -> Tensor:
    """Torchmetrics as it is installed: the mirrored page, the mean over its whole map.

    Args:
        pred: (N, H, W) uint8.
        target: (N, H, W) uint8.
        data_range: As torchmetrics takes it; None is the range of the batch, here of a font.
    """
    ensure_torchvision()
    from torchmetrics.functional.image import structural_similarity_index_measure as measure

    x, y = (images[:, None].double() / 255 for images in (pred, target))
    scores = measure(x, y, reduction="none", data_range=data_range)
    assert isinstance(scores, Tensor)  # it returns a tuple only where the maps are asked for
    return scores.reshape(-1)


torchmetrics_default = partial(torchmetrics_ssim, data_range=None)
torchmetrics_unit = partial(torchmetrics_ssim, data_range=(0.0, 1.0))


def _ssim(x: Tensor, y: Tensor, window: Tensor, *, span: float, sample: bool) -> Tensor:
    """Mean of Wang's map over the windows that lie on the page: (N, H, W) float64 => (N,)."""
    maps = torch.stack((x, y, x * x, y * y, x * y), 1).flatten(0, 1)[:, None]  # (5 N, 1, H, W)
    maps = F.conv2d(F.conv2d(maps, window.view(1, 1, -1, 1)), window.view(1, 1, 1, -1))
    mx, my, xx, yy, xy = maps.view(len(x), 5, *maps.shape[2:]).unbind(1)
    n = len(window) ** 2
    unbiased = n / (n - 1) if sample else 1.0
    vx, vy, cov = (unbiased * v for v in (xx - mx * mx, yy - my * my, xy - mx * my))
    c1, c2 = (0.01 * span) ** 2, (0.03 * span) ** 2
    top = (2 * mx * my + c1) * (2 * cov + c2)
    return (top / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean((1, 2))


def _gaussian() -> Tensor:
    offset = torch.arange(11, dtype=torch.float64) - 5
    weights = torch.exp(-(offset**2) / (2 * _SIGMA**2))
    return weights / weights.sum()


def shrunk(images: Tensor) -> Tensor:
    """(N, H, W) uint8 => (N, 64, 64) uint8, as Pillow's bilinear filter does it."""
    side = (_FFG_SIDE, _FFG_SIDE)
    small = [
        Image.fromarray(page).resize(side, Image.Resampling.BILINEAR)
        for page in images.cpu().numpy()
    ]
    return torch.from_numpy(np.stack([np.asarray(page) for page in small]))


def _doubled(images: Tensor) -> Tensor:
    x = shrunk(images).double() / 127.5 - 1
    return F.interpolate(x[:, None], scale_factor=2, mode="bicubic", align_corners=True)[:, 0]
