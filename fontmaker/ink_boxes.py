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

from hangeul_bench.hangeul import layout
from hangeul_bench.hangeul.phonetics import LAYOUTS

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

INK_LEVEL = 128  # darker is ink: half covered, so the box is the outline's to half a pixel
_COLUMNS = ("layout", "left", "top", "right", "bottom", "n_fonts", "n_glyphs")


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


def main(argv: list[str]) -> None:
    """Measure a dataset and write the table to standard output."""
    from hangeul_bench.dataset import GlyphDataset

    dataset = GlyphDataset.open(Path(argv[0]) if argv else None)
    writer = csv.DictWriter(sys.stdout, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(measure_ink_boxes(dataset))


if __name__ == "__main__":
    main(sys.argv[1:])
