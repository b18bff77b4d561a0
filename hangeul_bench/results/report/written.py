"""Syllables as pictures of the content font: without a Korean font a browser shows boxes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hangeul_bench.results.report.sprites import Sheet, Sprite

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

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
