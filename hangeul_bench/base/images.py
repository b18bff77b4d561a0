"""Glyphs as pixels, and as PNG images, which are written and read faster than by Pillow.

zlib-ng's level 1 deflates them: on glyphs it takes a third of the time of zlib's run-length
strategy and leaves as many bytes. It looks at nothing but the data, so the same pixels are the same
bytes in every process; ISA-L, which was here before, gave others now and then (cause unknown).
Rows have no PNG filter.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
from zlib_ng import zlib_ng

Glyphs = npt.NDArray[np.uint8]  # (N, H, W), 0 = ink, 255 = paper
SIZE = 128  # pixels a side of every glyph of the benchmark
PAPER = 255  # the grey value of empty paper
INK_BELOW = 128  # a pixel is ink if its value is below

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_N_HEADER = 33  # signature and IHDR chunk
_N_BEFORE_DATA = _N_HEADER + 8  # and length and name of the IDAT chunk
# Levels 2 to 6 compare bytes behind the data's end too, and take thrice as long for an eighth less.
_LEVEL = 1

# What decides the bytes beside the pixels: part of the key of whatever holds such files.
ENCODER = f"zlib-ng {zlib_ng.ZLIBNG_RUNTIME_VERSION} level {_LEVEL}"


def blank_rows(count: int, size: int) -> Glyphs:
    """Zeros to draw on: each row of an image has one byte before it, PNG's filter type.

    Returns:
        (N, size, size + 1) uint8; ``rows[:, :, 1:]`` are the pixels.
    """
    return np.zeros((count, size, size + 1), dtype=np.uint8)


def encode(images: Glyphs) -> list[bytes]:
    """Encode images as grey 8-bit PNG files.

    Args:
        images: (N, size, size) uint8, 0 = ink, 255 = paper.
    """
    rows = blank_rows(len(images), images.shape[-1])
    rows[:, :, 1:] = images
    return list(encode_rows(rows))


def encode_rows(rows: Glyphs) -> Iterator[bytes]:
    """Encode images that already have their filter bytes; saves :func:`encode` a copy.

    Args:
        rows: (N, H, W + 1) uint8, C-contiguous; column 0 is zero.
    """
    header, name = _header(rows.shape[2] - 1, rows.shape[1]), b"IDAT"
    end = _chunk(b"IEND", b"")
    before, pack = zlib_ng.crc32(name), struct.Struct(">I").pack
    for image in rows:  # not by _chunk(), whose call costs a tenth of the deflating
        data = zlib_ng.compress(image, _LEVEL)
        checksum = pack(zlib_ng.crc32(data, before))
        yield b"".join((header, pack(len(data)), name, data, checksum, end))


def decode(pngs: Iterable[bytes], size: int) -> Glyphs:
    """Decode PNG files of one size; ours at once, any other by Pillow.

    Args:
        pngs: (N) PNG files.
        size: Width and height in pixels.

    Returns:
        (N, size, size) uint8.

    Raises:
        ValueError: A file is broken or of another size.
    """
    files: Sequence[bytes] = list(pngs)
    images = np.empty((len(files), size, size), dtype=np.uint8)
    header = _header(size, size)
    for image, png in zip(images, files, strict=True):
        rows = _decode_rows(png, size) if png.startswith(header) else None
        image[:] = _decode_by_pillow(png, size) if rows is None else rows
    return images


def is_intact(png: bytes) -> bool:
    """Whether the PNG checksum of one of our files is right; :func:`decode` looks only at pixels'.

    A program that reads the file with another library would refuse it otherwise.
    """
    end = _chunk(b"IEND", b"")
    data, checksum = png[_N_HEADER + 4 : -len(end) - 4], png[-len(end) - 4 : -len(end)]
    return png.endswith(end) and checksum == struct.pack(">I", zlib.crc32(data))


def pixel_checksum(png: bytes) -> bytes:
    """Adler-32 of the unfiltered rows of one of our files: zlib keeps it at its stream's end."""
    return png[-20:-16]  # before the CRC of IDAT (4) and the IEND chunk (12)


def _decode_rows(png: bytes, size: int) -> Glyphs | None:
    """The pixels of a file of ours; None if another program wrote it."""
    if len(png) < _N_BEFORE_DATA:
        return None
    length, name = struct.unpack_from(">I4s", png, _N_HEADER)
    if name != b"IDAT" or png[_N_BEFORE_DATA + length + 8 :][:4] != b"IEND":
        return None
    data = memoryview(png)[_N_BEFORE_DATA : _N_BEFORE_DATA + length]
    n_bytes = size * (size + 1)
    try:
        rows = np.frombuffer(zlib.decompress(data, bufsize=n_bytes), dtype=np.uint8)
    except zlib.error as error:
        raise ValueError(f"broken PNG: {error}") from None
    if len(rows) != n_bytes:
        raise ValueError(f"broken PNG: {len(rows)} bytes of pixels instead of {n_bytes}")
    rows = rows.reshape(size, size + 1)
    return None if rows[:, 0].any() else rows[:, 1:]


def _decode_by_pillow(png: bytes, size: int) -> Glyphs:
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(png)).convert("L")
    except (OSError, SyntaxError) as error:
        raise ValueError(f"broken PNG: {error}") from None
    if image.size != (size, size):
        raise ValueError(f"expected {size} x {size} pixels, found {image.size}")
    return np.asarray(image)


def _header(width: int, height: int) -> bytes:
    # 8 bits, grey, deflate, adaptive filters, not interlaced.
    return _SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(name))
    return b"".join((struct.pack(">I", len(data)), name, data, struct.pack(">I", checksum)))
