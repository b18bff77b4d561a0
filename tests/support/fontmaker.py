"""Makes tiny fonts whose glyphs are rectangles, so that tests can count every pixel and unit."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen

Box = tuple[int, int, int, int]  # x0, y0, x1, y1 in font units
NOTDEF: tuple[Box, ...] = ((100, 0, 900, 700),)


def make_font(
    path: Path,
    glyphs: Mapping[str, Sequence[Box]],
    *,
    upm: int = 1000,
    advance: int | Mapping[str, int] = 1000,
    family: str = "Test",
    style: str = "Regular",
    cff: bool = False,
    flavor: str | None = None,
    notdef: Sequence[Box] = NOTDEF,
    to_notdef: Iterable[str] = (),
    panose_family: int | None = None,
    wght_axis: bool = False,
) -> Path:
    """Write a font in which each character draws its boxes, and return its path.

    Args:
        path: File to write; its folder is made.
        glyphs: Boxes of each character; an empty list is a glyph without an outline.
        upm: Font units an em.
        advance: Advance width of all characters, or of each (others get 1000).
        family: Family name.
        style: Style name.
        cff: OpenType with CFF outlines instead of TrueType.
        flavor: None, ``woff`` or ``woff2``.
        notdef: Boxes of ``.notdef``.
        to_notdef: Characters that the cmap maps to glyph 0.
        panose_family: PANOSE family kind (3 = handwritten, 2 = text), if any.
        wght_axis: Make it variable: a ``wght`` axis 400-700 with instances Regular and Bold, where
            Bold moves the first point of each glyph 100 units to the left.
    """
    names = {character: f"u{ord(character):04X}" for character in sorted(glyphs)}
    boxes = {".notdef": notdef} | {names[c]: glyphs[c] for c in sorted(glyphs)}
    builder = FontBuilder(upm, isTTF=not cff)
    builder.setupGlyphOrder(list(boxes))
    cmap = {ord(c): name for c, name in names.items()} | {ord(c): ".notdef" for c in to_notdef}
    builder.setupCharacterMap(cmap)
    metrics = {name: (1000, min((b[0] for b in bs), default=0)) for name, bs in boxes.items()}
    for character, name in names.items():
        width = advance if isinstance(advance, int) else advance.get(character, 1000)
        metrics[name] = (width, metrics[name][1])
    if cff:
        charstrings = {n: _charstring(bs, metrics[n][0]) for n, bs in boxes.items()}
        builder.setupCFF(f"{family}-{style}".replace(" ", ""), {}, charstrings, {})
    else:
        builder.setupGlyf({name: _glyf(bs) for name, bs in boxes.items()})
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=int(0.8 * upm), descent=-int(0.2 * upm))
    builder.setupNameTable({"familyName": family, "styleName": style})
    builder.setupOS2()
    if panose_family is not None:
        builder.font["OS/2"].panose.bFamilyType = panose_family
    builder.setupPost()
    if wght_axis:
        _add_weight_axis(builder, boxes)
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.font.flavor = flavor
    builder.font["head"].created = builder.font["head"].modified = 0  # the same bytes each time
    builder.font.recalcTimestamp = False
    builder.save(path)
    return path


def _draw(pen: TTGlyphPen | T2CharStringPen, boxes: Sequence[Box]) -> None:
    for x0, y0, x1, y1 in boxes:
        pen.moveTo((x0, y0))
        pen.lineTo((x0, y1))
        pen.lineTo((x1, y1))
        pen.lineTo((x1, y0))
        pen.closePath()


def _glyf(boxes: Sequence[Box]) -> object:
    pen = TTGlyphPen(None)
    _draw(pen, boxes)
    return pen.glyph()


def _charstring(boxes: Sequence[Box], width: int) -> object:
    pen = T2CharStringPen(width, None)
    _draw(pen, boxes)
    return pen.getCharString()


def _add_weight_axis(builder: FontBuilder, boxes: Mapping[str, Sequence[Box]]) -> None:
    from fontTools.ttLib.tables.TupleVariation import TupleVariation

    instances = [
        {"location": {"wght": 400}, "stylename": "Regular"},
        {"location": {"wght": 700}, "stylename": "Bold"},
    ]
    builder.setupFvar([("wght", 400, 400, 700, "Weight")], instances)
    phantom = [(0, 0)] * 4
    builder.setupGvar(
        {
            name: [
                TupleVariation(
                    {"wght": (0.0, 1.0, 1.0)},
                    [(-100, 0)] + [(0, 0)] * (4 * len(bs) - 1) + phantom,
                )
            ]
            if bs
            else []
            for name, bs in boxes.items()
        }
    )
