"""Latin comes from an open font, in the size and weight of the drawn syllables."""

import numpy as np
import pytest

from fontmaker.latin import (
    companion_characters,
    find_companions,
    fit_companion,
    stroke_width,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.raster import Rasterizer
from support.fontmaker import make_font

SYLLABLES = tuple("가각글대말빛쪽한휘")


@pytest.fixture(scope="module")
def noto(real_fonts):
    return find_companions(real_fonts)


def pages_of(real_fonts, name):
    path = next(real_fonts.rglob(f"{name}.*"))
    with Rasterizer(path) as rasterizer:
        return rasterizer.render_many(SYLLABLES)


def test_ascii_and_the_compatibility_jamo_are_wanted():
    wanted = companion_characters()
    assert {chr(c) for c in range(0x21, 0x7F)} <= {*wanted}
    assert {chr(c) for c in range(0x3131, 0x3164)} <= {*wanted}
    # Without the old jamo and Latin-1 fontconfig takes a font for neither Korean nor English.
    assert {chr(c) for c in (*range(0x3165, 0x318F), 0xC9, 0xE9, 0xF1)} <= {*wanted}
    assert len(wanted) == len({*wanted})


def test_stroke_width_is_that_of_a_bar():
    page = np.full((1, 128, 128), 255, np.uint8)
    page[0, 60:68, 10:118] = 0
    assert stroke_width(page) == pytest.approx(8 * 108 / 116, rel=0.02)


def test_the_content_font_is_found_among_others(noto, real_fonts):
    assert [face.family for face in noto] == ["Noto Sans KR"]
    assert find_companions(noto[0].path)[0].sha256 == noto[0].sha256


def test_its_own_syllables_leave_it_as_it_is(noto, real_fonts):
    companion = fit_companion(noto, pages_of(real_fonts, "noto-sans-kr-regular"), SYLLABLES)
    assert companion.scale == pytest.approx(1.064, abs=0.02)  # its page is larger than its em
    assert abs(companion.bolder) < 1


def test_bolder_syllables_get_bolder_latin(noto, real_fonts):
    bold = fit_companion(noto, pages_of(real_fonts, "do-hyeon-regular"), SYLLABLES)
    light = fit_companion(noto, pages_of(real_fonts, "hi-melody-regular"), SYLLABLES)
    assert bold.bolder > 15
    assert light.bolder < bold.bolder - 20
    assert light.scale < bold.scale
    for companion in (bold, light):
        assert set("A1가") & set(companion.glyphs) == {"A", "1"}
        assert "Source" in companion.copyright


def test_a_font_that_is_not_open_is_refused(tmp_path):
    path = make_font(tmp_path / "closed.ttf", {"가": [(0, 0, 900, 900)]})
    with pytest.raises(UserError, match="--latin none"):
        find_companions(path)


def test_a_folder_without_a_known_font_gives_none(tmp_path):
    make_font(tmp_path / "other.ttf", {"가": [(0, 0, 900, 900)]})
    assert find_companions(tmp_path) == ()
    with pytest.raises(UserError, match="found nothing"):
        find_companions(tmp_path / "absent")
