"""Fullwidth forms are the font's Latin in the middle of the width of a syllable."""

from io import BytesIO

import pytest
from fontTools.ttLib import TTFont

from fontmaker.font_file import Design, build_font
from fontmaker.fullwidth import fullwidth_shapes
from fontmaker.naming import Provenance, family_name
from fontmaker.reference import Advance
from fontmaker.shapes import Traced, rectangles

A, W, QUESTION = (rectangles(n, ((50, 0, n - 50, 700),)) for n in (600, 1200, 1024))


def test_each_stands_in_the_middle_of_its_width():
    shapes = fullwidth_shapes({"A": A, "~": A, " ": A, "가": A}, 900)
    assert list(shapes) == ["Ａ", "～"]
    assert (shapes["Ａ"].advance, shapes["Ａ"].box) == (900, (200, 0, 700, 700))


def test_what_is_wider_is_made_smaller():
    wide = fullwidth_shapes({"W": W}, 900)["Ｗ"]
    assert (wide.advance, wide.box) == (900, (38, 0, 862, 525))


def test_the_companions_own_forms_stay():
    assert fullwidth_shapes({"?": A, "？": QUESTION}, 900) == {}


@pytest.mark.parametrize(
    ("advance", "width"),
    [(Advance("fixed", 900, ""), 900), (Advance("proportional", 80, ""), 1024)],
)
def test_a_font_maps_them(advance, width):
    shapes = Traced({"가": A}, {"가": 0})
    about = Provenance("c", "m", "u", False)
    companion = {chr(c): A for c in range(0x21, 0x7F)}
    font = TTFont(BytesIO(build_font(shapes, Design(family_name("A"), about, advance, companion))))
    cmap = font.getBestCmap()
    assert {*range(0xFF01, 0xFF5F)} <= set(cmap)
    assert {font["hmtx"][cmap[c]][0] for c in range(0xFF01, 0xFF5F)} == {width}
    assert 68 in font["OS/2"].getUnicodeRanges()
