"""Draw a type specimen: a row for each font, a column for each syllable."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.shown_fonts import shown_fonts
from hangeul_bench.hangeul.charset import codepoint_name, is_syllable
from hangeul_bench.hangeul.phonetics import romanize

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset
    from hangeul_bench.dataset.tables import Font

# The pangram that Korean type is often shown in.
PANGRAM = "다람쥐 헌 쳇바퀴에 타고파"

# Pixels. A specimen is mostly paper: wide margins, and rows that do not touch.
_GLYPH = 96
_ROW = 122
_SPACE = 44  # a space in the text
_MARGIN = 96
_LABEL = 340
_HEADING = 132  # from the last row of a group to the first of the next
_HEADER = 152
_FOOTER = 168
_MARK = 12
_MIN_WIDTH = 960  # header and footer are this wide
_MOST_BELOW_EACH_OTHER = 30  # rows; more stand side by side, a category each

_PAPER = (255, 255, 255)
_INK = (20, 20, 22)
_NAME = (64, 64, 68)
_GREY = (150, 150, 156)
_HAIRLINE = (226, 226, 230)
_ACCENT = (206, 58, 40)

_GROUPS = {"handwritten": "Handwritten", "printed": "Printed", None: "Other"}

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class _Column:
    syllable: str
    x: int  # pixels, left edge


def draw_sheet(
    dataset: "GlyphDataset", *, fonts: Sequence[str] | None = None, text: str = PANGRAM
) -> Image.Image:
    """Draw fonts of a dataset as a specimen, handwritten ones first.

    Fonts that no model may train on carry a red mark; a glyph that a font lacks is a grey dash.

    Args:
        dataset: Where the glyphs come from.
        fonts: Ids of the fonts, in the order of the rows; None takes those of
            :func:`hangeul_bench.builder.shown_fonts.shown_fonts`.
        text: The syllables of the columns; a space leaves a gap.

    Returns:
        An RGB picture.

    Raises:
        UserError: A font or a syllable is not in the dataset, or ``text`` holds something else.
    """
    columns = _columns(dataset, text)
    chosen = shown_fonts(dataset.fonts) if fonts is None else [dataset.font(name) for name in fonts]
    groups = [
        (title, [font for font in chosen if font.category == category])
        for category, title in _GROUPS.items()
    ]
    blocks = [
        _draw_group(dataset, title, group=group, columns=columns)
        for title, group in groups
        if group
    ]
    page = _assemble(blocks, beside=len(chosen) > _MOST_BELOW_EACH_OTHER)
    _draw_header(page, dataset, len(chosen))
    _draw_footer(page, dataset)
    return page


def _draw_group(
    dataset: "GlyphDataset", title: str, *, group: "Sequence[Font]", columns: list[_Column]
) -> Image.Image:
    """The rows of one category below its name."""
    width = max(columns[-1].x + _GLYPH + _MARGIN, _MIN_WIDTH)
    block = Image.new("RGB", (width, _HEADING + _ROW * len(group)), _PAPER)
    _draw_heading(block, _HEADING, title, columns)
    for row, font in enumerate(group):
        _draw_row(block, _HEADING + _ROW * row, dataset, font=font, columns=columns)
    return block


def _assemble(blocks: Sequence[Image.Image], *, beside: bool) -> Image.Image:
    """The page with its blocks, and space for header and footer."""
    widths, heights = [b.width for b in blocks], [b.height for b in blocks]
    width = sum(widths) if beside else max(widths)
    height = max(heights) if beside else sum(heights)
    page = Image.new("RGB", (width, _HEADER + height + _FOOTER), _PAPER)
    x, y = 0, _HEADER
    for block in blocks:
        page.paste(block, (x, y))
        x, y = (x + block.width, y) if beside else (x, y + block.height)
    return page


def _columns(dataset: "GlyphDataset", text: str) -> list[_Column]:
    # macOS hands over decomposed syllables.
    text = " ".join(unicodedata.normalize("NFC", text).split())
    known = frozenset(dataset.characters)
    columns: list[_Column] = []
    x = _MARGIN + _LABEL
    for character in text:
        if character == " ":
            x += _SPACE
            continue
        if not is_syllable(character):
            raise UserError(f"Expected Hangeul syllables to draw, but found {character!r}.")
        if character not in known:
            name = codepoint_name(character)
            raise UserError(f"Dataset {dataset.path} does not hold {character} ({name}).")
        columns.append(_Column(character, x))
        x += _GLYPH
    if not columns:
        raise UserError("Expected at least one Hangeul syllable to draw, but found none.")
    return columns


def _draw_header(page: Image.Image, dataset: "GlyphDataset", rows: int) -> None:
    pen = ImageDraw.Draw(page)
    pen.text((_MARGIN, _MARGIN), dataset.name, _NAME, _face(34), anchor="ls")
    facts = (
        f"{rows} of {len(dataset.fonts)} fonts, {len(dataset.characters):,} syllables each, "
        f"{dataset.size} px, one scale and one baseline a font"
    )
    pen.text((_MARGIN, _MARGIN + 36), facts, _GREY, _face(19), anchor="ls")


def _draw_heading(page: Image.Image, y: int, title: str, columns: list[_Column]) -> None:
    """The name of a group above its first row, and what each column sounds like."""
    pen = ImageDraw.Draw(page)
    baseline = y - 22
    pen.text((_MARGIN, baseline), title, _INK, _face(25), anchor="ls")
    for column in columns:
        x = column.x + _GLYPH // 2
        pen.text((x, baseline), romanize(column.syllable), _GREY, _face(18), anchor="ms")
    pen.line((_MARGIN, y, page.width - _MARGIN, y), _NAME, 1)


def _draw_row(
    page: Image.Image, y: int, dataset: "GlyphDataset", *, font: "Font", columns: list[_Column]
) -> None:
    pen = ImageDraw.Draw(page)
    middle = y + _ROW // 2
    if font.split != "train":
        _draw_mark(page, _MARGIN - 28, middle)
    plain = font.style == "Regular"
    _draw_name(page, (_MARGIN, middle if plain else middle - 13), dataset, font)
    if not plain:
        pen.text((_MARGIN, middle + 18), font.style, _GREY, _face(18), anchor="lm")
    syllables = tuple(column.syllable for column in columns)
    lacked = dataset.missing(font.font_id)
    images = dataset.images(font.font_id, syllables)
    for column, image in zip(columns, images, strict=True):
        if column.syllable in lacked:
            x = column.x + _GLYPH // 2
            pen.line((x - 9, middle, x + 9, middle), _GREY, 2)
        else:
            _draw_glyph(page, (column.x, middle - _GLYPH // 2), image, size=_GLYPH, colour=_INK)
    bottom = y + _ROW
    pen.line((_MARGIN, bottom, page.width - _MARGIN, bottom), _HAIRLINE, 1)


def _draw_name(
    page: Image.Image, where: tuple[int, int], dataset: "GlyphDataset", font: "Font"
) -> None:
    """The family's name; its Hangeul is set in the font itself, the rest in Pillow's own face."""
    pen = ImageDraw.Draw(page)
    name, size = _fit(unicodedata.normalize("NFC", font.family))
    drawn = frozenset(dataset.characters) - dataset.missing(font.font_id)
    x, y = float(where[0]), where[1]
    for character in name:
        if character in drawn:
            side = size * 4 // 3  # the glyph fills about three quarters of its square
            image = dataset.images(font.font_id, (character,))[0]
            _draw_glyph(page, (round(x), y - side // 2), image, size=side, colour=_NAME)
        else:
            pen.text((x, y), character, _NAME, _face(size), anchor="lm")
        x += _name_width(character, size)


def _fit(name: str) -> tuple[str, int]:
    """The name and its size in pixels so that it fits the column; a long one is cut short."""
    size = 26
    while size > 16 and _name_width(name, size) > _LABEL - 36:
        size -= 1
    if _name_width(name, size) <= _LABEL - 36:
        return name, size
    while _name_width(name + "...", size) > _LABEL - 36:
        name = name[:-1]
    return name + "...", size


def _name_width(name: str, size: int) -> float:
    return sum(size if is_syllable(c) else _face(size).getlength(c) for c in name)


def _draw_glyph(
    page: Image.Image,
    where: tuple[int, int],
    image: NDArray[np.uint8],
    *,
    size: int,
    colour: Colour,
) -> None:
    """Paste (H, W) uint8, 0 = ink, as ``colour`` of ``size`` x ``size`` pixels."""
    ink = Image.fromarray(255 - image).resize((size, size), Image.Resampling.LANCZOS)
    page.paste(colour, where, ink)


def _draw_mark(page: Image.Image, x: int, y: int) -> None:
    # Pillow draws no smooth circle, so it is drawn eight times as large.
    disc = Image.new("L", (8 * _MARK, 8 * _MARK))
    ImageDraw.Draw(disc).ellipse((0, 0, 8 * _MARK - 1, 8 * _MARK - 1), 255)
    corner = (x - _MARK // 2, y - _MARK // 2)
    page.paste(_ACCENT, corner, disc.resize((_MARK, _MARK), Image.Resampling.LANCZOS))


def _draw_footer(page: Image.Image, dataset: "GlyphDataset") -> None:
    pen = ImageDraw.Draw(page)
    y = page.height - _MARGIN + 6
    _draw_mark(page, _MARGIN - 28, y)
    pen.text((_MARGIN, y), "unseen: no model may train on it", _GREY, _face(19), anchor="lm")
    fingerprint = f"fingerprint {dataset.fingerprint[:16]}"
    pen.text((page.width - _MARGIN, y), fingerprint, _GREY, _face(19), anchor="rm")


@cache
def _face(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
