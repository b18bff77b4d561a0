"""A crossed-out syllable is seen as such, and a plain one is not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fontmaker.sheet.crossing import is_crossed_out
from fontmaker.sheet.layout import SYLLABLES
from hangeul_bench.fonts.raster import Rasterizer

HANDS = ("gamja-flower-regular", "hi-melody-regular", "yeon-sung-regular", "single-day-regular")


@pytest.fixture(scope="module")
def pages(real_fonts):
    found = {}
    for name in HANDS:
        with Rasterizer(next(real_fonts.rglob(f"{name}.*"))) as rasterizer:
            found[name] = rasterizer.render_many(SYLLABLES) < 128
    return found


def crossed(page, *lines):
    image = Image.fromarray(page)
    draw = ImageDraw.Draw(image)
    for line in lines:
        draw.line(line, 1, 3)
    return np.asarray(image)


def test_plain_syllables_are_not_crossed_out(pages):
    wrong = [
        (name, s)
        for name in HANDS
        for s, page in zip(SYLLABLES, pages[name], strict=True)
        if is_crossed_out(page)
    ]
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize(
    "lines",
    [
        [(10, 10, 118, 118), (118, 10, 10, 118)],
        [(8, 100, 120, 0), (8, 126, 120, 26)],
        [(4, 118, 124, 10)],
    ],
)
def test_lines_all_across_are_seen(pages, lines):
    for name in HANDS:
        seen = [is_crossed_out(crossed(page, *lines)) for page in pages[name]]
        assert np.mean(seen) > 0.8, name


def test_nothing_is_not_crossed_out():
    assert not is_crossed_out(np.zeros((50, 50), bool))
