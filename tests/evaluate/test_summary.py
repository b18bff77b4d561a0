"""Lineages and syllables are the samples of an interval; a distance leaves lineages out."""

from dataclasses import replace

import numpy as np
import pytest

from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.evaluate.scoring import FontScores
from hangeul_bench.evaluate.summary import summarize
from hangeul_bench.metrics import load_metric
from hangeul_bench.results.intervals import Sample

SYLLABLES = tuple("가각간갇갈강나낙난날")
GAPS = {"alpha": 0.0, "beta": 0.1, "gamma": 0.9}


class MeanGap:
    """Distance of two sets: the gap of their means."""

    name = "fid"

    def distance(self, predicted, target):
        return abs(predicted.mean() - target.mean())


def scores_of(font_id, lineage):
    n = len(SYLLABLES)
    task = FontTask(font_id, "printed", lineage, SYLLABLES, ("ufsc",) * n)
    values = GAPS[font_id] + np.arange(n) / 100
    features = (np.full((n, 1), GAPS[font_id]), np.zeros((n, 1)))
    return FontScores(
        task, {"rmse": values}, SYLLABLES, {"fid": features, "geometry_error": features}
    )


def whole(scored):
    metrics = {"rmse": load_metric("rmse"), "fid": MeanGap(), "geometry_error": MeanGap()}
    scores = summarize(scored, metrics)
    key = ("ufsc", "printed", "all")
    (score,) = (s for s in scores if (s["cell"], s["category"], s["group"]) == key)
    assert score["n_fonts"] == 3 and score["n_glyphs"] == 3 * len(SYLLABLES)
    return score["metrics"]


@pytest.fixture
def three():
    return [scores_of(font_id, f"{font_id}-family") for font_id in GAPS]


def joined(three):
    """Alpha and beta become one lineage."""
    lineages = {"alpha": "same", "beta": "same", "gamma": "other"}
    return [replace(s, task=replace(s.task, lineage=lineages[s.task.font_id])) for s in three]


@pytest.mark.parametrize(
    ("join", "lineages"), [(list, "alpha beta gamma"), (joined, "alpha alpha gamma")]
)
def test_means_are_over_lineages_and_syllables(join, lineages, three):
    found = whole(join(three))
    values = np.concatenate([scores.columns["rmse"] for scores in three])
    of_glyphs = [lineage for lineage in lineages.split() for _ in SYLLABLES]
    assert found["rmse"] == Sample(of_glyphs, SYLLABLES * 3).mean(values).estimate()
    assert found["geometry_error"] == Sample(lineages.split()).mean(list(GAPS.values())).estimate()


def test_distances_leave_out_lineages(three):
    # Of three fonts apart, those left are at 0.5, 0.45 and 0.05; of two lineages at 0.9 and 0.05.
    apart, together = (whole(scored)["fid"] for scored in (three, joined(three)))
    assert apart["value"] == together["value"] == pytest.approx(1 / 3)
    assert together["high"] - together["value"] == pytest.approx(0.425 * 12.7062, rel=1e-4)
    assert apart["high"] - apart["value"] < 2


def test_one_lineage_has_no_interval(three):
    one = [replace(s, task=replace(s.task, lineage="same")) for s in three]
    found = whole(one)
    assert found["fid"] == {"value": pytest.approx(1 / 3), "low": None, "high": None}
    assert [found[name]["low"] for name in ("rmse", "geometry_error")] == [None, None]
