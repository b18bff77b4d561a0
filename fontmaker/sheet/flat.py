"""Find a sheet in a photograph and lay it flat: how dark each place is, less the guides."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fontmaker.photograph import Grey
from fontmaker.sheet import layout
from fontmaker.sheet.guides import without_guides
from fontmaker.sheet.layout import Box
from fontmaker.sheet.marks import (
    corners,
    find_marks,
    homography,
    paper_around,
    paper_share,
    to_pixels,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import Light, read_picture

Matrix = NDArray[np.float64]  # (3, 3), millimetres to pixels

_DOTS = 8.0  # pixels a millimetre; a phone's photograph has 6
_ROWS = 128  # of a flat sheet that are looked up at once: its places take ten times its memory
_STROKE = 0.3  # of a box's side; no knot of strokes is wider
_INK = 0.25  # how much darker than paper ink is at least; a soft pencil has 0.3
_VANISHES = 0.6  # of its depth in green: a pen that is lighter in red light is red
_SOME_MARKS = 2  # one may be a print beside a syllable
_LEAST = 0.002  # of a box's area; the thinnest pen's syllable has 0.01


@dataclass(frozen=True)
class FlatSheet:
    """A sheet as seen from above.

    Attributes:
        depth: (H, W) float32, 0 = paper, 1 = black; without the guides.
        dots: Pixels a millimetre.
        boxes: What is printed on it.
        notes: What was done, one sentence each.
    """

    depth: Grey
    dots: float
    boxes: tuple[Box, ...]
    notes: tuple[str, ...]


def lay_flat(path: Path) -> FlatSheet:
    """Find the sheet in a photograph and look at it from above.

    Guides are printed in red: where the pen is dark in red light, the sheet is seen in that; in
    the boxes of a red pen it is seen in green.

    Args:
        path: A picture of at most 40 megapixels that shows all four marks and the code.

    Raises:
        UserError: It is no picture, or shows no sheet.
    """
    picture = read_picture(path)
    notes = list(picture.notes)
    matrix, syllables = _find_sheet(paper_share(picture.grey), path)
    del picture
    boxes = layout.boxes(syllables)
    red, green = (_depth(path, light, matrix, boxes) for light in ("red", "green"))
    pens = [box for box in boxes if _is_red(red, green, box)]
    for box in pens:
        window = _window(box)
        red[window] = green[window]
    if pens:
        notes.append(f"{path.name}: red ink in {len(pens)} boxes, seen in green light")
    return FlatSheet(red, _DOTS, boxes, tuple(notes))


def _depth(path: Path, light: Light, matrix: Matrix, boxes: tuple[Box, ...]) -> Grey:
    """(H, W) float32: how much darker than the paper around it each place is."""
    height, width = (round(side * _DOTS) for side in (layout.HEIGHT, layout.WIDTH))
    share = paper_share(read_picture(path, light=light).grey)
    page = np.empty((height, width), np.float32)
    x = (np.arange(width) + 0.5) / _DOTS
    for start in range(0, height, _ROWS):
        y = (np.arange(start, min(start + _ROWS, height)) + 0.5) / _DOTS
        places = np.stack(np.meshgrid(x, y), axis=-1)
        page[start : start + _ROWS] = look_up(share, to_pixels(matrix, places))
    # The whole picture's paper was a first guess; on the flat sheet it is known better.
    reach = round(_STROKE * boxes[0].side * _DOTS)
    depth = (1 - page / np.maximum(paper_around(page, reach), 0.05)).clip(0, 1)
    return without_guides(depth.astype(np.float32), boxes, _DOTS)


def _is_red(red: Grey, green: Grey, box: Box) -> bool:
    """Whether what is written in a box is light in red light."""
    ink = green[_window(box)] > _INK
    if float(ink.mean()) < _LEAST:
        return False
    return float(red[_window(box)][ink].mean()) < _VANISHES * float(green[_window(box)][ink].mean())


def _window(box: Box) -> tuple[slice, slice]:
    """A box and half of what is around it."""
    over = 2.5  # millimetres: the next box is 5 away
    low = (round((at - over) * _DOTS) for at in (box.top, box.left))
    high = (round((at + box.side + over) * _DOTS) for at in (box.top, box.left))
    rows, columns = (slice(*edges) for edges in zip(low, high, strict=True))
    return rows, columns


def _find_sheet(share: Grey, path: Path) -> tuple[Matrix, str]:
    """The way from millimetres to pixels, and the syllables that the code says."""
    found = find_marks(share)
    there = corners(found)
    if there is None:
        raise UserError(
            f"Expected a photograph of a hangeul-bench template with its four corner marks, but "
            f"{path} shows {len(found)}; photograph the whole sheet from above, in even light.",
            reason="cut-sheet" if len(found) >= _SOME_MARKS else "no-sheet",
        )
    for turn in range(4):
        matrix = homography(np.roll(there, -turn, axis=0))
        syllables = layout.decode(_read_code(share, matrix))
        if syllables is not None:
            return matrix, syllables
    raise UserError(
        f"The four marks are in {path}, but the code at the sheet's foot is not to be read; "
        "photograph it flat, sharp and unfolded.",
        reason="sheet-code",
    )


def _read_code(share: Grey, matrix: Matrix) -> layout.Bits:
    """(7, 60) bool: cells darker than the middle of what is around them."""
    offsets = np.stack(np.meshgrid(*[np.linspace(-0.5, 0.5, 3)] * 2), axis=-1).reshape(-1, 1, 1, 2)
    places = layout.cells() + offsets  # (9, 7, 60, 2) within the inner half of each cell
    levels = look_up(share, to_pixels(matrix, places)).mean(axis=0)
    low = ndimage.minimum_filter(levels, (7, 5), mode="nearest")
    high = ndimage.maximum_filter(levels, (7, 5), mode="nearest")
    dark: layout.Bits = levels < (low + high) / 2
    return dark


def look_up(grey: Grey, places: NDArray[np.float64]) -> Grey:
    """Grey levels at (..., 2) x and y, whose pixels' middles are at halves."""
    at = np.moveaxis(places[..., ::-1] - 0.5, -1, 0)
    levels: Grey = ndimage.map_coordinates(grey, at, order=1, mode="nearest")
    return levels
