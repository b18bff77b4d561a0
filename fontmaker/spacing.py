"""The measures of a font that is made from pages: its em, its line, and how far glyphs advance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from fontmaker.ink_boxes import ink_boxes, usual_ink_box
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul import layout

if TYPE_CHECKING:
    from fontmaker.references import Source

PAGE = 128  # pixels a side of a page
UNITS_PER_EM = 1024
UNITS = 9  # font units a pixel; at 8 Korean text would be a tenth smaller than fonts set it
PAGE_UNITS = PAGE * UNITS
# The page's middle stands where Noto Sans KR has that of its Hangul, 0.38 em above the baseline.
BOTTOM = 388 - PAGE_UNITS // 2
TOP = BOTTOM + PAGE_UNITS
# Nanum Gothic sets its lines 1.15 em apart, Noto Sans KR 1.45; ink reaches 0.93 and -0.17 em.
ASCENDER, DESCENDER = 988, -241

Kind = Literal["fixed", "proportional"]

# Over the 100 fonts of the corpus with one advance for all syllables it is this many pixels for a
# glyph as wide as usual, with a standard deviation of 5.5, and grows by so many for each share.
_SPREAD, _LEAST = 71.0, 29.0
# Over the 35 others ink and advance differ by this, median of the medians.
_BEARINGS = 8.0  # pixels, both sides together
_VARIES = 0.5  # pixels; a font whose advances vary by more is proportional


@dataclass(frozen=True)
class Advance:
    """How far a syllable moves the pen.

    Attributes:
        kind: One advance for all, or each glyph's ink and the same space beside it.
        units: Font units: the advance if fixed, the space on both sides together if proportional.
        why: Where it comes from, a few words.
    """

    kind: Kind
    units: int
    why: str

    def place(self, left: float, right: float) -> tuple[int, int]:
        """Where a page stands that has ink from ``left`` to ``right``, in pixels.

        Returns:
            Font units from the glyph's origin to the page's left edge, and the advance.
        """
        if self.kind == "fixed" or right <= left:
            return (self.units - PAGE_UNITS) // 2, self.units
        advance = round((right - left) * UNITS) + self.units
        return self.units // 2 - round(left * UNITS), advance


def choose_advance(asked: str, references: Sequence["Source"]) -> Advance:
    """The advance by the references' shape.

    Args:
        asked: ``auto``, ``fixed``, ``proportional``, or a number of font units in 1,024 an em.
        references: A font's glyphs bring their advance along; of pictures the width counts.

    Raises:
        UserError: ``asked`` is none of these.
    """
    if asked.isdecimal() and UNITS_PER_EM // 4 <= int(asked) <= 2 * UNITS_PER_EM:
        return Advance("fixed", int(asked), "as asked for")
    if asked not in ("auto", "fixed", "proportional"):
        raise UserError(
            f"Expected --advance auto, fixed, proportional or {UNITS_PER_EM // 4} to "
            f"{2 * UNITS_PER_EM} units, but found {asked!r}."
        )
    own = next((r.advance for r in references if r.advance is not None), None)
    if own is not None and asked in ("auto", own.kind):
        return own
    if asked == "proportional":
        return Advance("proportional", round(_BEARINGS * UNITS), "ink and usual space beside it")
    shares = [_width_share(reference) for reference in references]
    pixels = min(_LEAST + _SPREAD * float(np.mean(shares)), PAGE)
    return Advance("fixed", round(pixels * UNITS), "the width of the reference")


def measured_advance(advances: Sequence[float], widths: Sequence[float]) -> Advance:
    """How a font advances.

    Args:
        advances: Of some of its syllables, pixels.
        widths: Of their ink, pixels.
    """
    if float(np.std(advances)) < _VARIES:
        units = round(float(np.median(advances)) * UNITS)
        return Advance("fixed", units, "the advance of the reference's font")
    space = float(np.median(np.subtract(advances, widths)))
    return Advance("proportional", round(space * UNITS), "the spacing of the reference's font")


def ink_spans(pages: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(N, 2) left and right end of the ink on (N, H, W) uint8 pages, pixels; -1 without ink."""
    return ink_boxes(pages)[:, [0, 2]]


def _width_share(reference: "Source") -> float:
    left, right = ink_spans(reference.image[None])[0]
    return float(right - left) / usual_ink_box(layout(reference.character)).width
