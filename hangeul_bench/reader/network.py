"""The jamo reader's network: ink in, logits of the three jamo positions out."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS

CLASSES = (len(INITIALS), len(MEDIALS), len(FINALS))
EMBEDDING = 256  # width of the hidden layer
_STAGES = (32, 48, 96, 192)  # channels


class _Block(nn.Module):
    """Two 3x3 convolutions with a shortcut (He et al. 2016), halving height and width."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)), inplace=True)
        y = self.norm2(self.conv2(y))
        return F.relu(y + self.shortcut(x if self.stride == 1 else halved(x)), inplace=True)


def halved(x: Tensor) -> Tensor:
    """Means of 2 x 2 pixels, (N, C, H, W) => (N, C, H/2, W/2) rounded up, in a third of the time.

    The same numbers as ``avg_pool2d(x, 2, ceil_mode=True)``, which adds in this order.
    """
    if x.shape[2] % 2 or x.shape[3] % 2:
        return F.avg_pool2d(x, 2, ceil_mode=True)
    upper = x[..., ::2, ::2] + x[..., ::2, 1::2]
    return (upper + x[..., 1::2, ::2] + x[..., 1::2, 1::2]) / 4


class ReaderNetwork(nn.Module):
    """Five convolutional stages, one hidden layer and a head for each jamo position."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = _STAGES
        self.stem = nn.Sequential(
            nn.Conv2d(1, a, 5, 2, 2, bias=False), nn.BatchNorm2d(a), nn.ReLU(inplace=True)
        )
        self.stages = nn.ModuleList(
            [_Block(a, b, 2), _Block(b, c, 2), _Block(c, c, 1), _Block(c, d, 2)]
        )
        # A 3x3 grid of places, whether the frame is 56 pixels or, early in training, 40.
        self.places = nn.AdaptiveAvgPool2d(3)
        self.hidden = nn.Linear(d * 9, EMBEDDING)
        self.dropout = nn.Dropout(0.2)
        self.heads = nn.ModuleList(nn.Linear(EMBEDDING, n) for n in CLASSES)

    def stage_features(self, ink: Tensor) -> list[Tensor]:
        """Feature maps of the stem and of each stage, ``(N, C, h, w)``, of ``(N, 1, H, W)`` ink."""
        maps = [self.stem(ink)]  # (N, 32, H/2, W/2)
        for stage in self.stages:
            maps.append(stage(maps[-1]))  # at last (N, 192, H/16, W/16), rounded up
        return maps

    def embed(self, maps: list[Tensor]) -> Tensor:
        """The hidden layer, ``(N, 256)``, from the feature maps."""
        return F.relu(self.hidden(self.places(maps[-1]).flatten(1)))

    def forward(self, ink: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the three positions from ``(N, 1, H, W)`` ink in [0, 1]."""
        hidden = self.dropout(self.embed(self.stage_features(ink)))
        initial, medial, final = (head(hidden) for head in self.heads)
        return initial, medial, final


FRAME = 56  # pixels a side of what the network sees
_MARGIN = 1.18  # the frame is this much larger than the ink, so that no stroke touches its edge
_MIN_BOX = 24.0  # pixels; a smaller box of ink is not enlarged further
_FAINT = 0.25  # darkness below this is taken for noise when the box of the ink is sought
_LINE_INK = 1.0  # darkness that a row or column must sum to, so that one stray pixel is no glyph


def frames_of(ink: Tensor) -> tuple[Tensor, Tensor]:
    """Where the glyph stands on its page and how far the frame around it reaches.

    A narrow glyph is widened half of the way to a square (geometric mean), and a flat one
    heightened: what remains of its proportion is style, not reading.

    Args:
        ink: ``(N, H, W)`` float, 0 = paper, 1 = ink.

    Returns:
        Centre and half side of the frame, each ``(N, 2)`` as (x, y) in the coordinates of
        ``grid_sample``: the page spans [-1, 1].
    """
    dark = torch.where(ink > _FAINT, ink, torch.zeros(()))
    centres, lengths = zip(*(_span(dark.sum(axis)) for axis in (1, 2)), strict=True)
    length = torch.stack(lengths, 1)  # (N, 2) pixels
    side = length.amax(1, keepdim=True)
    pages = torch.tensor([ink.shape[2], ink.shape[1]], dtype=ink.dtype)
    centre = torch.stack(centres, 1) * 2 / pages - 1
    return centre, (length * side).sqrt() * _MARGIN / pages


def _span(profile: Tensor) -> tuple[Tensor, Tensor]:
    """Middle and length in pixels of the stretch that holds ink, from ``(N, L)`` sums."""
    size = profile.shape[1]
    inked = profile > _LINE_INK
    place = torch.arange(size)
    first = torch.where(inked, place, size).amin(1)
    last = torch.where(inked, place + 1, 0).amax(1)
    found = last > first
    first, last = torch.where(found, first, 0), torch.where(found, last, size)
    return (first + last) / 2.0, (last - first).clamp(min=_MIN_BOX).float()


def sample_frames(ink: Tensor, grid: Tensor) -> Tensor:
    """Look up ``(N, H, W)`` ink at ``(N, h, w, 2)`` page coordinates: ``(N, 1, h, w)``."""
    return F.grid_sample(ink[:, None], grid, padding_mode="zeros", align_corners=False)


def framed(ink: Tensor, view: float) -> Tensor:
    """The glyph of ``(N, H, W)`` ink enlarged to ``view`` times its frame, ``(N, 1, 56, 56)``."""
    centre, half = frames_of(ink)
    line = (torch.arange(2 * FRAME) + 0.5) / FRAME - 1
    grid = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1)  # (112, 112, 2)
    grid = centre[:, None, None] + view * half[:, None, None] * grid
    # Twice the resolution and its mean, so that thin strokes are not lost between samples.
    return F.avg_pool2d(sample_frames(ink, grid), 2)


def whole_page(ink: Tensor) -> Tensor:
    """The whole page, ``(N, 1, 56, 56)``."""
    return F.interpolate(ink[:, None], size=(FRAME, FRAME), mode="area")
