"""The geometry error's measures on strokes of known shape, and its order of fonts."""

from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import distance_transform_edt, minimum_filter

from hangeul_bench.metrics import GeometryError
from hangeul_bench.metrics.geometry_error import SCALES, squared_distances
from support.metric_glyphs import bar, blank, pages, shifted

COLUMN = {name: i for i, name in enumerate(SCALES)}


def _measures(images: torch.Tensor) -> dict[str, float]:
    row = GeometryError().features(images)[0]
    return {name: float(row[i]) for name, i in COLUMN.items()}


@pytest.mark.parametrize("width", [2, 4, 8, 12])
def test_stroke_width_is_that_of_a_long_stroke(width: int) -> None:
    # The ends of the stroke are nearer to paper, which costs a little.
    assert _measures(bar(width))["stroke_width"] == pytest.approx(width, rel=0.06)


def test_stroke_contrast_is_one_for_one_width_and_more_for_thick_and_thin() -> None:
    thick_and_thin = torch.minimum(bar(14), bar(2, left=80))
    assert _measures(bar(10))["stroke_contrast"] == pytest.approx(1, abs=0.02)
    assert _measures(thick_and_thin)["stroke_contrast"] > 1.02


def test_box_and_density_of_a_stroke() -> None:
    found = _measures(bar(8, height=80, left=40))
    assert found["ink_density"] == pytest.approx(8 * 80 / 128**2)
    assert (found["box_width"], found["box_height"]) == (8 / 128, 80 / 128)


def test_slant_is_the_tangent_of_a_leaning_stroke() -> None:
    rows, columns = np.mgrid[0:128, 0:128]
    for tangent in (-0.3, 0.0, 0.2):
        edge = np.clip(6 - np.abs(columns - 64 + tangent * (rows - 64)), 0, 1)
        edge[:16] = edge[112:] = 0
        page = torch.from_numpy(np.uint8(255 - 255 * edge))[None]
        assert _measures(page)["slant"] == pytest.approx(tangent, abs=0.03)


def test_a_page_without_ink_measures_nothing_and_stays_finite() -> None:
    expected = dict.fromkeys(SCALES, 0.0)
    assert _measures(blank(1)) == expected
    metric = GeometryError()
    assert 1 < metric.distance(metric.features(blank(3)), metric.features(pages(3))) < 1e3


@pytest.mark.parametrize("shape", [(128, 128), (30, 300)])
def test_distances_to_paper_are_those_of_scipy(shape: tuple[int, int]) -> None:
    images = np.random.default_rng(0).random((3, *shape)) < np.array([0.5, 0.98, 1])[:, None, None]
    ink = np.pad(images, ((0, 0), (0, 0), (1, 1)))
    for page, squared in zip(ink, squared_distances(ink), strict=True):
        expected = distance_transform_edt(np.pad(page, ((1, 1), (0, 0))))[1:-1]
        assert np.array_equal(np.sqrt(squared, dtype=np.float64), expected)


def test_a_glyph_at_the_edge_touches_no_neighbour_in_the_batch() -> None:
    full = torch.zeros(1, 128, 128, dtype=torch.uint8)
    metric = GeometryError()
    together = metric.features(torch.cat([full, pages(1), full]))
    alone = torch.cat([metric.features(x) for x in (full, pages(1), full)])
    assert torch.equal(together, alone)


def test_distance_is_the_mean_of_scaled_frechet_distances_by_hand() -> None:
    pred, target = np.zeros((2, 6)), np.zeros((2, 6))
    pred[:, 0] = 3 * SCALES["stroke_width"]  # means 3 scales apart, both without spread
    pred[:, 2] = (-SCALES["ink_density"], SCALES["ink_density"])  # one mean, spread of 1 scale
    assert GeometryError().distance(pred, target) == pytest.approx((3 + 1) / 6)


def test_compute_equals_distance_of_all_features() -> None:
    metric = GeometryError()
    for seed in range(3):
        metric.update(pages(4, seed=seed), pages(4, seed=seed + 10))
    pred = metric.features(torch.cat([pages(4, seed=s) for s in range(3)]))
    target = metric.features(torch.cat([pages(4, seed=s + 10) for s in range(3)]))
    assert float(metric.compute()) == pytest.approx(metric.distance(pred, target), rel=1e-7)


def test_a_moved_glyph_is_the_truth_and_another_is_not() -> None:
    metric = GeometryError()
    truth = metric.features(pages(6))
    assert metric.distance(truth, truth) == 0
    assert metric.distance(metric.features(shifted(pages(6), 3, 5)), truth) < 1e-6
    assert metric.distance(metric.features(pages(6, seed=1)), truth) > 0.1


def test_a_heavier_weight_is_nearer_than_another_font(real_fonts: Path) -> None:
    from hangeul_bench.fonts.raster import Rasterizer

    syllables = tuple("가나다라마바사아자차각넌돋률몫병숲울짓촌")
    metric = GeometryError()

    def draw(font_id: str) -> np.ndarray:
        (path,) = real_fonts.glob(f"*/{font_id}.*")
        with Rasterizer(path) as font:
            font.fit(syllables)
            return font.render_many(syllables)

    def measure(images: np.ndarray) -> torch.Tensor:
        return metric.features(torch.from_numpy(images))

    regular = draw("nanum-myeongjo-regular")
    truth = measure(regular)
    heavier = metric.distance(measure(minimum_filter(regular, (1, 2, 2))), truth)
    other = metric.distance(measure(draw("gugi-regular")), truth)
    handwritten = metric.distance(measure(draw("nanum-brush-script-regular")), truth)
    assert metric.distance(truth, truth) == 0
    assert 0.1 < heavier < other < handwritten
