"""Many small glyph images in one PNG, from which CSS cuts each; syllables as such pictures."""

import base64
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset


_COLUMNS = 16
_GREYS = 16  # 4 bits a pixel: half the bytes of 8, and no eye tells them apart at this size
_GREY_VALUES = tuple(round(level * 255 / (_GREYS - 1)) for level in range(_GREYS))


@dataclass(frozen=True)
class Sprite:
    """Where a glyph stands: column ``x`` and row ``y`` (both in glyphs) of the sheet ``sheet``."""

    sheet: str
    x: int
    y: int


class Sheet:
    """A sprite sheet under construction; equal images are stored once.

    Args:
        key: The CSS class of the sheet: letters, digits and dashes.
        pixels: The side of a glyph in the sheet.
    """

    columns = _COLUMNS

    def __init__(self, key: str, pixels: int) -> None:
        self.key, self.pixels = key, pixels
        self._images: list[NDArray[np.uint8]] = []
        self._seen: dict[bytes, Sprite] = {}

    def add(self, images: Iterable[NDArray[np.uint8]]) -> tuple[Sprite, ...]:
        """Store glyphs ((N, H, W) uint8, 0 = ink, 255 = paper) and say where each stands."""
        return tuple(self._add(image) for image in images)

    def _add(self, image: NDArray[np.uint8]) -> Sprite:
        content = image.tobytes()
        if content not in self._seen:
            y, x = divmod(len(self._images), _COLUMNS)
            self._seen[content] = Sprite(self.key, x, y)
            self._images.append(self._levels(image))
        return self._seen[content]

    def _levels(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        picture = Image.fromarray(image)
        if picture.size != (self.pixels, self.pixels):
            picture = picture.resize((self.pixels, self.pixels), Image.Resampling.BOX)
        step = 255 / (_GREYS - 1)
        return np.rint(np.asarray(picture) / step).astype(np.uint8)

    def data_uri(self) -> str:
        """The sheet as a ``data:`` URI holding a 4-bit PNG; empty if it holds no glyph."""
        return _data_uri(_png(self._page())) if self._images else ""

    def mask_uri(self) -> str:
        """As :meth:`data_uri`, with ink opaque and paper transparent, for a CSS mask."""
        alpha = bytes(255 - grey for grey in _GREY_VALUES)
        return _data_uri(_png(self._page(), transparency=alpha)) if self._images else ""

    def _page(self) -> NDArray[np.uint8]:
        rows = -(-len(self._images) // _COLUMNS)
        side = self.pixels
        page = np.full((rows * side, _COLUMNS * side), _GREYS - 1, np.uint8)
        for index, levels in enumerate(self._images):
            y, x = divmod(index, _COLUMNS)
            page[y * side : (y + 1) * side, x * side : (x + 1) * side] = levels
        return page


_PIXELS = 48  # twice the size at which they are shown, for fine screens


@dataclass(frozen=True)
class Written:
    """The pictures of the syllables that a page names.

    Attributes:
        sprites: By syllable; one that is not here stays text.
        uri: Their sheet, ink on nothing, so that it takes the colour of the text; may be empty.
    """

    sprites: Mapping[str, Sprite]
    uri: str


def write_syllables(syllables: Iterable[str], dataset: "GlyphDataset | None") -> Written:
    """Draw syllables in the dataset's content font.

    Args:
        syllables: Any texts; those that the content font of the dataset lacks are left out.
        dataset: Where the pictures come from; None gives none.
    """
    if dataset is None:
        return Written({}, "")
    font = dataset.splits.content_font
    known = set(dataset.characters) - dataset.missing(font)
    drawn = sorted(known.intersection(syllables))
    if not drawn:
        return Written({}, "")
    sheet = Sheet("sheet-text", _PIXELS)
    sprites = sheet.add(dataset.images(font, drawn))
    return Written(dict(zip(drawn, sprites, strict=True)), sheet.mask_uri())


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _png(levels: NDArray[np.uint8], **options: bytes) -> bytes:
    height, width = levels.shape
    picture = Image.new("P", (width, height))
    picture.frombytes(levels.tobytes())
    picture.putpalette([channel for grey in _GREY_VALUES for channel in (grey, grey, grey)])
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", bits=4, optimize=True, **options)
    return buffer.getvalue()
