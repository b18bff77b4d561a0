"""Add outlines to a CFF table: the outlines that are there keep their bytes."""

from collections.abc import Mapping
from typing import Any

from fontmaker.completion.glyphs import NewGlyph
from fontmaker.curves import draw_contours
from hangeul_bench.base.errors import UserError

_MOST_CID = 65_000  # CIDs have two bytes


def add_to_cff(font: Any, glyphs: Mapping[str, NewGlyph], like: int) -> list[str]:
    """Add glyphs behind all others.

    Args:
        font: An open font with a CFF table.
        glyphs: Name to glyph; a font with CIDs gives each the next free one instead.
        like: Number of a glyph whose private dictionary the new ones share.

    Returns:
        The names of the new glyphs.

    Raises:
        UserError: A font with CIDs has none left.
    """
    top = font["CFF "].cff[0]
    strings, names = top.CharStrings, list(glyphs)
    selects = getattr(top, "FDSelect", None)
    chosen = 0 if selects is None else selects[like]
    private = top.Private if selects is None else top.FDArray[chosen].Private
    if hasattr(top, "ROS"):
        names = _free_cids(top.charset, len(names))
    for name, glyph in zip(names, glyphs.values(), strict=True):
        charstring = _charstring(glyph, private, top.GlobalSubrs)
        strings.charStrings[name] = len(strings.charStringsIndex)
        strings.charStringsIndex.append(charstring)
        top.charset.append(name)
        if selects is not None:
            selects.append(chosen)
    boxes = [glyph.box for glyph in glyphs.values()]
    old = top.FontBBox
    low = [min(old[axis], *(box[axis] for box in boxes)) for axis in (0, 1)]
    high = [max(old[axis], *(box[axis] for box in boxes)) for axis in (2, 3)]
    top.FontBBox = [*low, *high]
    return names


def _free_cids(order: list[str], count: int) -> list[str]:
    """Names of the CIDs behind the last one."""
    last = max((int(name[3:]) for name in order if name[3:].isdecimal()), default=0)
    if last + count > _MOST_CID:
        raise UserError(
            f"Expected a font with room for {count:,} more CIDs, but its last one is {last:,}; "
            "export it without CIDs."
        )
    return [f"cid{last + number:05d}" for number in range(1, count + 1)]


def _charstring(glyph: NewGlyph, private: Any, global_subrs: Any) -> Any:
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    usual = glyph.advance == private.defaultWidthX
    pen = T2CharStringPen(None if usual else glyph.advance - private.nominalWidthX, None)
    draw_contours(glyph.contours, pen, quadratic=False)
    return pen.getCharString(private, global_subrs)
