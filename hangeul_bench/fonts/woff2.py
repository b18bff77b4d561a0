"""WOFF2 to plain sfnt tables: brotli within a bound, then the glyf and hmtx transforms undone.

fontTools can do this too, but copies the rest of each stream for every glyph, which takes up to
a minute for one Korean font, and it decompresses without a bound. Here all points of a font are
decoded at once, and the written bytes depend on no library's version.

Source: W3C, WOFF File Format 2.0, sections 4 and 5.
"""

import struct
from collections.abc import Mapping

import numpy as np

from hangeul_bench.fonts.woff2_glyf import restore_glyf

# Known table tags by index (section 4.1), four characters each.
_KNOWN_TAGS = (
    b"cmapheadhheahmtxmaxpnameOS/2postcvt fpgmglyflocaprepCFF VORGEBDTEBLCgasphdmxkernLTSHPCLT"
    b"VDMXvheavmtxBASEGDEFGPOSGSUBEBSCJSTFMATHCBDTCBLCCOLRCPALSVG sbixacntavarbdatblocbslncvar"
    b"fdscfeatfmtxfvargvarhstyjustlcarmortmorxopbdproptrakZapfSilfGlatGlocFeatSill"
)
_HEADER = struct.Struct(">4s4sLHHLL24x")
_ANY_TAG = 63


def unpack_woff2(data: bytes, max_bytes: int) -> tuple[bytes, dict[bytes, bytes]]:
    """The sfnt version and tables of a WOFF2 file.

    Args:
        data: The whole file.
        max_bytes: More than this is not decompressed.

    Raises:
        ValueError, IndexError, struct.error, brotli.error: The file is broken.
        OverflowError: It unpacks to more than ``max_bytes``.
    """
    _, version, length, n_tables, _, _, n_packed = _HEADER.unpack_from(data)
    if length > len(data):
        raise ValueError(f"it is cut short: {len(data):,} of {length:,} bytes")
    if version == b"ttcf":
        raise ValueError("it is a WOFF2 collection; unpack it to a TTC")
    entries, offset = [], _HEADER.size
    for _ in range(n_tables):
        entry, offset = _directory_entry(data, offset)
        entries.append(entry)
    unpacked = _decompress(data[offset : offset + n_packed], max_bytes)
    tables: dict[bytes, bytes] = {}
    transformed: dict[bytes, bytes] = {}
    offset = 0
    for tag, is_transformed, n_bytes in entries:
        (transformed if is_transformed else tables)[tag] = unpacked[offset : offset + n_bytes]
        offset += n_bytes
    if offset != len(unpacked):
        raise ValueError(f"expected {offset:,} bytes in its stream, but found {len(unpacked):,}")
    return version, _restore(tables, transformed)


def _directory_entry(data: bytes, offset: int) -> tuple[tuple[bytes, bool, int], int]:
    """Tag, whether transformed, and length in the stream; and where the next entry begins."""
    flags, offset = data[offset], offset + 1
    index, transform = flags & 63, flags >> 6
    if index == _ANY_TAG:
        tag, offset = data[offset : offset + 4], offset + 4
    else:
        tag = _KNOWN_TAGS[4 * index : 4 * index + 4]
    length, offset = _base_128(data, offset)
    # Version 3 leaves glyf and loca as they are; version 0 does so for all other tables.
    is_transformed = transform != (3 if tag in (b"glyf", b"loca") else 0)
    if is_transformed:
        length, offset = _base_128(data, offset)
    return (tag, is_transformed, length), offset


def _base_128(data: bytes, offset: int) -> tuple[int, int]:
    value = 0
    for position in range(offset, offset + 5):
        value = value << 7 | data[position] & 0x7F
        if data[position] < 0x80:
            return value, position + 1
    raise ValueError("a length in its table directory has more than five bytes")


def _decompress(packed: bytes, max_bytes: int) -> bytes:
    import brotli  # type: ignore[import-untyped]

    decompressor = brotli.Decompressor()
    unpacked: bytes = decompressor.process(packed, output_buffer_limit=max_bytes + 1)
    if len(unpacked) > max_bytes:
        raise OverflowError
    if not decompressor.is_finished():
        raise ValueError("its compressed stream is cut short")
    return unpacked


def _restore(tables: dict[bytes, bytes], transformed: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    unknown = set(transformed) - {b"glyf", b"loca", b"hmtx"}
    if unknown:
        raise ValueError(f"table {sorted(unknown)[0]!r} has an unknown transform")
    left = None
    if b"glyf" in transformed:
        tables[b"glyf"], tables[b"loca"], left = restore_glyf(transformed[b"glyf"])
        head = bytearray(tables[b"head"])
        head[50:52] = b"\0\1"  # indexToLocFormat: the restored loca has 32-bit offsets
        tables[b"head"] = bytes(head)
    if b"hmtx" in transformed:
        if left is None:
            raise ValueError("its hmtx needs a transformed glyf")
        tables[b"hmtx"] = _restore_hmtx(transformed[b"hmtx"], tables, left)
    return tables


def _restore_hmtx(data: bytes, tables: Mapping[bytes, bytes], left: np.ndarray) -> bytes:
    """Table hmtx with the left side bearings that equal the glyph's xMin, ``left`` (n_glyphs,)."""
    n_long = struct.unpack_from(">H", tables[b"hhea"], 34)[0]
    n_glyphs = len(left)
    flags, offset = data[0], 1
    advances = np.frombuffer(data, ">u2", n_long, offset)
    offset += 2 * n_long
    bearings = left.astype(">i2")
    if not flags & 1:
        bearings[:n_long] = np.frombuffer(data, ">i2", n_long, offset)
        offset += 2 * n_long
    if not flags & 2:
        bearings[n_long:] = np.frombuffer(data, ">i2", n_glyphs - n_long, offset)
    pairs = np.stack([advances, bearings[:n_long].view(">u2")], axis=1)
    return pairs.astype(">u2").tobytes() + bearings[n_long:].tobytes()
