"""Does a model copy? The nearest training glyph of a drawing is not nearer than chance.

    python experiments/memorisation.py --data hangeul-dataset --out memorisation.csv \
        results/dkfont-lite.json

A drawing of an unseen font is held against the same syllable in every training font, and so is the
true glyph, which nobody can have copied. A drawing that is a copy lies at the distance of two
renderings of one glyph; chance is the truth's own distance to its nearest training glyph. Distance
is the root mean square of ink on pages of 32 x 32, under the best shift of at most 8 pixels of the
page. Copying is seen where the share of drawings nearer than nineteen in twenty of the true glyphs
is far above 1 in 20, and where one training font is the nearest of all of a font's drawings.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import PAPER, Glyphs
from hangeul_bench.base.tables import csv_text, fixed
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate.rescore import check_predictions
from hangeul_bench.results.file import read_result, tasks_of

Array = NDArray[np.float64]
_SIDE = 32
_SHIFT = 2  # cells of the small page each way
_NEAR = 5  # per cent of the true glyphs
_HEADER = (
    *("model", "font", "glyphs", "drawn_to_train", "true_to_train"),
    *("share_nearer_than_5_percent_of_truth", "nearest_font", "share_of_nearest_font"),
)


@dataclass(frozen=True)
class Likeness:
    """How near a font's drawings lie to training glyphs.

    Attributes:
        drawn: (N,) distance of each drawing to its nearest training glyph.
        true: (N,) the same of the true glyphs.
        nearest: The N training fonts that drawings are nearest to.
    """

    drawn: Array
    true: Array
    nearest: tuple[str, ...]

    @property
    def share_near(self) -> float:
        """Of drawings nearer to training than 95 % of the true glyphs; .05 is chance."""
        return float((self.drawn < np.percentile(self.true, _NEAR)).mean())


def small(images: Glyphs) -> Array:
    """(N, 128, 128) uint8 => (N, 32, 32) ink in [0, 1]."""
    n, height, width = images.shape
    cells = images.reshape(n, _SIDE, height // _SIDE, _SIDE, width // _SIDE)
    ink: Array = 1 - cells.mean(axis=(2, 4)) / PAPER
    return ink


def distances(pages: Array, others: Array) -> Array:
    """Of N small pages to (F, 32, 32) others, each pair under its best shift: (N, F).

    |page - other|^2 is |page|^2 + |other|^2 - 2 page . other, so that one product of matrices
    compares all pages with all others under one shift.
    """
    steps = range(-_SHIFT, _SHIFT + 1)
    flat = others.reshape(len(others), -1)
    alike = np.full((len(pages), len(others)), -np.inf)
    for y in steps:
        for x in steps:
            moved = np.roll(pages, (y, x), axis=(1, 2)).reshape(len(pages), -1)
            np.maximum(alike, moved @ flat.T, out=alike)
    mine, theirs = (np.square(page).sum(axis=(1, 2)) for page in (pages, others))
    squares = (mine[:, None] + theirs - 2 * alike) / flat.shape[1]
    nearest: Array = np.sqrt(np.maximum(squares, 0))
    return nearest


class Gallery:
    """Small pages of the training fonts' glyphs, read once for each set of syllables."""

    def __init__(self, dataset: GlyphDataset, characters: Sequence[str]) -> None:
        """Read them.

        Args:
            dataset: Whose training fonts.
            characters: Their syllables.
        """
        self.pages: dict[str, list[Array]] = {character: [] for character in characters}
        self.owners: dict[str, list[str]] = {character: [] for character in characters}
        for font_id in sorted(dataset.splits.train_fonts):
            missing = dataset.missing(font_id)
            known = tuple(c for c in characters if c not in missing)
            for character, page in zip(known, small(dataset.images(font_id, known)), strict=True):
                self.pages[character].append(page)
                self.owners[character].append(font_id)


def likeness(dataset: GlyphDataset, task: FontTask, drawn: Glyphs, gallery: Gallery) -> Likeness:
    """Hold a font's drawings, (N, 128, 128) uint8 in the order of the task, against training."""
    truth = small(dataset.images(task.font_id, task.characters))
    found: list[tuple[float, float, str]] = []
    for own, true, character in zip(small(drawn), truth, task.characters, strict=True):
        far = distances(np.stack([own, true]), np.stack(gallery.pages[character]))
        owner = gallery.owners[character][int(far[0].argmin())]
        found.append((far[0].min(), far[1].min(), owner))
    mine, theirs, names = zip(*found, strict=True)
    return Likeness(np.array(mine), np.array(theirs), names)


def _row(model: str, font_id: str, found: Likeness) -> tuple[object, ...]:
    name, count = Counter(found.nearest).most_common(1)[0]
    means = (fixed(float(values.mean()), 4) for values in (found.drawn, found.true))
    share = fixed(found.share_near, 3)
    return model, font_id, len(found.drawn), *means, share, name, fixed(count / len(found.drawn), 3)


def rows_of(dataset: GlyphDataset, paths: Sequence[Path]) -> list[tuple[object, ...]]:
    """One row a result and unseen font, from the stored predictions."""
    rows = []
    galleries: dict[tuple[str, ...], Gallery] = {}
    for path in paths:
        result = read_result(path)
        folder = check_predictions(path, result, dataset)
        for task in tasks_of(result, dataset):
            if task.font_id in dataset.splits.unseen_fonts:
                drawn = folder.read(task.font_id, task.characters).images
                if task.characters not in galleries:
                    galleries[task.characters] = Gallery(dataset, task.characters)
                found = likeness(dataset, task, drawn, galleries[task.characters])
                rows.append(_row(result["model"]["name"], task.font_id, found))
    return rows


@click.command(help=__doc__.splitlines()[0])
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(results: tuple[Path, ...], data: Path | None, out: Path) -> None:
    """Hold the stored drawings of results against the training fonts."""
    rows = rows_of(GlyphDataset.open(data), results)
    write_whole(out, csv_text(_HEADER, rows))
    click.echo(f"Wrote {len(rows)} rows to {out}.")


if __name__ == "__main__":
    main()
