"""Drawings fitted to references: by how much, and when not at all."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from baselines.glyphs.alignment import Fitting, ink_box
from baselines.glyphs.representation import field


def page(left, top, right, bottom):
    image = Image.new("L", (128, 128), 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle((left, top, right, bottom), fill=0)
    draw.rectangle((left + 12, top + 12, right - 12, bottom - 12), fill=255)
    return np.array(image)


def box(pages):
    """Left, top, right, bottom in pixels."""
    return (ink_box(field(torch.as_tensor(pages))) + 1) * 64


@pytest.mark.parametrize("count", [1, 3, 8])
def test_a_font_too_high_comes_down_by_the_share_that_its_references_can_vouch_for(count):
    drawn = np.stack([page(30, 20, 90, 80)] * count)
    wanted = np.stack([page(30, 30, 90, 90)] * count)
    moved = box(Fitting.between(drawn, wanted)(drawn)) - box(drawn)
    share = count / (count + 1)
    assert moved[0].tolist() == pytest.approx([0, 10 * share, 0, 10 * share], abs=0.35)


def test_strokes_too_thin_are_thickened():
    drawn = page(30, 30, 90, 90)[None]
    wanted = drawn.copy()
    wanted[0, 42:50, 42:79] = 0  # more ink inside the same box
    after = Fitting.between(drawn, wanted)(drawn)
    assert (255 - after.astype(int)).sum() > (255 - drawn.astype(int)).sum()


def test_drawings_that_are_the_references_stay():
    drawn = np.stack([page(30, 20, 90, 80), page(20, 30, 100, 70)])
    after = Fitting.between(drawn, drawn)(drawn)
    assert np.abs(after.astype(int) - drawn).mean() < 0.5


@pytest.mark.parametrize("blank", ["drawn", "references"])
def test_a_page_without_ink_asks_for_nothing(blank):
    ink, empty = page(30, 20, 90, 80)[None], np.full((1, 128, 128), 255, np.uint8)
    pair = (empty, ink) if blank == "drawn" else (ink, empty)
    change = Fitting.between(*pair).change
    assert torch.equal(change.scale, torch.ones(1, 2))
    assert not change.shift.any() and not change.weight.any()


def test_a_glyph_does_not_depend_on_its_neighbours():
    drawn = np.stack([page(20 + i, 30, 90, 90) for i in range(20)])
    fitting = Fitting.between(drawn[:1], page(30, 20, 99, 80)[None])
    assert np.array_equal(fitting(drawn)[17:19], fitting(drawn[17:19]))
    assert fitting(drawn[:0]).shape == (0, 128, 128)
