"""WOFF2 unpacks to what was packed."""

from io import BytesIO
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Subsetter
from fontTools.ttLib import TTFont

from hangeul_bench.fonts.sfnt import face_sfnt, units_per_em
from support.fontmaker import make_font

BOXES = {"가": [(100, 0, 900, 800)], "각": [(0, 0, 500, 500), (600, 100, 700, 900)]}


def packed_by_fonttools(font: TTFont) -> bytes:
    output = BytesIO()
    font.flavor = "woff2"
    font.save(output)
    return output.getvalue()


def glyphs_of(sfnt: bytes) -> list[tuple]:
    """Everything that a glyf table says of each glyph, and its metrics."""
    font = TTFont(BytesIO(sfnt))
    order, glyf = font.getGlyphOrder(), font["glyf"]
    found = []
    for name in order:
        glyph = glyf[name]
        parts: tuple = ()
        if glyph.isComposite():
            parts = tuple((c.glyphName, c.x, c.y, c.flags) for c in glyph.components)
        elif glyph.numberOfContours:
            on_curve = [flag & 1 for flag in glyph.flags]
            parts = (list(glyph.coordinates), list(glyph.endPtsOfContours), on_curve)
        box = (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax) if glyph.numberOfContours else ()
        found.append((name, glyph.numberOfContours, parts, box, font["hmtx"][name]))
    return found


def test_woff2_composites_and_curves_come_back_exactly(tmp_path):
    font = TTFont(make_font(tmp_path / "a.ttf", BOXES | {"간": [], "갇": []}))
    curve = TTGlyphPen(None)
    curve.moveTo((-3000, 7))
    curve.qCurveTo((5, 800), (1300, -12), (9000, 400))
    curve.lineTo((9000, 401))
    curve.closePath()
    font["glyf"]["uAC04"] = curve.glyph()
    both = TTGlyphPen(font.getGlyphSet())
    both.addComponent("uAC00", (1, 0, 0, 1, 300, -20))
    both.addComponent("uAC01", (0.5, 0, 0, 0.25, 0, 0))
    font["glyf"]["uAC07"] = both.glyph()
    original = BytesIO()
    font.save(original)
    unpacked = face_sfnt(packed_by_fonttools(TTFont(BytesIO(original.getvalue()))), 0, Path("x"))
    assert glyphs_of(unpacked) == glyphs_of(original.getvalue())


def test_woff2_of_a_real_font_comes_back_exactly(real_fonts):
    font = TTFont(real_fonts / "printed/gugi-regular.ttf")
    subsetter = Subsetter()
    subsetter.populate(unicodes=range(0xAC00, 0xAD00))
    subsetter.subset(font)
    original = BytesIO()
    font.save(original)
    unpacked = face_sfnt(packed_by_fonttools(font), 0, Path("gugi"))
    assert glyphs_of(unpacked) == glyphs_of(original.getvalue())
    assert len(glyphs_of(unpacked)) > 50
    assert units_per_em(unpacked) == 1000
