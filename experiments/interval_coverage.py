"""How often a 95 % interval holds the true mean: the old bootstrap, Student's t, and sign flips.

    python experiments/interval_coverage.py --out leaderboards/interval-coverage.csv

Scores of a glyph are a font's effect, a syllable's that all fonts share, and a rest. Fonts' effects
are normal, lognormal (sigma 1), or like the jamo error rate of a good model: nine fonts in ten near
zero and one far from it. Syllables' effects have the standard deviation 0 or that of fonts. Fonts
and syllables are drawn anew each time, and the true mean is 0.
"""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.files import write_whole
from hangeul_bench.base.tables import csv_text, fixed
from hangeul_bench.results.intervals import Sample

Array = NDArray[np.float64]
FONTS = (5, 10, 40)
SYLLABLES = 60
REST = 1.0  # standard deviation of what is neither the font's nor the syllable's
_REPLICATES = 400
_FLIPS = 1024
_FAR_SHARE, _FAR = 0.1, 10.0  # of a font that reads badly: how often, and its mean error over near
_HEADER = ("fonts", "effects", "syllables", "method", "coverage", "simulations")

Effects = Callable[[np.random.Generator, int], Array]


def normal(random: np.random.Generator, count: int) -> Array:
    """(count,) of mean 0 and standard deviation 1."""
    return random.normal(0, 1, count)


def lognormal(random: np.random.Generator, count: int) -> Array:
    """The same, skewed as the exponential of a normal number is."""
    mean, deviation = np.exp(0.5), np.sqrt((np.e - 1) * np.e)
    effects: Array = (random.lognormal(0, 1, count) - mean) / deviation
    return effects


def jer_like(random: np.random.Generator, count: int) -> Array:
    """The same, most near its least value and one in ten far above."""
    scale = np.where(random.random(count) < _FAR_SHARE, _FAR, 1.0)
    mean = 1 - _FAR_SHARE + _FAR_SHARE * _FAR
    square = 2 * (1 - _FAR_SHARE + _FAR_SHARE * _FAR**2)  # of an exponential number
    effects: Array = (random.exponential(scale) - mean) / np.sqrt(square - mean**2)
    return effects


EFFECTS: dict[str, Effects] = {"normal": normal, "lognormal": lognormal, "jer-like": jer_like}


def simulate(random: np.random.Generator, effects: Effects, n_fonts: int, syllable: float) -> Array:
    """(F, S) scores of true mean 0; ``syllable`` is the standard deviation of their effects."""
    of_fonts = effects(random, n_fonts)[:, None]
    of_syllables = random.normal(0, syllable, (1, SYLLABLES)) if syllable else 0.0
    return of_fonts + of_syllables + random.normal(0, REST, (n_fonts, SYLLABLES))


def bootstrap_covers(scores: Array, random: np.random.Generator) -> bool:
    """The rule before: percentiles of means over fonts drawn again, then their glyphs."""
    n_fonts, n_syllables = scores.shape
    fonts = random.integers(0, n_fonts, (_REPLICATES, n_fonts, 1))
    glyphs = random.integers(0, n_syllables, (_REPLICATES, n_fonts, n_syllables))
    low, high = np.percentile(scores[fonts, glyphs].mean(axis=(1, 2)), (2.5, 97.5))
    return bool(low <= 0 <= high)


def fonts_cover(scores: Array, random: np.random.Generator) -> bool:
    """Student's t over fonts."""
    del random
    interval = Sample(range(len(scores))).mean(scores.mean(axis=1)).interval()
    return not interval.excludes_zero


def both_cover(scores: Array, random: np.random.Generator) -> bool:
    """Student's t over fonts and syllables, as in a result."""
    del random
    fonts, syllables = np.indices(scores.shape).reshape(2, -1).tolist()
    return not Sample(fonts, syllables).mean(scores.ravel()).interval().excludes_zero


def flips_cover(scores: Array, random: np.random.Generator) -> bool:
    """The sign-flip test of fonts' means does not reject 0; all flips of up to ten fonts."""
    means = scores.mean(axis=1)
    n_fonts = len(means)
    if 2**n_fonts <= _FLIPS:
        signs = 1.0 - 2.0 * np.array(list(product((0, 1), repeat=n_fonts)))
    else:
        signs = random.choice((-1.0, 1.0), (_FLIPS, n_fonts))
        signs[0] = 1.0
    sums = np.abs(signs @ means)
    return bool((sums >= abs(means.sum()) - 1e-12).mean() > 0.05)


METHODS = {
    "percentile bootstrap (before)": bootstrap_covers,
    "t over fonts": fonts_cover,
    "t over fonts and syllables": both_cover,
    "sign flips over fonts": flips_cover,
}


def coverage_rows(simulations: int, seed: int = 0) -> Iterator[tuple[object, ...]]:
    """One row a number of fonts, kind of effects, syllables and method."""
    for n_fonts, name, syllable in product(FONTS, EFFECTS, (0.0, 1.0)):
        random = np.random.default_rng((seed, n_fonts, [*EFFECTS].index(name), int(syllable)))
        held = dict.fromkeys(METHODS, 0)
        for _ in range(simulations):
            scores = simulate(random, EFFECTS[name], n_fonts, syllable)
            for method, covers in METHODS.items():
                held[method] += covers(scores, random)
        shared = "vary" if syllable else "alike"
        for method, count in held.items():
            yield n_fonts, name, shared, method, fixed(count / simulations, 3), simulations


@click.command(help=__doc__.splitlines()[0])
@click.option("--simulations", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(simulations: int, out: Path) -> None:
    """Simulate and write the table."""
    write_whole(out, csv_text(_HEADER, coverage_rows(simulations)))
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    main()
