"""The jamo reader: a small frozen network that says which syllable a glyph shows.

It judges what models draw (the jamo error rate), so no model may be trained on it; the SHA-256 of
its weights stands in every signature that depends on it. How it was trained: reader_training.py.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional as F

from hangeul_bench.errors import UserError
from hangeul_bench.phonetics import FINALS, INITIALS, MEDIALS

SHIPPED_WEIGHTS = Path(__file__).parent / "data" / "reader.safetensors"
CLASSES = (len(INITIALS), len(MEDIALS), len(FINALS))
FRAME = 56  # pixels a side of what the network sees

_CHUNK = 32  # one batch size for all work, so that no result depends on the caller's batch size
_MARGIN = 1.18  # the frame is this much larger than the ink, so that no stroke touches its edge
# Frame sizes whose logits are averaged: of the pairs of 1.0, 1.05, 1.12, 1.2 and 1.3 the one that
# read the validation lineages best after the first stage: 98.72 %, (1.05, 1.2) 98.66 %.
VIEWS = (1.0, 1.2)
_MIN_BOX = 24.0  # pixels; a smaller box of ink is not enlarged further
_FAINT = 0.25  # darkness below this is taken for noise when the box of the ink is sought
_LINE_INK = 1.0  # darkness that a row or column must sum to, so that one stray pixel is no glyph
_STAGES = (32, 48, 96, 192)  # channels
_EMBEDDING = 256


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
        return F.relu(y + self.shortcut(F.avg_pool2d(x, self.stride, ceil_mode=True)), inplace=True)


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
        self.hidden = nn.Linear(d * 9, _EMBEDDING)
        self.dropout = nn.Dropout(0.2)
        self.heads = nn.ModuleList(nn.Linear(_EMBEDDING, n) for n in CLASSES)

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


def ink_boxes(ink: Tensor) -> tuple[Tensor, Tensor]:
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


def _framed(ink: Tensor, view: float) -> Tensor:
    """The glyph of ``(N, H, W)`` ink enlarged to ``view`` times its frame, ``(N, 1, 56, 56)``."""
    centre, half = ink_boxes(ink)
    line = (torch.arange(2 * FRAME) + 0.5) / FRAME - 1
    grid = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1)  # (112, 112, 2)
    grid = centre[:, None, None] + view * half[:, None, None] * grid
    # Twice the resolution and its mean, so that thin strokes are not lost between samples.
    return F.avg_pool2d(sample_frames(ink, grid), 2)


def _page(ink: Tensor) -> Tensor:
    """The whole page, ``(N, 1, 56, 56)``."""
    return F.interpolate(ink[:, None], size=(FRAME, FRAME), mode="area")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class JamoReader:
    """Reads glyphs: which initial, medial and final jamo each of them shows.

    Reading does not depend on where the glyph stands on its page or how large it is, and no
    result depends on how many glyphs are given at once.

    Attributes:
        sha256: SHA-256 of the weights' file; part of every signature.
        details: The record of the training, from the JSON file beside the weights.
    """

    def __init__(
        self, network: ReaderNetwork, sha256: str, *, details: dict[str, Any], device: str = "cpu"
    ) -> None:
        self.network = network.to(device).eval().requires_grad_(False)
        self.sha256, self.details, self.device = sha256, details, device

    @classmethod
    def load(cls, path: Path | None = None, device: str = "cpu") -> "JamoReader":
        """Load weights; the shipped ones if no path is given.

        Raises:
            UserError: The file is absent, is not a safetensors file, or holds another network.
        """
        path = SHIPPED_WEIGHTS if path is None else path
        if not path.is_file():
            raise UserError(
                f"Expected the reader's weights at {path}, but found no file; "
                "make them with `hangeul-bench reader train`."
            )
        network = ReaderNetwork()
        try:
            weights = safetensors.torch.load_file(path)
            network.load_state_dict({name: value.float() for name, value in weights.items()})
        except (SafetensorError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(
                f"{path} does not hold weights of this jamo reader ({reason}); "
                "make them again with `hangeul-bench reader train`."
            ) from error
        record = path.with_suffix(".json")
        details = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
        return cls(network, file_sha256(path), details=details, device=device)

    def read(self, images: "np.ndarray | Tensor") -> Tensor:
        """Read glyphs.

        Args:
            images: ``(N, H, W)`` uint8, 0 = ink, 255 = paper.

        Returns:
            ``(N, 3)`` int64 on the CPU: indices of initial, medial and final as in
            :class:`hangeul_bench.phonetics.Jamo`; (-1, -1, -1) for a page without ink, that is
            without a pixel below 128.
        """
        pages = _as_pages(images)
        read = torch.stack([logits.argmax(1) for logits in self.logits(pages)], 1)
        read[(pages >= 128).flatten(1).all(1)] = -1
        return read

    def logits(self, images: "np.ndarray | Tensor") -> tuple[Tensor, Tensor, Tensor]:
        """Logits ``(N, 19)``, ``(N, 21)`` and ``(N, 28)`` of ``(N, H, W)`` uint8 glyphs."""
        parts = [
            tuple(logits[:n].cpu() for logits in self._chunk_logits(ink))
            for ink, n in _chunks(_as_pages(images))
        ]
        if not parts:
            return (
                torch.empty(0, CLASSES[0]),
                torch.empty(0, CLASSES[1]),
                torch.empty(0, CLASSES[2]),
            )
        initial, medial, final = (torch.cat(column) for column in zip(*parts, strict=True))
        return initial, medial, final

    def _chunk_logits(self, ink: Tensor) -> list[Tensor]:
        views = [self.network(_framed(ink, view).to(self.device)) for view in VIEWS]
        return [torch.stack(position).mean(0) for position in zip(*views, strict=True)]

    def features(self, images: "np.ndarray | Tensor") -> list[Tensor]:
        """Feature maps ``(N, C, h, w)`` of the five stages, of ``(N, H, W)`` uint8 pages.

        Unlike reading, they see the whole page as it stands, so that place and size count.
        """
        chunks = [
            [stage[:n].cpu() for stage in self.network.stage_features(_page(ink).to(self.device))]
            for ink, n in _chunks(_as_pages(images))
        ]
        return [torch.cat(stage) for stage in zip(*chunks, strict=True)]

    def embed(self, images: "np.ndarray | Tensor") -> Tensor:
        """The hidden layer, ``(N, 256)`` float32, of ``(N, H, W)`` uint8 pages as they stand."""
        network = self.network
        parts = [
            network.embed(network.stage_features(_page(ink).to(self.device)))[:n].cpu()
            for ink, n in _chunks(_as_pages(images))
        ]
        return torch.cat(parts) if parts else torch.empty(0, _EMBEDDING)


def _as_pages(images: "np.ndarray | Tensor") -> Tensor:
    pages = torch.as_tensor(images).cpu()
    if pages.ndim != 3 or pages.dtype != torch.uint8:
        raise ValueError(
            f"Expected glyphs as (N, H, W) uint8, but got {tuple(pages.shape)} {pages.dtype}."
        )
    return pages


def _chunks(pages: Tensor) -> Iterator[tuple[Tensor, int]]:
    """Ink of always ``_CHUNK`` pages, the last filled up with paper, and how many are real."""
    for start in range(0, len(pages), _CHUNK):
        chunk = pages[start : start + _CHUNK]
        ink = torch.zeros(_CHUNK, *pages.shape[1:])
        ink[: len(chunk)] = 1 - chunk.float() / 255
        yield ink, len(chunk)
