"""Other people's definitions against the libraries and formulas that they call."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from skimage.metrics import structural_similarity

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.torchvision import ensure_torchvision
from hangeul_bench.metrics.conventions import CONVENTIONS, features, similarity, variants_of
from hangeul_bench.metrics.conventions.table import VARIANTS
from support.metric_glyphs import blank, pages, shifted, write_alexnet, write_inception

Pair = tuple[torch.Tensor, torch.Tensor]


@pytest.fixture(scope="module")
def pair() -> Pair:
    target = pages(5)
    return torch.cat([shifted(target[:3], 2, 1), blank(1), pages(1, seed=8)]), target


def variant(convention: str, metric: str):
    (found,) = [v for v in variants_of([convention]) if v.metric == metric]
    return found


def value(convention: str, metric: str, *fonts: Pair) -> float:
    chosen = variant(convention, metric)
    measure = chosen.load(None, "cpu")
    return chosen.combine([measure(*font) for font in fonts])


def scikit(pair: Pair, **options) -> float:
    scores = [
        structural_similarity(a.numpy(), b.numpy(), **options) for a, b in zip(*pair, strict=True)
    ]
    return float(np.mean(scores))


@pytest.mark.parametrize("convention", ["skimage-default", "dgfont"])
def test_scikit_image_without_options(convention: str, pair: Pair) -> None:
    assert value(convention, "ssim", pair) == pytest.approx(scikit(pair), abs=1e-12)


def test_cf_font_is_scikit_image_with_gaussian_weights(pair: Pair) -> None:
    expected = scikit(pair, data_range=255, gaussian_weights=True)
    assert value("cffont", "ssim", pair) == pytest.approx(expected, abs=1e-12)


def test_ffg_is_wang_on_small_images_doubled_with_the_range_of_what_was_drawn(pair: Pair) -> None:
    def prepared(images: torch.Tensor) -> np.ndarray:
        x = similarity.shrunk(images).double()[:, None] / 127.5 - 1
        return torch.nn.functional.interpolate(
            x, scale_factor=2, mode="bicubic", align_corners=True
        )[:, 0].numpy()

    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    both = [prepared(x) for x in pair]
    expected = [
        structural_similarity(a, b, data_range=2, **options) for a, b in zip(*both, strict=True)
    ]
    assert value("ffg", "ssim", pair) == pytest.approx(np.mean(expected), abs=1e-9)
    # A font drawn blank has nothing below -0.5: L becomes 1, and the score another.
    empty = blank(5), pair[1]
    both = [prepared(x) for x in empty]
    expected = [
        structural_similarity(a, b, data_range=1, **options) for a, b in zip(*both, strict=True)
    ]
    assert value("ffg", "ssim", empty) == pytest.approx(np.mean(expected), abs=1e-9)


@pytest.mark.parametrize(
    ("convention", "options"), [("torchmetrics", {}), ("iffont", {"data_range": (0.0, 1.0)})]
)
def test_torchmetrics_own_class(convention: str, options: dict, pair: Pair) -> None:
    ensure_torchvision()
    from torchmetrics.image import StructuralSimilarityIndexMeasure

    metric = StructuralSimilarityIndexMeasure(**options)
    metric.update(*(x[:, None].double() / 255 for x in pair))
    assert value(convention, "ssim", pair) == pytest.approx(float(metric.compute()), abs=1e-6)


def test_rmse_of_all_pixels_is_larger_than_the_mean_over_glyphs(pair: Pair) -> None:
    a, b = (x.numpy() / 255 for x in pair)
    squares = np.square(a - b)
    assert value("iffont", "rmse", pair) == pytest.approx(math.sqrt(squares.mean()))
    of_glyphs = np.sqrt(squares.mean((1, 2))).mean()
    assert value("ours", "rmse", pair) == pytest.approx(of_glyphs)
    assert of_glyphs < math.sqrt(squares.mean())


def test_a_mean_over_fonts_weighs_fonts_alike(pair: Pair) -> None:
    small = tuple(x[:1] for x in pair)
    rest = tuple(x[1:] for x in pair)
    alone = [value("cffont", "rmse", font) for font in (small, rest)]
    assert value("cffont", "rmse", small, rest) == pytest.approx(np.mean(alone))
    assert value("ours", "rmse", small, rest) == pytest.approx(np.dot(alone, [0.2, 0.8]))


def test_tensorflows_grid_starts_at_the_corner() -> None:
    x = torch.tensor([[[[0.0, 4.0], [8.0, 12.0]]]])
    expected = [[0, 2, 4, 4], [4, 6, 8, 8], [8, 10, 12, 12], [8, 10, 12, 12]]
    assert features.tensorflow_bilinear(x, 4)[0, 0].tolist() == expected


def test_torch_fidelitys_own_grid() -> None:
    package = pytest.importorskip("torch_fidelity.interpolate_compat_tensorflow")
    x = pages(1)[:, None].float()
    expected = package.interpolate_bilinear_2d_like_tensorflow1x(
        x, size=(299, 299), align_corners=False
    )
    torch.testing.assert_close(features.tensorflow_bilinear(x, 299), expected)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    write_alexnet(folder)
    write_inception(folder)
    return folder


def test_lpips_at_half_the_size_is_another_number(weights: Path, pair: Pair) -> None:
    full = features.lpips_of("alex", allow_unpinned=True)(weights, "cpu")
    half = features.lpips_of("alex", prepare=similarity.shrunk, allow_unpinned=True)(weights, "cpu")
    small = tuple(similarity.shrunk(x) for x in pair)
    assert torch.equal(half(*pair), full(*small))
    assert not torch.equal(half(*pair), full(*pair))


def test_pytorch_fids_input_gives_the_boards_own_features(weights: Path, pair: Pair) -> None:
    from hangeul_bench.metrics import FID

    measure = features.inception_of(features.as_pytorch_fid, allow_unpinned=True)(weights, "cpu")
    found = measure(*(x[:2] for x in pair))
    expected = FID(weights=weights, allow_unpinned=True).features(pair[0][:2])
    torch.testing.assert_close(found[0], expected, rtol=1e-4, atol=1e-5)


def test_if_fonts_truncation_loses_no_level_of_8_bits() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal((levels / 255 * 255).type(torch.uint8), levels)


def test_every_convention_says_what_it_does() -> None:
    asked = {"dgfont", "cffont", "ffg", "iffont", "torchmetrics", "skimage-default"}
    assert set(CONVENTIONS) == {"ours", *asked}
    assert len({(v.convention, v.metric) for v in VARIANTS}) == len(VARIANTS)
    assert all(v.definition.isprintable() and "|" not in v.definition for v in VARIANTS)
    with pytest.raises(UserError, match="found 'mine'"):
        variants_of(["mine"])
    assert variants_of(["all"]) == VARIANTS
