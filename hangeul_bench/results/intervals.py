"""95 % intervals of means: Student's t over font lineages, and over syllables where known."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hangeul_bench.results.file import Estimate, Result

Array = npt.NDArray[np.float64]

# The rule by which an interval was made; a result names it beside each of its columns.
RULE = "t-v1"
_LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its 95 % interval; None where there are too few lineages for one."""

    value: float
    low: float | None
    high: float | None

    @property
    def excludes_zero(self) -> bool:
        """Whether a difference of this interval can be told from none."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True)
class Mean:
    """A mean with its standard error.

    Attributes:
        value: The mean.
        error: Its standard error; None for fewer than two lineages.
        degrees: Degrees of freedom of Student's t.
    """

    value: float
    error: float | None
    degrees: int

    def interval(self) -> Interval:
        """The two-sided 95 % interval."""
        if self.error is None:
            return Interval(self.value, None, None)
        half = self.error * _quantile((1 + _LEVEL) / 2, self.degrees)
        return Interval(self.value, self.value - half, self.value + half)

    def estimate(self) -> Estimate:
        """The two-sided 95 % interval as a result has it."""
        interval = self.interval()
        return {"value": interval.value, "low": interval.low, "high": interval.high}

    def upper(self) -> float | None:
        """The one-sided 95 % upper bound; None for fewer than two lineages."""
        if self.error is None:
            return None
        return self.value + self.error * _quantile(_LEVEL, self.degrees)

    def p_value(self) -> float:
        """The two-sided p value of a mean of zero; 1 where nothing can be said."""
        from scipy.special import stdtr

        if self.error is None or self.value == 0:
            return 1.0
        if self.error == 0:
            return 0.0
        return float(2 * stdtr(self.degrees, -abs(self.value) / self.error))


class Sample:
    """Which font, and which syllable, each of some scores is of; used for any number of columns.

    Fonts are the sample, and fonts of one lineage are one: the variance is that of lineages' sums
    about the mean, which for lineages of one font each is the usual variance of a mean. Where
    syllables are given they are a second sample, crossed with the first: the variance of
    lineages plus that of syllables less that of their cells, never less than that of lineages
    alone. Student's t has as many degrees as the smaller sample, less one.

    Args:
        lineages: (N,) the lineage (or font) of each score.
        syllables: (N,) the syllable of each; None where the scores are of fonts.
        weights: (N,) how much each counts; None is all alike.

    Raises:
        ValueError: There is no score, or the lengths differ.

    Source: Cameron, Gelbach and Miller, Robust Inference With Multiway Clustering (2011),
        equations 2.11 and 2.13, for a regression on a constant.
    """

    def __init__(
        self,
        lineages: Sequence[Hashable],
        syllables: Sequence[Hashable] | None = None,
        *,
        weights: npt.ArrayLike | None = None,
    ) -> None:
        if not len(lineages):
            raise ValueError("Expected at least one score, but got none.")
        share = np.ones(len(lineages)) if weights is None else np.asarray(weights, np.float64)
        self._share: Array = share / share.sum()
        self._fonts = _numbers(lineages)
        self._syllables = None if syllables is None else _numbers(syllables)
        for names in (self._share, self._syllables):
            if names is not None and len(names) != len(lineages):
                raise ValueError(
                    f"Expected {len(lineages)} weights and syllables, but got {len(names)}."
                )

    def mean(self, values: npt.ArrayLike) -> Mean:
        """The mean of ``values`` (N,) with its standard error.

        Raises:
            ValueError: ``values`` is not one finite number for each.
        """
        scores = np.asarray(values, dtype=np.float64)
        if scores.shape != self._fonts.shape:
            raise ValueError(
                f"Expected scores of shape {self._fonts.shape}, but got {scores.shape}."
            )
        if not np.isfinite(scores).all():
            raise ValueError("Expected finite scores, but got NaN or infinity.")
        value = float(self._share @ scores)
        count = int(self._fonts.max()) + 1
        if count < 2:
            return Mean(value, None, 0)
        parts = self._share * (scores - value)
        variance = _clustered(parts, self._fonts)
        if self._syllables is not None and self._syllables.max() > 0:
            n_syllables = int(self._syllables.max()) + 1
            both = np.unique(self._fonts * n_syllables + self._syllables, return_inverse=True)[1]
            crossed = _clustered(parts, self._syllables) - _clustered(parts, both)
            variance += max(crossed, 0.0)
            count = min(count, n_syllables)
        return Mean(value, float(np.sqrt(variance)), count - 1)


def lineages_of(fonts: Sequence[str], *results: Result) -> list[str]:
    """The lineage of each font; a font that no result says one of is its own."""
    lineages = {k: v for result in results for k, v in result.get("lineages", {}).items()}
    return [lineages.get(font, f"font:{font}") for font in fonts]


def holm(p_values: Sequence[float], level: float = 1 - _LEVEL) -> list[bool]:
    """Which of several tests reject, so that a false one among them has a chance of ``level``.

    Args:
        p_values: One a test.
        level: The chance that any true null is rejected.

    Source: Holm, A simple sequentially rejective multiple test procedure (1979).
    """
    rejected = [False] * len(p_values)
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    for passed, index in enumerate(order):
        if p_values[index] > level / (len(p_values) - passed):
            break
        rejected[index] = True
    return rejected


def _clustered(deviations: Array, cluster: npt.NDArray[np.int64]) -> float:
    """The variance of a mean from its weighted deviations, with clusters as the sample."""
    sums = np.bincount(cluster, weights=deviations)
    return float(len(sums) / max(len(sums) - 1, 1) * np.square(sums).sum())


def _numbers(names: Sequence[Hashable]) -> npt.NDArray[np.int64]:
    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(name, len(number)) for name in names])


def _quantile(share: float, degrees: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(degrees, share))
