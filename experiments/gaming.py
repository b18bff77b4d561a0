"""Can the board be gamed? Cheats that need no training, drawn, scored and ranked as models.

    python experiments/gaming.py --data hangeul-dataset --out gaming

The cheats are blends and blurs of fonts, a mirrored truth, the reference pasted everywhere, ghosts
and blank pages. Those that look the truth up stand for leaks of one kind or another; none of them
may rank above a model that draws. Each is evaluated as `gaming.py:CLASS`, beside the controls that
the rule needs, and the board is printed.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from baselines.aligned_font import SDFBlend
from baselines.controls import Control, GroundTruth
from baselines.nearest_font import NearestFont
from hangeul_bench.adapter import Request
from hangeul_bench.base.images import PAPER, Glyphs
from hangeul_bench.base.processes import Processes
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.splits.lists import UNSEEN_FONTS
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.metrics.columns import RANKED_BY
from hangeul_bench.results.board import View
from hangeul_bench.results.file import Result, read_result
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.tables import to_markdown

CONTROLS = ("ground-truth", "nearest-font", "aligned-font", "content-font", "jamo-swapped", "blank")
METRICS = (
    *("jer", "ssim", "rmse", "glyph_lpips", "style_distance", "topology_error", "edge_blur"),
)
_BLUR = 3.0  # pixels
_DOWN = 1  # pixels


class BlurredNearest(NearestFont):
    """The nearest font without its edges, which SSIM and RMSE reward."""

    name, kind = "blurred-nearest", "model"

    def generate(self, request: Request) -> Glyphs:
        """The nearest font's glyphs, blurred."""
        return blurred(super().generate(request), _BLUR)


class NearestAndContent(NearestFont):
    """Half the nearest font, half a plain one that reads without fail."""

    name, kind = "nearest-and-content", "model"

    def generate(self, request: Request) -> Glyphs:
        """The mean of both fonts' pixels."""
        both = super().generate(request).astype(np.uint16) + request.content
        return (both // 2).astype(np.uint8)


class Blend(SDFBlend):
    """The mean of the eight nearest fonts, fitted to the reference."""

    name, kind = "blend", "model"


class GreyNearest(NearestFont):
    """The nearest font in a grey that hardly differs from paper nor from ink."""

    name, kind = "grey-nearest", "model"

    def generate(self, request: Request) -> Glyphs:
        """Ink at half its strength."""
        return (PAPER - (PAPER - super().generate(request)) // 2).astype(np.uint8)


class ReferencePasted(Control):
    """The reference in answer to everything: the style is right, the syllable never."""

    name, kind = "reference-pasted", "model"

    def generate(self, request: Request) -> Glyphs:
        """The first reference, once a syllable."""
        return np.repeat(request.references[:1], len(request.characters), axis=0)


class ContentOverReference(Control):
    """A plain glyph that reads, over the reference's strokes in grey."""

    name, kind = "content-over-reference", "model"

    def generate(self, request: Request) -> Glyphs:
        """The darker of the content glyph and a pale reference."""
        pale = PAPER - (PAPER - request.references[:1]) // 4
        return np.minimum(request.content, pale).astype(np.uint8)


class MirroredTruth(GroundTruth):
    """The truth seen in a mirror: pen, weight and ink are right."""

    name, kind = "mirrored-truth", "model"

    def changed(self, truth: Glyphs) -> Glyphs:
        """The truth from right to left."""
        return np.ascontiguousarray(truth[:, :, ::-1])


class MovedTruth(GroundTruth):
    """The truth a pixel down: what a drawing without any fault but its place would get."""

    name, kind = "truth-1px-down", "model"

    def changed(self, truth: Glyphs) -> Glyphs:
        """The truth, moved."""
        return np.roll(truth, _DOWN, axis=1)


class BlankHalf(GroundTruth):
    """The truth for every other syllable and nothing for the rest."""

    name, kind = "blank-half", "model"

    def look_up(self, font_id: str, characters: Sequence[str]) -> tuple[Glyphs, NDArray[np.bool_]]:
        """The truth; blank where the code point is odd."""
        images, delivered = super().look_up(font_id, characters)
        images[[ord(c) % 2 == 1 for c in characters]] = PAPER
        return images, delivered


LEGIBLE_TRUTH = (MovedTruth.name,)
CHEATS: tuple[type[Any], ...] = (
    *(BlurredNearest, NearestAndContent, Blend, GreyNearest, ReferencePasted),
    *(ContentOverReference, MirroredTruth, MovedTruth, BlankHalf),
)


def blurred(images: Glyphs, radius: float) -> Glyphs:
    """(N, H, W) uint8 pages under a Gaussian of ``radius`` pixels."""
    blur = ImageFilter.GaussianBlur(radius)
    return np.stack([np.asarray(Image.fromarray(image).filter(blur)) for image in images])


def play(
    dataset: GlyphDataset,
    out: Path,
    settings: Settings,
    *,
    controls: Sequence[str] = CONTROLS,
    cheats: Sequence[type[Any]] = CHEATS,
) -> list[Result]:
    """Evaluate cheats and controls.

    Args:
        dataset: The truth.
        out: Folder of their results.
        settings: Track, limit and metrics.
        controls: At least the truth and `nearest-font`.
        cheats: Of :data:`CHEATS`.

    Returns:
        Their results.
    """
    names = [f"{Path(__file__)}:{cheat.__name__}" for cheat in cheats]
    paths = evaluate([*controls, *names], dataset, out, settings, Processes(0, 1, "cpu"))
    return [read_result(path) for path in paths]


def beating_nearest(results: Sequence[Result]) -> list[str]:
    """The cheats that rank and are better than copying the nearest font; there should be none.

    The truth moved by a pixel is no cheat: it must rank.
    """
    rows = rank_results(results)
    own = [row for row in rows if (row.cell, row.category) == (UNSEEN_FONTS, "all")]
    nearest = next(row.value(RANKED_BY) for row in own if row.model == "nearest-font")
    if nearest is None:
        return []
    return [
        row.model
        for row in own
        if row.rank is not None and row.model not in LEGIBLE_TRUTH
        if (value := row.value(RANKED_BY)) is not None and value < nearest
    ]


@click.command(help=__doc__.splitlines()[0])
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
@click.option("--track", default="lite", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of results.")
def main(data: Path | None, track: str, out: Path) -> None:
    """Evaluate the cheats and print the board."""
    settings = Settings(track=track, metrics=METRICS)
    results = play(GlyphDataset.open(data), out, settings)
    rows = rank_results(results)
    shown = [row for row in rows if (row.cell, row.category) == (UNSEEN_FONTS, "all")]
    click.echo(to_markdown(shown, View((RANKED_BY, *METRICS), digits=3, intervals=False)))
    found = beating_nearest(results)
    click.echo(f"Cheats that rank above the nearest font: {', '.join(found) or 'none'}.")


if __name__ == "__main__":
    main()
