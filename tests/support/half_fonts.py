"""Half-finished fonts, tiny and made by code, and images that a model may have drawn."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
from fontTools.pens.pointPen import SegmentToPointPen
from fontTools.ufoLib import UFOWriter
from PIL import Image, ImageDraw

from fontmaker.completion.glyphs import new_glyphs
from fontmaker.completion.hers import measure
from fontmaker.completion.opening import open_half
from support.fontmaker import make_font
from support.fontmaker_stubs import Bar

HERS = "가나다라각난달한글빛"
# Each as wide as its place says, of several boxes, so that a median of points is there.
BOXES = {
    s: [(60, 0, 160, 780), (300 + 20 * i, 100, 900, 220), (300, 300, 880, 420 + 10 * i)]
    for i, s in enumerate(HERS)
}


def half_font(path: Path, **changes) -> Path:
    """A font of ten syllables; see :func:`support.fontmaker.make_font`."""
    return make_font(path, {**BOXES, "A": [(100, 0, 500, 700)]}, **{"advance": 940} | changes)


def drawing(number: int = 0):
    """(128, 128) uint8: a ring, a bar and a wedge, round and straight."""
    large = Image.new("L", (1024, 1024), 255)
    pen = ImageDraw.Draw(large)
    pen.ellipse((200, 160 + 10 * number, 800, 760), outline=0, width=90)
    pen.rectangle((480, 60, 560, 480), fill=0)
    pen.polygon([(140, 900), (300, 800), (760, 930)], fill=0)
    return np.asarray(large.resize((128, 128), Image.Resampling.BOX))


def added(path: Path, syllables: str = "갸냐"):
    """A half font, what is measured of it, and glyphs drawn for it."""
    half = open_half(path)
    hers = measure(half)
    images = np.stack([drawing(number) for number in range(len(syllables))])
    glyphs = new_glyphs(images, syllables, hers, quadratic=half.quadratic, progress=Bar())
    return half, hers, dict(zip(syllables, glyphs, strict=True))


def half_ufo(path: Path, *, quadratic: bool = False) -> Path:
    """A UFO of the same syllables as components and curves, with kerning and an empty 냐."""
    writer = UFOWriter(str(path), fileCreator="com.example.editor")
    info = SimpleNamespace(familyName="Half 🙂", unitsPerEm=1000, ascender=800, descender=-200)
    writer.writeInfo(info)
    writer.writeGroups({"public.kern1.ga": ["uniAC00"]})
    writer.writeKerning({("public.kern1.ga", "uniB098"): -90})
    glyphs = writer.getGlyphSet()
    bar = SimpleNamespace(width=0)
    glyphs.writeGlyph("bar", bar, lambda pen: _draw(pen, (60, 0, 160, 780), quadratic=quadratic))
    for syllable in HERS:
        glyphs.writeGlyph(
            f"uni{ord(syllable):04X}",
            SimpleNamespace(width=940, unicodes=[ord(syllable)], lib={"com.example": syllable}),
            lambda pen, s=syllable: _syllable(pen, s, quadratic=quadratic),
        )
    empty = SimpleNamespace(width=500, unicodes=[ord("냐")], note="to come")
    glyphs.writeGlyph("nya", empty)
    glyphs.writeContents()
    writer.writeLayerContents()
    writer.writeLib({"public.glyphOrder": [*sorted(glyphs.keys())]})
    writer.close()
    return path


def _syllable(pen, syllable, *, quadratic):
    pen.addComponent("bar", (1, 0, 0, 1, 0, 0))
    for box in BOXES[syllable][1:]:
        _draw(pen, box, quadratic=quadratic)


def _draw(pen, box, *, quadratic):
    """A box whose upper side is a curve."""
    x0, y0, x1, y1 = box
    segments = SegmentToPointPen(pen)
    segments.moveTo((x0, y0))
    segments.lineTo((x1, y0))
    segments.lineTo((x1, y1))
    if quadratic:
        segments.qCurveTo((x0 + 20, y1), (x0, y1))
    else:
        segments.curveTo((x1 - 20, y1), (x0 + 20, y1), (x0, y1))
    segments.closePath()
