"""Weights at a byte a number: int8 with one float32 scale for each output channel.

Only what ships is stored so. Runs keep float16, from which a training goes on.
"""

import torch
from torch import Tensor

_SCALE = ".scale"  # after the name of the tensor that it is of
_LEAST = 4096  # numbers; smaller tensors gain nothing and stay float16
_LARGEST = 127


def quantize(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Store the large float tensors of a state as int8.

    Args:
        state: Tensors by name; the first dimension of a weight is its output channel.

    Returns:
        The same names; a tensor that became int8 has its (C,) float32 scales under ``NAME.scale``.
        Small float tensors become float16, others stay.

    Raises:
        ValueError: A number is not finite.
    """
    stored: dict[str, Tensor] = {}
    for name, value in state.items():
        if not value.is_floating_point():
            stored[name] = value
        elif value.ndim < 2 or value.numel() < _LEAST:
            stored[name] = value.half()
        else:
            stored[name], stored[name + _SCALE] = _quantize(name, value.float())
    return stored


def dequantize(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of :func:`quantize`; float tensors that were never int8 become float32 alone."""
    state = {}
    for name, value in stored.items():
        scale = stored.get(name + _SCALE)
        if scale is not None and value.dtype == torch.int8:
            state[name] = value.float() * _over(scale, value)
        elif not (name.endswith(_SCALE) and name.removesuffix(_SCALE) in stored):
            state[name] = value.float() if value.is_floating_point() else value
    return state


def _quantize(name: str, value: Tensor) -> tuple[Tensor, Tensor]:
    if not bool(value.isfinite().all()):
        raise ValueError(f"{name} holds a number that is not finite.")
    largest = value.flatten(1).abs().amax(1)
    scale = (largest / _LARGEST).clamp(min=torch.finfo(torch.float32).tiny)
    steps = (value / _over(scale, value)).round().clamp(-_LARGEST, _LARGEST)
    return steps.to(torch.int8), scale


def _over(scale: Tensor, value: Tensor) -> Tensor:
    return scale.view(-1, *[1] * (value.ndim - 1))
