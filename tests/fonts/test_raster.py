import hashlib
import subprocess
import sys

import numpy as np
import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import ksx1001
from support.fontmaker import make_font


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


def test_a_font_left_open_at_exit_says_nothing(tmp_path):
    path = make_font(tmp_path / "a.ttf", {"가": [(0, 0, 500, 500)]})
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from hangeul_bench.fonts.freetype import FreeTypeFace\n"
        # Kept by what the interpreter takes down last, when modules are gone already.
        f"sys.kept = FreeTypeFace(Path({str(path)!r}).read_bytes(), 'a.ttf')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stderr == b""
