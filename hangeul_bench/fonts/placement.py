"""The placement rule: where a glyph stands in its image. It is written here and nowhere else.

A font has one scale and one baseline. Each glyph is centred by its advance width, never by its
ink, because side bearings and baseline are style. All arithmetic is in integers (font units, 1/64
pixels, 16.16 scale), so that the outcome is the same on every machine.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.images import SIZE

if TYPE_CHECKING:
    from hangeul_bench.fonts.freetype import Outline

RULE = 1  # of every shard's key: another rule, or a change of this one, has another number

# Of 128 pixels: every ink box inside the central 124, 99 % of them inside the central 112. One
# tall syllable must not shrink a whole font.
ALL_INSIDE = 124
MOST_INSIDE = 112
MARGIN = (SIZE - ALL_INSIDE) // 2  # pixels of SIZE that no glyph inks, on every side
_MOST = 99, 100
_ONE = 1 << 16  # 1.0 in 16.16


@dataclass(frozen=True)
class Placement:
    """How all glyphs of a font are put into their images.

    Attributes:
        scale_16_16: 1/64 pixels a font unit, as 16.16 fixed-point number.
        baseline_26_6: Height of the baseline above the lower edge, in 1/64 pixels.
        size: Width and height of the image in pixels.
    """

    scale_16_16: int
    baseline_26_6: int
    size: int

    @property
    def scale(self) -> float:
        """Pixels a font unit; exact, since the fixed-point number has few bits."""
        return self.scale_16_16 / (64 * _ONE)

    @property
    def baseline(self) -> float:
        """Distance of the baseline from the upper edge in pixels; exact."""
        return self.size - self.baseline_26_6 / 64

    def left(self, advance: int) -> int:
        """Where a glyph's origin stands, in 1/64 pixels, for its advance in font units."""
        return self.size * 32 - _scaled_half(advance, self.scale_16_16)


def place(outlines: "Iterable[Outline]", size: int) -> Placement:
    """The largest scale, and the baseline, that keep a font's outlines inside the margins.

    Args:
        outlines: Outlines of the font's own syllables, none of them empty.
        size: Width and height of the image in pixels.
    """
    drawn = tuple(outlines)
    centre = joint_centre(drawn)
    reaches = sorted(reach(outline, centre) for outline in drawn)
    most = reaches[-(-len(reaches) * _MOST[0] // _MOST[1]) - 1]
    scale = min(_scale(ALL_INSIDE, reaches[-1], size), _scale(MOST_INSIDE, most, size))
    return Placement(scale, size * 32 - _scaled_half(centre, scale), size)


def reach(outline: "Outline", centre: int) -> int:
    """How far the ink goes from the centre of the image in any direction, in half font units."""
    x_min, y_min, x_max, y_max = outline.box
    return max(
        outline.advance - 2 * x_min,
        2 * x_max - outline.advance,
        centre - 2 * y_min,
        2 * y_max - centre,
    )


def joint_centre(outlines: "Iterable[Outline]") -> int:
    """Twice the height of the joint ink box's centre in font units, so that it stays an integer."""
    drawn = tuple(outlines)
    return min(o.box[1] for o in drawn) + max(o.box[3] for o in drawn)


def blank_frame(height: int, width: int) -> NDArray[np.bool_]:
    """(H, W) bool: the pixels at the edge of an image that no font inks."""
    frame = np.ones((height, width), np.bool_)
    frame[MARGIN:-MARGIN, MARGIN:-MARGIN] = False
    return frame


def _scale(inside: int, reach: int, size: int) -> int:
    return inside * size * 64 * _ONE // (SIZE * reach)


def _scaled_half(doubled: int, scale: int) -> int:
    """Half of ``doubled`` font units in 1/64 pixels, rounded."""
    return (doubled * scale + _ONE) // (2 * _ONE)
