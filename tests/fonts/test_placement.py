"""Where glyphs stand: the rule by its numbers, and by pixels of fonts made for it."""

from types import SimpleNamespace

import numpy as np
import pytest

from hangeul_bench.base.images import SIZE
from hangeul_bench.fonts.placement import (
    ALL_INSIDE,
    MARGIN,
    MOST_INSIDE,
    RULE,
    blank_frame,
    joint_centre,
    place,
    reach,
)
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import ksx1001
from support.fontmaker import make_font


def outline(*box, advance=1000):
    return SimpleNamespace(box=box, advance=advance)


def test_the_first_rule_s_numbers():
    # They decide the pixels of every dataset: whoever changes one gives RULE another number.
    assert (RULE, ALL_INSIDE, MOST_INSIDE, MARGIN) == (1, 124, 112, 2)
    placed = place([outline(50, -100, 950, 800)] * 99 + [outline(-50, -200, 1050, 900)], 128)
    assert (placed.scale_16_16, placed.baseline_26_6) == (472812, 1571)


def test_one_tall_syllable_does_not_shrink_the_font():
    usual = outline(50, -100, 950, 800)
    tall = outline(50, -110, 950, 810)
    assert place([usual] * 99 + [tall], 128).scale == place([usual] * 100, 128).scale
    assert place([usual] * 98 + [tall] * 2, 128).scale < place([usual] * 100, 128).scale


def test_reach_is_the_farthest_side_in_half_units():
    glyph = outline(100, 0, 900, 700)
    assert joint_centre([glyph, outline(0, -100, 500, 300)]) == 600
    assert reach(glyph, 600) == 2 * 700 - 600
    assert reach(outline(-50, 0, 900, 700), 600) == 1000 + 100


@pytest.mark.parametrize(("height", "width"), [(SIZE, SIZE), (200, 90)])
def test_the_frame_is_the_margin_of_every_side(height, width):
    frame = blank_frame(height, width)
    assert frame.shape == (height, width)
    assert frame.sum() == height * width - (height - 4) * (width - 4)
    assert frame[:2].all() and frame[:, -2:].all() and not frame[2:-2, 2:-2].any()
    assert np.array_equal(frame, frame[::-1, ::-1])


def ink_box(image):
    """First row, last row, first column, last column with ink."""
    rows, columns = np.nonzero((image < 255).any(1))[0], np.nonzero((image < 255).any(0))[0]
    return rows[0], rows[-1], columns[0], columns[-1]


def test_one_box_fills_the_central_112_pixels(tmp_path):
    font = make_font(tmp_path / "a.ttf", {"가": [(0, 0, 1000, 1000)]})
    image = Rasterizer(font).render("가")
    assert image.dtype == np.uint8 and image.shape == (128, 128)
    assert ink_box(image) == (8, 119, 8, 119)
    assert (image[9:119, 9:119] == 0).all() and (image[:8] == 255).all()


def test_glyph_is_centred_by_its_advance_not_by_its_ink(tmp_path):
    glyphs = {"가": [(0, 0, 1000, 1000)], "나": [(0, 0, 500, 1000)], "다": [(500, 0, 1000, 500)]}
    font = Rasterizer(make_font(tmp_path / "a.ttf", glyphs))
    assert ink_box(font.render("나")) == (8, 119, 8, 63)
    assert ink_box(font.render("다")) == (64, 119, 64, 119)


def test_narrow_advance_is_centred_on_the_page(tmp_path):
    glyphs = {"가": [(0, 0, 1000, 1000)], "나": [(0, 0, 500, 1000)]}
    font = make_font(tmp_path / "a.ttf", glyphs, advance={"가": 1000, "나": 500})
    assert ink_box(Rasterizer(font).render("나")) == (8, 119, 36, 91)


def test_vertical_centre_is_that_of_the_joint_ink_box(tmp_path):
    glyphs = {"가": [(0, -300, 100, 0)], "나": [(0, 0, 100, 700)]}
    font = Rasterizer(make_font(tmp_path / "a.ttf", glyphs, advance=100))
    placement = font.fit(())
    # Ink from -300 to 700 is 112 pixels high; its lower edge stands at 120.
    assert placement.scale == pytest.approx(0.112, abs=1e-6)
    assert placement.baseline == pytest.approx(120 - 300 * 0.112, abs=1 / 64)
    assert ink_box(font.render("나"))[:2] == (8, 86)


def test_one_tall_syllable_reaches_124_pixels_and_does_not_shrink_the_font(tmp_path):
    glyphs = {c: [(0, 0, 1000, 1000)] for c in ksx1001()[:200]}
    glyphs[ksx1001()[7]] = [(0, -50, 1000, 1050)]  # 10 % taller: within 124 of 112
    font = Rasterizer(make_font(tmp_path / "a.ttf", glyphs))
    assert ink_box(font.render(ksx1001()[0])) == (8, 119, 8, 119)
    glyphs[ksx1001()[7]] = [(0, -500, 1000, 1500)]  # twice as tall: it must fit into 124
    font = Rasterizer(make_font(tmp_path / "b.ttf", glyphs))
    assert ink_box(font.render(ksx1001()[7]))[:2] == (2, 125)
    assert ink_box(font.render(ksx1001()[0]))[:2] == (33, 94)


def test_three_tall_syllables_of_two_hundred_shrink_the_font(tmp_path):
    glyphs = {c: [(0, 0, 1000, 1000)] for c in ksx1001()[:200]}
    for syllable in ksx1001()[:3]:
        glyphs[syllable] = [(0, -50, 1000, 1050)]
    font = Rasterizer(make_font(tmp_path / "a.ttf", glyphs))
    assert ink_box(font.render(ksx1001()[0]))[:2] == (8, 119)


def test_no_ink_outside_the_central_124_pixels(tmp_path):
    rng = np.random.default_rng(0)
    glyphs = {}
    for syllable in ksx1001()[:300]:
        x0, y0 = rng.integers(-400, 400, 2).tolist()
        width, height = rng.integers(1, 1200, 2).tolist()
        glyphs[syllable] = [(x0, y0, x0 + width, y0 + height)]
    images = Rasterizer(make_font(tmp_path / "a.ttf", glyphs)).render_many(list(glyphs))
    frame = images.copy()
    frame[:, 2:126, 2:126] = 255
    assert (frame == 255).all()
    assert (images < 255).any((1, 2)).all()


def test_further_syllables_are_never_clipped(tmp_path):
    glyphs = {"가": [(0, 0, 1000, 1000)], "갂": [(0, 0, 1000, 3000)]}  # 갂 is not in KS X 1001
    font = Rasterizer(make_font(tmp_path / "a.ttf", glyphs))
    assert ink_box(font.render("가")) == (8, 119, 8, 119)
    font.fit("가갂")
    assert ink_box(font.render("갂"))[:2] == (8, 119)


@pytest.mark.parametrize("size", [64, 256])
def test_other_sizes_keep_the_proportions(tmp_path, size):
    font = make_font(tmp_path / "a.ttf", {"가": [(0, 0, 1000, 1000)]})
    image = Rasterizer(font, size).render("가")
    margin = size // 16
    assert ink_box(image) == (margin, size - margin - 1, margin, size - margin - 1)


def test_real_fonts_stay_inside_the_margins(real_fonts):
    for path in sorted(real_fonts.glob("*/*.[ot]tf")):
        font = Rasterizer(path)
        images = font.render_many(ksx1001()[::23])
        images[:, 2:126, 2:126] = 255
        assert (images == 255).all(), path.name
        assert not font.missing(ksx1001()), path.name
