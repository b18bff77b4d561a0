import hashlib

import numpy as np
import pytest
from fontmaker import make_font

from hangeul_bench.charset import ksx1001
from hangeul_bench.errors import UserError
from hangeul_bench.raster import Rasterizer


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


def test_edges_are_anti_aliased_by_coverage(tmp_path):
    # 가 sets 0.1 pixels a unit; the right edge of 나 ends 0.5 pixels into its last column.
    glyphs = {"가": [(0, 0, 1120, 1120)], "나": [(0, 0, 565, 1120)]}
    image = Rasterizer(make_font(tmp_path / "a.ttf", glyphs, advance=1120)).render("나")
    assert image[60, 63] == 0 and image[60, 65] == 255
    assert 120 <= image[60, 64] <= 135


def test_truetype_and_cff_draw_the_same(tmp_path):
    glyphs = {"가": [(0, 0, 900, 800)], "나": [(50, -100, 400, 700), (500, 0, 600, 300)]}
    truetype = Rasterizer(make_font(tmp_path / "a.ttf", glyphs))
    cff = Rasterizer(make_font(tmp_path / "a.otf", glyphs, cff=True))
    assert truetype.placement == cff.placement
    assert np.array_equal(truetype.render_many("가나"), cff.render_many("가나"))


def test_counters_stay_white(tmp_path):
    from fontTools.ttLib import TTFont

    font = make_font(tmp_path / "a.ttf", {"가": [(0, 0, 1000, 1000), (250, 250, 750, 750)]})
    table = TTFont(font)
    glyph = table["glyf"]["uAC00"]
    glyph.coordinates[4:8] = glyph.coordinates[4:8][::-1]  # the inner contour turns the other way
    table.save(font)
    image = Rasterizer(font).render("가")
    assert image[64, 64] == 255 and image[64, 20] == 0


def test_missing_reasons(tmp_path):
    glyphs = {
        "가": [(0, 0, 900, 800)],
        "나": [],
        "라": [(100, 0, 900, 700)],  # what .notdef draws
        "마": [(0, 0, 0, 800)],  # a line encloses no ink
    }
    font = Rasterizer(make_font(tmp_path / "a.ttf", glyphs, to_notdef="바"))
    assert font.missing_reasons("가나다라마바") == {
        "나": "empty outline",
        "다": "not in the cmap",
        "라": "outline of .notdef",
        "마": "empty outline",
        "바": "not in the cmap",
    }
    assert font.missing("가나") == {"나"}
    assert (font.render("다") == 255).all()


def test_missing_glyphs_do_not_move_the_others(tmp_path):
    glyphs = {"가": [(0, 0, 900, 800)], "나": [(0, 0, 1000, 1000)]}
    alone = Rasterizer(make_font(tmp_path / "a.ttf", glyphs))
    beside = {**glyphs, "다": [(-5000, -5000, 5000, 5000)]}
    font = Rasterizer(make_font(tmp_path / "b.ttf", beside, notdef=beside["다"]))
    assert font.placement == alone.placement


def test_outline_hash_ignores_advance_and_file_format(tmp_path):
    glyphs = {"가": [(0, 0, 900, 800)], "나": [(0, 0, 900, 801)]}
    font = Rasterizer(make_font(tmp_path / "a.ttf", glyphs))
    wide = Rasterizer(make_font(tmp_path / "b.ttf", glyphs, advance=1500))
    assert font.outline_sha256("가") == wide.outline_sha256("가")
    assert font.outline_sha256("가") != font.outline_sha256("나")
    # Golden: contours (3), four on-curve points and their coordinates, by hand.
    golden = b"\x03\x00" + b"\x01" * 4
    golden += np.array([0, 0, 0, 800, 900, 800, 900, 0], "<i4").tobytes()
    assert font.outline_sha256("가") == hashlib.sha256(golden).hexdigest()


def test_font_without_any_syllable_is_refused(tmp_path):
    font = Rasterizer(make_font(tmp_path / "Latin.ttf", {"A": [(0, 0, 900, 800)]}))
    with pytest.raises(UserError, match=r"Latin\.ttf draws none of the syllables"):
        font.fit(())


def test_file_that_is_no_font_is_refused(tmp_path):
    path = tmp_path / "note.ttf"
    path.write_text("not a font")
    with pytest.raises(UserError, match=r"FreeType cannot read note\.ttf"):
        Rasterizer(path)


def test_batches_do_not_matter(real_fonts):
    font = Rasterizer(next(iter(sorted((real_fonts / "handwritten").glob("*.ttf")))))
    syllables = ksx1001()[::97]
    one_by_one = np.stack([font.render(syllable) for syllable in syllables])
    assert np.array_equal(font.render_many(syllables), one_by_one)


def test_real_fonts_stay_inside_the_margins(real_fonts):
    for path in sorted(real_fonts.glob("*/*.[ot]tf")):
        font = Rasterizer(path)
        images = font.render_many(ksx1001()[::23])
        images[:, 2:126, 2:126] = 255
        assert (images == 255).all(), path.name
        assert not font.missing(ksx1001()), path.name


def test_ink_area_is_the_area_of_the_outline(real_fonts):
    """Golden by another road: fontTools measures the outline's area in font units."""
    from fontTools.pens.areaPen import AreaPen
    from fontTools.ttLib import TTFont

    path = real_fonts / "printed" / "do-hyeon-regular.ttf"
    font, table = Rasterizer(path), TTFont(path)
    glyphs, cmap = table.getGlyphSet(), table.getBestCmap()
    for syllable in "한글뷁":
        pen = AreaPen(glyphs)
        glyphs[cmap[ord(syllable)]].draw(pen)
        ink = (255 - font.render(syllable).astype(int)).sum() / 255
        assert ink == pytest.approx(abs(pen.value) * font.placement.scale**2, rel=0.01)
