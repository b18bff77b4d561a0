"""Conjoining jamo become the font's syllables, and what it lacks stays missing."""

from io import BytesIO
from unicodedata import normalize

import ots
import pytest
import uharfbuzz
from fontTools.ttLib import TTFont

from fontmaker.conjoining import conjoining_shapes
from fontmaker.font_file import Design, build_font
from fontmaker.naming import Provenance, family_name
from fontmaker.reference import Advance
from fontmaker.shapes import Traced, blank, rectangles

SYLLABLES = tuple("가각기긱한")
LETTERS = {chr(c): rectangles(800, ((50, 0, 700, 700),)) for c in range(0x3131, 0x3164)}
# With the script of Hangeul HarfBuzz composes before it looks at GSUB; with none GSUB is alone.
SCRIPTS = ("Hang", "Zyyy")


def make(syllables=SYLLABLES, companion=LETTERS):
    shapes = {s: rectangles(900, ((0, 0, 800, 800),)) for s in syllables}
    traced = Traced(shapes, dict.fromkeys(syllables, 0))
    about = Provenance("c", "m", "u", False)
    return build_font(traced, Design(family_name("A"), about, Advance("fixed", 900, ""), companion))


def shaped(data, text, script):
    """Names of the glyphs that HarfBuzz sets, and how far all move the pen."""
    face = uharfbuzz.Face(data)
    font = uharfbuzz.Font(face)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.direction, buffer.script, buffer.language = "ltr", script, "ko"
    uharfbuzz.shape(font, buffer)
    names = [font.glyph_to_string(info.codepoint) for info in buffer.glyph_infos]
    return names, sum(position.x_advance for position in buffer.glyph_positions)


@pytest.fixture(scope="module")
def font():
    return make()


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("text", [*SYLLABLES, "각가", "가각한긱기"])
def test_jamo_become_the_syllables_that_they_spell(font, text, script):
    spelt = normalize("NFD", text)
    assert len(spelt) > len(text)
    assert shaped(font, spelt, script) == shaped(font, text, script)
    assert shaped(font, spelt, script)[0] == [f"uni{ord(c):04X}" for c in text]


@pytest.mark.parametrize("text", ["뷁", "부", "긲"])
def test_a_syllable_that_lacks_is_missing_however_it_is_typed(font, text):
    """긲 too, though its first two jamo are 기: half a syllable would be another word."""
    spelt = normalize("NFD", text)
    for typed, script in ((text, "Hang"), (spelt, "Hang"), (spelt, "Zyyy")):
        names, advance = shaped(font, typed, script)
        assert names[0] == ".notdef"
        assert set(names[1:]) <= {"uni1160"}
        assert advance == 900


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_jamo_alone_looks_like_the_letter(font, script):
    for typed in "\u1100\u1161\u11a8":
        assert shaped(font, typed, script) == ([f"uni{ord(typed):04X}"], 800)
    glyf = TTFont(BytesIO(font))["glyf"]
    assert glyf["uni11A8"] == glyf["uni1100"] == glyf["uni3131"]


def test_letters_typed_one_by_one_stay_letters(font):
    assert shaped(font, "ㄱㅏㄱ", "Hang")[0] == ["uni3131", "uni314F", "uni3131"]


def test_all_syllables_fit_and_cost_little():
    every = tuple(chr(c) for c in range(0xAC00, 0xD7A4))
    font = make(every)
    text = "".join(every[::97])
    for script in SCRIPTS:
        assert shaped(font, normalize("NFD", text), script) == shaped(font, text, script)
    tables = TTFont(BytesIO(font))
    assert tables["OS/2"].usMaxContext == 3
    assert tables.reader.tables["GSUB"].length < 120_000


def test_without_compatibility_jamo_nothing_is_added():
    assert conjoining_shapes({"ㄱ": blank(900)}) == {}
    assert "GSUB" not in TTFont(BytesIO(make(companion={"ㄱ": blank(900)})))


def test_browsers_accept_it(font, tmp_path):
    (tmp_path / "a.ttf").write_bytes(font)
    checked = ots.sanitize(str(tmp_path / "a.ttf"), capture_output=True)
    assert checked.returncode == 0, checked.stderr
