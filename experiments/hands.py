"""How near the font maker comes to unseen handwriting in stroke width, size and style.

    python -m experiments.hands --data hangeul-dataset --out leaderboards/hands.csv

Eight glyphs of each unseen handwritten font are the references, and further syllables are drawn
from them twice: as the model draws them, and corrected as ``hangeul-bench font`` does
(:mod:`fontmaker.correction`). A ratio is drawn over true, the median over syllables: 1 is right.
Fonts whose rows are in the table already are not drawn again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np
import pandas as pd
import torch

from fontmaker import Generator
from fontmaker.content import open_content
from fontmaker.correction import half_widths
from fontmaker.generation import corrected, draw_attempt
from fontmaker.ink_boxes import ink_boxes
from fontmaker.outline import crisp
from fontmaker.reference import MOST_REFERENCES, Reference
from fontmaker.store import GlyphStore
from hangeul_bench.adapter import load_model
from hangeul_bench.base.errors import exit_on_user_error
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.options import parse_options
from hangeul_bench.base.progress import Progress
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.metrics import RMSE, SSIM, GlyphLPIPS, JamoErrorRate, StyleDistance

Row = dict[str, object]


class _Silent:
    """Progress that is not told."""

    def advance(self, amount: float = 1) -> None:
        """Count nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


@contextmanager
def _unseen(*_: object) -> Iterator[Progress]:
    yield _Silent()


def row(drawn: Glyphs, truth: Glyphs, syllables: tuple[str, ...]) -> dict[str, float]:
    """How drawings compare with the truth.

    Args:
        drawn: (N, 128, 128) uint8.
        truth: (N, 128, 128) uint8.
        syllables: (N) what they show.
    """
    mine, theirs = crisp(drawn), crisp(truth)
    widths = np.nanmedian(half_widths(mine) / half_widths(theirs))
    sizes = [(box[:, 3] - box[:, 1]).clip(1) for box in map(ink_boxes, (mine, theirs))]
    pred, target = torch.from_numpy(drawn), torch.from_numpy(truth)
    style = StyleDistance()
    apart = style.distance(style.features(pred), style.features(target))
    jer = JamoErrorRate().scores(pred, target, syllables=syllables)
    return {
        "stroke_width_ratio": float(widths),
        "height_ratio": float(np.median(sizes[0] / sizes[1])),
        "jer": float(jer.mean()),
        **{m.name: float(m.scores(pred, target).mean()) for m in (SSIM(), RMSE(), GlyphLPIPS())},
        "style_distance": float(apart["style_distance"]),
        "pen_error": float(apart["pen_error"]),
    }


def rows_of(
    dataset: GlyphDataset, font_id: str, model: str, options: list[str], count: int
) -> list[Row]:
    """Two rows of a font, drawn as the model does and corrected."""
    missing = dataset.missing(font_id)
    shown = dataset.splits.references[:MOST_REFERENCES]
    free = [c for c in dataset.characters if c not in shown and c not in missing]
    asked = tuple(free[i] for i in np.linspace(0, len(free) - 1, count).round().astype(int))
    references = tuple(
        Reference(image, character, font_id, font_id)
        for image, character in zip(dataset.images(font_id, shown), shown, strict=True)
    )
    drawer = load_model(model, dataset=dataset, options=parse_options(options))
    plain = Generator(drawer, model, references, open_content(dataset, None))
    truth = dataset.images(font_id, asked)
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        work = Path(folder)
        store = GlyphStore(work, plain.settings())
        changed = corrected(plain, work, _unseen)
        for generator in (plain, changed):
            drawn = draw_attempt(generator, asked, 0, store=store, stages=_unseen)
            said: Row = {"model": model, "options": " ".join(options), "font": font_id}
            said |= {"references": len(shown), "glyphs": count}
            said |= {"corrected": generator is changed}
            found = row(drawn, truth, asked)
            rows.append(said | {name: round(value, 4) for name, value in found.items()})
    return rows


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--model", default="retrieval-font", show_default=True)
@click.option("--option", "options", multiple=True, help="KEY=VALUE of the model.")
@click.option("--fonts", "n_fonts", default=20, show_default=True, help="How many.")
@click.option("--glyphs", default=40, show_default=True, help="Syllables of each.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("leaderboards/hands.csv"))
def main(
    data: Path | None, model: str, options: tuple[str, ...], n_fonts: int, glyphs: int, out: Path
) -> None:
    """Draw unseen handwritten fonts and compare stroke width, size and style with the truth."""
    dataset = GlyphDataset.open(data)
    unseen = (*dataset.splits.wide_fonts, *dataset.splits.unseen_fonts)
    hands = [f for f in unseen if dataset.font(f).category == "handwritten"][:n_fonts]
    table = pd.read_csv(out, keep_default_na=False) if out.is_file() else pd.DataFrame()
    for font_id in hands:
        there = (
            len(table)
            and (
                (table["font"] == font_id)
                & (table["model"] == model)
                & (table["options"] == " ".join(options))
            ).any()
        )
        if not there:
            found = rows_of(dataset, font_id, model, list(options), glyphs)
            table = pd.concat([table, pd.DataFrame(found)], ignore_index=True)
            out.parent.mkdir(parents=True, exist_ok=True)
            table.to_csv(out, index=False, lineterminator="\n")
    numbers = table.select_dtypes("number").columns.drop(["references", "glyphs"])
    click.echo(table.groupby(["model", "options", "corrected"])[list(numbers)].mean().to_string())


if __name__ == "__main__":
    exit_on_user_error(main)
