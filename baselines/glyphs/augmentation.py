"""Styles without end: one change of a whole font, drawn at random and applied to its fields."""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from baselines.glyphs.representation import FIELD_SIZE

_WOBBLE = 5  # control points each way
_PIXEL = 2 / 128  # of the image, in the coordinates of grid_sample
_THINNEST, _ROUNDEST = 0.4, 0.2  # of a stroke's half width
_KEPT = 0.9  # share of the virtual fonts that are changed at all


@dataclass(frozen=True)
class StyleChange:
    """What makes N virtual fonts of N fonts; every glyph of a font gets the same.

    Attributes:
        affine: (N, 2, 3) from the new image to the old one, in [-1, 1] coordinates.
        wobble: (N, 2, 5, 5) displacements at control points, in [-1, 1] coordinates.
        weight: (N,) pixels added to the field.
        rounding: (N,) standard deviation in field pixels of the blur that rounds corners.
    """

    affine: Tensor
    wobble: Tensor
    weight: Tensor
    rounding: Tensor

    def rows(self, index: Tensor) -> "StyleChange":
        """The changes of some rows, in order; a row may come more than once."""
        return StyleChange(
            self.affine[index], self.wobble[index], self.weight[index], self.rounding[index]
        )

    def bounded_by(self, half_widths: Tensor) -> "StyleChange":
        """The same, but with (N,) half widths of strokes: no stroke is thinned or blurred away."""
        own = half_widths.to(self.weight.device)
        return replace(
            self,
            weight=torch.maximum(self.weight, -_THINNEST * own),
            rounding=torch.minimum(self.rounding, _ROUNDEST * own),
        )


def half_width(fields: Tensor) -> Tensor:
    """Half the width of a glyph's strokes: its ink over the length of its contour.

    Args:
        fields: (N, 64, 64) in pixels.

    Returns:
        (N,) pixels.
    """
    ink = (fields / 2 + 0.5).clamp(0, 1)  # of cells two pixels wide
    # Weights outside fall to 0 within 4 pixels: 2 pixels by the contour's length. A band inside
    # would find no room in a thin stroke.
    outside = (1 + fields / 4).clamp(0, 1) * (1 - ink)
    return 2 * ink.mean((1, 2)) / outside.mean((1, 2)).clamp(min=1e-4)


def random_change(n: int, generator: torch.Generator) -> StyleChange:
    """N changes: slant, rotation, stretch, shift, wobble, weight and rounding of corners.

    A tenth are the fonts as they are. Slant up to 14 degrees, rotation 3, stretch 15 % each way,
    shift 4 px, wobble 1.6 px (root mean square at the control points), weight 1.4 px.
    """

    def uniform(limit: float) -> Tensor:
        return (torch.rand(n, generator=generator) * 2 - 1) * limit

    def some(p: float) -> Tensor:
        return (torch.rand(n, generator=generator) < p).float()

    on = some(_KEPT)
    slant = uniform(math.tan(math.radians(14))) * some(0.4) * on
    turn = uniform(math.radians(3)) * some(0.3) * on
    stretch = torch.stack([uniform(0.15), uniform(0.15)]) * some(0.7) * on  # (2, N)
    size = uniform(0.08) * on
    cos, sin = turn.cos(), turn.sin()
    # From new to old: the inverse scale, then slant, then rotation.
    across, down = torch.exp(stretch[0] + size), torch.exp(stretch[1] + size)
    shift = torch.stack([uniform(4 * _PIXEL), uniform(4 * _PIXEL)]) * on
    rows = (
        torch.stack([cos * across, (slant * cos - sin) * down, shift[0]], 1),
        torch.stack([sin * across, (slant * sin + cos) * down, shift[1]], 1),
    )
    wobble = torch.randn(n, 2, _WOBBLE, _WOBBLE, generator=generator)
    amount = torch.rand(n, generator=generator) * 1.6 * _PIXEL * some(0.5) * on
    weight = uniform(1.4) * some(0.7) * on
    rounding = torch.rand(n, generator=generator) * 1.0 * some(0.3) * on
    return StyleChange(torch.stack(rows, 1), wobble * amount.view(n, 1, 1, 1), weight, rounding)


def apply_change(fields: Tensor, change: StyleChange) -> Tensor:
    """The fields of the virtual fonts.

    A warped field is scaled by the root of the area's change, so that it stays a distance.

    Args:
        fields: (N, 64, 64) float32 in pixels of the image.
        change: Of N rows.

    Returns:
        (N, 64, 64) float32.
    """
    affine = change.affine.to(fields.device)
    grid = functional.affine_grid(affine, [len(fields), 1, FIELD_SIZE, FIELD_SIZE], False)
    if bool(change.wobble.any()):
        wobble = functional.interpolate(
            change.wobble.to(fields.device), FIELD_SIZE, mode="bicubic", align_corners=True
        )
        grid = grid + wobble.permute(0, 2, 3, 1)  # (N, 64, 64, 2)
    warped = functional.grid_sample(
        fields.unsqueeze(1), grid, mode="bicubic", padding_mode="border", align_corners=False
    )[:, 0]
    area = torch.linalg.det(affine[:, :, :2]).abs().rsqrt()  # new over old lengths
    warped = warped * area.view(-1, 1, 1)
    warped = _rounded(warped, change.rounding.to(fields.device))
    return warped + change.weight.to(fields.device).view(-1, 1, 1)


def _rounded(fields: Tensor, sigma: Tensor) -> Tensor:
    """Blurred by each row's own Gaussian; straight edges stay where they are."""
    if not bool(sigma.any()):
        return fields
    reach = torch.arange(-3, 4, device=fields.device, dtype=fields.dtype)  # (7,)
    kernel = torch.exp(-0.5 * (reach / sigma.clamp(min=1e-2).unsqueeze(1)).square())  # (N, 7)
    kernel = kernel / kernel.sum(1, keepdim=True)
    padded = functional.pad(fields.unsqueeze(0), (3, 3, 3, 3), mode="replicate")
    n = len(fields)
    across = functional.conv2d(padded, kernel.view(n, 1, 1, 7), groups=n)
    return functional.conv2d(across, kernel.view(n, 1, 7, 1), groups=n)[0]
