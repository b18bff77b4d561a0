"""A built font has the tables that systems ask for, and the same bytes each time."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from fontmaker.font_file import Design, build_font, to_woff2
from fontmaker.naming import Provenance, family_name
from fontmaker.reference import Advance
from fontmaker.shapes import blank, rectangles, trace_syllables
from support.fontmaker_stubs import Bar, glyph

SYLLABLES = tuple("가나한")
COMPANION = {" ": blank(250), "A": rectangles(600, ((50, 0, 550, 700),)), "ㄱ": blank(900)}
ABOUT = Provenance("Copyright of a test.", "Made by a test.", "1;test", True)


FIXED = Advance("fixed", 900, "")


def make(advance=FIXED, companion=COMPANION, **changes):
    pages = np.stack([glyph(s) for s in SYLLABLES])
    traced = trace_syllables(pages, SYLLABLES, advance, progress=Bar())
    return build_font(traced, Design(family_name("내 손"), ABOUT, advance, companion, **changes))


@pytest.fixture(scope="module")
def font():
    return TTFont(BytesIO(make()))


def test_syllables_latin_jamo_and_three_spaces_are_mapped(font):
    wanted = {*map(ord, SYLLABLES), *map(ord, "AＡㄱ"), 0x20, 0xA0, 0x3000}
    assert set(font.getBestCmap()) == wanted
    assert font["hmtx"][font.getBestCmap()[0x3000]][0] == 900
    assert font["hmtx"][font.getBestCmap()[0xA0]] == font["hmtx"][font.getBestCmap()[0x20]]


def test_the_side_bearing_is_where_the_box_begins(font):
    for name in font.getGlyphOrder():
        glyf = font["glyf"][name]
        if glyf.numberOfContours:
            assert font["hmtx"][name][1] == glyf.xMin, name


def test_a_missing_character_shows(font):
    notdef = font["glyf"][".notdef"]
    assert notdef.numberOfContours == 2
    assert font["hmtx"][".notdef"][0] == 900


def test_windows_takes_it_for_korean_but_not_for_johab(font):
    os2 = font["OS/2"]
    bits = {bit for bit in range(32) if os2.ulCodePageRange1 >> bit & 1}
    assert bits == {0, 19}
    assert {28, 52, 56} <= os2.getUnicodeRanges()
    assert os2.fsType == 0


def test_lines_hold_every_glyph(font):
    os2, hhea, head = font["OS/2"], font["hhea"], font["head"]
    assert (os2.sTypoAscender, os2.sTypoDescender) == (hhea.ascent, hhea.descent)
    assert 1.1 < (hhea.ascent - hhea.descent + hhea.lineGap) / head.unitsPerEm < 1.3
    assert os2.usWinAscent >= head.yMax
    assert os2.usWinDescent >= -head.yMin
    assert os2.fsSelection & 1 << 7


def test_names_are_english_and_korean_and_say_how_it_was_made(font):
    def name(name_id, language):
        return str(font["name"].getName(name_id, 3, 1, language))

    assert [name(i, 0x409) for i in (1, 2, 4, 6)] == [
        "Nae Son",
        "Regular",
        "Nae Son Regular",
        "NaeSon-Regular",
    ]
    assert [name(i, 0x412) for i in (1, 4)] == ["내 손", "내 손 보통"]
    assert name(10, 0x409) == "Made by a test."
    assert "Open Font License" in name(13, 0x409)


def test_without_open_glyphs_no_licence_is_claimed():
    provenance = Provenance("c", "m", "u", False)
    pages = np.stack([glyph(s) for s in SYLLABLES])
    advance = Advance("fixed", 900, "")
    traced = trace_syllables(pages, SYLLABLES, advance, progress=Bar())
    font = TTFont(BytesIO(build_font(traced, Design(family_name("A"), provenance, advance, {}))))
    assert font["name"].getName(13, 3, 1, 0x409) is None
    assert set(font.getBestCmap()) == {*map(ord, SYLLABLES), 0x20, 0xA0, 0x3000}


def test_grey_smoothing_stands_in_for_hinting(font):
    assert font["gasp"].gaspRange == {0xFFFF: 0x000A}
    assert "fpgm" not in font


def test_a_font_says_whether_it_is_handwritten():
    families = [
        TTFont(BytesIO(make(handwritten=value)))["OS/2"].panose.bFamilyType
        for value in (True, False)
    ]
    assert families == [3, 2]


def test_a_font_says_whose_it_is():
    assert TTFont(BytesIO(make(vendor="HAND")))["OS/2"].achVendID == "HAND"


def test_proportional_glyphs_have_their_own_widths():
    font = TTFont(BytesIO(make(Advance("proportional", 80, ""))))
    widths = {font["hmtx"][font.getBestCmap()[ord(s)]][0] for s in SYLLABLES}
    assert len(widths) == len(SYLLABLES)


def test_the_same_input_gives_the_same_bytes_in_another_process(tmp_path):
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_font_file import make\n"
        "sys.stdout.buffer.write(make())"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(Path(__file__).parents[1])],
        capture_output=True,
        check=True,
    )
    assert other.stdout == make()


def test_the_web_font_holds_the_same_outlines():
    plain, packed = make(), to_woff2(make())
    assert packed[:4] == b"wOF2"
    one, other = TTFont(BytesIO(plain)), TTFont(BytesIO(packed))
    for name in one.getGlyphOrder():
        assert one["glyf"][name] == other["glyf"][name]


def test_browsers_accept_it(tmp_path):
    ots = pytest.importorskip("ots")
    for name, data in (("a.ttf", make()), ("a.woff2", to_woff2(make()))):
        (tmp_path / name).write_bytes(data)
        checked = ots.sanitize(str(tmp_path / name), capture_output=True)
        assert checked.returncode == 0, checked.stderr
