"""One picture for a README or a slide: the truth and what models drew, under each other."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import Glyphs
from hangeul_bench.results.file import read_result
from hangeul_bench.results.report.runs import arrange
from hangeul_bench.results.report.specimens import make_book
from hangeul_bench.results.report.sprites import Sheet

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

# Pixels.
_GLYPH = 72
_MARGIN = 28
_LABEL = 170
_HEADING = 40
_GAP = 22  # between the reference and what was drawn from it
_SYLLABLES = 12
_COLOURS = 24
_INK, _GREY, _HAIRLINE = (20, 20, 22), (120, 120, 126), (226, 226, 230)
_UNSEEN = (206, 58, 40)  # over syllables that no model may train on


def write_comparison(
    result_paths: Sequence[Path], dataset: "GlyphDataset", out: Path, *, fonts: int = 2
) -> None:
    """Write a PNG: for some unseen fonts a row of the truth and a row of each model.

    Args:
        result_paths: Result files with their predictions beside them.
        dataset: Where the truth comes from.
        out: The picture.
        fonts: How many fonts of each category to show.

    Raises:
        UserError: The results have no predictions or no syllable in common.
    """
    runs = arrange([(path, read_result(path)) for path in result_paths])
    drawn = [run for run in runs if run.predicted_fonts]
    book = drawn and make_book(drawn, dataset, Sheet("truth", _GLYPH), n_characters=_SYLLABLES)
    if not book:
        raise UserError(
            "Expected predictions of the same fonts and syllables beside the results, but found "
            "none; run evaluate again with --out in that folder."
        )
    shown = [entry for kind in ("handwritten", "printed") for entry in book.of(kind)[:fonts]]
    wide = 2 * _MARGIN + _LABEL + _GLYPH * (len(book.characters) + 1) + _GAP
    height = _HEADING + (_GLYPH * (len(drawn) + 1) + _HEADING) * len(shown)
    page = Image.new("RGB", (wide, height + _MARGIN), "white")
    y = _HEADING // 2
    for entry in shown:
        y = _draw_heading(page, y, f"{entry.name} ({entry.category}, unseen font)")
        images = dataset.images(entry.font_id, (book.reference_character, *book.characters))
        _draw_glyphs(page, (_MARGIN + _LABEL, y), images[:1])
        _mark_unseen(page, y, [character in book.unseen for character in book.characters])
        _draw_row(page, y, "reference, truth", images[1:])
        for run in drawn:
            y += _GLYPH
            read = run.predictions(size=dataset.size).read(entry.font_id, book.characters)
            _draw_row(page, y, run.label, read.images)
        y += _GLYPH
    buffer = io.BytesIO()
    page.quantize(_COLOURS).save(buffer, "PNG", optimize=True)  # a third of the bytes
    write_whole(out, buffer.getvalue())


def _draw_heading(page: Image.Image, y: int, text: str) -> int:
    pen = ImageDraw.Draw(page)
    pen.line((_MARGIN, y + _HEADING - 6, page.width - _MARGIN, y + _HEADING - 6), _HAIRLINE, 1)
    pen.text((_MARGIN, y + _HEADING - 12), text, _INK, _face(16), anchor="ls")
    return y + _HEADING


def _draw_row(page: Image.Image, y: int, label: str, images: Glyphs) -> None:
    pen = ImageDraw.Draw(page)
    pen.text((_MARGIN, y + _GLYPH // 2), label, _GREY, _face(15), anchor="lm")
    _draw_glyphs(page, (_MARGIN + _LABEL + _GLYPH + _GAP, y), images)


def _draw_glyphs(page: Image.Image, corner: tuple[int, int], images: Glyphs) -> None:
    x, y = corner
    for image in images:
        small = Image.fromarray(image).resize((_GLYPH, _GLYPH), Image.Resampling.LANCZOS)
        page.paste(small, (x, y))
        x += _GLYPH


def _mark_unseen(page: Image.Image, y: int, marks: Sequence[bool]) -> None:
    pen = ImageDraw.Draw(page)
    for place, marked in enumerate(marks):
        if marked:
            x = _MARGIN + _LABEL + _GLYPH + _GAP + place * _GLYPH
            pen.line((x + 12, y - 3, x + _GLYPH - 12, y - 3), _UNSEEN, 3)


def _face(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
