"""Add glyphs to a TTF or an OTF: what is there keeps its bytes.

Tables are written anew only where a glyph needs a row: glyf and loca, or CFF; hmtx, and vmtx if
there; cmap, post where it has names. Of hhea, vhea, maxp and head the counts and extents change.
"""

import struct
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontmaker.completion.cff import add_to_cff
from fontmaker.completion.glyphs import NewGlyph
from fontmaker.curves import draw_contours
from hangeul_bench.base.errors import UserError

Index = NDArray[np.int64]

# A signature ends with any change; the other two are caches for hinted glyphs, a row for each.
DROPPED = ("DSIG", "hdmx", "LTSH")
_UNICODE_FORMATS = (4, 12)  # of cmap subtables
_MOST_GLYPHS = 65_535  # their numbers have two bytes


def add_glyphs(sfnt: bytes, glyphs: Mapping[str, NewGlyph], hers: Sequence[str]) -> bytes:
    """A font with further syllables.

    Args:
        sfnt: TrueType or OpenType with CFF outlines.
        glyphs: Syllable to glyph; at least one.
        hers: Syllables that the font draws: new ones hang in vertical text as these do.

    Returns:
        The font, the same bytes for the same input.

    Raises:
        UserError: It has no space for more glyphs.
    """
    from fontTools.ttLib import TTFont

    font: Any = TTFont(BytesIO(sfnt), lazy=True, recalcBBoxes=False, recalcTimestamp=False)
    order, cmap, new = list(font.getGlyphOrder()), font.getBestCmap(), list(glyphs.values())
    own = [font.getGlyphID(cmap[ord(s)]) for s in hers if ord(s) in cmap]
    if len(order) + len(new) > _MOST_GLYPHS:
        raise UserError(
            f"Expected a font with room for {len(new):,} more glyphs, but it has {len(order):,} "
            f"of {_MOST_GLYPHS:,}; give fewer --syllables."
        )
    tops = _tops(font, own) if "vmtx" in font and "vhea" in font else None
    names = _free_names(order, glyphs)
    if "glyf" not in font:
        named = dict(zip(names, new, strict=True))
        names = add_to_cff(font, named, own[0] if own else 0)
    font.setGlyphOrder([*order, *names])
    if "glyf" in font:
        _add_to_glyf(font, new)
    font["maxp"].numGlyphs = len(order) + len(new)
    _add_metrics(font, new, len(order))
    if tops is not None:
        _add_vertical(font, new, own, tops)
    _map(font, dict(zip(glyphs, names, strict=True)))
    return _saved(font)


def changed_tables(before: bytes, after: bytes) -> list[str]:
    """Tags of the tables whose bytes differ, and of those that were dropped."""
    from fontTools.ttLib import TTFont

    old, new = (TTFont(BytesIO(data), lazy=True).reader for data in (before, after))
    return sorted(tag for tag in old.keys() if tag not in new or old[tag] != new[tag])  # noqa: SIM118


def _saved(font: Any) -> bytes:
    for tag in DROPPED:
        if tag in font:
            del font[tag]
    if "post" in font and float(font["post"].formatType) == 1.0:
        font["post"].formatType = 2.0  # 1.0 knows the 258 names of old Macintosh fonts alone
        font["post"].extraNames, font["post"].mapping = [], {}
    buffer = BytesIO()
    font.save(buffer, reorderTables=None)
    return buffer.getvalue()


def _free_names(order: list[str], glyphs: Mapping[str, NewGlyph]) -> list[str]:
    """A name for each new glyph that no other has."""
    taken, names = set(order), []
    for syllable in glyphs:
        name, number = f"uni{ord(syllable):04X}", 0
        while name in taken:
            number += 1
            name = f"uni{ord(syllable):04X}.new{number}"
        taken.add(name)
        names.append(name)
    return names


def _add_to_glyf(font: Any, glyphs: list[NewGlyph]) -> None:
    """New outlines behind the old bytes."""
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    head, data = _raw(font, "head"), font.getTableData("glyf")
    long = struct.unpack_from(">h", head, 50)[0]
    places = np.frombuffer(font.getTableData("loca"), ">u4" if long else ">u2").astype(np.int64)
    places = places if long else places * 2
    body = bytearray(data[: int(places[-1])])
    ends, most_points, most_contours = places.tolist(), 0, 0
    body += b"\0" * (-len(body) % 4)
    ends[-1] = len(body)
    for glyph in glyphs:
        pen = TTGlyphPen(None)
        draw_contours(glyph.contours, pen, quadratic=True)
        outline = pen.glyph()
        body += outline.compile(None)
        body += b"\0" * (-len(body) % 4)
        ends.append(len(body))
        most_points = max(most_points, len(outline.coordinates))
        most_contours = max(most_contours, outline.numberOfContours)
    long = int(long or len(body) > 2 * 0xFFFF)
    struct.pack_into(">h", head, 50, long)
    kind, unit = (">u4", 1) if long else (">u2", 2)
    _set(font, "head", head)
    _set(font, "glyf", bytes(body))
    _set(font, "loca", (np.array(ends, np.int64) // unit).astype(kind).tobytes())
    maxp = font["maxp"]
    maxp.maxPoints = max(maxp.maxPoints, most_points)
    maxp.maxContours = max(maxp.maxContours, most_contours)


def _add_metrics(font: Any, glyphs: list[NewGlyph], count: int) -> None:
    """Rows of hmtx, and the counts and extents that hhea and head state."""
    boxes, advances = _boxes(glyphs), np.array([glyph.advance for glyph in glyphs], np.int64)
    rows = _rows(font, "hmtx", "hhea", count)
    _set_rows(font, "hmtx", np.concatenate([rows, np.stack([advances, boxes[:, 0]], 1)]))
    behind = advances - boxes[:, 2]
    _extend(font, "hhea", advances, (boxes[:, 0], behind, boxes[:, 2]), count + len(glyphs))
    head = _raw(font, "head")
    box = np.array(struct.unpack_from(">4h", head, 36))
    low, high = np.minimum(box[:2], boxes[:, :2].min(0)), np.maximum(box[2:], boxes[:, 2:].max(0))
    struct.pack_into(">4h", head, 36, *low.tolist(), *high.tolist())
    _set(font, "head", head)


def _boxes(glyphs: list[NewGlyph]) -> Index:
    """(N, 4) x_min, y_min, x_max, y_max."""
    return np.array([glyph.box for glyph in glyphs], np.int64)


def _tops(font: Any, hers: list[int]) -> list[float]:
    """The upper edge of each of her syllables."""
    from fontTools.pens.boundsPen import BoundsPen
    from fontTools.ttLib import TTFont

    # Of another reading of the file, as what is read here is not written as it was.
    font = TTFont(font.reader.file, lazy=True)
    glyph_set, order, tops = font.getGlyphSet(), font.getGlyphOrder(), []
    for index in hers:
        pen = BoundsPen(glyph_set)
        glyph_set[order[index]].draw(pen)
        tops.append(pen.bounds[3])
    return tops


def _add_vertical(font: Any, glyphs: list[NewGlyph], hers: list[int], tops: list[float]) -> None:
    """New syllables hang where hers do: one advance, and one origin above the baseline."""
    boxes, total = _boxes(glyphs), font["maxp"].numGlyphs
    rows = _rows(font, "vmtx", "vhea", total - len(glyphs))
    height, origin = int(np.median(rows[hers, 0])), int(np.median(rows[hers, 1] + tops))
    above, extent = origin - boxes[:, 3], boxes[:, 3] - boxes[:, 1]
    heights = np.full(len(boxes), height)
    _set_rows(font, "vmtx", np.concatenate([rows, np.stack([heights, above], 1)]))
    _extend(font, "vhea", heights, (above, height - above - extent, above + extent), total)


def _rows(font: Any, tag: str, header: str, count: int) -> Index:
    """(G, 2) int64 advance and bearing of every glyph."""
    data, long = font.getTableData(tag), struct.unpack_from(">H", font.getTableData(header), 34)[0]
    pairs = np.frombuffer(data, ">u2", 2 * long).reshape(-1, 2).astype(np.int64)
    bearings = np.frombuffer(data, ">i2", 2 * long)[1::2].astype(np.int64)
    rest = np.frombuffer(data, ">i2", count - long, 4 * long).astype(np.int64)
    last = np.full(len(rest), pairs[-1, 0])
    return np.stack([np.concatenate([pairs[:, 0], last]), np.concatenate([bearings, rest])], axis=1)


def _set_rows(font: Any, tag: str, rows: Index) -> None:
    packed = np.empty(rows.shape, ">u2")
    packed[:, 0], packed[:, 1] = rows[:, 0], rows[:, 1] % 0x10000
    _set(font, tag, packed.tobytes())


def _extend(
    font: Any, tag: str, advances: Index, extents: tuple[Index, Index, Index], count: int
) -> None:
    """Largest advance, least bearings before and behind, largest extent, and the number of rows."""
    data = _raw(font, tag)
    most, before, behind, extent = struct.unpack_from(">Hhhh", data, 10)
    struct.pack_into(
        ">Hhhh",
        data,
        10,
        max(most, int(advances.max())),
        min(before, int(extents[0].min())),
        min(behind, int(extents[1].min())),
        max(extent, int(extents[2].max())),
    )
    struct.pack_into(">H", data, 34, count)
    _set(font, tag, data)


def _map(font: Any, names: Mapping[str, str]) -> None:
    """Map the new syllables in every Unicode subtable that can hold them."""
    cmap = font["cmap"]
    new = {ord(syllable): name for syllable, name in names.items()}
    done: set[int] = set()
    for table in cmap.tables:
        if table.isUnicode() and table.format in _UNICODE_FORMATS and id(table.cmap) not in done:
            table.cmap.update(new)
            done.add(id(table.cmap))
    os2 = _raw(font, "OS/2") if "OS/2" in font else None
    if os2 is not None and new:
        first, last = struct.unpack_from(">HH", os2, 64)
        struct.pack_into(">HH", os2, 64, min(first, *new), max(last, *new))
        _set(font, "OS/2", os2)


def _raw(font: Any, tag: str) -> bytearray:
    return bytearray(font.getTableData(tag))


def _set(font: Any, tag: str, data: bytes | bytearray) -> None:
    """Put bytes in a table's place, that nothing reads and writes again."""
    from fontTools.ttLib.tables.DefaultTable import DefaultTable

    table = DefaultTable(tag)
    table.data = bytes(data)
    font.tables[tag] = table
