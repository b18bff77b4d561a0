"""The jamo reader: which syllable a glyph shows.

It judges what models draw (the jamo error rate), so no model may be trained on it; the SHA-256 of
its weights stands in every signature that depends on it. How it was trained: ``reader/training``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256
from hangeul_bench.reader.network import CLASSES, EMBEDDING, ReaderNetwork, framed, whole_page

SHIPPED_WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
# Frame sizes whose logits are averaged: of the pairs of 1.0, 1.05, 1.12, 1.2 and 1.3 the one that
# read the validation lineages best after the first stage: 98.72 %, (1.05, 1.2) 98.66 %.
VIEWS = (1.0, 1.2)

_CHUNK = 32  # one batch size for all work, so that no result depends on the caller's batch size
_RECORD = Schema({"type": "object"})


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
            weights = safetensors.torch.load(path.read_bytes())
            network.load_state_dict({name: value.float() for name, value in weights.items()})
        except (SafetensorError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0]
            raise UserError(
                f"{path} does not hold weights of this jamo reader ({reason}); "
                "make them again with `hangeul-bench reader train`."
            ) from error
        record = path.with_suffix(".json")
        details = read_json(record, _RECORD) if record.is_file() else {}
        return cls(network, file_sha256(path), details=details, device=device)

    def read(self, images: "np.ndarray | Tensor") -> Tensor:
        """Read glyphs.

        Args:
            images: ``(N, H, W)`` uint8, 0 = ink, 255 = paper.

        Returns:
            ``(N, 3)`` int64 on the CPU: indices of initial, medial and final as in
            :class:`hangeul_bench.hangeul.phonetics.Jamo`; (-1, -1, -1) for a page without
            ink, that is without a pixel below 128.
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
        views = [self.network(framed(ink, view).to(self.device)) for view in VIEWS]
        return [torch.stack(position).mean(0) for position in zip(*views, strict=True)]

    def features(self, images: "np.ndarray | Tensor") -> list[Tensor]:
        """Feature maps ``(N, C, h, w)`` of the five stages, of ``(N, H, W)`` uint8 pages.

        Unlike reading, they see the whole page as it stands, so that place and size count.
        """
        return self.features_and_embedding(images)[0]

    def embed(self, images: "np.ndarray | Tensor") -> Tensor:
        """The hidden layer, ``(N, 256)`` float32, of ``(N, H, W)`` uint8 pages as they stand."""
        parts = [hidden for _, hidden in self._looks(images)]
        return torch.cat(parts) if parts else torch.empty(0, EMBEDDING)

    def features_and_embedding(self, images: "np.ndarray | Tensor") -> tuple[list[Tensor], Tensor]:
        """What :meth:`features` and :meth:`embed` say, of at least one page, in one pass."""
        looks = list(self._looks(images))
        stages = zip(*(maps for maps, _ in looks), strict=True)
        return [torch.cat(stage) for stage in stages], torch.cat([hidden for _, hidden in looks])

    def _looks(self, images: "np.ndarray | Tensor") -> Iterator[tuple[list[Tensor], Tensor]]:
        """Feature maps and hidden layer of a chunk of whole pages after the other."""
        for ink, n in _chunks(_as_pages(images)):
            maps = self.network.stage_features(whole_page(ink).to(self.device))
            yield [stage[:n].cpu() for stage in maps], self.network.embed(maps)[:n].cpu()


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
