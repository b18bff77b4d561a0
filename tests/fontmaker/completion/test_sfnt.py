"""Glyphs are added behind all others, and what is there keeps its bytes: TrueType and CFF."""

from io import BytesIO

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from fontmaker.completion.sfnt import add_glyphs, changed_tables
from fontmaker.curves import count_points, trace_curves
from hangeul_bench.fonts.freetype import FreeTypeFace
from support.half_fonts import HERS, added, drawing, half_font

MAY_CHANGE = {
    "ttf": {"cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "post"},
    "otf": {"CFF ", "cmap", "head", "hhea", "hmtx", "maxp"},
}


def opened(data):
    return TTFont(BytesIO(data), ignoreDecompileErrors=False)


@pytest.fixture(scope="module", params=["ttf", "otf"])
def completed(request, tmp_path_factory):
    """The half font, the glyphs, and both fonts' bytes."""
    folder = tmp_path_factory.mktemp("half")
    path = half_font(folder / f"Half 🙂.{request.param}", cff=request.param == "otf")
    font = TTFont(path)
    builder = FontBuilder(font=font)
    builder.addOpenTypeFeatures("feature kern { pos uAC00 uB098 -90; } kern;")
    font.save(path)
    half, hers, glyphs = added(path)
    return half, glyphs, half.sfnt, add_glyphs(half.sfnt, glyphs, hers.syllables)


def outline_bytes(font, name):
    if "CFF " in font:
        return font["CFF "].cff[0].CharStrings[name].bytecode
    places = font["loca"].locations
    index = font.getGlyphID(name)
    return font.getTableData("glyf")[places[index] : places[index + 1]]


def test_no_table_changes_but_those_that_count_or_hold_glyphs(completed):
    half, _, before, after = completed
    assert set(changed_tables(before, after)) == MAY_CHANGE[half.kind]
    assert "GPOS" in opened(after)


def test_her_outlines_advances_and_names_keep_their_bytes(completed):
    _, _, before, after = completed
    old, new = opened(before), opened(after)
    names = old.getGlyphOrder()
    assert new.getGlyphOrder()[: len(names)] == names
    for name in names:
        assert outline_bytes(new, name) == outline_bytes(old, name)
        assert new["hmtx"][name] == old["hmtx"][name]
    assert {c: n for c, n in new.getBestCmap().items() if chr(c) not in "갸냐"} == old.getBestCmap()
    for tag, fields in (("head", "unitsPerEm created modified flags"), ("hhea", "ascent descent")):
        for field in fields.split():
            assert getattr(new[tag], field) == getattr(old[tag], field)


def test_new_glyphs_are_mapped_named_and_drawn_with_her_advance(completed):
    _, glyphs, _, after = completed
    font = opened(after)
    assert font["maxp"].numGlyphs == len(HERS) + 4 == len(font.getGlyphOrder())
    face = FreeTypeFace(after, "whole")
    for syllable, glyph in glyphs.items():
        name = font.getBestCmap()[ord(syllable)]
        assert name == f"uni{ord(syllable):04X}"
        assert font["hmtx"][name] == (940, glyph.box[0])
        outline = face.outline(face.glyph_index(ord(syllable)))
        assert (outline.advance, outline.box) == (940, glyph.box)
    assert font["head"].yMax == max(780, *(glyph.box[3] for glyph in glyphs.values()))


def test_every_extremum_is_a_point_of_the_outline(completed):
    _, glyphs, _, after = completed
    font = opened(after)
    for syllable in glyphs:
        pen = RecordingPen()
        font.getGlyphSet()[font.getBestCmap()[ord(syllable)]].draw(pen)
        curves, start = 0, (0, 0)
        for kind, points in pen.value:
            if kind in ("curveTo", "qCurveTo"):
                curves += 1
                for axis in (0, 1):
                    ends = sorted((start[axis], points[-1][axis]))
                    assert all(ends[0] <= point[axis] <= ends[1] for point in points)
            start = points[-1] if points else start
        assert curves >= 4


def test_the_same_glyphs_give_the_same_bytes(completed):
    half, glyphs, before, after = completed
    assert add_glyphs(before, glyphs, HERS) == after


def test_placeholders_keep_their_name_and_the_new_glyph_gets_another(tmp_path):
    path = half_font(tmp_path / "Half.ttf")
    font = TTFont(path)
    order = [n if n != "uBE5B" else "uniAC38" for n in font.getGlyphOrder()]
    font["post"].formatType = 2.0
    font.setGlyphOrder(order)
    half, hers, glyphs = added(path)
    renamed = BytesIO()
    font.save(renamed)
    whole = opened(add_glyphs(renamed.getvalue(), glyphs, hers.syllables))
    assert whole.getBestCmap()[ord("갸")] in ("uniAC38", "uniAC38.new1")
    assert whole.getBestCmap()[ord("갸")] not in order


def test_vertical_metrics_follow_hers(tmp_path):
    path = half_font(tmp_path / "Half.ttf")
    font = TTFont(path)
    builder = FontBuilder(font=font)
    names = font.getGlyphOrder()
    tops = {name: getattr(font["glyf"][name], "yMax", 0) for name in names}
    builder.setupVerticalMetrics({name: (1000, 880 - tops[name]) for name in names})
    builder.setupVerticalHeader(ascent=500, descent=-500)
    font.save(path)
    half, hers, glyphs = added(path)
    whole = opened(add_glyphs(half.sfnt, glyphs, hers.syllables))
    for syllable, glyph in glyphs.items():
        assert whole["vmtx"][whole.getBestCmap()[ord(syllable)]] == (1000, 880 - glyph.box[3])
    assert whole["vmtx"][names[3]] == (1000, 880 - tops[names[3]])


@pytest.mark.parametrize("quadratic", [False, True])
def test_a_trace_above_the_limit_is_simplified_and_stays_near(quadratic):
    images = drawing()[None]
    (free,) = trace_curves(images, quadratic=quadratic)
    limit = 0.8 * count_points(free.contours)
    (held,) = trace_curves(images, quadratic=quadratic, most_points=limit)
    assert count_points(held.contours) <= limit
    assert held.fine == free.fine
    assert len(held.contours) == len(free.contours) == 3
