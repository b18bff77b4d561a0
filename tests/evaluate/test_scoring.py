"""Scoring: features of the truth are kept, and a pooled distance has its interval."""

from types import SimpleNamespace

import numpy as np
import pytest

from hangeul_bench.adapter.questions import plan
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import Processes
from hangeul_bench.base.weights import MissingWeights
from hangeul_bench.evaluate import scoring
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.evaluate.summary import summarize
from hangeul_bench.metrics import METRICS, StyleDistance
from hangeul_bench.metrics.columns import BY_DEFAULT
from support.fake_dataset import FakeDataset


def test_the_truths_features_are_computed_once(tmp_path):
    class Counting:
        """A distance between sets that counts the glyphs it measures."""

        name, seen = "geometry_error", 0

        def signature(self):
            return "counting"

        def features_of(self, pair, side):
            images = getattr(pair, side)
            self.seen += len(images)
            return images.double().mean(dim=(1, 2))[:, None]

    dataset = FakeDataset()
    task = plan(dataset, "lite")[0]
    images = dataset.images(task.font_id, task.characters)
    metric = Counting()
    scorer = Scorer(dataset, {"geometry_error": metric}, cache=tmp_path)
    first, again = (scorer.score_font(task, images) for _ in range(2))
    assert metric.seen == 3 * len(images)  # twice the predictions, once the truth
    for scores in (first, again):
        predicted, target = scores.features["geometry_error"]
        assert np.array_equal(predicted, target)
    other = FakeDataset(benchmark_fingerprint="c" * 64)
    Scorer(other, {"geometry_error": metric}, cache=tmp_path).score_font(task, images)
    assert metric.seen == 5 * len(images)


def test_the_columns_of_one_metric_are_measured_once(tmp_path, monkeypatch):
    dataset, seen = FakeDataset(), []
    measure = StyleDistance._features
    monkeypatch.setattr(
        StyleDistance, "_features", lambda self, x: seen.append(len(x)) or measure(self, x)
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names = ("pen_error", "style_distance", "layout_error")
    scorer = Scorer.open(dataset, names)
    scored = []
    for task in plan(dataset, "lite"):
        images = dataset.images(task.font_id, task.characters)
        scored.append(scorer.score_font(task, np.full_like(images, 255)))
    glyphs = sum(len(scores.task.characters) for scores in scored)
    assert sum(seen) == 2 * glyphs  # predictions and truth
    whole = summarize(scored, scorer.metrics)[0]["metrics"]
    assert whole.keys() == set(names)
    # Another model in a later run, and another of the columns, finds the truth measured.
    again = Scorer.open(dataset, ("contour_error",))
    again.score_font(scored[0].task, np.full_like(images, 255)[: len(scored[0].task.characters)])
    assert sum(seen) == 2 * glyphs + len(scored[0].task.characters)


def test_a_pooled_distance_leaves_out_each_font_for_its_interval():
    class MeanGap:
        """Distance of two sets: the gap of their means."""

        name = "fid"

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
    whole = by_key["uf", "all", "all"]
    assert whole["value"] == 1.5
    assert whole["high"] - whole["value"] == pytest.approx(1.5 * 12.7062, rel=1e-4)
    assert by_key["uf", "printed", "font:slab"] == {"value": 3.0, "low": None, "high": None}


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
    assert set(scorer.metrics) == set(BY_DEFAULT) - {"lpips", "fid"}
    slow = set(METRICS) - set(BY_DEFAULT)
    assert slow == {"st_lpips", "fd_effnet"}
    assert set(Scorer.open(FakeDataset(), tuple(slow)).metrics) == slow


def test_a_metric_asked_for_by_name_without_weights_is_an_error_before_the_first_glyph(
    without_weights, tmp_path
):
    with pytest.raises(UserError, match="lpips needs a file"):
        settings = Settings(metrics=("ssim", "lpips"))
        evaluate(["shifted-3px"], FakeDataset(), tmp_path, settings, Processes(0, 1, "cpu"))
    assert list(tmp_path.rglob("*.parquet")) == []
