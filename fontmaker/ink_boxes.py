"""Where a syllable's ink usually lies in a dataset's raster, by layout.

A picture tells nothing of its font's em square, so a reference glyph cut from one is put where
fonts on the whole put such a syllable. ``python -m fontmaker.ink_boxes DATASET`` measured
``ink_boxes.csv`` over the training fonts.
"""

import csv
import io
import sys
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontmaker.photograph import CleanedPicture
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import SIZE
from hangeul_bench.fonts.placement import MARGIN
from hangeul_bench.hangeul import layout
from hangeul_bench.hangeul.phonetics import LAYOUTS

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

INK_LEVEL = 128  # darker is ink: half covered, so the box is the outline's to half a pixel
_COLUMNS = ("layout", "left", "top", "right", "bottom", "n_fonts", "n_glyphs")
_MIN_INK_SIDE = 16  # pixels; with fewer, strokes of a syllable run together
_MAX_COVERAGE = 0.95  # of the ink box; the heaviest font of the corpus inks 0.91 of its own
# Length by breadth from which ink in a row, or in a column, may be several syllables: some fonts
# draw 글 twice as high as wide.
_WIDE, _HIGH = 1.6, 2.2
_LANE = 0.05  # of the shorter side: a bare lane at least as wide parts two glyphs
_LEAST, _NARROWEST = 0.2, 0.35  # each part's share of the ink, and its length by the breadth
_CORNER = 0.13  # share of the ink in each corner of a grid of four


class InkBox(NamedTuple):
    """A box in pixels of a 128 x 128 raster; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Pixels."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels."""
        return self.bottom - self.top


def ink_boxes(images: NDArray[np.number], level: float = INK_LEVEL) -> NDArray[np.int64]:
    """The ink box of each image.

    Args:
        images: (N, H, W), 0 = ink, 255 = paper.
        level: Darker than this is ink.

    Returns:
        (N, 4) int64: left, top, right, bottom in pixels, the last two exclusive; -1 where there
        is no ink.
    """
    ink: NDArray[np.bool_] = np.asarray(images < level)
    columns: NDArray[np.bool_] = np.asarray(ink.any(axis=1))  # (N, W)
    rows: NDArray[np.bool_] = np.asarray(ink.any(axis=2))  # (N, H)
    boxes = np.stack(
        [
            columns.argmax(axis=1),
            rows.argmax(axis=1),
            columns.shape[1] - columns[:, ::-1].argmax(axis=1),
            rows.shape[1] - rows[:, ::-1].argmax(axis=1),
        ],
        axis=1,
    )
    boxes[~columns.any(axis=1)] = -1
    return boxes


def measure_ink_boxes(
    dataset: "GlyphDataset", font_ids: tuple[str, ...] | None = None
) -> list[dict[str, str]]:
    """The mean ink box of each layout; every font weighs the same.

    Args:
        dataset: Where to look; its seen characters are used.
        font_ids: Over which fonts; all of its training fonts by default.

    Returns:
        The rows of ``ink_boxes.csv``, one for each of the six layouts.
    """
    font_ids = font_ids or dataset.splits.train_fonts
    characters = dataset.splits.seen_characters
    layouts = np.array([layout(character) for character in characters])
    means: dict[str, list[NDArray[np.float64]]] = {name: [] for name in LAYOUTS}
    counts = dict.fromkeys(LAYOUTS, 0)
    for font_id in font_ids:
        boxes = ink_boxes(dataset.images(font_id, characters))
        for name in LAYOUTS:
            found = boxes[(layouts == name) & (boxes[:, 0] >= 0)]
            counts[name] += len(found)
            if len(found):
                means[name].append(found.mean(axis=0))
    return [_row(name, means[name], counts[name]) for name in LAYOUTS]


def _row(name: str, means: list[NDArray[np.float64]], n_glyphs: int) -> dict[str, str]:
    box = np.mean(means, axis=0)
    values = (name, *(f"{edge:.2f}" for edge in box), str(len(means)), str(n_glyphs))
    return dict(zip(_COLUMNS, values, strict=True))


@cache
def usual_ink_box(layout_name: str) -> InkBox:
    """The mean ink box of one of the six layouts, as shipped in ``ink_boxes.csv``."""
    text = (files("fontmaker") / "ink_boxes.csv").read_text(encoding="utf-8")
    rows = {row["layout"]: row for row in csv.DictReader(io.StringIO(text))}
    return InkBox(*(float(rows[layout_name][edge]) for edge in InkBox._fields))


def overlap(one: InkBox, other: InkBox) -> float:
    """Intersection over union of two boxes, in [0, 1]."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def place(
    picture: CleanedPicture, usual: InkBox, where: str, *, scale: float | None = None
) -> tuple[NDArray[np.uint8], list[str]]:
    """Scale a picture's ink to the usual size and set it to the usual place.

    The ink keeps its proportions: its box gets the usual box's area, and its centre.

    Args:
        picture: A cleaned picture.
        usual: Where fonts have this syllable's ink.
        where: The file's name, for messages.
        scale: For several glyphs of one writer, the scale that they share; see :func:`usual_scale`.

    Returns:
        (128, 128) uint8, 0 = ink, 255 = paper, and what was done.

    Raises:
        UserError: The ink is too small to have a style, or fills its box.
    """
    box = InkBox(*ink_boxes(picture.grey[None])[0].tolist())
    _check_ink(picture, box, where)
    scale = usual_scale(picture, usual) if scale is None else scale
    scale = min(scale, (SIZE - 4 * MARGIN) / max(box.width, box.height))
    centre = _clamped_centre(usual, box, scale)
    image = _resample(picture.grey, box, scale, centre)
    notes = [
        f"ink box of {box.width:.0f} x {box.height:.0f} pixels scaled {scale:.2f}x and centred "
        f"at ({centre[0]:.0f}, {centre[1]:.0f}), the usual place of such a syllable"
    ]
    if scale > 2:
        notes.append("the ink is small in the picture, so that its edges are soft")
    return image, notes


def usual_scale(picture: CleanedPicture, usual: InkBox) -> float:
    """The scale that gives the box of a picture's ink the usual box's area."""
    box = InkBox(*ink_boxes(picture.grey[None])[0].tolist())
    return float((usual.width * usual.height / (box.width * box.height)) ** 0.5)


def _check_ink(picture: CleanedPicture, box: InkBox, where: str) -> None:
    if max(box.width, box.height) < _MIN_INK_SIDE:
        raise UserError(
            f"Expected a syllable of at least {_MIN_INK_SIDE} pixels in the reference, but the "
            f"ink in {where} is {box.width:.0f} x {box.height:.0f}; give a larger picture.",
            reason="small",
        )
    left, top, right, bottom = (int(edge) for edge in box)
    covered = float((picture.grey[top:bottom, left:right] < INK_LEVEL).mean())
    if covered > _MAX_COVERAGE:
        raise UserError(
            f"Expected one syllable in the reference, but {where} is {covered:.0%} ink within "
            "its box; crop the picture to paper and syllable.",
            reason="all-ink",
        )


def _clamped_centre(usual: InkBox, box: InkBox, scale: float) -> tuple[float, float]:
    """The usual centre, moved if the ink would come too near the raster's edge."""
    half_width, half_height = box.width * scale / 2, box.height * scale / 2
    x, y = (usual.left + usual.right) / 2, (usual.top + usual.bottom) / 2
    low, high = 1.5 * MARGIN, SIZE - 1.5 * MARGIN
    return (
        float(np.clip(x, low + half_width, high - half_width)),
        float(np.clip(y, low + half_height, high - half_height)),
    )


def _resample(
    grey: NDArray[np.float32], box: InkBox, scale: float, centre: tuple[float, float]
) -> NDArray[np.uint8]:
    """Draw the part of ``grey`` that fills the raster when the box's centre is at ``centre``."""
    side = SIZE / scale  # source pixels across the raster
    left = (box.left + box.right) / 2 - centre[0] / scale
    top = (box.top + box.bottom) / 2 - centre[1] / scale
    pad = int(np.ceil(side))
    padded = np.pad(grey, pad, constant_values=255)
    source = (left + pad, top + pad, left + pad + side, top + pad + side)
    resized = Image.fromarray(padded).resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=source)
    image: NDArray[np.uint8] = np.rint(np.asarray(resized).clip(0, 255)).astype(np.uint8)
    return image


def several_syllables(grey: NDArray[np.number]) -> bool:
    """Whether an image looks like several syllables, in a row, a column or a grid.

    Within a syllable bare lanes mostly run one way only, and it is hardly longer than broad. Of
    9,045 glyphs of 135 fonts 39 look like several all the same (맑 is a grid of four), so that the
    jamo reader has the last word.

    Args:
        grey: (H, W), 0 = ink, 255 = paper.
    """
    ink = np.asarray(grey < INK_LEVEL)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return False
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape
    if width >= _WIDE * height and _parts(ink):
        return True
    if height >= _HIGH * width and _parts(ink.T):
        return True
    return _grid(ink)


def _parts(ink: NDArray[np.bool_]) -> bool:
    """Whether a bare lane across the length leaves parts that could be syllables."""
    breadth, total = ink.shape[0], int(ink.sum())
    for start, stop in _lanes(ink):
        shares = ink[:, :start].sum() / total, ink[:, stop:].sum() / total
        lengths = start / breadth, (ink.shape[1] - stop) / breadth
        if min(shares) >= _LEAST and min(lengths) >= _NARROWEST:
            return True
    return False


def _grid(ink: NDArray[np.bool_]) -> bool:
    """Whether a lane across and a lane along leave ink in all four corners, and enough of it."""
    total = int(ink.sum())
    for left, right in _lanes(ink):
        for top, bottom in _lanes(ink.T):
            corners = ink[:top, :left], ink[:top, right:], ink[bottom:, :left], ink[bottom:, right:]
            if min(int(corner.sum()) for corner in corners) >= _CORNER * total:
                return True
    return False


def _lanes(ink: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Columns without ink between columns with ink, as (start, stop), if wide enough."""
    bare = ~ink.any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bare, [0]]).astype(np.int8)))
    least = _LANE * min(ink.shape)
    lanes = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(start, stop) for start, stop in lanes if stop - start >= least]


def main(argv: list[str]) -> None:
    """Measure a dataset and write the table to standard output."""
    from hangeul_bench.dataset import GlyphDataset

    dataset = GlyphDataset.open(Path(argv[0]) if argv else None)
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(measure_ink_boxes(dataset))


if __name__ == "__main__":
    main(sys.argv[1:])
