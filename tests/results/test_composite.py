"""The composite: 0 is the truth, 1 the nearest font, and it says why where there is none."""

import json
from dataclasses import replace

import numpy as np
import pytest

from hangeul_bench.results import composite
from hangeul_bench.results.composite import (
    FAMILIES,
    FLOOR,
    Reference,
    completed,
    pinned,
    reference_of,
    references_json,
)
from hangeul_bench.results.file import find_score, font_values
from support.board_results import FONTS, NUMBERS, board_result


def whole(result, category="all", *others):
    """The completed result's composite over a category."""
    done = completed([result, *others])[0]
    return find_score(done, cell="uf", category=category)["metrics"].get("composite")


NEAREST = board_result("nearest-font")


@pytest.mark.parametrize("category", ["handwritten", "printed", "all"])
def test_the_truth_is_0_and_the_nearest_font_1(category):
    assert whole(NEAREST, category)["value"] == pytest.approx(1, abs=1e-5)
    truth = whole(board_result("ground-truth"), category, NEAREST)
    assert truth == {"value": 0.0, "low": 0.0, "high": 0.0}


def test_it_is_the_geometric_mean_of_four_families():
    model = board_result("dkfont")
    expected = []
    for category in ("handwritten", "printed"):
        ratio = {}
        for metric in ("ssim", "rmse", "glyph_lpips", "style_distance", "topology_error"):
            means = [
                np.mean(list(font_values(r, metric, cell="uf", category=category).values()))
                for r in (model, NEAREST)
            ]
            mine, theirs = (1 - m if metric == "ssim" else m for m in means)
            ratio[metric] = mine / theirs
        pixel = (ratio["ssim"] * ratio["rmse"]) ** 0.5
        families = pixel, ratio["glyph_lpips"], ratio["style_distance"], ratio["topology_error"]
        expected.append((np.prod(families) ** 0.25 - FLOOR) / (1 - FLOOR))
        found = whole(model, category, NEAREST)["value"]
        assert found == pytest.approx(expected[-1], rel=1e-5)
    assert whole(model, "all", NEAREST)["value"] == pytest.approx(np.mean(expected), rel=1e-5)


def test_its_fonts_have_it_as_their_mean_and_give_its_interval():
    done = completed([board_result("dkfont"), NEAREST])[0]
    values = font_values(done, "composite", cell="uf", category="all")
    estimate = find_score(done, cell="uf", category="all")["metrics"]["composite"]
    assert len(values) == 10 and np.mean(list(values.values())) == pytest.approx(estimate["value"])
    assert estimate["low"] < estimate["value"] < estimate["high"]


def test_one_font_without_a_topology_error_does_not_decide():
    # A geometric mean a font would fall by more than half for this font.
    result = board_result("dkfont")
    before = whole(result, "handwritten", NEAREST)["value"]
    for score in result["scores"]:
        if score["group"] == "font:pen":
            score["metrics"]["topology_error"]["value"] = 0.0
    assert 0.9 < whole(result, "handwritten", NEAREST)["value"] / before < 1


@pytest.mark.parametrize("metric", ["ssim", "glyph_lpips", "style_distance", "topology_error"])
def test_a_family_that_was_not_measured_is_named(metric):
    (family,) = (name for name, metrics in FAMILIES.items() if metric in metrics)
    result = completed([board_result("dkfont", without=(metric,)), NEAREST])[0]
    assert "composite" not in result["signatures"]
    reason = result["missing_metrics"]["composite"]
    assert f"its {family} family lacks {metric}" in reason


def test_other_reasons_are_told_too():
    def reason(result, *others):
        return completed([result, *others])[0]["missing_metrics"]["composite"]

    model = board_result("dkfont")
    assert "no row of nearest-font" in reason(model)
    assert "no row of nearest-font" in reason(model, {**NEAREST, "track": "full"})
    assert "no row of nearest-font" in reason(model, {**NEAREST, "shots": 4})
    assert "no row of nearest-font" in reason({**model, "limit": 3}, NEAREST)
    other = {**model, "signatures": {**model["signatures"], "ssim": "ssim|v2"}}
    assert "ssim is of another definition" in reason(other, NEAREST)
    perfect = board_result("nearest-font", numbers=NUMBERS["ground-truth"])
    assert "nearest-font has no error in this cell" in reason(model, perfect)


def test_the_pinned_reference_decides_and_stands_in_the_signature(monkeypatch):
    own = reference_of(NEAREST)
    harder = {
        "uf": {c: {m: 2 * e for m, e in errors.items()} for c, errors in own.errors["uf"].items()}
    }
    monkeypatch.setattr(composite, "pinned", lambda: (replace(own, errors=harder),))
    done = completed([NEAREST])[0]
    assert whole(NEAREST)["value"] == pytest.approx(0.5, abs=1e-3)
    signature = done["signatures"]["composite"]
    assert "pixel:ssim+rmse|perceptual:glyph_lpips|style:style_distance" in signature
    monkeypatch.setattr(composite, "pinned", lambda: ())
    assert completed([NEAREST])[0]["signatures"]["composite"] != signature


def test_a_part_of_a_track_has_a_reference_of_the_same_part():
    part = {"limit": 3}
    assert whole(board_result("dkfont", **part), "all", board_result("nearest-font", **part))


def test_references_survive_their_file():
    text = references_json([reference_of(NEAREST)])
    (read,) = (Reference(**entry) for entry in json.loads(text))
    assert read == reference_of(NEAREST)
    assert all(isinstance(reference, Reference) for reference in pinned())


def test_a_model_of_one_category_has_it_there():
    printed = {"printed": FONTS["printed"]}
    result = board_result("dkfont", fonts=printed, protocol="paper", category="printed")
    assert whole(result, "printed", NEAREST)["value"] == pytest.approx(0.98, abs=0.1)


def test_what_was_given_stays_as_it_was():
    before = json.dumps(NEAREST)
    completed([NEAREST])
    assert json.dumps(NEAREST) == before


def test_an_interval_of_an_older_rule_is_made_anew_from_the_fonts():
    result = board_result("dkfont")
    for score in result["scores"]:
        score["metrics"]["jer"] |= {"low": 0.0, "high": 0.9}
    found = find_score(completed([result])[0], cell="uf", category="all")["metrics"]["jer"]
    assert found["high"] < 0.01
    kept = completed([{**result, "intervals": {"jer": "t-v1"}}])[0]
    assert find_score(kept, cell="uf", category="all")["metrics"]["jer"]["high"] == 0.9
