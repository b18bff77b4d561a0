"""Histograms that move with their values, and the distance that two of them lie apart."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Axis:
    """The bins of a histogram.

    Attributes:
        low: Where the first bin begins.
        high: Where the last one ends.
        bins: How many there are.
        circular: Whether the last bin lies beside the first, as of directions.
    """

    low: float
    high: float
    bins: int
    circular: bool = False

    @property
    def width(self) -> float:
        """The width of a bin."""
        return (self.high - self.low) / self.bins

    def histogram(self, values: Array, groups: int = 1) -> Array:
        """Counts of values; one between the centres of two bins is shared by both.

        Whole counts would jump where a value crosses the edge of a bin: of a straight edge, whose
        turning is zero but for rounding, a whole bin's width.

        Args:
            values: (N, groups); what lies outside the bins counts in the outermost.
            groups: How many histograms are taken.

        Returns:
            (groups x bins), one histogram after the other.
        """
        place = (values.reshape(-1, groups) - self.low) / self.width - 0.5
        if not self.circular:
            place = place.clip(0, self.bins - 1)
        left = np.floor(place)
        share = place - left
        first = left.astype(np.int64)
        start = self.bins * np.arange(groups)
        counts = np.zeros(groups * self.bins)
        for bins, weights in ((first, 1 - share), (first + 1, share)):
            inside = bins % self.bins if self.circular else np.minimum(bins, self.bins - 1)
            index = (start + inside).ravel()
            counts += np.bincount(index, weights.ravel(), minlength=len(counts))
        return counts

    def distance(self, first: Array, second: Array) -> Array:
        """The 1-Wasserstein distance of histograms, each taken as shares.

        Args:
            first: (..., bins) counts, not all zero.
            second: (..., bins) counts, not all zero.

        Returns:
            (...) in units of the axis.
        """
        return self.between(cumulative(first), cumulative(second))

    def between(self, first: Array, second: Array) -> Array:
        """:meth:`distance` of what :func:`cumulative` gives.

        Source: on a circle, Werman, Peleg and Rosenfeld, A distance metric for multidimensional
        histograms (1985): the least sum is at the median of the differences.
        """
        apart = first - second
        if self.circular:
            apart -= np.median(apart, axis=-1, keepdims=True)
        total: Array = np.abs(apart, out=apart).sum(axis=-1) * self.width
        return total


def cumulative(counts: Array) -> Array:
    """(..., bins) counts to the share at or below each bin; NaN where there are none."""
    with np.errstate(invalid="ignore"):
        shares: Array = np.cumsum(counts / counts.sum(axis=-1, keepdims=True), axis=-1)
    return shares
