"""The Frechet distance against pytorch-fid's, closed forms and itself, also for few images."""

import numpy as np
import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.torchvision import ensure_torchvision
from hangeul_bench.metrics.frechet import fit, frechet_distance


def _features(n: int, d: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    mixing = random.normal(size=(d, d)) / np.sqrt(d)
    return np.maximum(random.normal(size=(n, d)) @ mixing + random.normal(size=d) / 3, 0)


def _pytorch_fid(a: np.ndarray, b: np.ndarray) -> float:
    ensure_torchvision()
    from pytorch_fid.fid_score import calculate_frechet_distance

    moments = [f(x) for x in (a, b) for f in (_mean, _covariance)]
    return float(calculate_frechet_distance(*moments))


def _mean(x: np.ndarray) -> np.ndarray:
    return x.mean(axis=0)


def _covariance(x: np.ndarray) -> np.ndarray:
    return np.cov(x, rowvar=False)


@pytest.mark.parametrize(("n", "m"), [(500, 500), (400, 90), (70, 60)])
def test_equals_pytorch_fid(n: int, m: int) -> None:
    # 64 features: full rank, and with 60 images less than full rank.
    a, b = _features(n, 64, 1), _features(m, 64, 2)
    expected = _pytorch_fid(a, b)
    assert frechet_distance(fit(a), fit(b)) == pytest.approx(expected, rel=1e-6)


def test_few_images_of_many_features_equal_the_square_root_of_the_product() -> None:
    # Rank 19 in 300 dimensions, where sqrtm of the singular product is inaccurate: compared with
    # the square roots of the eigenvalues of S1 S2.
    a, b = _features(20, 300, 1), _features(20, 300, 2)
    s1, s2 = _covariance(a), _covariance(b)
    eigenvalues = np.sort(np.linalg.eigvals(s1 @ s2).real)[::-1][:19]
    shift = _mean(a) - _mean(b)
    expected = shift @ shift + np.trace(s1) + np.trace(s2) - 2 * np.sqrt(eigenvalues).sum()
    assert frechet_distance(fit(a), fit(b)) == pytest.approx(expected, rel=1e-9)


def test_closed_form_of_two_diagonal_gaussians() -> None:
    random = np.random.default_rng(0)
    unit = random.normal(size=(50, 3))
    unit -= unit.mean(0)
    unit = np.linalg.qr(unit)[0] * np.sqrt(49)  # mean 0, covariance exactly the identity
    a, b = unit * [1, 2, 3] + [1, 0, 0], unit * [2, 2, 5]
    assert frechet_distance(fit(a), fit(b)) == pytest.approx(1 + 1 + 0 + 4)


def test_zero_for_the_same_set_and_symmetric() -> None:
    a, b = _features(40, 64, 1), _features(50, 64, 2)
    assert frechet_distance(fit(a), fit(a)) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(fit(a), fit(b)) == pytest.approx(frechet_distance(fit(b), fit(a)))


def test_order_of_images_does_not_matter() -> None:
    a, b = _features(40, 64, 1), _features(50, 64, 2)
    assert frechet_distance(fit(a[::-1]), fit(b)) == pytest.approx(
        frechet_distance(fit(a), fit(b)), rel=1e-12
    )


def test_unusable_features_are_refused() -> None:
    with pytest.raises(UserError, match=r"at least 2 images .* got shape \(1, 4\)"):
        fit(np.zeros((1, 4)))
    with pytest.raises(UserError, match="finite features"):
        fit(np.array([[0.0, np.nan], [0.0, 0.0]]))
    with pytest.raises(UserError, match="one length, but got 3 and 4"):
        frechet_distance(fit(np.eye(3)), fit(np.eye(4)))
