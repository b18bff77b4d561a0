"""The exact Frechet distance between two Gaussians fitted to features, without a matrix root.

d^2 = |m1 - m2|^2 + tr S1 + tr S2 - 2 tr sqrt(S1 S2). With S = A^T A / (n - 1) for centred
features A, the last trace is the sum of the singular values of A1 A2^T / sqrt((n1-1)(n2-1)). That
needs no square root of a product, no epsilon, and holds for any n >= 2, also below the number of
features, where `scipy.linalg.sqrtm` is inaccurate or fails.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.linalg

from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics.base import Array, DistributionMetric


@dataclass(frozen=True)
class Gaussian:
    """What the distance needs to know of one set of features.

    Attributes:
        n: Number of images.
        mean: (D,) float64.
        factor: (R, D) float64 with ``factor.T @ factor`` the covariance (divided by n - 1).
    """

    n: int
    mean: Array
    factor: Array

    @property
    def trace(self) -> float:
        """Trace of the covariance."""
        return float(np.square(self.factor).sum())


def fit(features: npt.ArrayLike) -> Gaussian:
    """The Gaussian of features (N, D), without forming their covariance.

    Raises:
        UserError: Fewer than two images, not two axes, or NaN or infinity among the features.
    """
    x = np.asarray(features, dtype=np.float64)
    if x.ndim != 2 or len(x) < 2:
        raise UserError(
            f"Expected features (N, D) of at least 2 images for a Frechet distance, "
            f"but got shape {x.shape}."
        )
    if not np.isfinite(x).all():
        raise UserError("Expected finite features, but got NaN or infinity.")
    mean = x.mean(axis=0)
    factor = (x - mean) / np.sqrt(len(x) - 1)
    if len(x) > x.shape[1]:
        # R of the QR decomposition has the same R^T R, and as few rows as there are features.
        factor = scipy.linalg.qr(factor, mode="r", overwrite_a=True)[0][: x.shape[1]]
    return Gaussian(len(x), mean, factor)


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """The squared Frechet distance of two Gaussians, as FID reports it; 0 or more.

    Source: Dowson and Landau, The Frechet distance between multivariate normal distributions
    (1982); Heusel et al., GANs trained by a two time-scale update rule (2017).

    Raises:
        UserError: The two have different numbers of features.
    """
    if a.mean.shape != b.mean.shape:
        raise UserError(
            f"Expected features of one length, but got {len(a.mean)} and {len(b.mean)}."
        )
    cross = scipy.linalg.svdvals(a.factor @ b.factor.T).sum()
    shift = a.mean - b.mean
    # Equal sets leave a rounding error of either sign.
    return max(0.0, float(shift @ shift) + a.trace + b.trace - 2 * float(cross))


class FrechetMetric(DistributionMetric):
    """A Frechet distance; a metric of its own gives the features.

    Range from 0, no upper bound; lower is better. It falls as the sets grow: compare only equal N.
    """

    def distance(self, features_pred: npt.ArrayLike, features_target: npt.ArrayLike) -> float:
        """The distance of features (N, D) and (M, D), N and M at least 2."""
        return frechet_distance(fit(features_pred), fit(features_target))
