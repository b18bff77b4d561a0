"""The style distance by hand: what is missing, what is capped, and what adds up."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics import StyleDistance
from hangeul_bench.metrics.style.axis import Axis
from hangeul_bench.metrics.style.contour import contours
from hangeul_bench.metrics.style.glyph import HISTOGRAMS, N_FEATURES, glyph_row, histograms
from hangeul_bench.metrics.style.skeleton import skeleton_of, skeleton_rule
from hangeul_bench.metrics.style_distance import SCALES, measure_distances
from support.metric_glyphs import bar, blank, pages, shifted

ROOT = Path(__file__).parents[2]
COLUMN = "style_distance"


def cross(width: int = 8) -> torch.Tensor:
    """(1, 128, 128): an upright stroke and a level one across it."""
    page = blank(1)
    page[:, 20:108, 64 - width // 2 : 64 + width // 2] = 0
    page[:, 64 - width // 2 : 64 + width // 2, 20:108] = 0
    return page


def ring(outer: int = 40, inner: int = 30) -> torch.Tensor:
    """(1, 128, 128): a closed loop, whose stroke has no end."""
    y, x = np.mgrid[0:128, 0:128]
    radius = np.hypot(y - 63.5, x - 63.5)
    ink = np.clip(outer - radius, 0, 1) * np.clip(radius - inner, 0, 1)
    return torch.from_numpy(np.uint8(255 - 255 * ink))[None]


def distance(pred: torch.Tensor, target: torch.Tensor) -> dict[str, float]:
    metric = StyleDistance()
    return metric.distance(metric.features(pred), metric.features(target))


def peak(page: torch.Tensor, name: str, group: int = 0) -> float:
    """Mean of a histogram of one glyph, in units of its axis."""
    axis, _ = HISTOGRAMS[name]
    counts = histograms(glyph_row(page[0].numpy()), name)[group]
    centres = axis.low + (np.arange(axis.bins) + 0.5) * axis.width
    return float((counts * centres).sum() / counts.sum())


@pytest.mark.parametrize("width", [4, 8, 12])
def test_the_radius_of_a_stroke_is_half_its_width(width: int) -> None:
    # A stroke of an even width has no middle row of pixels: half a pixel is lost, or so.
    assert 2 * 2 ** peak(bar(width), "radius") == pytest.approx(width, abs=0.6)
    assert peak(bar(width), "ratio") == pytest.approx(0, abs=0.02)
    assert histograms(glyph_row(bar(width)[0].numpy()), "ratio_level").sum() == 0


def test_a_square_end_is_as_wide_as_its_stroke_and_a_foot_on_one_side_is_lopsided() -> None:
    assert peak(bar(12), "width_tip", 1) == pytest.approx(1, abs=0.1)
    assert abs(peak(bar(12), "lopsided", 1)) < 0.05
    feet = bar(12)  # turned by half a turn it is the same
    feet[:, 20:25, 52:57] = feet[:, 95:100, 35:40] = 0
    assert peak(feet, "width_tip", 1) > 1.2
    assert abs(peak(feet, "lopsided", 1)) > 0.1


def test_a_contour_lies_where_half_a_pixel_is_ink_and_closes_at_the_edge_of_the_page() -> None:
    (line,) = contours(bar(8)[0].numpy())
    assert np.ptp(line[:, 0]) == pytest.approx(8, abs=0.05)
    assert np.ptp(line[:, 1]) == pytest.approx(80, abs=0.05)
    assert len(contours(np.zeros((128, 128), np.uint8))) == 1
    assert len(contours(ring()[0].numpy())) == 2


def test_a_known_picture_thins_as_it_did_when_the_scales_were_taken() -> None:
    assert skeleton_rule() == "774575d3"
    assert skeleton_rule() in StyleDistance().signature()


def test_a_skeleton_knows_ends_and_the_pen() -> None:
    skeleton = skeleton_of(cross()[0].numpy())
    assert skeleton is not None and len(skeleton.ends) == 4
    assert skeleton.unit == pytest.approx(8, abs=0.6)  # of a page of twice the size
    middle = np.hypot(*(skeleton.points[skeleton.pen] - (64 * 2 + 8)).T)
    assert middle.min() > 7


@pytest.mark.parametrize("page", [blank(1), blank(1) * 0, torch.full((1, 128, 128), 128).byte()])
def test_what_draws_nothing_has_the_greatest_distance(page: torch.Tensor) -> None:
    assert distance(page, cross()) == dict.fromkeys(StyleDistance.columns, 3.0)


def test_a_dot_is_no_glyph() -> None:
    dot = blank(1)
    dot[:, 60:66, 60:66] = 0
    assert not glyph_row(dot[0].numpy()).any()
    assert distance(dot, cross()) == dict.fromkeys(StyleDistance.columns, 3.0)


def test_the_truth_is_zero_wherever_it_stands() -> None:
    truth = pages(6)
    assert distance(truth, truth) == dict.fromkeys(StyleDistance.columns, 0.0)
    moved = distance(shifted(truth, 3, 3), truth)
    assert all(value == pytest.approx(0, abs=1e-4) for value in moved.values())


def test_each_missing_syllable_costs_its_share_of_the_cap() -> None:
    truth = pages(8)
    half = torch.cat([truth[:4], blank(4)])
    for pred, target in ((half, truth), (truth, half)):
        assert distance(pred, target) == pytest.approx(dict.fromkeys(StyleDistance.columns, 1.5))
    other = pages(8, seed=1)
    whole = distance(other[:4], truth[:4])
    found = distance(torch.cat([other[:4], blank(4)]), truth)
    assert found == pytest.approx({name: value / 2 + 1.5 for name, value in whole.items()})


def test_what_both_lack_says_nothing() -> None:
    truth, other = pages(4), pages(4, seed=1)
    with_blank = distance(torch.cat([other, blank(3)]), torch.cat([truth, blank(3)]))
    assert with_blank == distance(other, truth)
    assert distance(blank(2), blank(2)) == dict.fromkeys(StyleDistance.columns, 0.0)


def test_a_font_of_closed_loops_has_no_ends_to_compare() -> None:
    assert distance(ring(), ring(44, 30))["terminal_error"] == 0
    # One side alone has ends: as far off as it gets, in that column alone.
    found = distance(cross(), ring())
    assert found["terminal_error"] == 3.0 and found["pen_error"] < 3.0
    assert all(np.isfinite(list(found.values())))


def test_a_column_is_the_mean_of_its_measures_in_scales_and_the_distance_of_the_columns() -> None:
    metric = StyleDistance()
    pred, target = (metric.features(x).numpy() for x in (pages(5, seed=1), pages(5)))
    raw, found = measure_distances(pred, target), metric.distance(pred, target)
    for column, scales in SCALES.items():
        parts = [min(raw[name] / scale, 3) for name, scale in scales.items()]
        assert found[column] == pytest.approx(np.mean(parts), rel=1e-12)
    assert found[COLUMN] == pytest.approx(np.mean([found[c] for c in SCALES]), rel=1e-12)
    assert tuple(found) == metric.columns and {n for s in SCALES.values() for n in s} == set(
        HISTOGRAMS
    )


def test_the_order_of_syllables_is_no_matter_as_long_as_it_is_one() -> None:
    pred, target = pages(6, seed=1), pages(6)
    assert distance(pred.flip(0), target.flip(0)) == pytest.approx(distance(pred, target))
    assert distance(pred.flip(0), target)["layout_error"] != pytest.approx(
        distance(pred, target)["layout_error"]
    )


def test_compute_equals_distance_of_all_features() -> None:
    metric = StyleDistance()
    pred, target = pages(7, seed=1), torch.cat([pages(5), blank(2)])
    for part in (slice(0, 3), slice(3, 7)):
        metric.update(pred[part], target[part])
    found = {name: float(value) for name, value in metric.compute().items()}
    assert found == pytest.approx(distance(pred, target), rel=1e-9)


def test_pairs_are_of_one_shape_and_no_glyph_has_no_features() -> None:
    metric = StyleDistance()
    with pytest.raises(UserError, match="of one shape"):
        metric.update(pages(2), pages(3))
    assert metric.features(pages(0)).shape == (0, N_FEATURES)


def test_a_histogram_moves_with_its_values() -> None:
    axis = Axis(0, 4, 4)
    assert axis.histogram(np.array([0.5, 2.5])).tolist() == [1, 0, 1, 0]
    assert axis.histogram(np.array([1.0])).tolist() == [0.5, 0.5, 0, 0]
    assert axis.histogram(np.array([-9.0, 9.0])).tolist() == [1, 0, 0, 1]
    two = axis.histogram(np.array([[0.5, 3.5], [1.5, 3.5]]), 2)
    assert two.tolist() == [1, 1, 0, 0, 0, 0, 0, 2]
    near, far = (axis.histogram(np.array([x])) for x in (2.1, 2.6))
    assert axis.distance(near, far) == pytest.approx(0.5)


def test_a_circle_has_no_end() -> None:
    axis = Axis(0, 180, 36, circular=True)
    first, last = (axis.histogram(np.array([degrees])) for degrees in (1.0, 178.0))
    assert first.sum() == 1 and axis.distance(first, last) == pytest.approx(3)
    whole = axis.histogram(np.array([180.0, 360.0, -180.0]))
    assert np.allclose(whole, axis.histogram(np.array([0.0, 0.0, 0.0])))


def test_the_scales_are_those_of_the_committed_table() -> None:
    text = (ROOT / "leaderboards/style-scales.json").read_text(encoding="utf-8")
    table = json.loads(text)
    assert table["scales"] == {name: s for column in SCALES.values() for name, s in column.items()}
    assert table["skeleton"] == skeleton_rule()
    assert (table["n_fonts"], table["n_syllables"]) == (len(table["fonts"]), 60)
