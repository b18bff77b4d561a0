"""UFO sources of a made font: valid, marked by colour, with a layer of the drawn outlines."""

import zipfile
from dataclasses import replace
from io import BytesIO, StringIO
from types import SimpleNamespace

import pytest
from fontTools.feaLib.builder import addOpenTypeFeatures
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from fontTools.ufoLib import UFOReader

from fontmaker import FontOrder, family_name, make_font
from fontmaker.font_file import Design, build_font
from fontmaker.naming import Provenance
from fontmaker.reference import Advance
from fontmaker.shapes import Traced, rectangles
from fontmaker.ufo import DOUBTFUL, DRAWN, HERS, LAYER, MARK, unpacked, write_ufo
from hangeul_bench.base.errors import UserError
from support.fontmaker_stubs import Stages, StubModel, StubReader, generator

SYLLABLES = tuple("가각간한")
ADVANCE = Advance("fixed", 900, "as asked")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A font of four syllables: 한 is given, 각 reads wrong."""
    model = StubModel(lambda syllable, seed: syllable == "각")
    order = FontOrder(family_name("내 손"), SYLLABLES, generator(model), ADVANCE)
    reader = StubReader(SYLLABLES)
    return make_font(order, work=tmp_path_factory.mktemp("work"), reader=reader, stages=Stages())


@pytest.fixture(scope="module", params=[".ufo", ".ufoz"])
def opened(request, made, tmp_path_factory):
    path = tmp_path_factory.mktemp("ufo") / f"내 🙂{request.param}"
    write_ufo(path, made, ADVANCE)
    with UFOReader(path, validate=True) as reader:
        yield reader


def recorded(glyph):
    pen = RecordingPen()
    glyph.draw(pen)
    return pen.value


def test_it_opens_whole_and_says_what_the_font_says(opened, made):
    info, font = SimpleNamespace(), TTFont(BytesIO(made.font))
    opened.readInfo(info)
    assert (info.familyName, info.unitsPerEm, info.ascender, info.descender) == (
        "Nae Son",
        1024,
        font["hhea"].ascent,
        font["hhea"].descent,
    )
    assert "내 손" in [record["string"] for record in info.openTypeNameRecords]
    assert opened.readLib()["public.glyphOrder"] == font.getGlyphOrder()
    assert sorted(opened.getGlyphSet().keys()) == sorted(font.getGlyphOrder())
    mapped = opened.getCharacterMapping()
    assert {c: names[0] for c, names in mapped.items()} == font.getBestCmap()


def test_colours_tell_hers_drawn_and_doubtful(opened):
    glyphs = opened.getGlyphSet()
    found = {}
    for syllable in SYLLABLES:
        glyph = glyphs[f"uni{ord(syllable):04X}"]
        recorded(glyph)
        found[syllable] = glyph.lib[MARK]
    assert found == {"가": DRAWN, "각": DOUBTFUL, "간": DRAWN, "한": HERS}


def test_outlines_are_those_of_the_font_in_cubic_curves_and_kept_in_a_layer(opened, made):
    glyphs, layer = opened.getGlyphSet(), opened.getGlyphSet(LAYER)
    font = TTFont(BytesIO(made.font))
    for name in font.getGlyphOrder():
        glyph, pen, own = glyphs[name], BoundsPen(None), BoundsPen(None)
        assert not [kind for kind, _ in recorded(glyph) if kind == "qCurveTo"]
        glyph.draw(pen)
        font.getGlyphSet()[name].draw(own)
        assert glyph.width == font["hmtx"][name][0]
        if own.bounds:
            assert pen.bounds == pytest.approx(own.bounds, abs=4)
    assert sorted(layer.keys()) == sorted(f"uni{ord(s):04X}" for s in SYLLABLES)
    assert recorded(layer["uniAC00"]) == recorded(glyphs["uniAC00"])


def test_what_is_there_is_never_written_over(made, tmp_path):
    for name in ("Mine.ufo", "Mine.ufoz"):
        (tmp_path / name).write_text("hers")
        with pytest.raises(UserError, match="is there"):
            write_ufo(tmp_path / name, made, ADVANCE)
        assert (tmp_path / name).read_text() == "hers"
    with pytest.raises(UserError, match="ufoz"):
        write_ufo(tmp_path / "Mine.glyphs", made, ADVANCE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Mine.ufo", "Mine.ufoz"]


def test_a_failure_on_the_way_leaves_nothing(made, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("full")

    monkeypatch.setattr("fontmaker.ufo._cubic", fail)
    with pytest.raises(OSError, match="full"):
        write_ufo(tmp_path / "Mine.ufo", made, ADVANCE)
    assert list(tmp_path.iterdir()) == []


def test_a_broken_zip_is_one_sentence(tmp_path):
    path = tmp_path / "Broken.ufoz"
    path.write_bytes(b"no zip")
    with pytest.raises(UserError, match="cannot be unpacked"), unpacked(path):
        pass


def test_a_zip_with_a_damaged_file_is_one_sentence(tmp_path):
    path = tmp_path / "Damaged.ufoz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("Half.ufo/metainfo.plist", "<plist/>" * 500)
    with zipfile.ZipFile(path) as packed:
        (entry,) = packed.infolist()
        start = entry.header_offset + 30 + len(entry.filename)
    data = bytearray(path.read_bytes())
    data[start : start + 4] = b"\xff" * 4  # no block of deflate begins like this
    path.write_bytes(data)
    with pytest.raises(UserError, match="it cannot be unpacked"), unpacked(path):
        pass


def test_the_sources_compose_jamo_as_the_font_does(made, tmp_path):
    letters = {chr(c): rectangles(800, ((50, 0, 700, 700),)) for c in range(0x3131, 0x3164)}
    shapes = {s: rectangles(900, ((0, 0, 800, 800),)) for s in SYLLABLES}
    design = Design(family_name("A"), Provenance("c", "m", "u", False), ADVANCE, letters)
    font = build_font(Traced(shapes, dict.fromkeys(shapes, 0)), design)
    write_ufo(tmp_path / "A.ufo", replace(made, font=font), ADVANCE)
    with UFOReader(tmp_path / "A.ufo", validate=True) as reader:
        rules = reader.readFeatures()
    compiled, again = TTFont(BytesIO(font)), TTFont(BytesIO(font))
    del again["GSUB"]
    addOpenTypeFeatures(again, StringIO(rules))
    assert again["GSUB"].compile(again) == compiled.reader["GSUB"]
