"""Columns are added to a result from its own predictions, and to no other."""

import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import Processes
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate.rescore import rescore
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.results.file import read_result
from support.fake_dataset import FakeDataset

DATASET = FakeDataset()
FEW, MORE = ("ssim", "rmse"), ("ssim", "rmse", "l1", "ink_iou", "geometry_error")
PREDICTIONS = "shifted-3px/predictions/lite"


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Keep made-up features out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def drawn(out, metrics=FEW, **settings):
    chosen = Settings(metrics=metrics, **settings)
    return evaluate(["shifted-3px"], DATASET, out, chosen, Processes(0, 1, "cpu"))[0]


def scorer(metrics=MORE, dataset=DATASET):
    return Scorer.open(dataset, metrics)


def without_memory(path):
    """The result as one that was written before predictions were hashed."""
    result = json.loads(path.read_text(encoding="utf-8"))
    del result["predictions_sha256"]
    path.write_text(json.dumps(result), encoding="utf-8")


def repaint(out, level=0):
    folder = PredictionFolder(out / PREDICTIONS)
    (font, *_) = sorted(p.stem for p in folder.path.glob("*.parquet"))
    asked = json.loads((folder.path / f"{font}.json").read_text(encoding="utf-8"))["asked"]
    images = folder.read(font, asked).images.copy()
    images[0, 40:44, 40:44] = level
    folder.write(font, asked, images, delivered=np.ones(len(images), bool), seconds=0.0)


def test_added_columns_are_those_of_an_evaluation_with_all(tmp_path):
    path, whole = drawn(tmp_path / "a"), drawn(tmp_path / "b", MORE)
    assert rescore(path, scorer()) == ("l1", "ink_iou", "geometry_error")
    found, expected = read_result(path), read_result(whole)
    assert found["scores"] == expected["scores"]
    assert found["signatures"] == expected["signatures"]
    assert list(found["scores"][0]["metrics"]) == list(expected["scores"][0]["metrics"])
    assert found["rescored"][0]["metrics"] == ["l1", "ink_iou", "geometry_error"]
    tables = [pq.read_table(p.with_suffix(".parquet")) for p in (path, whole)]
    assert tables[0].equals(tables[1])


def test_what_a_result_has_comes_out_equal_and_leaves_the_file_alone(tmp_path):
    path = drawn(tmp_path, MORE)
    before = path.read_bytes()
    assert rescore(path, scorer(), named=MORE) == ()
    assert rescore(path, scorer()) == ()
    assert path.read_bytes() == before


def test_a_column_of_another_definition_is_measured_anew(tmp_path):
    path = drawn(tmp_path, MORE)
    result = json.loads(path.read_text(encoding="utf-8"))
    expected = read_result(path)["scores"]
    result["signatures"]["rmse"] = "rmse[v0]"
    for score in result["scores"]:
        score["metrics"]["rmse"]["value"] = 0.9
    path.write_text(json.dumps(result), encoding="utf-8")
    assert rescore(path, scorer()) == ("rmse",)
    assert read_result(path)["scores"] == expected


def test_a_filled_column_is_no_longer_called_missing(tmp_path):
    path = drawn(tmp_path)
    result = json.loads(path.read_text(encoding="utf-8"))
    missing = {"l1": "its weights were not at hand", "fid": "its weights were not at hand"}
    path.write_text(json.dumps(result | {"missing_metrics": missing}), encoding="utf-8")
    rescore(path, scorer())
    assert list(read_result(path)["missing_metrics"]) == ["fid"]


@pytest.mark.parametrize("remembered", [True, False])
def test_changed_predictions_are_refused(tmp_path, remembered):
    path = drawn(tmp_path)
    if not remembered:
        without_memory(path)
    before = path.read_bytes()
    repaint(tmp_path)
    with pytest.raises(UserError, match="are not those of|they were changed"):
        rescore(path, scorer())
    assert path.read_bytes() == before


def test_changed_predictions_are_refused_before_they_are_scored(tmp_path, monkeypatch):
    path = drawn(tmp_path)
    repaint(tmp_path)
    monkeypatch.setattr(Scorer, "score_font", lambda *_: pytest.fail("scored first"))
    with pytest.raises(UserError, match="are not those of"):
        rescore(path, scorer())


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: shutil.rmtree(folder), "there are none"),
        (lambda folder: (folder / "slab.parquet").unlink(), "font slab is absent"),
        (lambda folder: (folder / "pen.json").write_text("{}"), "font pen is absent"),
    ],
)
def test_absent_predictions_are_refused(tmp_path, spoil, said):
    path = drawn(tmp_path)
    spoil(tmp_path / PREDICTIONS)
    with pytest.raises(UserError, match=said):
        rescore(path, scorer())


def test_predictions_of_another_seed_are_refused(tmp_path):
    path = drawn(tmp_path / "a", seed=1)
    drawn(tmp_path / "b", seed=2)
    folder = tmp_path / "b" / PREDICTIONS
    folder.with_name("lite-seed2").rename(folder.with_name("lite-seed1"))
    with pytest.raises(UserError, match="were made with seed 2, but .* has 1"):
        rescore(path, scorer(), out=tmp_path / "b")


def test_another_dataset_is_refused(tmp_path):
    path = drawn(tmp_path)
    with pytest.raises(UserError, match="was scored on dataset bbbbbbbbbbbb, but"):
        rescore(path, scorer(dataset=FakeDataset(benchmark_fingerprint="c" * 64)))


def test_a_table_of_other_glyphs_is_refused(tmp_path):
    path = drawn(tmp_path)
    table = pq.read_table(path.with_suffix(".parquet"))
    pq.write_table(table.slice(1), path.with_suffix(".parquet"))
    with pytest.raises(UserError, match="is of other glyphs"):
        rescore(path, scorer())


def test_the_command_adds_columns_and_ends_with_2_without_predictions(tmp_path, monkeypatch):
    monkeypatch.setattr(GlyphDataset, "open", lambda path: DATASET)
    path = drawn(tmp_path)
    done = CliRunner().invoke(cli, ["score", "--metrics", "l1", str(path)])
    assert (done.exit_code, done.stdout) == (0, f"{path}: added l1.\n")
    without_memory(path)
    repaint(tmp_path)
    done = CliRunner().invoke(cli, ["score", "--metrics", "ink_iou", str(path)])
    assert done.exit_code == 2 and "they were changed" in done.output
    shutil.rmtree(tmp_path / PREDICTIONS)
    done = CliRunner().invoke(cli, ["score", "--metrics", "ink_iou", str(path)])
    assert done.exit_code == 2
    assert "there are none" in done.output and len(done.output.splitlines()) == 1
