"""Where things stand on the sheet to write on, in millimetres of an A4 page, and its printed code.

The code says which syllables the boxes hold, so that a photograph needs no other word. Its bits
also tell which way up the page is, since only one way round gives the right checksum.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul import is_syllable
from hangeul_bench.hangeul.charset import FIRST_SYLLABLE, LAST_SYLLABLE

WIDTH, HEIGHT = 210.0, 297.0  # millimetres, as all that follows
MODULE = 2.0  # a finder mark is 7 x 7 modules, as in a QR code: 1 dark, 1 light, 3 dark, ...
_MARK = 7 * MODULE
_EDGE = 12.0  # paper that printers leave white, and some to spare
_TOP, _BOTTOM = 38.0, 262.0  # the boxes stand between these, below the title and above the code
_LABEL, _GAP = 9.0, 5.0  # above each box stands what to write into it
_LABEL_LENGTH = 32.0
_LARGEST = 58.0
_INNER = 0.12  # of a box's side, between its frame and the frame within it
_POINT = 25.4 / 72
_FRAME, _THIN = 1.4 * _POINT, 0.7 * _POINT  # how wide guides are drawn

CODE_COLUMNS, CODE_ROWS, CELL = 60, 7, 2.0
_CODE_TOP = 270.0
_VERSION = 1
_BITS_VERSION, _BITS_COUNT, _BITS_SYLLABLE, _BITS_CHECK = 4, 5, 14, 16
# Common syllables that together show most jamo; the first eight are the benchmark's references.
SYLLABLES = "한글빛뜻쪽의휘맑꿈넓챙떡값켰표앉쌓왜과원닭외튼싫읊예류밖"
MOST = len(SYLLABLES)

Bits = NDArray[np.bool_]  # (7, 60), True = dark


@dataclass(frozen=True)
class Box:
    """A box to write in.

    Attributes:
        syllable: What belongs into it.
        left: Millimetres from the page's left edge.
        top: Millimetres from its upper edge.
        side: Millimetres.
    """

    syllable: str
    left: float
    top: float
    side: float


@dataclass(frozen=True)
class Guide:
    """A line printed in a box to write by: upright or level.

    Attributes:
        start: x and y of its left or upper end, in millimetres.
        length: Millimetres.
        upright: Whether it goes down from its start; else it goes to the right.
        width: Millimetres.
        dashed: Whether it is half line, half gap.
    """

    start: tuple[float, float]
    length: float
    upright: bool
    width: float
    dashed: bool = False


def guides(box: Box) -> tuple[Guide, ...]:
    """A frame, a frame within it, and a dashed cross."""
    lines = []
    for inset, width in ((0.0, _FRAME), (_INNER * box.side, _THIN)):
        left, top, length = box.left + inset, box.top + inset, box.side - 2 * inset
        for away in (0.0, length):
            lines.append(Guide((left + away, top), length, True, width))
            lines.append(Guide((left, top + away), length, False, width))
    half = box.side / 2
    lines.append(Guide((box.left + half, box.top), box.side, True, _THIN, dashed=True))
    lines.append(Guide((box.left, box.top + half), box.side, False, _THIN, dashed=True))
    return tuple(lines)


def label(box: Box) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is printed above a box, at most."""
    return box.left - 0.5, box.top - _LABEL, box.left + min(box.side, _LABEL_LENGTH), box.top - 1.0


def marks() -> tuple[tuple[float, float], ...]:
    """The middles of the four finder marks, clockwise from the upper left one."""
    near, right, low = _EDGE + _MARK / 2, WIDTH - _EDGE - _MARK / 2, HEIGHT - _EDGE - _MARK / 2
    return ((near, near), (right, near), (right, low), (near, low))


def boxes(syllables: Sequence[str]) -> tuple[Box, ...]:
    """As large boxes as fit, in rows from the upper left.

    Args:
        syllables: 1 to 28.

    Raises:
        UserError: Too many or none, one twice, or something that is no syllable.
    """
    check_syllables(syllables)
    width, height = WIDTH - 2 * _EDGE, _BOTTOM - _TOP
    sides = {}
    for columns in range(1, len(syllables) + 1):
        rows = -(-len(syllables) // columns)
        across = (width - (columns - 1) * _GAP) / columns
        down = (height - (rows - 1) * _GAP) / rows - _LABEL
        sides[columns] = min(across, down, _LARGEST)
    columns = max(sides, key=lambda count: (round(sides[count], 6), -count))
    side = sides[columns]
    left = (WIDTH - columns * side - (columns - 1) * _GAP) / 2
    return tuple(
        Box(
            syllable,
            left + index % columns * (side + _GAP),
            _TOP + index // columns * (side + _LABEL + _GAP) + _LABEL,
            side,
        )
        for index, syllable in enumerate(syllables)
    )


def check_syllables(syllables: Sequence[str]) -> None:
    """Raise UserError unless these are 1 to 28 different syllables."""
    if not 1 <= len(syllables) <= MOST:
        raise UserError(f"Expected 1 to {MOST} syllables on a sheet, but found {len(syllables)}.")
    for number, syllable in enumerate(syllables):
        if not is_syllable(syllable):
            raise UserError(f"Expected Hangeul syllables on a sheet, but found {syllable!r}.")
        if syllable in syllables[:number]:
            raise UserError(f"Expected each syllable once on a sheet, but {syllable} comes twice.")


def cells() -> NDArray[np.float64]:
    """(7, 60, 2) x and y of the middles of the code's cells."""
    left = (WIDTH - CODE_COLUMNS * CELL) / 2
    x = left + (np.arange(CODE_COLUMNS) + 0.5) * CELL
    y = _CODE_TOP + (np.arange(CODE_ROWS) + 0.5) * CELL
    return np.stack(np.meshgrid(x, y), axis=-1)


def encode(syllables: Sequence[str]) -> Bits:
    """The code of a sheet: (7, 60) bool, True = dark."""
    check_syllables(syllables)
    text = f"{_VERSION:0{_BITS_VERSION}b}{len(syllables):0{_BITS_COUNT}b}"
    text += "".join(f"{ord(s) - FIRST_SYLLABLE:0{_BITS_SYLLABLE}b}" for s in syllables)
    text += f"{_check(text):0{_BITS_CHECK}b}"
    bits = np.array([bit == "1" for bit in text.ljust(CODE_COLUMNS * CODE_ROWS, "0")])
    # Chequers on top, so that light and dark are never far from each other.
    return bits.reshape(CODE_ROWS, CODE_COLUMNS) ^ _chequers()


def decode(code: Bits) -> str | None:
    """The syllables of a code, or None if its checksum is wrong."""
    text = "".join("1" if bit else "0" for bit in (code ^ _chequers()).ravel())
    version, count = int(text[:_BITS_VERSION], 2), int(text[_BITS_VERSION:][:_BITS_COUNT], 2)
    end = _BITS_VERSION + _BITS_COUNT + count * _BITS_SYLLABLE
    if version != _VERSION or not 1 <= count <= MOST:
        return None
    if int(text[end : end + _BITS_CHECK], 2) != _check(text[:end]):
        return None
    starts = range(_BITS_VERSION + _BITS_COUNT, end, _BITS_SYLLABLE)
    points = [FIRST_SYLLABLE + int(text[s : s + _BITS_SYLLABLE], 2) for s in starts]
    return "".join(map(chr, points)) if max(points) <= LAST_SYLLABLE else None


def _check(text: str) -> int:
    return zlib.crc32(text.encode()) & 0xFFFF


def _chequers() -> Bits:
    rows, columns = np.indices((CODE_ROWS, CODE_COLUMNS))
    pattern: Bits = (rows + columns) % 2 == 0
    return pattern
