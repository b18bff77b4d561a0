"""No finished drawing is thrown away: what cannot be measured is missing, with the reason."""

import click
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import Processes
from hangeul_bench.cli.evaluate import _print_results
from hangeul_bench.evaluate import scoring
from hangeul_bench.evaluate.rescore import rescore
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.evaluate.summary import summarize
from hangeul_bench.metrics.geometry_error import GeometryError
from hangeul_bench.metrics.pixels import RMSE
from hangeul_bench.results.file import find_score, read_result, write_result
from hangeul_bench.results.ranking import rank_results
from support.fake_dataset import FakeDataset

ALONE = Processes(0, 1, "cpu")
LISTED = ("ssim", "rmse", "geometry_error")


def run(out, metrics=LISTED, **settings):
    settings = Settings(metrics=metrics, **settings)
    return evaluate(["shifted-3px"], FakeDataset(), out, settings, ALONE)[0]


def printed(path):
    shown = CliRunner().invoke(click.command()(lambda: _print_results([path], path.parent)))
    assert shown.exit_code == 0, shown.output
    return shown.output


def nan_for_the_third(self, pair):
    scores = REAL_SCORE(self, pair)
    scores["rmse"][2] = float("nan")
    return scores


REAL_SCORE = RMSE.score


def test_a_metric_that_is_nan_for_a_glyph_is_missing_and_the_others_are_written(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(RMSE, "score", nan_for_the_third)
    path = run(tmp_path)
    result = read_result(path)
    third = FakeDataset().splits.lite_characters[2]
    (reason,) = result["missing_metrics"].values()
    assert f"no finite number for {third}" in reason and "of font brush" in reason
    assert set(result["signatures"]) == {"ssim", "geometry_error"}
    assert all(set(score["metrics"]) == {"ssim", "geometry_error"} for score in result["scores"])
    assert "rmse" not in pq.read_table(path.with_suffix(".parquet")).column_names
    assert f"left out: rmse: {reason}" in printed(path)


@pytest.mark.parametrize("where", ["_features", "distance"])
def test_a_metric_that_raises_is_missing_and_the_others_are_written(tmp_path, monkeypatch, where):
    def fail(self, *args):
        raise np.linalg.LinAlgError("SVD did not converge.\nmore")

    monkeypatch.setattr(GeometryError, where, fail)
    result = read_result(run(tmp_path))
    expected = "it failed (LinAlgError: SVD did not converge)"
    assert result["missing_metrics"] == {"geometry_error": expected}
    assert find_score(result, cell="uf", category="all")["metrics"]["rmse"]["low"] is not None


def test_a_distance_that_is_no_number_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(GeometryError, "distance", lambda self, *features: float("nan"))
    result = read_result(run(tmp_path))
    assert "finite" in result["missing_metrics"]["geometry_error"]
    assert set(result["signatures"]) == {"ssim", "rmse"}


def test_with_every_metric_failing_there_is_a_result_and_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(GeometryError, "distance", lambda self, *features: float("nan"))
    path = run(tmp_path, ("geometry_error",))
    assert read_result(path)["signatures"] == {}
    assert "No metric has a number" in printed(path)


def test_want_of_memory_is_no_fault_of_a_metric(tmp_path, monkeypatch):
    def fail(self, *args, **kwargs):
        raise MemoryError

    monkeypatch.setattr(RMSE, "score", fail)
    with pytest.raises(MemoryError):
        run(tmp_path)


def test_adding_a_column_that_fails_is_refused_and_changes_nothing(tmp_path, monkeypatch):
    path = run(tmp_path, ("ssim",))
    before = path.read_bytes()
    monkeypatch.setattr(RMSE, "score", nan_for_the_third)
    scorer = Scorer.open(FakeDataset(), ("ssim", "rmse"))
    with pytest.raises(UserError, match="rmse: it failed .*no finite number"):
        rescore(path, scorer, named=("rmse",), out=tmp_path)
    assert path.read_bytes() == before


class MeanGap:
    """Distance of two sets: the gap of their means."""

    name = "fid"

    def distance(self, predicted, target):
        return abs(predicted.mean() - target.mean())


@pytest.mark.parametrize("sizes", [(3, 1), (1, 1), (1, 1, 1), (2, 2)])
def test_a_distance_has_no_interval_where_leaving_one_out_leaves_no_two(sizes):
    scored = []
    for number, n in enumerate(sizes):
        characters = tuple("가각간"[:n])
        task = FontTask(f"font{number}", "printed", f"family{number}", characters, ("ufsc",) * n)
        features = (np.full((n, 1), float(number)), np.zeros((n, 1)))
        scored.append(scoring.FontScores(task, {}, characters, {"fid": features}))
    scores = summarize(scored, {"fid": MeanGap()})
    (whole,) = (
        s for s in scores if (s["cell"], s["category"]) == ("ufsc", "all") and s["group"] == "all"
    )
    found = whole["metrics"]["fid"]
    enough = sizes in [(1, 1, 1), (2, 2)]
    assert found["value"] is not None
    assert (found["low"] is not None, found["high"] is not None) == (enough, enough)


def test_one_glyph_a_font_leaves_a_distance_null_and_the_run_ends_well(tmp_path):
    path = run(tmp_path, ("geometry_error",), limit=1)
    whole = find_score(read_result(path), cell="ufsc", category="all")
    assert whole["metrics"]["geometry_error"] == {"value": None, "low": None, "high": None}
    assert "Wrote" in printed(path)


def test_a_metric_that_is_null_everywhere_ends_well_and_is_not_advised(tmp_path):
    path = run(tmp_path, ("ssim", "geometry_error"), limit=1)
    result = read_result(path)
    for score in result["scores"]:
        score["metrics"]["geometry_error"] = {"value": None, "low": None, "high": None}
    write_result(path, result)
    assert "no number: geometry_error: a distance needs two glyphs" in printed(path)
    with pytest.raises(UserError, match="geometry_error has no number in any result"):
        rank_results([result], rank_by="geometry_error")
    for score in result["scores"]:
        del score["metrics"]["ssim"]
    write_result(path, result)
    assert "No metric has a number" in printed(path)


def test_details_that_are_no_json_are_refused_before_the_first_glyph(tmp_path):
    model = tmp_path / "odd.py"
    model.write_text(
        "class Odd:\n"
        "    name, kind, parameters, checkpoint_sha256 = 'odd', 'model', 0, None\n"
        "    trained_on, details = None, {'loss': float('nan')}\n"
        "    def __init__(self, **kwargs): pass\n"
        "    def generate(self, request): raise AssertionError('drawn')\n"
    )
    with pytest.raises(UserError, match="cannot be written as JSON"):
        evaluate([f"{model}:Odd"], FakeDataset(), tmp_path, Settings(metrics=("ssim",)), ALONE)
