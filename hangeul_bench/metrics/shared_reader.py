"""One jamo reader for several metrics: what one has it look at, the next need not look at again."""

import hashlib
from collections import OrderedDict

from torch import Tensor

from hangeul_bench.reader.reader import JamoReader

_KEPT = 256  # embeddings of 64 glyphs: 16 MB, enough for a font of the full track twice


class SharedReader:
    """A reader that keeps the embedding of pages whose feature maps were asked for.

    Both come from one pass of the network; ``glyph_lpips`` asks for the maps, ``glyph_fid`` for
    the embedding. It answers as the reader behind it does.

    Attributes:
        sha256: SHA-256 of the reader's weights.
    """

    def __init__(self, reader: JamoReader) -> None:
        self.sha256 = reader.sha256
        self._reader = reader
        self._embedded: OrderedDict[bytes, Tensor] = OrderedDict()

    def read(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 => (N, 3) int64 jamo indices, -1 for a page without ink."""
        return self._reader.read(images)

    def features(self, images: Tensor) -> list[Tensor]:
        """(N, H, W) uint8, N > 0 => feature maps (N, C, h, w)."""
        maps, embedding = self._reader.features_and_embedding(images)
        self._embedded[_key(images)] = embedding
        if len(self._embedded) > _KEPT:
            self._embedded.popitem(last=False)
        return maps

    def embed(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 => (N, 256)."""
        kept = self._embedded.get(_key(images))
        return self._reader.embed(images) if kept is None else kept


def _key(images: Tensor) -> bytes:
    pages = images.cpu().contiguous()
    return hashlib.sha256(repr(tuple(pages.shape)).encode() + pages.numpy().tobytes()).digest()
