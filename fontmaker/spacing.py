"""The measures of a font that is made from images: its em, its line, and how far glyphs advance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fontmaker.ink_boxes import ink_boxes, usual_ink_box
from fontmaker.outline import UNITS, UNITS_PER_EM
from fontmaker.reference import Advance, Reference
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import SIZE
from hangeul_bench.hangeul import layout

# Over the 100 fonts of the corpus with one advance for all syllables it is this many pixels for a
# glyph as wide as usual, with a standard deviation of 5.5, and grows by so many for each share.
_SPREAD, _LEAST = 71.0, 29.0
# Over the 35 others ink and advance differ by this, median of the medians.
_BEARINGS = 8.0  # pixels, both sides together
# From so many pictures on, whose widths against the usual ones vary by this (standard deviation
# over mean), each syllable advances by its own ink: of eight glyphs of a printed font with one
# advance they vary by .048 (median over 86), of one without by .094 (16), of handwriting by .08.
_FEWEST, _VARIED = 4, 0.065


def choose_advance(asked: str, references: Sequence[Reference]) -> Advance:
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
    varied = float(np.std(shares)) >= _VARIED * float(np.mean(shares))
    if asked == "auto" and own is None and len(shares) >= _FEWEST and varied:
        why = "ink and usual space beside it, as the references' widths vary"
        return Advance("proportional", round(_BEARINGS * UNITS), why)
    pixels = min(_LEAST + _SPREAD * float(np.mean(shares)), SIZE)
    return Advance("fixed", round(pixels * UNITS), "the width of the reference")


def ink_spans(images: NDArray[np.uint8]) -> NDArray[np.int64]:
    """(N, 2) left and right end of the ink on (N, H, W) uint8 images, pixels; -1 without ink."""
    return ink_boxes(images)[:, [0, 2]]


def _width_share(reference: Reference) -> float:
    left, right = ink_spans(reference.image[None])[0]
    return float(right - left) / usual_ink_box(layout(reference.character)).width
