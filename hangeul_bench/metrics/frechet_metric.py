"""What metrics share whose number is a Frechet distance of two sets of features."""

import numpy.typing as npt

from hangeul_bench.metrics.base import Array, DistributionMetric
from hangeul_bench.metrics.frechet import fit, fit_moments, frechet_distance


class FrechetMetric(DistributionMetric):
    """A Frechet distance; a metric of its own gives the features.

    Range from 0, no upper bound; lower is better. It falls as the sets grow: compare only equal N.

    Source: :mod:`hangeul_bench.metrics.frechet`.
    """

    higher_is_better = False

    def distance(self, features_pred: npt.ArrayLike, features_target: npt.ArrayLike) -> float:
        """The distance of features (N, D) and (M, D), N and M at least 2."""
        return frechet_distance(fit(features_pred), fit(features_target))

    def _distance(self, pred: tuple[int, Array, Array], target: tuple[int, Array, Array]) -> float:
        return frechet_distance(fit_moments(*pred), fit_moments(*target))
