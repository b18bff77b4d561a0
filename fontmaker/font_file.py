"""From shapes to a TrueType font: tables, metrics and names, the same bytes for the same input."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from fontmaker.conjoining import MAX_CONTEXT, add_composition, conjoining_shapes
from fontmaker.fullwidth import fullwidth_shapes
from fontmaker.naming import FamilyName, Provenance, add_names
from fontmaker.outline import UNITS_PER_EM
from fontmaker.reference import Advance
from fontmaker.shapes import Shape, Traced, blank, rectangles

if TYPE_CHECKING:
    from fontTools.fontBuilder import FontBuilder

# Nanum Gothic sets its lines 1.15 em apart, Noto Sans KR 1.45; ink reaches 0.93 and -0.17 em.
ASCENDER, DESCENDER = 988, -241
SPACE, NO_BREAK_SPACE, WIDE_SPACE = " ", "\u00a0", "\u3000"
_SPACE_SHARE = 0.3  # of an em, where no companion gives one
# OpenType, OS/2: cp1252 and cp949; never bit 21, Johab, which the old Windows mapper prefers.
_CODE_PAGES = 1 << 0 | 1 << 19
# Basic Latin, Latin-1, Hangul Jamo, general punctuation, CJK punctuation, jamo, syllables,
# fullwidth forms.
_UNICODE_RANGES = (0, 1, 28, 31, 48, 52, 56, 68)
_GASP = 0x000A  # grey and symmetric smoothing at all sizes, in place of hinting
_SMART_DROPOUT = b"\xb8\x01\xff\x85\xb0\x04\x8d"  # PUSHW 511, SCANCTRL, PUSHB 4, SCANTYPE
_CREATED = 3_849_984_000  # seconds since 1904: 2026-01-01, since no font may tell when it was made
_FS_TYPE, _FS_SELECTION = 0, 1 << 6 | 1 << 7  # may be embedded; regular, with the typo metrics
_SCRIPT, _TEXT = 3, 2  # PANOSE families
_X_HEIGHT, _CAP_HEIGHT = 512, 724  # font units, where no companion says


@dataclass(frozen=True)
class Design:
    """All of a font that is not its syllables.

    Attributes:
        family: Its names.
        provenance: What the name table tells besides.
        advance: How far syllables move the pen.
        companion: Character to shape: Latin, punctuation, jamo; may be empty.
        x_height: Font units; 0 where it is not known.
        cap_height: Font units; 0 where it is not known.
        handwritten: What it says it is.
        vendor: Four characters, as :func:`fontmaker.naming.vendor_id` gives them.
    """

    family: FamilyName
    provenance: Provenance
    advance: Advance
    companion: Mapping[str, Shape]
    x_height: int = 0
    cap_height: int = 0
    handwritten: bool = True
    vendor: str = "    "


def build_font(traced: Traced, design: Design) -> bytes:
    """A TrueType font as bytes.

    Args:
        traced: Its syllables.
        design: Everything else.
    """
    from fontTools.fontBuilder import FontBuilder

    shapes = _all_shapes(traced, design)
    names = {character: _glyph_name(character) for character in shapes if character}
    order = [".notdef", *names.values()]
    builder = FontBuilder(UNITS_PER_EM, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord(character): name for character, name in names.items()})
    ordered = dict(zip(order, shapes.values(), strict=True))
    # Boxes are those of all points, so that nothing needs to be measured again.
    builder.setupGlyf({n: s.to_glyph() for n, s in ordered.items()}, calcGlyphBounds=False)
    # A side bearing that is not the box's edge makes FreeType shift the glyph by the difference.
    builder.setupHorizontalMetrics({n: (s.advance, s.box[0]) for n, s in ordered.items()})
    _set_lines(builder, shapes.values(), design)
    add_names(builder, design.family, design.provenance)
    builder.setupPost(keepGlyphNames=True)
    _set_rendering(builder)
    if "\u1100" in shapes:
        add_composition(builder.font, traced.shapes)
        builder.font["OS/2"].usMaxContext = MAX_CONTEXT
    return _to_bytes(builder.font)


def to_woff2(font: bytes) -> bytes:
    """The same font, compressed for the web."""
    from fontTools.ttLib import TTFont

    packed = TTFont(BytesIO(font), recalcBBoxes=False, recalcTimestamp=False)
    packed.flavor = "woff2"
    buffer = BytesIO()
    packed.save(buffer, reorderTables=False)
    return buffer.getvalue()


def _all_shapes(traced: Traced, design: Design) -> dict[str, Shape]:
    """Every glyph by its character, ``.notdef`` first under the empty one."""
    width = design.advance.units if design.advance.kind == "fixed" else UNITS_PER_EM
    space = design.companion.get(SPACE) or blank(round(_SPACE_SHARE * UNITS_PER_EM))
    shapes = dict(design.companion) | conjoining_shapes(design.companion) | dict(traced.shapes)
    shapes |= fullwidth_shapes(design.companion, width)
    shapes |= {SPACE: space, NO_BREAK_SPACE: space, WIDE_SPACE: blank(width)}
    left, right = round(0.08 * width), round(0.92 * width)
    frame = (left, -60, right, 836), (left + 48, -12, right - 48, 788)
    return {"": rectangles(width, frame)} | {c: shapes[c] for c in sorted(shapes)}


def _glyph_name(character: str) -> str:
    from fontTools.agl import UV2AGL

    codepoint = ord(character)
    return str(UV2AGL.get(codepoint) if codepoint < 0x7F else "") or f"uni{codepoint:04X}"


def _set_lines(builder: "FontBuilder", shapes: Any, design: Design) -> None:
    """Vertical metrics, and what OS/2 says of the whole."""
    boxes = [shape.box for shape in shapes if shape.ends]
    lowest, highest = min(box[1] for box in boxes), max(box[3] for box in boxes)
    builder.setupHorizontalHeader(ascent=ASCENDER, descent=DESCENDER, lineGap=0)
    builder.setupOS2(
        version=4,
        sTypoAscender=ASCENDER,
        sTypoDescender=DESCENDER,
        sTypoLineGap=0,
        usWinAscent=max(ASCENDER, highest),
        usWinDescent=max(-DESCENDER, -lowest),
        sxHeight=design.x_height or _X_HEIGHT,
        sCapHeight=design.cap_height or _CAP_HEIGHT,
        usWeightClass=400,
        usWidthClass=5,
        fsType=_FS_TYPE,
        fsSelection=_FS_SELECTION,
        ulCodePageRange1=_CODE_PAGES,
        achVendID=design.vendor,
        usDefaultChar=0,
        usBreakChar=32,
        usMaxContext=0,
    )
    table = builder.font["OS/2"]
    table.setUnicodeRanges(set(_UNICODE_RANGES))
    table.panose.bFamilyType = _SCRIPT if design.handwritten else _TEXT
    table.recalcAvgCharWidth(builder.font)


def _set_rendering(builder: "FontBuilder") -> None:
    """Smoothing in place of hinting, and thin strokes that no black-and-white printer drops."""
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables.ttProgram import Program

    gasp, prep = newTable("gasp"), newTable("prep")
    gasp.version, gasp.gaspRange = 1, {0xFFFF: _GASP}
    prep.program = Program()
    prep.program.fromBytecode(_SMART_DROPOUT)
    builder.font["gasp"], builder.font["prep"] = gasp, prep


def _to_bytes(font: Any) -> bytes:
    font.recalcTimestamp = False
    head = font["head"]
    head.created = head.modified = _CREATED
    head.fontRevision, head.lowestRecPPEM, head.flags = 1.0, 8, 0b1011
    buffer = BytesIO()
    font.save(buffer)
    return buffer.getvalue()
