"""Read a photographed sheet: find it, cut its boxes out, and say which are empty or look wrong."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import read_picture
from hangeul_bench.draw.ink_boxes import usual_ink_box
from hangeul_bench.draw.islands import Grey
from hangeul_bench.draw.photograph import CleanedPage, clean_page
from hangeul_bench.draw.reference import place, usual_scale
from hangeul_bench.hangeul.phonetics import layout as syllable_layout
from hangeul_bench.typeface import layout
from hangeul_bench.typeface.layout import BOX_INSET, Box
from hangeul_bench.typeface.marks import (
    corners,
    find_marks,
    homography,
    paper_around,
    paper_share,
    to_pixels,
)
from hangeul_bench.typeface.references import Source

Matrix = NDArray[np.float64]  # (3, 3), millimetres to pixels

_SIDE = 320  # pixels a side of a cut box; a phone's photograph has 200 to 500
_STROKE = _SIDE // 5  # pixels; no stroke is wider
_GUIDE = 0.14  # how much darker than paper a guide may be, printed in grey
_INKED = 0.25  # how much darker than paper ink is at least; a soft pencil has 0.3
_LEAST_INK = 0.003  # of a box's area; the thinnest pen's syllable has 0.01


@dataclass(frozen=True)
class SheetReading:
    """What a photographed sheet holds.

    Attributes:
        sources: The written syllables as references, in the order of the boxes.
        empty: Syllables whose boxes are empty.
        notes: What was found, one sentence each.
    """

    sources: tuple[Source, ...]
    empty: tuple[str, ...]
    notes: tuple[str, ...]


def read_sheet(path: Path) -> SheetReading:
    """Read a photograph of a filled-in sheet, turned, in perspective and unevenly lit.

    Args:
        path: A picture of at most 40 megapixels that shows all four marks and the code.

    Raises:
        UserError: It is no picture, shows no sheet, or nothing is written on it.
    """
    if not path.is_file():
        raise UserError(f"Expected a photograph of a sheet for --sheet, but found none at {path}.")
    picture = read_picture(path)
    share = paper_share(picture.grey)
    matrix, syllables = _find_sheet(share, path)
    red = paper_share(read_picture(path, red=True).grey)
    written = {}
    empty = []
    for box in layout.boxes(syllables):
        page = _cut(red, matrix, box)
        if page is None:
            empty.append(box.syllable)
        else:
            written[box.syllable] = clean_page(page, f"the box of {box.syllable} in {path}")
    if not written:
        raise UserError(
            f"Expected writing in the boxes of {path}, but all {len(empty)} are empty; write with "
            "a darker pen or photograph it in better light."
        )
    notes = [f"{path.name}: a sheet of {len(syllables)} boxes, {len(written)} of them written in"]
    if empty:
        notes.append(f"{path.name}: empty are the boxes of {' '.join(empty)}")
    return SheetReading(_sources(written, path), tuple(empty), (*picture.notes, *notes))


def _find_sheet(share: Grey, path: Path) -> tuple[Matrix, str]:
    """The way from millimetres to pixels, and the syllables that the code says."""
    found = find_marks(share)
    there = corners(found)
    if there is None:
        raise UserError(
            f"Expected a photograph of a hangeul-bench template with its four corner marks, but "
            f"{path} shows {len(found)}; photograph the whole sheet from above, in even light."
        )
    for turn in range(4):
        matrix = homography(np.roll(there, -turn, axis=0))
        syllables = layout.decode(_read_code(share, matrix))
        if syllables is not None:
            return matrix, syllables
    raise UserError(
        f"The four marks are in {path}, but the code at the sheet's foot is not to be read; "
        "photograph it flat, sharp and unfolded."
    )


def _read_code(share: Grey, matrix: Matrix) -> layout.Bits:
    """(7, 60) bool: cells darker than the middle of what is around them."""
    offsets = np.stack(np.meshgrid(*[np.linspace(-0.5, 0.5, 3)] * 2), axis=-1).reshape(-1, 1, 1, 2)
    places = layout.cells() + offsets  # (9, 7, 60, 2) within the inner half of each cell
    levels = _look_up(share, to_pixels(matrix, places)).mean(axis=0)
    low = ndimage.minimum_filter(levels, (7, 5), mode="nearest")
    high = ndimage.maximum_filter(levels, (7, 5), mode="nearest")
    dark: layout.Bits = levels < (low + high) / 2
    return dark


def _cut(share: Grey, matrix: Matrix, box: Box) -> Grey | None:
    """The inside of a box as a page of its own, guides taken out; None if nothing is written."""
    side = box.side - 2 * BOX_INSET
    steps = BOX_INSET + (np.arange(2 * _SIDE) + 0.5) * side / (2 * _SIDE)
    places = np.stack(np.meshgrid(box.left + steps, box.top + steps), axis=-1)
    fine = _look_up(share, to_pixels(matrix, places))
    page = fine.reshape(_SIDE, 2, _SIDE, 2).mean(axis=(1, 3))
    # The whole picture's paper was a first guess; within a box it is known better.
    depth = (1 - page / np.maximum(paper_around(page, _STROKE), 0.05)).clip(0, 1)
    if float((depth > _INKED).mean()) < _LEAST_INK:
        return None
    ink = ((depth - _GUIDE) / (1 - _GUIDE)).clip(0, 1)
    cut: Grey = (255 * (1 - ink)).astype(np.float32)
    return cut


def _look_up(grey: Grey, places: NDArray[np.float64]) -> Grey:
    """Grey levels at (..., 2) x and y, whose pixels' middles are at halves."""
    at = np.moveaxis(places[..., ::-1] - 0.5, -1, 0)
    levels: Grey = ndimage.map_coordinates(grey, at, order=1, mode="nearest")
    return levels


def _sources(written: dict[str, CleanedPage], path: Path) -> tuple[Source, ...]:
    """Glyphs of one hand: all by one scale, each at its usual place."""
    usual = {syllable: usual_ink_box(syllable_layout(syllable)) for syllable in written}
    scales = [usual_scale(page, usual[syllable]) for syllable, page in written.items()]
    scale = float(np.exp(np.mean(np.log(scales))))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    sources = []
    for syllable, page in written.items():
        where = f"the box of {syllable} in {path}"
        image, notes = place(page, usual[syllable], where, scale=scale)
        name = f"{path.name}, box of {syllable}"
        sources.append(Source(image, syllable, name, sha256, (*page.notes, *notes)))
    return tuple(sources)
