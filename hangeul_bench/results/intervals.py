"""95 % intervals by a hierarchical bootstrap: fonts are drawn first, then their characters."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_TAIL = 2.5  # per cent left out on each side of a 95 % interval
_DRAWS_AT_ONCE = 1 << 22  # random numbers held in memory, 32 MB


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference of this interval can be told from none."""
        return self.low > 0 or self.high < 0


class Bootstrap:
    """Resamples of one set of glyphs, drawn once and used for any number of scores.

    A replicate draws as many fonts as there are, with replacement, and from each drawn font as
    many of its glyphs as it has, with replacement; its statistic is the mean over all the glyphs
    drawn. Fonts are the unit: glyphs of one font are not independent. Where weights of one family
    stand side by side, give lineages in place of font ids.

    Args:
        fonts: (G,) the font (or lineage) of each glyph; any hashable ids.
        replicates: Number of resamples.
        seed: Seed of the draws; the same seed gives the same interval.

    Source: Davison and Hinkley, Bootstrap Methods and their Application (1997), section 3.8.
    """

    def __init__(self, fonts: Sequence[Hashable], *, replicates: int = 1000, seed: int = 0) -> None:
        if not len(fonts):
            raise ValueError("Expected at least one glyph to resample, but got none.")
        ids = list(fonts)
        # Fonts are numbered in the order of their names, so that sorting or a dict's order
        # cannot change an interval.
        number = {font: i for i, font in enumerate(sorted(set(ids), key=repr))}
        self.counts = _draw_counts(
            np.array([number[font] for font in ids]), replicates, np.random.default_rng(seed)
        )  # (replicates, G): how often each glyph was drawn
        self._drawn = self.counts.sum(axis=1, dtype=np.float64)

    def interval(self, values: Array) -> Interval:
        """The mean of ``values`` (G,) and its 95 % interval over the resamples.

        Raises:
            ValueError: ``values`` is not one finite number for each glyph.
        """
        values = np.asarray(values, dtype=np.float64)
        if values.shape != (self.counts.shape[1],):
            raise ValueError(
                f"Expected values of shape ({self.counts.shape[1]},), one a glyph, "
                f"but got {values.shape}."
            )
        if not np.isfinite(values).all():
            raise ValueError("Expected finite values, but got NaN or infinity.")
        value = float(values.mean())
        # Centring first keeps the sums exact enough for a constant score to have no width.
        means = value + self.counts @ (values - value) / self._drawn
        low, high = np.percentile(means, (_TAIL, 100 - _TAIL))
        return Interval(value, float(low), float(high))


def bootstrap(
    values: Array, fonts: Sequence[Hashable], *, replicates: int = 1000, seed: int = 0
) -> Interval:
    """The mean of per-glyph scores with its 95 % interval; see :class:`Bootstrap`.

    Args:
        values: (G,) one score a glyph.
        fonts: (G,) the font (or lineage) of each glyph.
        replicates: Number of resamples.
        seed: Seed of the draws.

    Raises:
        ValueError: The shapes differ or a value is not finite.
    """
    return Bootstrap(fonts, replicates=replicates, seed=seed).interval(values)


def paired_difference(
    a: Array, b: Array, fonts: Sequence[Hashable], *, replicates: int = 1000, seed: int = 0
) -> Interval:
    """The mean of ``a - b`` over the same glyphs with its 95 % interval.

    Pairing removes what both models find hard, so this interval is narrower than the two
    single ones suggest.

    Args:
        a: (G,) one score a glyph of the first model.
        b: (G,) the second model's scores of the same glyphs in the same order.
        fonts: (G,) the font (or lineage) of each glyph.
        replicates: Number of resamples.
        seed: Seed of the draws.

    Raises:
        ValueError: The shapes differ or a value is not finite.
    """
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"Expected scores of the same glyphs, but got {a.shape} and {b.shape}.")
    return bootstrap(a - b, fonts, replicates=replicates, seed=seed)


def _draw_counts(
    font_of: npt.NDArray[np.int64], replicates: int, random: np.random.Generator
) -> npt.NDArray[np.float32]:
    n_glyphs, n_fonts = len(font_of), int(font_of.max()) + 1
    # times[r, f]: how often replicate r drew font f
    draws = (
        random.integers(0, n_fonts, (replicates, n_fonts))
        + n_fonts * np.arange(replicates)[:, None]
    )
    times = np.bincount(draws.ravel(), minlength=replicates * n_fonts).reshape(replicates, n_fonts)
    counts = np.zeros((replicates, n_glyphs), dtype=np.float32)
    for font in range(n_fonts):
        columns = np.flatnonzero(font_of == font)
        counts[:, columns] = _draw_glyphs(times[:, font], len(columns), random)
    return counts


def _draw_glyphs(
    times: npt.NDArray[np.int64], n_glyphs: int, random: np.random.Generator
) -> npt.NDArray[np.int64]:
    """(replicates, n_glyphs): counts of ``times[r] * n_glyphs`` draws among n_glyphs."""
    counts = np.zeros((len(times), n_glyphs), dtype=np.int64)
    step = max(1, _DRAWS_AT_ONCE // (n_glyphs * max(1, int(times.max()))))
    for start in range(0, len(times), step):
        part = times[start : start + step]
        row = np.repeat(np.arange(len(part)), part * n_glyphs)
        drawn = random.integers(0, n_glyphs, len(row))
        flat = np.bincount(row * n_glyphs + drawn, minlength=len(part) * n_glyphs)
        counts[start : start + step] = flat.reshape(len(part), n_glyphs)
    return counts
