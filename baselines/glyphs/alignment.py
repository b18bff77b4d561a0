"""How one font's glyphs are moved, scaled and thickened to sit like a reference's."""

import functools
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from baselines.glyphs.representation import REACH, field, render
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs

_SIGNATURE_SIZE = 20  # points each way
_MARGIN = 0.15  # of the ink box, around it
_SHARE = 0.3  # of the signature that is ink, whatever the weight
_LEAST_SIDE = 0.06  # of the image; a box smaller than that says nothing about scale
_MOST = 1.6  # times larger or smaller; beyond that one glyph's box says little of the others'
_HAIRLINE = 0.8  # pixels, half a stroke: thinner ones tear between the samples of a field
_DEPTH = 2  # samples each way in which a stroke's middle is looked for
_BISECTIONS, _FITS = 10, 3
_SOFTNESS = 4.0  # pixels
_PIXEL = 2 / 128  # of the image, in its [-1, 1] coordinates
USUAL = 104.0  # pixels, a glyph's longest side: the median over training fonts and references
SMALL = 0.93  # of that; larger glyphs stay as they are
_CHUNK = 16  # glyphs at once: their images stay in a core's cache


@dataclass(frozen=True)
class Change:
    """What takes N fonts' fields to N others' places and weights.

    Attributes:
        scale: (N, 2) new over old lengths, x and y.
        shift: (N, 2) of the image's centre, in [-1, 1] coordinates of the image, x and y.
        weight: (N,) pixels added to the field after that.
    """

    scale: Tensor
    shift: Tensor
    weight: Tensor

    @classmethod
    def none(cls) -> "Change":
        """One row that leaves everything where and as it is."""
        return cls(torch.ones(1, 2), torch.zeros(1, 2), torch.zeros(1))

    def expand(self, times: int) -> "Change":
        """Each row ``times`` times in a row."""
        return Change(*(part.repeat_interleave(times, 0) for part in self._parts()))

    def rows(self, index: Tensor) -> "Change":
        """The changes of some rows, in order."""
        return Change(*(part[index] for part in self._parts()))

    def then(self, later: "Change") -> "Change":
        """This change and then another one, as one change of N rows."""
        length = later.scale.prod(1).sqrt()
        return Change(
            self.scale * later.scale,
            self.shift * later.scale + later.shift,
            self.weight * length + later.weight,
        )

    def _parts(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.scale, self.shift, self.weight


def ink_box(fields: Tensor) -> Tensor:
    """Left, top, right and bottom of the ink, to a fraction of a pixel.

    Args:
        fields: (N, S, S) in pixels, positive in ink.

    Returns:
        (N, 4) in [-1, 1] coordinates of the image; a field without ink has the image's middle half.
    """
    sides = []
    for axis in (1, 2):  # profile over x, then over y
        profile = fields.amax(axis)  # (N, S)
        low = _first_crossing(profile)
        high = profile.shape[1] - 1 - _first_crossing(profile.flip(1))
        sides += [low, high]
    left, right, top, bottom = sides
    box = torch.stack([left, top, right, bottom], 1)  # in pixels of the field
    box = (box + 0.5) * 2 / fields.shape[1] - 1
    blank = (fields.flatten(1).amax(1) <= 0).unsqueeze(1)
    middle = torch.tensor([-0.5, -0.5, 0.5, 0.5], device=box.device)
    return torch.where(blank, middle, box)


def _first_crossing(profile: Tensor) -> Tensor:
    """(N, S) profiles to (N,): where each first rises above 0, interpolated."""
    first = (profile > 0).int().argmax(1)
    before = profile.gather(1, (first - 1).clamp(min=0).unsqueeze(1))[:, 0]
    after = profile.gather(1, first.unsqueeze(1))[:, 0]
    part = after / (after - before).clamp(min=1e-3)  # how far back the crossing lies
    return torch.where(first > 0, first - part.clamp(0, 1), first.float())


def resample(fields: Tensor, centre: Tensor, half: Tensor, size: int) -> Tensor:
    """Cut boxes out of fields: (N, S, S), (N, 2) centres, (N, 2) half sides => (N, size, size).

    Outside the image is paper, or a stroke that touches its edge would go on for ever.
    """
    affine = torch.zeros(len(fields), 2, 3, device=fields.device)
    affine[:, 0, 0], affine[:, 1, 1] = half[:, 0], half[:, 1]
    affine[:, :, 2] = centre
    grid = functional.affine_grid(affine, [len(fields), 1, size, size], False)
    return on_paper(fields, grid)


def on_paper(fields: Tensor, grid: Tensor) -> Tensor:
    """(N, S, S) fields at (N, H, W, 2) places of the image in [-1, 1]; paper outside it."""
    raised = (fields + REACH).unsqueeze(1)  # grid_sample has zeros outside
    return functional.grid_sample(raised, grid, align_corners=False)[:, 0] - REACH


def apply(fields: Tensor, change: Change) -> Tensor:
    """(N, S, S) fields moved, scaled and thickened; distances are scaled with the lengths."""
    inverse = 1 / change.scale
    moved = resample(fields, -change.shift * inverse, inverse, fields.shape[-1])
    length = change.scale.prod(1).sqrt()
    return thicken(moved * length.view(-1, 1, 1), change.weight.view(-1, 1, 1))


def thicken(fields: Tensor, pixels: Tensor) -> Tensor:
    """Fields with pixels added, but no stroke thinned below a hairline: that would break it.

    Args:
        fields: (N, S, S) in pixels.
        pixels: What is added; any shape that broadcasts to that of ``fields``.
    """
    return fields + torch.maximum(pixels, -(_half_widths(fields) - _HAIRLINE).clamp(min=0))


def _half_widths(fields: Tensor) -> Tensor:
    """(N, S, S): half the width of the stroke at each place, as far as ``_DEPTH`` samples tell.

    The highest sample near by, along four lines. Along a thin stroke a line may meet a thicker
    one, and along a thick stroke's edge it finds nothing: so it is the second lowest of the four.
    """
    size = fields.shape[-1]
    padded = functional.pad(fields.unsqueeze(1), (_DEPTH,) * 4, mode="replicate")[:, 0]
    steps = range(2 * _DEPTH + 1)
    lines = [
        [padded[:, _DEPTH : _DEPTH + size, x : x + size] for x in steps],
        [padded[:, y : y + size, _DEPTH : _DEPTH + size] for y in steps],
        [padded[:, d : d + size, d : d + size] for d in steps],
        [padded[:, d : d + size, 2 * _DEPTH - d : 2 * _DEPTH - d + size] for d in steps],
    ]
    across, down, falling, rising = (functools.reduce(torch.maximum, line) for line in lines)
    low = torch.maximum(torch.minimum(across, down), torch.minimum(falling, rising))
    high = torch.minimum(torch.maximum(across, down), torch.maximum(falling, rising))
    return torch.minimum(low, high)  # of a pair's lowest and a pair's highest: the second of four


def fit(own: Tensor, wanted: Tensor) -> Change:
    """The change that takes fonts' glyphs nearest to the same syllables of other fonts.

    Scale and shift fit the ink boxes' edges (exactly for one glyph, by least squares for more),
    the weight fits the amount of ink of all glyphs together.

    Args:
        own: (N, K, S, S) fields of the fonts to change.
        wanted: (N, K, S, S) fields of the same syllables as they should become.
    """
    n, k = own.shape[:2]
    from_, to = (ink_box(f.flatten(0, 1)).view(n, k, 2, 2) for f in (own, wanted))
    outward = torch.tensor([[-1.0], [1.0]], device=own.device)  # of left and top, right and bottom
    ink, weight = _ink(wanted), torch.zeros(n, device=own.device)
    for _ in range(_FITS):
        # Weight moves every edge outward, so the boxes must meet without it.
        grown = (weight * _PIXEL).view(-1, 1, 1, 1) * outward
        scale, shift = _fit_edges(from_.flatten(1, 2), (to - grown).flatten(1, 2))
        boxed = Change(scale, shift, torch.zeros_like(weight))
        moved = apply(own.flatten(0, 1), boxed.expand(k)).view(own.shape)
        weight = _added_weight(moved, ink)
    return Change(scale, shift, weight)


def left_over(own: Tensor, wanted: Tensor, change: Change) -> Tensor:
    """How unlike fonts' glyphs are to others once they are changed.

    Args:
        own: (F, K, S, S) fields of the fonts.
        wanted: (K, S, S) fields of the same syllables as they should become.
        change: F rows.

    Returns:
        (F,) float64 mean squared difference of tanh(distance / 4 pixels), which is flat away from
        the contour.
    """
    moved = apply(own.flatten(0, 1), change.expand(own.shape[1])).view_as(own)
    left = torch.tanh(moved / _SOFTNESS) - torch.tanh(wanted / _SOFTNESS)
    return left.double().square().mean((1, 2, 3))


def _fit_edges(from_: Tensor, to: Tensor) -> tuple[Tensor, Tensor]:
    """Least squares of (N, E, xy) edges: scale and shift, (N, 2) each."""
    a, b = from_.mean(1, keepdim=True), to.mean(1, keepdim=True)
    spread = (from_ - a).square().sum(1).clamp(min=from_.shape[1] * (_LEAST_SIDE / 2) ** 2)
    scale = (((from_ - a) * (to - b)).sum(1) / spread).clamp(1 / _MOST, _MOST)  # (N, 2)
    return scale, (b - a * scale.unsqueeze(1))[:, 0]


def _ink(fields: Tensor) -> Tensor:
    """(N, ...) fields to (N,): mean ink coverage, edges softened over two pixels."""
    return (fields.flatten(1) * 0.5 + 0.5).clamp(0, 1).mean(1)


def _added_weight(fields: Tensor, ink: Tensor) -> Tensor:
    """(N,) pixels to add so that each row's mean coverage becomes ``ink``; within 6 px."""
    low = torch.full_like(ink, -6.0)
    high = torch.full_like(ink, 6.0)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        too_much = _ink(fields + middle.view(-1, *[1] * (fields.dim() - 1))) > ink
        low, high = torch.where(too_much, low, middle), torch.where(too_much, middle, high)
    return (low + high) / 2


def signature(fields: Tensor) -> Tensor:
    """What of a glyph is left when place, size, proportion and weight are taken away.

    Args:
        fields: (N, S, S) in pixels.

    Returns:
        (N, 400) float32 in [-1, 1]; distances between signatures of one syllable rank fonts.
    """
    box = ink_box(fields)
    centre = (box[:, :2] + box[:, 2:]) / 2
    half = ((box[:, 2:] - box[:, :2]) / 2).clamp(min=_LEAST_SIDE / 2) * (1 + _MARGIN)
    cut = resample(fields, centre, half, _SIGNATURE_SIZE)
    cut = cut / half.prod(1).sqrt().view(-1, 1, 1)  # pixels of a box as large as the image
    ink = torch.full((len(fields),), _SHARE, device=fields.device)
    cut = cut + _added_weight(cut, ink).view(-1, 1, 1)
    return torch.tanh(cut / _SOFTNESS).flatten(1)


def enlarges(frame: str) -> bool:
    """What the adapters' option ``frame`` says: ``usual`` enlarges, ``none`` does not.

    Raises:
        UserError: It is neither.
    """
    if frame not in ("usual", "none"):
        raise UserError(f"Expected frame=usual or frame=none, found frame={frame}.")
    return frame == "usual"


@dataclass(frozen=True)
class Frame:
    """Where references lie in the image, and how large.

    Attributes:
        centre: (1, 2) of their ink, x and y in [-1, 1] coordinates of the image.
        enlarged: How many times they are enlarged about it, and brought to the image's centre;
            1 leaves them where they are.
    """

    centre: Tensor
    enlarged: float

    @classmethod
    def around(cls, references: Glyphs | Tensor) -> "Frame":
        """The frame of K glyphs of one font, by the largest of them.

        Args:
            references: (K, 128, 128) uint8, 0 = ink; images without ink say nothing.
        """
        fields = field(torch.as_tensor(references))
        boxes = ink_box(fields[(fields.flatten(1) > 0).any(1)])
        if not len(boxes):
            return cls.identity()
        pixels = torch.as_tensor(references).shape[-1] / 2
        side = float((boxes[:, 2:] - boxes[:, :2]).max()) * pixels
        if side >= SMALL * USUAL:
            return cls.identity()
        return cls(((boxes[:, :2] + boxes[:, 2:]) / 2).mean(0, keepdim=True), USUAL / side)

    @classmethod
    def identity(cls) -> "Frame":
        """The frame that leaves references where they are."""
        return cls(torch.zeros(1, 2), 1.0)

    def enlarge(self, references: Glyphs | Tensor) -> NDArray[np.uint8]:
        """(K, 128, 128) uint8 references at the usual size."""
        pages = torch.as_tensor(references)
        if self.enlarged == 1:
            return pages.numpy()
        scale = torch.full((1, 2), self.enlarged)
        change = Change(scale, -self.centre * scale, torch.zeros(1))
        return render(apply(field(pages), change.expand(len(pages)))).numpy()

    @property
    def back(self) -> Change:
        """What takes drawings of the usual size to the references' place and size."""
        return Change(torch.full((1, 2), 1 / self.enlarged), self.centre, torch.zeros(1))


def fits(fit: str) -> bool:
    """What the adapters' option ``fit`` says: ``references`` fits drawings, ``none`` does not.

    Raises:
        UserError: It is neither.
    """
    if fit not in ("references", "none"):
        raise UserError(f"Expected fit=references or fit=none, found fit={fit}.")
    return fit == "references"


def brought_back(fitting: "Fitting | None", frame: Frame) -> "Fitting | None":
    """What is done to drawings made in a frame: fitted there, then made as small as the references.

    Returns:
        None where nothing is done.
    """
    if frame.enlarged == 1:
        return fitting
    change = Change.none() if fitting is None else fitting.change
    return Fitting(change.then(frame.back))


@dataclass(frozen=True)
class Fitting:
    """What takes a model's drawings nearer to the references.

    Attributes:
        change: Of one row.
    """

    change: Change

    @classmethod
    def between(cls, drawn: Glyphs | Tensor, references: Glyphs | Tensor) -> "Fitting":
        """The fitting that K drawings of the reference syllables ask for.

        One glyph's difference is in part its own and not the font's. So of the whole difference
        the share K / (K + 1) is made up for: half of it for one reference, eight ninths for eight.

        Args:
            drawn: (K, 128, 128) uint8, what the model made of the reference syllables.
            references: (K, 128, 128) uint8.
        """
        own, wanted = (field(torch.as_tensor(pages)) for pages in (drawn, references))
        inked = ((own.flatten(1) > 0).any(1) & (wanted.flatten(1) > 0).any(1)).nonzero()[:, 0]
        if not len(inked):
            return cls(Change.none())
        whole = fit(own[inked].unsqueeze(0), wanted[inked].unsqueeze(0))
        share = len(inked) / (len(inked) + 1)
        return cls(Change(whole.scale**share, whole.shift * share, whole.weight * share))

    def __call__(self, drawn: Glyphs | Tensor) -> NDArray[np.uint8]:
        """(N, 128, 128) uint8 images to such images, with edges as a rasteriser draws them."""
        pages = torch.as_tensor(drawn)
        parts = [self._fitted(part).numpy() for part in pages.split(_CHUNK) if len(part)]
        return np.concatenate([np.empty((0, *pages.shape[1:]), np.uint8), *parts])

    def _fitted(self, pages: Tensor) -> Tensor:
        return render(apply(field(pages), self.change.expand(len(pages))))
