"""A text as it is drawn: lines of syllables and spaces, set as one picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import SIZE, encode_rows
from hangeul_bench.hangeul import is_syllable

SPACE = " "
_MAX_NAMED = 8  # left-out characters named in one message
Page = NDArray[np.uint8]  # (H, W), 0 = ink, 255 = paper
_SPACE_ADVANCE = SIZE // 2  # pixels; a Korean word space is a third to half a syllable wide
_MARGIN = 32  # pixels of paper around the text
_MAX_PIXELS = 100_000_000


@dataclass(frozen=True)
class Lines:
    """A text as it is drawn.

    Attributes:
        rows: The lines; each holds syllables and single spaces.
        left_out: Characters that are neither, each once, in order of appearance.
    """

    rows: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def syllables(self) -> tuple[str, ...]:
        """Each syllable once, in code-point order."""
        return tuple(sorted({c for row in self.rows for c in row if c != SPACE}))


def parse_text(text: str) -> Lines:
    """Split a text in lines of syllables and spaces.

    Jamo that compose a syllable (as file names on macOS have them) become that syllable.

    Raises:
        UserError: There is no Hangul syllable in it.
    """
    rows, left_out = [], dict[str, None]()
    for line in normalize("NFC", text).splitlines():
        kept = []
        for character in line:
            if character.isspace():
                kept.append(SPACE)
            elif is_syllable(character):
                kept.append(character)
            else:
                left_out[character] = None
        rows.append("".join(kept).rstrip())
    if not any(row.strip() for row in rows):
        raise UserError(
            f"Expected --text with Hangul syllables such as 다람쥐, but found {text[:40]!r}.",
            reason="no-hangul",
        )
    return Lines(tuple(rows), tuple(left_out))


def left_out_note(left_out: Sequence[str]) -> str:
    """One sentence that names what is not drawn; empty if there is nothing."""
    if not left_out:
        return ""
    named = ", ".join(f"{c} (U+{ord(c):04X})" for c in left_out[:_MAX_NAMED])
    more = f" and {len(left_out) - _MAX_NAMED} more" if len(left_out) > _MAX_NAMED else ""
    return f"Left out, for they are not Hangul syllables: {named}{more}."


def wrap(lines: Lines, columns: int | None) -> tuple[str, ...]:
    """Break rows after ``columns`` characters, spaces counted; None breaks nowhere.

    A row that was broken does not go on with a space.
    """
    if columns is None:
        return lines.rows
    wrapped = []
    for row in lines.rows:
        rest = row
        while len(rest) > columns:
            wrapped.append(rest[:columns].rstrip())
            rest = rest[columns:].lstrip()
        wrapped.append(rest)
    return tuple(wrapped)


def check_page(rows: Sequence[str], scale: float) -> None:
    """Raise UserError if the picture of these rows would be too large to open."""
    width, height = _page_size(rows)
    if width * height * max(scale, 1.0) ** 2 > _MAX_PIXELS:
        raise UserError(
            f"Expected a picture of at most {_MAX_PIXELS // 1_000_000} megapixels, but this text "
            f"needs {width * scale:.0f} x {height * scale:.0f}; shorten it or lower --scale."
        )


def set_page(rows: Sequence[str], glyphs: Mapping[str, Page], *, scale: float = 1.0) -> Page:
    """Set glyphs side by side, one row below the other, on white paper.

    Args:
        rows: Lines of syllables and spaces.
        glyphs: Syllable -> (128, 128) uint8, 0 = ink, 255 = paper.
        scale: Pixels of the page for each of a glyph.

    Returns:
        (H, W) uint8, 0 = ink, 255 = paper.
    """
    width, height = _page_size(rows)
    page = np.full((height, width), 255, np.uint8)
    for index, row in enumerate(rows):
        x, y = _MARGIN, _MARGIN + index * SIZE
        for character in row:
            if character != SPACE:
                page[y : y + SIZE, x : x + SIZE] = glyphs[character]
            x += _advance(character)
    return page if scale == 1 else _resized(page, scale)


def write_page(path: Path, page: Page) -> None:
    """Write a page as one grey PNG, whole or not at all."""
    rows = np.zeros((1, page.shape[0], page.shape[1] + 1), np.uint8)
    rows[0, :, 1:] = page
    write_whole(path, next(encode_rows(rows)))


def _advance(character: str) -> int:
    return _SPACE_ADVANCE if character == SPACE else SIZE


def _page_size(rows: Sequence[str]) -> tuple[int, int]:
    width = max(sum(map(_advance, row)) for row in rows)
    return width + 2 * _MARGIN, len(rows) * SIZE + 2 * _MARGIN


def _resized(page: Page, scale: float) -> Page:
    from PIL import Image

    size = max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale))
    return np.asarray(Image.fromarray(page).resize(size, Image.Resampling.LANCZOS), np.uint8)
