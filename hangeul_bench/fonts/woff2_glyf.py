"""WOFF2's transformed glyf table back to glyf and loca, all points of the font at once.

Source: W3C, WOFF File Format 2.0, sections 5.1 to 5.3; OpenType, table glyf.
"""

import struct
from dataclasses import dataclass

import numpy as np

_HEADER = struct.Struct(">HHHH7L")
_OVERLAP_BITMAP = 1  # option flag
_COMPOSITE = 0xFFFF
# Flags of a composite glyph's component.
_ARGS_ARE_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO, _INSTRUCTIONS = 1, 8, 32, 64, 128, 256
# Flags of a simple glyph's point.
_ON_CURVE, _X_SHORT, _Y_SHORT, _X_SAME, _Y_SAME, _OVERLAP = 1, 2, 4, 16, 32, 64


@dataclass
class _Stream:
    """A byte stream read from its front."""

    data: bytes
    offset: int = 0

    def take(self, n_bytes: int) -> bytes:
        end = self.offset + n_bytes
        if end > len(self.data):
            raise ValueError("a stream of its glyf table is cut short")
        taken, self.offset = self.data[self.offset : end], end
        return taken

    def number(self) -> int:
        """A 255UInt16: one to three bytes."""
        code = self.take(1)[0]
        if code == 253:
            return int.from_bytes(self.take(2), "big")
        if code == 254:
            return self.take(1)[0] + 506
        return self.take(1)[0] + 253 if code == 255 else code


@dataclass(frozen=True)
class _Parts:
    """What the glyphs' loop gathers; points stay in one array for the whole font.

    Attributes:
        ends: Of each glyph, the last point of each of its contours; None if not simple.
        components: Of each glyph, its composite record; None if not composite.
        instructions: Of each glyph.
        points: (n_glyphs + 1,) first point of each glyph.
        shifts: (n_points,) bytes of instruction lengths in the glyph stream before each point.
    """

    ends: list[np.ndarray | None]
    components: list[bytes | None]
    instructions: list[bytes]
    points: np.ndarray
    shifts: np.ndarray


def restore_glyf(data: bytes) -> tuple[bytes, bytes, np.ndarray]:
    """Table glyf, table loca with 32-bit offsets, and (n_glyphs,) int16 xMin of each glyph.

    Raises:
        ValueError, IndexError, struct.error: The table is broken.
    """
    _, options, n_glyphs, _, *sizes = _HEADER.unpack_from(data)
    body = _Stream(data, _HEADER.size)
    contours, n_points, flags, glyphs, composites, boxes, instructions = map(body.take, sizes)
    overlaps = body.take((n_glyphs + 7) // 8) if options & _OVERLAP_BITMAP else b""
    n_contours = np.frombuffer(contours, ">u2", n_glyphs)
    widths = _TRIPLET_BYTES[np.frombuffer(flags, np.uint8) & 127]
    streams = _Stream(n_points), _Stream(glyphs), _Stream(composites), _Stream(instructions)
    parts = _walk(n_contours, widths, *streams)
    n_used = int(parts.points[-1])
    starts = np.concatenate([[0], np.cumsum(widths[:n_used])])
    dx, dy = _triplets(flags[:n_used], glyphs, starts[:-1] + parts.shifts)
    explicit, bitmap = _explicit_boxes(boxes, n_glyphs)
    bounds = _bounds(dx, dy, parts)
    bounds[bitmap] = explicit
    on_curve = np.frombuffer(flags, np.uint8, n_used) < 128
    overlap = np.unpackbits(np.frombuffer(overlaps, np.uint8), count=n_glyphs) if overlaps else None
    table, loca = _write(n_contours, bounds, parts, _encode(dx, dy, on_curve), overlap)
    return table, loca, bounds[:, 0]


def _walk(
    n_contours: np.ndarray,
    widths: np.ndarray,
    n_points: _Stream,
    glyphs: _Stream,
    composites: _Stream,
    instructions: _Stream,
) -> _Parts:
    """Go through the glyphs once, as each one's place depends on the one before it."""
    ends: list[np.ndarray | None] = []
    components: list[bytes | None] = []
    programs: list[bytes] = []
    points, shifts, n_length_bytes = [0], [], 0
    triplet_ends = np.concatenate([[0], np.cumsum(widths)])
    for count in n_contours.tolist():
        end, record, n_new, has_program = None, None, 0, False
        if count == _COMPOSITE:
            record, has_program = _composite(composites)
        elif count:
            end = np.cumsum([n_points.number() for _ in range(count)]) - 1
            n_new, has_program = int(end[-1]) + 1, True
        first = points[-1]
        points.append(first + n_new)
        shifts.append(np.full(n_new, n_length_bytes))
        glyphs.offset += int(triplet_ends[first + n_new] - triplet_ends[first])
        before = glyphs.offset
        programs.append(instructions.take(glyphs.number()) if has_program else b"")
        n_length_bytes += glyphs.offset - before
        ends.append(end)
        components.append(record)
    return _Parts(ends, components, programs, np.array(points), np.concatenate(shifts))


def _composite(stream: _Stream) -> tuple[bytes, bool]:
    """One composite record as it stands in glyf, and whether instructions follow."""
    start, flags, any_flags = stream.offset, _MORE, 0
    while flags & _MORE:
        flags = int.from_bytes(stream.take(2), "big")
        any_flags |= flags
        n_bytes = 2 + (4 if flags & _ARGS_ARE_WORDS else 2)
        n_bytes += 2 * bool(flags & _SCALE) + 4 * bool(flags & _XY_SCALE)
        stream.take(n_bytes + 8 * bool(flags & _TWO_BY_TWO))
    return stream.data[start : stream.offset], bool(any_flags & _INSTRUCTIONS)


# Bytes of a point in the glyph stream by its flag's low seven bits (section 5.2, table).
_TRIPLET_BYTES = np.repeat([1, 2, 3, 4], [84, 36, 4, 4])


def _triplets(
    flag_bytes: bytes, glyphs: bytes, starts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n_points,) int32 steps from point to point in x and in y (section 5.2, table)."""
    flag = np.frombuffer(flag_bytes, np.uint8).astype(np.int32) & 127
    stream = np.frombuffer(glyphs + b"\0\0\0", np.uint8).astype(np.int32)
    b0, b1, b2, b3 = (stream[starts + k] for k in range(4))
    nibbles, bytes_ = flag - 20, flag - 84
    kinds = [flag < 10, flag < 20, flag < 84, flag < 120, flag < 124]
    x = np.select(
        kinds,
        [
            np.zeros_like(flag),
            (((flag - 10) & 14) << 7) + b0,
            1 + (nibbles & 0x30) + (b0 >> 4),
            1 + ((bytes_ // 12) << 8) + b0,
            (b0 << 4) + (b1 >> 4),
        ],
        (b0 << 8) + b1,
    )
    y = np.select(
        kinds,
        [
            ((flag & 14) << 7) + b0,
            np.zeros_like(flag),
            1 + ((nibbles & 0x0C) << 2) + (b0 & 0x0F),
            1 + (((bytes_ % 12) >> 2) << 8) + b1,
            ((b1 & 0x0F) << 8) + b2,
        ],
        (b2 << 8) + b3,
    )
    y_sign = np.where(flag < 10, flag, flag >> 1)
    return np.where(flag & 1, x, -x), np.where(y_sign & 1, y, -y)


def _explicit_boxes(boxes: bytes, n_glyphs: int) -> tuple[np.ndarray, np.ndarray]:
    """(K, 4) int16 given boxes, and the (n_glyphs,) bool mask of the glyphs they belong to."""
    n_bitmap = (n_glyphs + 31) // 32 * 4
    bits = np.unpackbits(np.frombuffer(boxes, np.uint8, n_bitmap), count=n_glyphs).astype(bool)
    given = np.frombuffer(boxes, ">i2", 4 * int(bits.sum()), n_bitmap)
    return given.reshape(-1, 4), bits


def _bounds(dx: np.ndarray, dy: np.ndarray, parts: _Parts) -> np.ndarray:
    """(n_glyphs, 4) int16 xMin, yMin, xMax, yMax of the simple glyphs' points, 0 for others."""
    first, last = parts.points[:-1], parts.points[1:]
    bounds = np.zeros((len(first), 4), np.int64)
    simple = last > first
    if simple.any():
        for axis, steps in enumerate((dx, dy)):
            sums = np.concatenate([[0], np.cumsum(steps, dtype=np.int64)])
            counts = (last - first)[simple]
            places = sums[1:] - np.repeat(sums[first[simple]], counts)
            bounds[simple, axis] = np.minimum.reduceat(places, first[simple])
            bounds[simple, axis + 2] = np.maximum.reduceat(places, first[simple])
    if np.abs(bounds).max(initial=0) > 0x7FFF:
        raise ValueError("a point lies outside the range of font units")
    return bounds.astype(np.int16)


@dataclass(frozen=True)
class _Encoded:
    """The points of all glyphs as glyf stores them; ``*_starts`` index a point's first byte."""

    flags: np.ndarray
    x: bytes
    x_starts: np.ndarray
    y: bytes
    y_starts: np.ndarray


def _encode(dx: np.ndarray, dy: np.ndarray, on_curve: np.ndarray) -> _Encoded:
    x_flags, x, x_starts = _encode_axis(dx, _X_SHORT, _X_SAME)
    y_flags, y, y_starts = _encode_axis(dy, _Y_SHORT, _Y_SAME)
    flags = on_curve * np.uint8(_ON_CURVE) | x_flags | y_flags
    return _Encoded(flags, x, x_starts, y, y_starts)


def _encode_axis(steps: np.ndarray, short: int, same: int) -> tuple[np.ndarray, bytes, np.ndarray]:
    """Steps of one axis: nothing for 0, one byte below 256, else two."""
    size = np.abs(steps)
    if size.max(initial=0) > 0x7FFF:
        raise ValueError("a step between points is too long")
    is_short = (size > 0) & (size < 256)
    flags = is_short * np.uint8(short) | ((steps == 0) | (is_short & (steps > 0))) * np.uint8(same)
    n_bytes = np.where(steps == 0, 0, np.where(is_short, 1, 2))
    starts = np.concatenate([[0], np.cumsum(n_bytes)])
    out = np.zeros(int(starts[-1]), np.uint8)
    out[starts[:-1][is_short]] = size[is_short]
    is_long = n_bytes == 2
    out[starts[:-1][is_long]] = (steps[is_long] >> 8) & 0xFF
    out[starts[:-1][is_long] + 1] = steps[is_long] & 0xFF
    return flags, out.tobytes(), starts


def _write(
    n_contours: np.ndarray,
    bounds: np.ndarray,
    parts: _Parts,
    points: _Encoded,
    overlap: np.ndarray | None,
) -> tuple[bytes, bytes]:
    """Tables glyf and loca; each glyph padded to four bytes."""
    boxes = bounds.astype(">i2")
    glyphs, offsets, offset = [], [0], 0
    for index, count in enumerate(n_contours.tolist()):
        glyph = b""
        if count:
            glyph = struct.pack(">H", count) + boxes[index].tobytes()
            if parts.components[index] is not None:
                glyph += _composite_tail(parts, index)
            else:
                overlaps = overlap is not None and bool(overlap[index])
                glyph += _simple_tail(parts, index, points, overlaps=overlaps)
        glyph += b"\0" * (-len(glyph) % 4)
        glyphs.append(glyph)
        offset += len(glyph)
        offsets.append(offset)
    return b"".join(glyphs), np.array(offsets, ">u4").tobytes()


def _composite_tail(parts: _Parts, index: int) -> bytes:
    record, program = parts.components[index] or b"", parts.instructions[index]
    return record + (struct.pack(">H", len(program)) + program if program else b"")


def _simple_tail(parts: _Parts, index: int, points: _Encoded, *, overlaps: bool) -> bytes:
    ends, program = parts.ends[index], parts.instructions[index]
    assert ends is not None
    first, last = int(parts.points[index]), int(parts.points[index + 1])
    flags = bytearray(points.flags[first:last].tobytes())
    if overlaps:
        flags[0] |= _OVERLAP
    return b"".join(
        (
            ends.astype(">u2").tobytes(),
            struct.pack(">H", len(program)),
            program,
            bytes(flags),
            points.x[points.x_starts[first] : points.x_starts[last]],
            points.y[points.y_starts[first] : points.y_starts[last]],
        )
    )
