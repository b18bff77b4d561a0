"""Fullwidth forms (U+FF01 to U+FF5E) of a font's Latin: the same glyphs in the middle of an em."""

from collections.abc import Collection, Mapping

import numpy as np

from fontmaker.shapes import Shape, transformed

_FIRST, _LAST = 0xFF01, 0xFF5E
_OFFSET = 0xFEE0  # Unicode: from a character of ASCII to its fullwidth form


def fullwidth_shapes(shapes: Mapping[str, Shape], width: int) -> dict[str, Shape]:
    """Fullwidth forms that are not there, of the ASCII that is.

    Args:
        shapes: By character.
        width: Of the forms, in font units; what is wider is made smaller.
    """
    forms = fullwidth_forms(shapes)
    return {form: _centred(shapes[chr(ord(form) - _OFFSET)], width) for form in forms}


def fullwidth_forms(characters: Collection[str]) -> tuple[str, ...]:
    """The fullwidth forms that are not among characters whose ASCII is."""
    wide = range(_FIRST, _LAST + 1)
    return tuple(
        chr(c) for c in wide if chr(c) not in characters and chr(c - _OFFSET) in characters
    )


def _centred(shape: Shape, width: int) -> Shape:
    """A shape in the middle of a width."""
    fits = shape.advance <= width
    fitted = shape if fits else transformed(shape, scale=width / shape.advance, bolder=0)
    points = fitted.points + np.array(((width - fitted.advance) // 2, 0))
    return Shape(width, points, fitted.on_curve, fitted.ends)
