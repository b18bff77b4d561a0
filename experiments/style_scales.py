"""The scales of the style metric: how far two training fonts of different lineage lie apart.

    python -m experiments.style_scales --data DATASET --out leaderboards/style-scales.json

Of every measure the mean over all pairs of training fonts of different lineage, on the seen
syllables of the lite track. Each lineage weighs the same, however many weights it has.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.progress import progress
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.metrics.style.axis import Array, cumulative
from hangeul_bench.metrics.style.glyph import HISTOGRAMS, N_FEATURES, glyph_row, histograms
from hangeul_bench.metrics.style.skeleton import skeleton_rule
from hangeul_bench.metrics.style_distance import BY_SYLLABLE

_DIGITS = 3  # significant, of a scale


def scales(rows: npt.NDArray[np.floating], lineages: Sequence[str]) -> dict[str, float]:
    """Measure -> mean distance of two fonts of different lineage, in its own unit.

    Args:
        rows: (F, N, D) features of N syllables in F fonts.
        lineages: The lineage of each font.

    Raises:
        UserError: There is one lineage alone, or none has something to measure.
    """
    weights = pair_weights(lineages)
    if not weights.any():
        raise UserError("Expected training fonts of two lineages, but found one.")
    return {name: _scale(rows, name, weights) for name in HISTOGRAMS}


def pair_weights(lineages: Sequence[str]) -> Array:
    """(F, F): 1 for all pairs of two lineages together, 0 within one; each pair of fonts once."""
    names = np.array(lineages)
    size = np.array([np.count_nonzero(names == name) for name in names], dtype=np.float64)
    apart = names[:, None] != names[None, :]
    return np.triu(np.where(apart, 1 / (size[:, None] * size[None, :]), 0.0))


def _scale(rows: npt.NDArray[np.floating], name: str, weights: Array) -> float:
    axis, _ = HISTOGRAMS[name]
    counts = histograms(rows, name)
    # (F, groups, bins) of all syllables together, or (F, N, groups, bins)
    shares = cumulative(counts if name == BY_SYLLABLE else counts.sum(axis=1))
    total = weight = 0.0
    for own, of_pairs in zip(shares, weights, strict=True):
        others = np.flatnonzero(of_pairs)
        if not len(others):
            continue
        each = axis.between(shares[others], own).reshape(len(others), -1)
        # A syllable that one lacks has no distance, nor has a font without ends of strokes.
        known = np.isfinite(each).any(axis=1)
        used = of_pairs[others][known]
        total += float((used * np.nanmean(each[known], axis=1)).sum())
        weight += float(used.sum())
    if not weight:
        raise UserError(f"Expected fonts of two lineages that have {name}, but found none.")
    return float(f"{total / weight:.{_DIGITS}g}")


def measure(
    dataset: GlyphDataset, fonts: Sequence[str], characters: Sequence[str]
) -> npt.NDArray[np.float32]:
    """(F, N, D) features of a dataset's fonts."""
    rows = np.zeros((len(fonts), len(characters), N_FEATURES), np.float32)
    with progress("measuring", rows.shape[0] * rows.shape[1], "glyphs") as bar:
        for own, font_id in zip(rows, fonts, strict=True):
            own[:] = [glyph_row(page) for page in dataset.images(font_id, characters)]
            bar.advance(len(characters))
    return rows


def document(dataset: GlyphDataset) -> Mapping[str, object]:
    """What ``leaderboards/style-scales.json`` holds.

    Args:
        dataset: Its training fonts and seen syllables of the lite track are measured.
    """
    splits = dataset.splits
    characters = [c for c in splits.lite_characters if c in splits.seen_characters]
    fonts = splits.train_fonts
    lineages = [dataset.font(font_id).lineage for font_id in fonts]
    return {
        "scales": scales(measure(dataset, fonts, characters), lineages),
        "n_fonts": len(fonts),
        "n_lineages": len(set(lineages)),
        "n_syllables": len(characters),
        "size": dataset.size,
        "skeleton": skeleton_rule(),
        "fonts": list(fonts),
    }


@click.command(help=__doc__.splitlines()[0])
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("style-scales.json"))
def main(data: Path | None, out: Path) -> None:
    """Measure the training fonts of a dataset and write the scales."""
    found = document(GlyphDataset.open(data))
    write_whole(out, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    click.echo(f"Wrote {out}: {found['scales']}")


if __name__ == "__main__":
    exit_on_user_error(main)
