"""A half-finished font as it was given: which kind of file it is, and whether it is sound."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.sfnt import face_sfnt, read_font_file

Kind = Literal["ttf", "otf", "ufo"]
# The suffixes of what each kind is completed to.
SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "ttf": (".ttf",),
    "otf": (".otf",),
    "ufo": (".ufo", ".ufoz"),
}
_PACKED = {b"ttcf": "a collection", b"wOFF": "a WOFF", b"wOF2": "a WOFF2"}
# They hold a row for each glyph, of a kind that nothing here can add.
_ROWS = ("sbix", "Gloc")


@dataclass(frozen=True)
class HalfFont:
    """A font with some syllables.

    Attributes:
        path: Where it was found.
        kind: TrueType, OpenType with CFF outlines, or UFO.
        sfnt: A plain font that draws its syllables; of TTF and OTF the file itself.
        quadratic: Whether its curves are quadratic.
        sha256: Hash of the file; of a folder, of all its files.
    """

    path: Path
    kind: Kind
    sfnt: bytes
    quadratic: bool
    sha256: str


def open_half(path: Path) -> HalfFont:
    """Read a half-finished font.

    Args:
        path: TTF, OTF or UFO.

    Raises:
        UserError: It is absent, of another kind, variable, has CFF2 outlines, or a table of it is
            broken.
    """
    if path.is_dir() or path.suffix.lower() in SUFFIXES["ufo"]:
        raise UserError(f"Expected a TTF or an OTF for --complete, but found {path}.")
    return _open_sfnt(path)


def _open_sfnt(path: Path) -> HalfFont:
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
