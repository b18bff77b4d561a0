"""Strokes are measured, made thicker and thinner; gaps stay open and strokes stay whole."""

import numpy as np
import pytest
from scipy import ndimage

from fontmaker.correction import Correction, between, half_widths
from fontmaker.weight import spread, stroke_widths, thickened
from hangeul_bench.fonts import Rasterizer


def page(*boxes):
    """(1, 128, 128) uint8 with boxes (left, top, right, bottom) of ink."""
    image = np.full((1, 128, 128), 255, np.uint8)
    for left, top, right, bottom in boxes:
        image[0, top:bottom, left:right] = 0
    return image


def parts_and_holes(image):
    """How many pieces of ink and of paper, without single pixels, which are not traced."""
    ink = image < 128
    labels = ndimage.label(ink, np.ones((3, 3)))[0], ndimage.label(~ink)[0]
    return tuple(int((np.bincount(own.ravel())[1:] > 1).sum()) for own in labels)


def ring(gap):
    """A square ring with strokes of 8 pixels around a hole of so many."""
    image = page((40, 40, 56 + gap, 56 + gap))
    image[0, 48 : 48 + gap, 48 : 48 + gap] = 255
    return image


@pytest.mark.parametrize("width", [3, 6, 11])
def test_the_width_of_a_bar_is_measured(width):
    bar = page((50, 20, 50 + width, 100))
    assert stroke_widths(bar)[0] == pytest.approx(width, rel=0.07)


def test_paper_measures_nothing():
    assert stroke_widths(page()).tolist() == [0]


def test_a_ragged_edge_takes_less_than_from_ink_over_length_of_edge():
    smooth, ragged = page((50, 20, 60, 100)), page((50, 20, 60, 100))
    ragged[0, 20:100:4, 49] = 0
    ragged[0, 22:100:4, 59] = 255
    kept, of_edge = (
        (measured(ragged) / measured(smooth))[0] for measured in (stroke_widths, half_widths)
    )
    assert of_edge + 0.05 < kept < 1


@pytest.mark.parametrize("offset", [2.0, 1.0, 0.4, -0.4, -1.0])
def test_strokes_gain_twice_the_offset(offset):
    bar = page((50, 20, 58, 100))
    changed = thickened(bar, offset)
    ink = (255.0 - changed).sum() / 255
    assert ink == pytest.approx((8 + 2 * offset) * (80 + 2 * offset), rel=0.03)
    gained = stroke_widths(changed) - stroke_widths(bar)
    assert gained[0] == pytest.approx(2 * offset, abs=0.4)


def test_nothing_to_change_changes_no_more_than_an_edge():
    bar = page((50, 20, 58, 100))
    same = thickened(bar, 0.0)
    assert np.array_equal(same < 128, bar < 128)


@pytest.mark.parametrize("gap", [2, 3, 6])
def test_counters_do_not_close(gap):
    bolder = thickened(ring(gap), 4.0)
    assert parts_and_holes(bolder[0]) == (1, 2)
    assert (bolder < 128).sum() > 1.3 * (ring(gap) < 128).sum()  # its outside grew all the same


def test_strokes_side_by_side_do_not_meet():
    pair = page((40, 20, 48, 100), (51, 20, 59, 100))
    bolder = thickened(pair, 3.0)
    assert parts_and_holes(bolder[0])[0] == 2


def test_thin_strokes_do_not_break():
    thin = page((30, 30, 32, 100), (50, 60, 110, 72))
    lighter = thickened(thin, -3.0)
    assert parts_and_holes(lighter[0])[0] == 2
    assert (lighter[0, 32:98, 28:34] < 128).any(axis=1).all()
    assert (lighter[0, :, 40:] < 128).sum() < 0.6 * (thin[0, :, 40:] < 128).sum()


def test_where_strokes_would_part_the_glyph_changes_less():
    joined = page((30, 30, 32, 100), (30, 60, 90, 72))
    lighter = thickened(joined, -3.0)
    assert parts_and_holes(lighter[0])[0] == 1
    assert (lighter < 128).sum() < (joined < 128).sum()


def test_paper_stays_paper():
    assert (thickened(page(), 2.0) == 255).all()


@pytest.fixture(scope="module")
def glyphs(real_fonts):
    """(6, 128, 128) uint8 of a real handwriting font, some of them dense."""
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        return rasterizer.render_many(tuple("한글빛꽃읽뺄"))


def test_a_real_font_made_heavier_comes_back(glyphs):
    heavy = thickened(glyphs, 0.8)
    assert np.median(stroke_widths(heavy) - stroke_widths(glyphs)) == pytest.approx(1.6, abs=0.3)
    correction = between(heavy, glyphs)
    back = stroke_widths(correction(heavy)) / stroke_widths(glyphs)
    assert np.median(back) == pytest.approx(1, abs=0.05)


def test_a_real_font_keeps_its_counters(glyphs):
    for own, bold in zip(glyphs, thickened(glyphs, 2.0), strict=True):
        assert parts_and_holes(bold) == parts_and_holes(own)


def test_the_correction_keeps_gaps_open():
    pair = page((40, 20, 48, 100), (51, 20, 59, 100))
    assert parts_and_holes(Correction(weight=3.0)(pair)[0])[0] == 2


def test_contradictory_references_are_told_by_their_spread(glyphs):
    mixed = np.concatenate([thickened(glyphs[:3], -0.7), thickened(glyphs[3:], 2.0)])
    assert between(glyphs, mixed).spread > 2 * between(glyphs, glyphs).spread


def test_spread_is_the_range_of_the_middle_half():
    assert spread(np.array([4.0, 4.0, 4.0])) == 0
    assert spread(np.array([2.0, 4.0, 6.0])) == pytest.approx(0.5)
