"""Deformable convolution in plain torch (Dai et al. 2017; with masks, Zhu et al. 2019)."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from hangeul_bench.base.torchvision import ensure_torchvision


def deform_conv2d(
    input: Tensor,
    offset: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, int] = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int | tuple[int, int] = 1,
    mask: Tensor | None = None,
) -> Tensor:
    """A convolution whose taps are moved, place by place; outside the input there are zeros.

    What ``torchvision.ops.deform_conv2d`` computes, without a compiled operator, for one group.

    Args:
        input: (N, C, H, W).
        offset: (N, 2 K, h, w) pixels, for each of the K taps first down, then across.
        weight: (O, C, kH, kW), K = kH kW.
        bias: (O,).
        stride: Down and across.
        padding: Down and across.
        dilation: Down and across.
        mask: (N, K, h, w) factors of the taps.

    Returns:
        (N, O, h, w).

    Raises:
        ValueError: Weights or offsets are of more than one group.
    """
    n, channels, height, width = input.shape
    out, own, rows, columns = weight.shape
    taps = rows * columns
    if own != channels or offset.shape[1] != 2 * taps:
        raise ValueError("Expected a deformable convolution of one group, but found several.")
    h, w = offset.shape[-2:]
    (down, across), (top, left), (tall, wide) = map(_pair, (stride, padding, dilation))
    # Places in half precision would be a sixteenth of a cell apart.
    exact = torch.promote_types(input.dtype, torch.float32)
    options: Any = {"device": input.device, "dtype": exact}
    y = torch.arange(h, **options).view(-1, 1) * down - top
    x = torch.arange(w, **options) * across - left
    tap = torch.arange(taps, **options).view(-1, 1, 1)
    moved = offset.view(n, taps, 2, h, w)
    at_y = y + (tap // columns) * tall + moved[:, :, 0]  # (N, K, h, w) pixels
    at_x = x + tap % columns * wide + moved[:, :, 1]
    grid = torch.stack([(at_x + 0.5) * 2 / width - 1, (at_y + 0.5) * 2 / height - 1], -1)
    grid = grid.view(n, taps * h, w, 2)
    seen = functional.grid_sample(input.to(exact), grid, align_corners=False).to(input.dtype)
    seen = seen.view(n, channels, taps, h, w)
    if mask is not None:
        seen = seen * mask.unsqueeze(1)
    result = (weight.view(out, -1) @ seen.view(n, channels * taps, h * w)).view(n, out, h, w)
    return result if bias is None else result + bias.view(1, -1, 1, 1)


def _pair(value: int | tuple[int, int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value


def lend_torchvision_deform_conv2d() -> bool:
    """Have torchvision's layers use the function above where its own operator is not compiled.

    Returns:
        Whether it had to.
    """
    ensure_torchvision()
    from torchvision.ops import deform_conv

    try:
        torch.ops.torchvision.deform_conv2d  # noqa: B018
    except AttributeError:
        deform_conv.deform_conv2d = deform_conv2d
        return True
    return False
