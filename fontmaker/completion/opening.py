"""Read a half-finished font, and look whether it is sound and can be completed."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

from fontmaker.completion.half import SUFFIXES, HalfFont
from fontmaker.completion.ufo_source import open_ufo
from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.sfnt import face_sfnt, read_font_file

_PACKED = {b"ttcf": "a collection", b"wOFF": "a WOFF", b"wOF2": "a WOFF2"}
# They hold a row for each glyph, of a kind that nothing here can add.
_ROWS = ("sbix", "Gloc")


def open_half(path: Path) -> HalfFont:
    """Read a half-finished font.

    Args:
        path: TTF, OTF or UFO, as a folder or as a zip.

    Raises:
        UserError: It is absent, of another kind, variable, has CFF2 outlines, or something in it
            is broken.
    """
    if path.is_dir() or path.suffix.lower() in SUFFIXES["ufo"]:
        return open_ufo(path)
    data = read_font_file(path)
    if packed := _PACKED.get(data[:4]):
        raise UserError(
            f"Expected a TTF, an OTF or a UFO for --complete, but {path} is {packed}; give the "
            "font that it was made from."
        )
    sfnt = face_sfnt(data, 0, path)
    quadratic = _check_tables(sfnt, path)
    sha256 = hashlib.sha256(data).hexdigest()
    return HalfFont(path, "ttf" if quadratic else "otf", sfnt, quadratic, sha256)


def _check_tables(sfnt: bytes, path: Path) -> bool:
    """Whether a font has quadratic outlines; every table is read once.

    Raises:
        UserError: One is broken, or the font is of a kind that cannot be completed.
    """
    from fontTools.ttLib import TTFont

    tag = "the table directory"
    try:
        font: Any = TTFont(BytesIO(sfnt), lazy=True, ignoreDecompileErrors=False)
        tags = [tag for tag in font.keys() if tag != "GlyphOrder"]  # noqa: SIM118
        _check_kind(tags, path)
        for tag in tags:
            font[tag]
        _check_counts(font)
    except UserError:
        raise
    except Exception as error:  # fontTools raises many kinds on a broken table
        raise UserError(
            f"Expected a sound font for --complete, but in {path} {tag} is broken "
            f"({type(error).__name__}: {error}); export the font again."
        ) from error
    return "glyf" in tags


def _check_kind(tags: list[str], path: Path) -> None:
    if "fvar" in tags:
        raise UserError(
            f"Expected a font of one weight for --complete, but {path} is variable; export the "
            "instance that you want, or complete each of its masters."
        )
    if "CFF2" in tags:
        raise UserError(
            f"Expected TrueType or CFF outlines for --complete, but {path} has CFF2; export it as "
            "TTF or as OTF with CFF."
        )
    rows = [tag for tag in _ROWS if tag in tags]
    if rows:
        raise UserError(
            f"Expected a font of outlines alone for --complete, but {path} has the table "
            f"{rows[0]}, which no program here can add glyphs to; export it without."
        )


def _check_counts(font: Any) -> None:
    """Raise ValueError if tables do not agree on how many glyphs there are."""
    count = font["maxp"].numGlyphs
    if not 0 < font["hhea"].numberOfHMetrics <= count:
        raise ValueError(f"hhea counts {font['hhea'].numberOfHMetrics} of {count} glyphs")
    if "glyf" in font and len(font["loca"].locations) != count + 1:
        raise ValueError(f"loca has {len(font['loca'].locations)} places for {count} glyphs")
    if "CFF " in font and len(font["CFF "].cff[0].CharStrings) != count:
        raise ValueError(f"CFF has another number of outlines than {count}")
