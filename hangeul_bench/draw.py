"""Draw a text with a model: from text to glyphs to one picture of the lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter import FontModel, Request
from hangeul_bench.charset import codepoint_name, is_syllable
from hangeul_bench.errors import UserError
from hangeul_bench.generate import ask
from hangeul_bench.phonetics import phonetic_line
from hangeul_bench.progress import Progress
from hangeul_bench.reference import SIZE, Reference

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

Page = NDArray[np.uint8]  # (H, W), 0 = ink, 255 = paper

SPACE = " "
_SPACE_ADVANCE = SIZE // 2  # pixels; a Korean word space is a third to half a syllable wide
_MARGIN = 32  # pixels of paper around the text
_MAX_PIXELS = 100_000_000
_MAX_NAMED = 8  # left-out characters named in one message
_DEFAULT_BATCH_SIZE = 64  # glyphs asked at once where the model says nothing


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
            f"Expected --text with Hangul syllables such as 다람쥐, but found {text[:40]!r}."
        )
    return Lines(tuple(rows), tuple(left_out))


def left_out_note(left_out: Sequence[str]) -> str:
    """One sentence that names what is not drawn; empty if there is nothing."""
    if not left_out:
        return ""
    named = ", ".join(f"{c} (U+{ord(c):04X})" for c in left_out[:_MAX_NAMED])
    more = f" and {len(left_out) - _MAX_NAMED} more" if len(left_out) > _MAX_NAMED else ""
    return f"Left out, for they are not Hangul syllables: {named}{more}."


def content_images(dataset: "GlyphDataset | None", syllables: Sequence[str]) -> tuple[Page, int]:
    """The syllables in the dataset's content font.

    Args:
        dataset: Where to look; None gives blank paper.
        syllables: Any syllables; those the dataset lacks are blank paper.

    Returns:
        (N, 128, 128) uint8, 0 = ink, 255 = paper, and how many of them are blank.

    Raises:
        UserError: The dataset's images are not 128 pixels wide.
    """
    content = np.full((len(syllables), SIZE, SIZE), 255, np.uint8)
    if dataset is None:
        return content, len(syllables)
    if dataset.size != SIZE:
        raise UserError(
            f"Expected a dataset of {SIZE} x {SIZE} pixels, but {dataset.path} has "
            f"{dataset.size}; give another with --data."
        )
    font = dataset.splits.content_font
    known = set(dataset.characters) - dataset.missing(font)
    rows = [row for row, syllable in enumerate(syllables) if syllable in known]
    if rows:
        content[rows] = dataset.images(font, [syllables[row] for row in rows])
    return content, len(syllables) - len(rows)


def draw_glyphs(
    model: FontModel,
    reference: Reference,
    syllables: Sequence[str],
    *,
    content: Page,
    seed: int,
    progress: Progress,
) -> dict[str, Page]:
    """Have a model draw syllables in the style of one reference glyph.

    Args:
        model: Who draws.
        reference: The style.
        syllables: (N) each once.
        content: (N, 128, 128) uint8: the syllables in the content font, or blank paper.
        seed: A glyph depends on it and on the syllable alone.
        progress: Counts glyphs.

    Returns:
        Syllable -> (128, 128) uint8, 0 = ink, 255 = paper.

    Raises:
        UserError: The model failed, or returned something else than asked for.
    """
    glyphs: dict[str, Page] = {}
    step = getattr(model, "batch_size", None) or _DEFAULT_BATCH_SIZE
    for start in range(0, len(syllables), step):
        part = tuple(syllables[start : start + step])
        request = Request(
            characters=part,
            phonetics=tuple(phonetic_line(syllable) for syllable in part),
            references=reference.image[None],
            reference_characters=(reference.character,),
            content=content[start : start + step],
            seed=seed,
        )
        images = ask(model, request, font_id="of the reference")
        glyphs |= dict(zip(part, images, strict=True))
        progress.advance(len(part))
    return glyphs


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


def write_glyphs(folder: Path, glyphs: Mapping[str, Page]) -> None:
    """Write one PNG a syllable, ``U+XXXX.png``, 128 x 128, grey."""
    from hangeul_bench.atomic import write_bytes
    from hangeul_bench.png import encode

    syllables = sorted(glyphs)
    pngs = encode(np.stack([glyphs[syllable] for syllable in syllables]))
    for syllable, png in zip(syllables, pngs, strict=True):
        write_bytes(folder / f"{codepoint_name(syllable)}.png", png)


def write_page(path: Path, page: Page) -> None:
    """Write a page as one grey PNG, whole or not at all."""
    from hangeul_bench.atomic import write_bytes
    from hangeul_bench.png import encode_rows

    rows = np.zeros((1, page.shape[0], page.shape[1] + 1), np.uint8)
    rows[0, :, 1:] = page
    write_bytes(path, next(encode_rows(rows)))


def _advance(character: str) -> int:
    return _SPACE_ADVANCE if character == SPACE else SIZE


def _page_size(rows: Sequence[str]) -> tuple[int, int]:
    width = max(sum(map(_advance, row)) for row in rows)
    return width + 2 * _MARGIN, len(rows) * SIZE + 2 * _MARGIN


def _resized(page: Page, scale: float) -> Page:
    from PIL import Image

    size = max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale))
    return np.asarray(Image.fromarray(page).resize(size, Image.Resampling.LANCZOS), np.uint8)
