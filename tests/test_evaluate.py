"""Models to results: the same for any batch size, number of processes and interruption."""

import json
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest
from fake_dataset import FakeDataset

from hangeul_bench import scoring
from hangeul_bench.errors import UserError
from hangeul_bench.evaluate import Settings, evaluate
from hangeul_bench.metrics import METRICS as ALL_METRICS
from hangeul_bench.processes import Processes
from hangeul_bench.protocol import plan
from hangeul_bench.results import find_score, read_result
from hangeul_bench.scoring import Scorer
from hangeul_bench.splits import CELLS
from hangeul_bench.summary import summarize
from hangeul_bench.weights import MissingWeights

METRICS = ("ssim", "rmse", "ink_iou", "style_error")
ALONE = Processes(0, 1, "cpu")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Keep made-up features out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def run(out, name="shifted-3px", *, dataset=None, metrics=METRICS, **settings):
    dataset = dataset or FakeDataset()
    (path,) = evaluate([name], dataset, out, Settings(metrics=metrics, **settings), ALONE)
    return read_result(path)


def value(result, metric, *, cell="paper", category="all", group="all"):
    score = find_score(result, cell=cell, category=category, group=group)
    return score["metrics"][metric]["value"]


def comparable(out, model):
    """The bytes of everything a run writes, but for the times it took."""
    result = json.loads((out / f"{model}-lite.json").read_text(encoding="utf-8"))
    del result["seconds_per_glyph"], result["git_revision"]  # someone may commit meanwhile
    files = {p.name: p.read_bytes() for p in sorted((out / model).rglob("*.parquet"))}
    return result, files, (out / f"{model}-lite.parquet").read_bytes()


def test_ground_truth_is_perfect(tmp_path):
    result = run(tmp_path, "ground-truth")
    assert value(result, "ssim") == value(result, "ink_iou") == 1
    assert value(result, "rmse") == value(result, "style_error") == 0


def test_a_result_says_what_was_done(tmp_path):
    result = run(tmp_path, seed=7)
    assert result["model"]["name"] == "shifted-3px"
    assert result["model"]["details"] == {"right": 3}
    assert (result["seed"], result["shots"], result["track"]) == (7, 1, "lite")
    assert result["dataset"]["benchmark_fingerprint"] == "b" * 64
    assert set(result["signatures"]) == set(METRICS)
    assert {"torch", "numpy", "hangeul-bench"} <= set(result["versions"])
    assert result["n_expected"] == result["n_delivered"] == 4 * 11
    assert result["seconds_per_glyph"] > 0
    assert result["unrankable"] == {}


def test_every_cell_category_font_and_layout_has_a_score(tmp_path):
    result = run(tmp_path)
    found = {(s["cell"], s["category"], s["group"]) for s in result["scores"]}
    for cell in CELLS:
        unseen = cell.startswith("u") or cell == "paper"
        fonts = {"handwritten": "brush" if unseen else "pen"}
        fonts["printed"] = "slab" if unseen else "gothic"
        for category, font_id in fonts.items():
            assert (cell, category, f"font:{font_id}") in found
            assert (cell, category, "all") in found
        assert (cell, "all", "all") in found
        assert any(c == cell and group.startswith("layout:") for c, _, group in found)
    assert find_score(result, cell="paper", category="all")["n_glyphs"] == 22
    assert find_score(result, cell="ufuc", category="printed")["n_glyphs"] == 3


def test_a_cell_is_the_mean_over_its_glyphs_and_the_table_has_them(tmp_path):
    result = run(tmp_path)
    table = pq.read_table(tmp_path / "shifted-3px-lite.parquet").to_pandas()
    leading = ["font_id", "codepoint", "cell", "category", "layout"]
    assert list(table.columns) == [*leading, "ssim", "rmse", "ink_iou", "read"]
    unseen = table[table.cell.isin(["ufsc", "ufuc"])]
    assert value(result, "ssim") == pytest.approx(unseen.ssim.mean(), rel=1e-6)
    printed = unseen[(unseen.category == "printed") & (unseen.layout == "vertical-final")]
    layout = value(result, "rmse", category="printed", group="layout:vertical-final")
    assert layout == pytest.approx(printed.rmse.mean(), rel=1e-6)


def test_intervals_hold_the_value(tmp_path):
    result = run(tmp_path)
    estimate = find_score(result, cell="paper", category="all")["metrics"]["ssim"]
    assert estimate["low"] < estimate["value"] < estimate["high"]


def test_style_error_is_a_mean_over_fonts(tmp_path):
    result = run(tmp_path)
    fonts = [
        value(result, "style_error", category=category, group=f"font:{font_id}")
        for category, font_id in (("handwritten", "brush"), ("printed", "slab"))
    ]
    assert value(result, "style_error") == pytest.approx(np.mean(fonts), rel=1e-6)


def test_a_missing_prediction_counts_as_a_blank_page(tmp_path):
    run(tmp_path, "ground-truth")
    dataset = FakeDataset()
    folder = tmp_path / "half"
    pages = dataset.images("slab", dataset.characters)
    from PIL import Image

    (folder / "slab").mkdir(parents=True)
    for character, page in zip(dataset.characters, pages, strict=True):
        Image.fromarray(page).save(folder / "slab" / f"U+{ord(character):04X}.png")
    half = run(tmp_path, f"dir:{folder}")
    assert (half["n_delivered"], half["n_expected"]) == (11, 44)
    assert value(half, "ssim", category="printed") == 1
    blank = run(tmp_path, "blank")
    assert value(half, "ssim", category="handwritten") == value(
        blank, "ssim", category="handwritten"
    )
    assert set(half["unrankable"]) == set(CELLS)  # it does not say what it was trained on


@pytest.mark.parametrize("batch_size", [1, 5])
def test_any_batch_size_gives_the_same_result(tmp_path, batch_size):
    run(tmp_path / "a")
    run(tmp_path / "b", batch_size=batch_size)
    assert comparable(tmp_path / "a", "shifted-3px") == comparable(tmp_path / "b", "shifted-3px")


def test_running_again_changes_no_byte(tmp_path):
    run(tmp_path)
    files = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    run(tmp_path)  # the time a glyph comes from the predictions, not from the clock
    assert files == {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("first", "second", "differing"),
    [
        ({"seed": 0}, {"seed": 1}, "seed 0, but this run has 1"),
        ({"shots": 1}, {"shots": 2}, "shots 1, but this run has 2"),
        ({"options": {"pixels": 3}}, {"options": {"pixels": 2}}, "made with details"),
        ({}, {"dataset": FakeDataset(benchmark_fingerprint="c" * 64)}, "made with dataset bbb"),
    ],
)
def test_predictions_of_another_run_are_not_mixed_in(tmp_path, first, second, differing):
    run(tmp_path, **first)
    with pytest.raises(UserError, match=differing):
        run(tmp_path, **second)
    assert run(tmp_path, restart=True, **second)["n_delivered"] == 44


def test_a_limited_run_takes_no_rank(tmp_path):
    result = run(tmp_path, limit=2)
    assert result["limit"] == 2
    assert result["n_expected"] == 4 * 4
    assert set(result["unrankable"]) == set(CELLS)


def test_an_unknown_metric_or_model_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(UserError, match="beauty"):
        run(tmp_path, metrics=("beauty",))
    with pytest.raises(UserError, match="did you mean blank"):
        evaluate(["ground-truth", "blanc"], FakeDataset(), tmp_path, Settings(), ALONE)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def without_weights(monkeypatch):
    def load(name, **arguments):
        if name in ("lpips", "fid"):
            raise MissingWeights(f"{name} needs a file that is not here.")
        return SimpleNamespace(name=name)

    monkeypatch.setattr(scoring, "load_metric", load)


def test_metrics_without_weights_are_left_out_and_named(without_weights):
    scorer = Scorer.open(FakeDataset(), None)
    assert set(scorer.missing) == {"lpips", "fid"}
    assert set(scorer.metrics) == set(ALL_METRICS) - {"lpips", "fid"}


def test_a_metric_asked_for_by_name_without_weights_is_an_error_before_the_first_glyph(
    without_weights, tmp_path
):
    with pytest.raises(UserError, match="lpips needs a file"):
        run(tmp_path, metrics=("ssim", "lpips"))
    assert list(tmp_path.rglob("*.parquet")) == []


def test_the_truths_features_are_computed_once(tmp_path):
    class Counting:
        """A distance between sets that counts the glyphs it measures."""

        name, per_glyph, seen = "style_error", False, 0

        def signature(self):
            return "counting"

        def features(self, images):
            self.seen += len(images)
            return images.double().mean(dim=(1, 2))[:, None]

    dataset = FakeDataset()
    task = plan(dataset, "lite")[0]
    images = dataset.images(task.font_id, task.characters)
    metric = Counting()
    scorer = Scorer(dataset, {"style_error": metric}, cache=tmp_path)
    first, again = (scorer.score_font(task, images) for _ in range(2))
    assert metric.seen == 3 * len(images)  # twice the predictions, once the truth
    for scores in (first, again):
        predicted, target = scores.features["style_error"]
        assert np.array_equal(predicted, target)
    other = FakeDataset(benchmark_fingerprint="c" * 64)
    Scorer(other, {"style_error": metric}, cache=tmp_path).score_font(task, images)
    assert metric.seen == 5 * len(images)


def test_a_pooled_distance_leaves_out_each_font_for_its_interval():
    class MeanGap:
        """Distance of two sets: the gap of their means."""

        name, per_glyph = "fid", False

        def distance(self, predicted, target):
            return abs(predicted.mean() - target.mean())

    dataset = FakeDataset()
    scorer = Scorer(dataset, {})
    scored = []
    for gap, task in enumerate(plan(dataset, "lite")):
        scores = scorer.score_font(task, dataset.images(task.font_id, task.characters))
        n = len(task.characters)
        features = {"fid": (np.full((n, 1), float(gap)), np.zeros((n, 1)))}
        scored.append(type(scores)(task, {}, scores.read, features))
    summary = summarize(scored, {"fid": MeanGap()})
    by_key = {(s["cell"], s["category"], s["group"]): s["metrics"]["fid"] for s in summary}
    # brush 0 and slab 3 are unseen: 1.5 together; alone 3 and 0, so a standard error of 1.5.
    whole = by_key["paper", "all", "all"]
    assert whole["value"] == 1.5
    assert whole["high"] - whole["value"] == pytest.approx(1.5 * 12.7062, rel=1e-4)
    assert by_key["paper", "printed", "font:slab"] == {"value": 3.0, "low": None, "high": None}
