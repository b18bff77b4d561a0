"""How well style vectors of single glyphs tell fonts apart."""

from dataclasses import asdict, dataclass
from pathlib import Path

import click
import torch
from torch import Tensor

from baselines.style_encoder.encoder import StyleEncoder, load_style_encoder
from hangeul_bench.base.errors import exit_on_user_error
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.dataset import GlyphDataset


@dataclass(frozen=True)
class StyleAccuracy:
    """How style vectors of single glyphs tell fonts apart.

    Attributes:
        fonts: Number of fonts.
        glyphs: Number of glyphs of each.
        equal_error_rate: Of "are these two glyphs of one font?", at the threshold on the cosine
            where as many pairs of one font are refused as pairs of two fonts are accepted; in
            [0, 1], less is better.
        nearest_neighbour: Share of glyphs whose nearest other glyph is of the same font.
        chance: What ``nearest_neighbour`` would be by guessing.
    """

    fonts: int
    glyphs: int
    equal_error_rate: float
    nearest_neighbour: float
    chance: float


def style_accuracy(vectors: Tensor) -> StyleAccuracy:
    """Measure (F, G, 128) style vectors of F fonts and G different syllables each."""
    fonts, glyphs, _ = vectors.shape
    flat = torch.nn.functional.normalize(vectors.flatten(0, 1).double(), dim=1)
    cosine = flat @ flat.T
    font = torch.arange(fonts).repeat_interleave(glyphs)
    same = font[:, None] == font[None, :]
    pairs = torch.triu(torch.ones_like(same), diagonal=1)
    error = _equal_error_rate(cosine[same & pairs], cosine[~same & pairs])
    nearest = cosine.fill_diagonal_(-2).argmax(1)
    accuracy = (font[nearest] == font).double().mean().item()
    chance = (glyphs - 1) / (fonts * glyphs - 1)
    return StyleAccuracy(fonts, glyphs, error, accuracy, chance)


def _equal_error_rate(same: Tensor, different: Tensor) -> float:
    thresholds = torch.cat([same, different]).unique()
    if len(thresholds) > 4000:
        thresholds = thresholds[torch.linspace(0, len(thresholds) - 1, 4000).long()]
    refused = torch.searchsorted(same.sort().values, thresholds) / len(same)
    accepted = 1 - torch.searchsorted(different.sort().values, thresholds) / len(different)
    at = (refused - accepted).abs().argmin()
    return float((refused[at] + accepted[at]) / 2)


def measure_fonts(
    encoder: StyleEncoder, dataset: GlyphDataset, font_ids: tuple[str, ...]
) -> StyleAccuracy:
    """:func:`style_accuracy` over the dataset's ``lite`` syllables of some fonts."""
    characters = dataset.splits.lite_characters
    vectors = [encoder.embed(dataset.images(font_id, characters)) for font_id in font_ids]
    return style_accuracy(torch.stack(vectors))


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--weights", type=click.Path(path_type=Path), help="Default: the shipped encoder.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the numbers as JSON, too.")
def main(data: Path | None, weights: Path | None, out: Path | None) -> None:
    """Measure a style encoder on the unseen and the seen evaluation fonts."""
    dataset = GlyphDataset.open(data)
    encoder = load_style_encoder(weights)
    splits = dataset.splits
    numbers = {
        name: asdict(measure_fonts(encoder, dataset, tuple(font_ids)))
        for name, font_ids in (("unseen", splits.unseen_fonts), ("seen", splits.seen_fonts))
    }
    text = pretty_json(numbers)
    click.echo(text, nl=False)
    if out:
        write_whole(out, text)


if __name__ == "__main__":
    exit_on_user_error(main)
