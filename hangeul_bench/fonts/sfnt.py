"""Font files as bytes: read, check and unpack TTF, OTF, TTC, WOFF and WOFF2 into plain sfnts.

Whatever FreeType gets later has passed here: sizes are bounded before anything is read or
unpacked, and every table lies inside its file.
"""

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from hangeul_bench.base.errors import UserError

FONT_SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc", ".woff", ".woff2"})
# The largest open Korean font file is a 26 MB collection; Noto's ten-face ones stay under 120 MB.
MAX_FONT_BYTES = 256 << 20
MAX_FACES = 256
MAX_TABLES = 256
_SFNT_MAGICS = (b"\0\1\0\0", b"OTTO", b"true")
_TTC, _WOFF, _WOFF2 = b"ttcf", b"wOFF", b"wOF2"
_REQUIRED_TABLES = (b"cmap", b"head", b"hhea", b"hmtx", b"maxp")
# Syllables, and what a companion may give beside them: Latin, punctuation, currency, jamo.
_FROZEN = (
    *(range(0xAC00, 0xD7A4), range(0x20, 0x250), range(0x2000, 0x20D0), range(0x2100, 0x2200)),
    *(range(0x3000, 0x3040), range(0x3130, 0x3190), range(0x1100, 0x1200)),
)
_OUTLINE_TABLES = (b"glyf", b"CFF ", b"CFF2")


def read_font_file(path: Path) -> bytes:
    """The bytes of a font file.

    Raises:
        UserError: The file is absent, unreadable, empty, larger than 256 MB or no font.
    """
    try:
        if path.exists() and not path.is_file():
            raise UserError(f"Expected a font file at {path}, but it is no regular file.")
        n_bytes = path.stat().st_size
        if n_bytes > MAX_FONT_BYTES:
            raise UserError(
                f"{path} has {n_bytes / 1e6:,.0f} MB; a font of more than "
                f"{MAX_FONT_BYTES >> 20} MB is not read. Remove it from the folder."
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"Expected a font file at {path}, but there is none.") from None
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}); change its permissions or remove it."
        ) from None
    if data[:4] not in (*_SFNT_MAGICS, _TTC, _WOFF, _WOFF2):
        raise UserError(
            f"{path} is not a font: expected TTF, OTF, TTC, WOFF or WOFF2, but found a file that "
            f"begins with {data[:4]!r}; remove it from the folder."
        )
    return data


def count_faces(data: bytes, path: Path) -> int:
    """How many faces the file holds: 1, or the number in a collection (TTC).

    Raises:
        UserError: A collection with an absurd number of faces, or cut short.
    """
    if data[:4] != _TTC:
        return 1
    n_faces = _unpack(">L", data, 8, path)[0]
    if not 1 <= n_faces <= MAX_FACES:
        raise UserError(
            f"{path} claims to hold {n_faces:,} faces; expected 1 to {MAX_FACES}. Remove it."
        )
    return int(n_faces)


def face_sfnt(data: bytes, face_index: int, path: Path) -> bytes:
    """One face as a plain sfnt (TTF or OTF) that FreeType loads.

    Args:
        data: What :func:`read_font_file` returned.
        face_index: Face of a collection; 0 for all others.
        path: Named in errors.

    Raises:
        UserError: The font is cut short, broken, has no outlines, or unpacks to over 256 MB.
    """
    kind = data[:4]
    if kind == _WOFF:
        sfnt = _unpack_woff(data, path)
    elif kind == _WOFF2:
        sfnt = _unpack_woff2(data, path)
    elif kind == _TTC:
        if face_index >= count_faces(data, path):
            raise UserError(f"{path} has no face {face_index}.")
        offset = _unpack(">L", data, 12 + 4 * face_index, path)[0]
        sfnt = _build_sfnt(*_read_tables(data, offset, path), path)
    else:
        sfnt = data
    _check_tables(_read_tables(sfnt, 0, path)[1], path)
    return sfnt


def apply_instance(sfnt: bytes, location: Mapping[str, float], path: Path) -> bytes:
    """A variable font's Hangeul and Latin frozen at one place of its design space.

    Only these and punctuation are kept, as freezing all of a CJK font's glyphs takes minutes.
    Coordinates are rounded to font units, as in a static font made by the foundry's tools.

    Raises:
        UserError: fontTools cannot read the variation tables.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    options = Options(layout_features=[], hinting=False, notdef_outline=True, glyph_names=False)
    try:
        font = TTFont(BytesIO(sfnt), lazy=True, recalcTimestamp=False)
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=[c for block in _FROZEN for c in block])
        subsetter.subset(font)
        # Without overlap flags, as at the default place: FreeType draws flagged outlines otherwise.
        instantiateVariableFont(font, dict(location), inplace=True, overlap=False)
        output = BytesIO()
        font.save(output)
    except Exception as error:  # fontTools raises many kinds on a broken table
        raise _broken(path, f"its variations cannot be applied ({error})") from error
    return output.getvalue()


def units_per_em(sfnt: bytes) -> int:
    """Font units an em of a plain sfnt, from its head table."""
    path = Path("font")
    head = _read_tables(sfnt, 0, path)[1][b"head"]
    return int(_unpack(">H", head, 18, path)[0])


def _read_tables(data: bytes, offset: int, path: Path) -> tuple[bytes, dict[bytes, bytes]]:
    """The sfnt version and the tables of the table directory at ``offset``."""
    version, n_tables = data[offset : offset + 4], _unpack(">H", data, offset + 4, path)[0]
    if version not in _SFNT_MAGICS or n_tables > MAX_TABLES:
        raise _broken(path, "its table directory is not one of a font")
    tables: dict[bytes, bytes] = {}
    total = 0
    for index in range(n_tables):
        tag, _, start, length = _unpack(">4sLLL", data, offset + 12 + 16 * index, path)
        total += length
        if start + length > len(data):
            raise UserError(
                f"{path} is cut short: table {_tag(tag)} ends at byte {start + length:,}, but the "
                f"file has {len(data):,}; copy or download it again."
            )
        if total > MAX_FONT_BYTES:
            raise _too_large(path)
        tables[tag] = data[start : start + length]
    return version, tables


def _check_tables(tables: Mapping[bytes, bytes], path: Path) -> None:
    missing = [_tag(tag) for tag in _REQUIRED_TABLES if not tables.get(tag)]
    if missing:
        raise _broken(path, f"table {missing[0]} is missing")
    if not any(tables.get(tag) for tag in _OUTLINE_TABLES):
        raise UserError(f"{path} has no outlines (no glyf or CFF table), only bitmaps; remove it.")


def _build_sfnt(version: bytes, tables: Mapping[bytes, bytes], path: Path) -> bytes:
    """An sfnt of these tables, in tag order."""
    n_tables = len(tables)
    if not n_tables:
        raise _broken(path, "it has no tables")
    power = 1 << (n_tables.bit_length() - 1)
    search = (power * 16, power.bit_length() - 1, (n_tables - power) * 16)
    head, body = [version + struct.pack(">HHHH", n_tables, *search)], []
    offset = 12 + 16 * n_tables
    for tag, table in sorted(tables.items()):
        padded = table + b"\0" * (-len(table) % 4)
        head.append(struct.pack(">4sLLL", tag, _checksum(padded), offset, len(table)))
        body.append(padded)
        offset += len(padded)
    return b"".join(head + body)


def _checksum(padded: bytes) -> int:
    import numpy as np

    return int(np.frombuffer(padded, dtype=">u4").sum(dtype=np.uint64)) & 0xFFFFFFFF


def _unpack_woff(data: bytes, path: Path) -> bytes:
    version, _, n_tables = _unpack(">4sLH", data, 4, path)
    if n_tables > MAX_TABLES:
        raise _broken(path, "its table directory is not one of a font")
    tables: dict[bytes, bytes] = {}
    total = 0
    for index in range(n_tables):
        tag, start, packed, length, _ = _unpack(">4sLLLL", data, 44 + 20 * index, path)
        total += length
        if total > MAX_FONT_BYTES:
            raise _too_large(path)
        table = data[start : start + packed]
        if packed < length:
            table = _inflate(table, length, path)
        if len(table) != length:
            raise _broken(path, f"table {_tag(tag)} is cut short")
        tables[tag] = table
    return _build_sfnt(version, tables, path)


def _inflate(packed: bytes, length: int, path: Path) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, length + 1)
    except zlib.error as error:
        raise _broken(path, f"it cannot be decompressed ({error})") from None


def _unpack_woff2(data: bytes, path: Path) -> bytes:
    from fontTools.ttLib import TTFont

    try:
        if not _fits_unpacked(data):
            raise _too_large(path)
        font = TTFont(BytesIO(data), recalcTimestamp=False, recalcBBoxes=False)
        font.flavor = None
        unpacked = BytesIO()
        font.save(unpacked, reorderTables=None)
    except UserError:
        raise
    except Exception as error:  # brotli and fontTools raise many kinds on a broken stream
        raise _broken(path, f"it cannot be unpacked ({error})") from error
    return unpacked.getvalue()


def _fits_unpacked(data: bytes) -> bool:
    """Whether a WOFF2 file unpacks to no more than the bound; fontTools unpacks without one.

    Raises:
        ValueError, TTLibError, struct.error, brotli.error: The file is broken.
    """
    import brotli  # type: ignore[import-untyped]
    from fontTools.ttLib import woff2

    length, n_tables, packed = struct.unpack_from(">8xLH6xL", data)
    if length > len(data):
        raise ValueError(f"it is cut short: {len(data):,} of {length:,} bytes")
    if n_tables > MAX_TABLES:
        raise ValueError("its table directory is not one of a font")
    directory = BytesIO(data)
    directory.seek(woff2.woff2DirectorySize)
    for _ in range(n_tables):
        woff2.WOFF2DirectoryEntry().fromFile(directory)
    start = directory.tell()
    unpacker = brotli.Decompressor()
    stream = unpacker.process(data[start : start + packed], output_buffer_limit=MAX_FONT_BYTES + 1)
    if len(stream) <= MAX_FONT_BYTES and not unpacker.is_finished():
        raise ValueError("its compressed stream is cut short")
    return len(stream) <= MAX_FONT_BYTES


def _unpack(layout: str, data: bytes, offset: int, path: Path) -> tuple[Any, ...]:
    try:
        return struct.unpack_from(layout, data, offset)
    except struct.error:
        raise UserError(
            f"{path} is cut short: its table directory ends beyond the {len(data):,} bytes of the "
            "file; copy or download it again."
        ) from None


def _tag(tag: bytes) -> str:
    return tag.decode("latin-1").strip()


def _broken(path: Path, what: str) -> UserError:
    return UserError(f"{path} is a broken font: {what}; get a new copy or remove it.")


def _too_large(path: Path) -> UserError:
    return UserError(
        f"{path} claims to unpack to more than {MAX_FONT_BYTES >> 20} MB, which no font does; "
        "remove it."
    )
