"""Small references enlarged, and drawings made small again."""

import numpy as np
import pytest
import torch

from baselines.glyphs.alignment import SMALL, USUAL, Fitting, Frame, apply, ink_box
from baselines.glyphs.representation import field

EMPTY = np.full((1, 128, 128), 255, np.uint8)


def page(left, top, right, bottom):
    glyph = np.full((128, 128), 255, np.uint8)
    glyph[top:bottom, left:right] = 0
    glyph[top + 8 : bottom - 8, left + 8 : right - 8] = 255
    return glyph


def boxes(pages):
    """Left, top, right, bottom of each, in pixels."""
    return (ink_box(field(torch.as_tensor(pages))) + 1) * 64


@pytest.mark.parametrize("top", [10, 40])
def test_a_small_glyph_becomes_as_large_as_usual_and_lies_in_the_middle(top):
    small = page(20, top, 60, top + 60)[None]
    frame = Frame.around(small)
    assert frame.enlarged == pytest.approx(USUAL / 60, rel=0.01)
    left, upper, right, lower = boxes(frame.enlarge(small))[0].tolist()
    assert lower - upper == pytest.approx(USUAL, abs=1)
    assert ((left + right) / 2, (upper + lower) / 2) == pytest.approx((64, 64), abs=0.5)
    again = Fitting(frame.back)(frame.enlarge(small))
    assert boxes(again)[0].tolist() == pytest.approx(boxes(small)[0].tolist(), abs=0.5)


@pytest.mark.parametrize("side", [int(SMALL * USUAL) + 1, 104, 124])
def test_a_glyph_of_about_the_usual_size_is_left_as_it_is(side):
    glyph = page(2, 2, 2 + side, 2 + side)[None]
    frame = Frame.around(glyph)
    assert frame.enlarged == 1
    assert np.array_equal(frame.enlarge(glyph), glyph)


def test_the_largest_of_several_glyphs_decides():
    flat, high = page(30, 60, 80, 80), page(30, 20, 70, 100)
    assert Frame.around(np.stack([flat, high])).enlarged == pytest.approx(USUAL / 80, rel=0.01)
    usual = page(10, 10, 114, 114)
    assert Frame.around(np.stack([flat, usual])).enlarged == 1


def test_a_page_without_ink_says_nothing_of_size():
    assert Frame.around(EMPTY).enlarged == 1
    small = page(40, 40, 80, 80)[None]
    with_empty = Frame.around(np.concatenate([EMPTY, small]))
    assert with_empty.enlarged == Frame.around(small).enlarged


def test_two_changes_are_as_one():
    glyph = field(torch.as_tensor(page(30, 20, 80, 100)[None]))
    first = Fitting.between(page(30, 20, 80, 100)[None], page(20, 30, 90, 90)[None]).change
    later = Frame.around(page(20, 20, 70, 70)[None]).back
    twice = apply(apply(glyph, first), later)
    once = apply(glyph, first.then(later))
    assert ink_box(once)[0].tolist() == pytest.approx(ink_box(twice)[0].tolist(), abs=0.01)
