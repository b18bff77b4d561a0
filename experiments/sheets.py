"""How near are fonts made from a photographed sheet to the handwriting on it?

    PYTHONPATH=tests python -m experiments.sheets --data DATASET --fonts FONTS --out sheets.csv

Each handwritten font of the track `wide`, none of which trained a model, fills in a sheet of eight
boxes, which is photographed as in the tests (askew, in a shadow, with noise) and read. A model
draws forty other syllables of the track, as `hangeul-bench font` does. A font has two rows: with
drawings as the model left them, and corrected. In a row are:

- stroke: the median of stroke width over height, over that of the true glyphs; and edge_stroke,
  the same with the width as twice the ink over the length of its edge;
- size: the median height over that of the references, over the same of the true glyphs;
- cv, cv_true: the coefficient of variation of the advances;
- iou: intersection over union of ink with the true glyph at the best shift, once the drawings have
  the true font's scale; and iou_content, that of the content font's glyphs, scaled likewise;
- style_distance, with the same drawings, and jer;
- weight, scale: the correction, pixels at either side of a stroke, and times.

Rows that are there already stay; `--anew` makes them again.
"""

import csv
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray

from fontmaker import Generator, choose_advance, read_sheet
from fontmaker.content import open_content
from fontmaker.correction import Correction
from fontmaker.generation import Drawn, corrected, draw_font
from fontmaker.ink_boxes import ink_boxes
from fontmaker.latin import stroke_width
from fontmaker.reading import read_glyphs
from fontmaker.reference import Reference
from fontmaker.sheet.layout import SYLLABLES
from fontmaker.sheet.template import write_template
from fontmaker.spacing import ink_spans
from fontmaker.store import GlyphStore
from fontmaker.weight import stroke_widths
from hangeul_bench.adapter.contract import FontModel
from hangeul_bench.adapter.registry import default_model, load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import progress
from hangeul_bench.base.tables import csv_text, fixed
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.fonts import Rasterizer
from hangeul_bench.fonts.faces import open_face, sfnt_bytes
from hangeul_bench.metrics.style_distance import StyleDistance
from hangeul_bench.reader.reader import JamoReader
from support.sheet_photos import fill_in, photograph_sheet

BOXES = SYLLABLES[:8]
COUNT = 40  # syllables
_PHONE = (1500, 2000)  # pixels of a photograph
_SHIFT = 12  # pixels to either side
HEADER = (
    *("font", "drawings", "model", "references", "syllables"),
    *("stroke", "edge_stroke", "size", "cv", "cv_true", "iou", "iou_content"),
    *("style_distance", "jer", "weight", "scale", "cpu_seconds"),
)
DRAWINGS = ("as drawn", "corrected")


@dataclass(frozen=True)
class Handwriting:
    """What is known of the true font.

    Attributes:
        font_id: Which font writes.
        syllables: (N) which are compared.
        images: (N, 128, 128) uint8, its glyphs.
        boxes: (8, 128, 128) uint8, its glyphs of the sheet's syllables.
        content: (N, 128, 128) uint8, the content font's glyphs, as large as the true ones.
        advances: (N) font units.
    """

    font_id: str
    syllables: tuple[str, ...]
    images: Glyphs
    boxes: Glyphs
    content: Glyphs
    advances: tuple[float, ...]


def wide_handwriting(dataset: GlyphDataset) -> tuple[str, ...]:
    """The handwritten fonts of the track ``wide``."""
    wide = dataset.splits.wide_fonts
    return tuple(sorted(f for f in wide if dataset.font(f).category == "handwritten"))


def compared(dataset: GlyphDataset, font_id: str) -> tuple[str, ...]:
    """Forty syllables of the track that are not on the sheet, spread over all of them."""
    content = dataset.splits.content_font
    lacking = dataset.missing(font_id) | dataset.missing(content) | set(BOXES)
    known = [s for s in sorted(dataset.splits.wide_characters) if s not in lacking]
    at = np.linspace(0, len(known) - 1, min(COUNT, len(known))).round().astype(int)
    return tuple(known[i] for i in at.tolist())


def read_handwriting(dataset: GlyphDataset, font_id: str, font: Path) -> Handwriting:
    """The true glyphs of a font, and how it advances."""
    syllables, content = compared(dataset, font_id), dataset.splits.content_font
    images, boxes = (dataset.images(font_id, s) for s in (syllables, tuple(BOXES)))
    usual = dataset.images(content, tuple(BOXES))
    with Rasterizer(font) as rasterizer:
        advances = tuple(float(rasterizer.outline(s).advance) for s in syllables)
    there = as_large(dataset.images(content, syllables), usual, boxes)
    return Handwriting(font_id, syllables, images, boxes, there, advances)


def photographed(
    sheet: Path, font: Path, folder: Path, reader: JamoReader
) -> tuple[Reference, ...]:
    """The references of a sheet that a font fills in, once it is photographed."""
    page = fill_in(sheet, BOXES, font)
    photo = photograph_sheet(page, folder / "sheet.jpg", size=_PHONE)
    return read_sheet(Path(str(photo)), reader, accept=True).references


def as_large(images: Glyphs, own: Glyphs, wanted: Glyphs) -> Glyphs:
    """Images scaled as ``own`` glyphs must be to be as high as ``wanted`` ones."""
    return Correction(scale=_height(wanted) / _height(own))(images)


def _heights(images: Glyphs) -> NDArray[np.int64]:
    boxes = ink_boxes(images)
    return boxes[:, 3] - boxes[:, 1]


def _height(images: Glyphs) -> float:
    return float(np.median(_heights(images)))


def stroke_over_height(images: Glyphs) -> float:
    """Median over glyphs."""
    return float(np.median(stroke_widths(images) / _heights(images)))


def best_iou(images: Glyphs, others: Glyphs) -> float:
    """Mean over (N, 128, 128) pairs of the intersection over union at the best shift."""
    return float(
        np.mean([_best_iou(a < 128, b < 128) for a, b in zip(images, others, strict=True)])
    )


def _best_iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    size = 2 * len(one)  # so that nothing comes in again at the other side
    spectra = [np.fft.rfft2(ink.astype(np.float64), (size, size)) for ink in (one, other)]
    shared = np.rint(np.fft.irfft2(spectra[0] * spectra[1].conj(), (size, size)))
    near = np.r_[0 : _SHIFT + 1, size - _SHIFT : size]
    most = float(shared[np.ix_(near, near)].max())
    return most / max(float(one.sum() + other.sum()) - most, 1.0)


def variation(values: Sequence[float]) -> float:
    """Coefficient of variation."""
    return float(np.std(values) / np.mean(values))


def row_of(
    true: Handwriting, drawn: Drawn, generator: Generator, *, reader: JamoReader, seconds: float
) -> list[str]:
    """A row of the table."""
    references = np.stack([reference.image for reference in generator.references])
    shown = [BOXES.index(reference.character) for reference in generator.references]
    there = true.boxes[shown]
    pages, change = drawn.crisp, generator.correction
    sized = as_large(pages, references, there)
    size = _height(pages) / _height(references) / (_height(true.images) / _height(there))
    edges = [stroke_width(images) / _height(images) for images in (pages, true.images)]
    advance = choose_advance("auto", generator.references)
    places = [advance.place(*map(float, span))[1] for span in ink_spans(drawn.images)]
    style = StyleDistance()
    style.update(torch.from_numpy(sized), torch.from_numpy(true.images))
    return [
        *(true.font_id, DRAWINGS[generator.correction.wanted > 0], generator.model.name),
        *("".join(r.character for r in generator.references), str(len(true.syllables))),
        fixed(stroke_over_height(pages) / stroke_over_height(true.images), 3),
        *(fixed(edges[0] / edges[1], 3), fixed(size, 3)),
        *(fixed(variation(places), 3), fixed(variation(true.advances), 3)),
        *(fixed(best_iou(images, true.images), 3) for images in (sized, true.content)),
        fixed(float(style.compute()["style_distance"]), 3),
        fixed(float(read_glyphs(reader, pages, true.syllables).wrong_jamo.mean() / 3), 4),
        *(fixed(change.weight, 2), fixed(change.scale, 3), fixed(seconds, 1)),
    ]


def rows_of(
    true: Handwriting, generator: Generator, *, reader: JamoReader, work: Path
) -> dict[str, list[str]]:
    """Both rows of a font, by what is done to its drawings."""
    store, rows = GlyphStore(work, generator.settings()), {}
    for name in DRAWINGS:
        start = time.process_time()
        used = generator
        if name == "corrected":
            used = corrected(generator, work, progress)
        drawn = draw_font(
            used, true.syllables, kept={}, store=store, reader=reader, stages=progress
        )
        seconds = time.process_time() - start
        rows[name] = row_of(true, drawn, used, reader=reader, seconds=seconds)
    return rows


def read_rows(path: Path) -> dict[tuple[str, str], list[str]]:
    """Font and kind of drawings to row of a table that this program wrote; empty without a file.

    Raises:
        UserError: The table has other columns.
    """
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if tuple(header) != HEADER:
        raise UserError(f"{path} has other columns than this version writes; remove it.")
    return {(row[0], row[1]): row for row in rows}


def measure(
    font_id: str, model: FontModel, name: str, *, dataset: GlyphDataset, fonts: Path, sheet: Path
) -> dict[str, list[str]]:
    """Both rows of one font."""
    path = next(p for p in sorted(fonts.rglob(f"{font_id}.*")) if p.suffix != ".json")
    reader = JamoReader.load()
    with tempfile.TemporaryDirectory() as folder:
        font = Path(folder) / f"{font_id}.ttf"
        font.write_bytes(sfnt_bytes(open_face(path)))
        references = photographed(sheet, font, Path(folder), reader)
        generator = Generator(model, name, references, open_content(dataset, None))
        true = read_handwriting(dataset, font_id, font)
        return rows_of(true, generator, reader=reader, work=Path(folder) / "drawings")


@click.command(help=__doc__.splitlines()[0])
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
@click.option("--fonts", type=click.Path(path_type=Path), default=Path("fonts"), show_default=True)
@click.option("--model", help="Default: the best with weights.")
@click.option("--font", "only", multiple=True, help="Only this one; may be given again.")
@click.option("--threads", type=int, default=2, show_default=True)
@click.option("--anew", is_flag=True, help="Make again what has rows already.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(
    data: Path | None,
    fonts: Path,
    model: str | None,
    only: tuple[str, ...],
    threads: int,
    anew: bool,
    out: Path,
) -> None:
    """Photograph each font's sheet, draw from it and write a table."""
    torch.set_num_threads(threads)
    dataset = GlyphDataset.open(data)
    name = model or default_model(with_dataset=True)
    loaded, rows = load_model(name, dataset=dataset), read_rows(out)
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "sheet.png"
        write_template(sheet, BOXES, korean_font=None)
        for font_id in only or wide_handwriting(dataset):
            if (font_id, DRAWINGS[-1]) in rows and not anew:
                continue
            made = measure(font_id, loaded, name, dataset=dataset, fonts=fonts, sheet=sheet)
            rows |= {(font_id, kind): row for kind, row in made.items()}
            write_whole(out, csv_text(HEADER, [rows[key] for key in sorted(rows)]))
            for row in made.values():
                click.echo(", ".join(map(" ".join, zip(HEADER, row, strict=True))))


if __name__ == "__main__":
    main()
