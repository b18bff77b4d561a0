"""Stored predictions under other conventions: a table, and the result stays as it is."""

import csv
import io
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import Processes
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate.conventions import measure_conventions
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.metrics.conventions import variants_of
from hangeul_bench.results.file import find_score, read_result
from support.fake_dataset import FakeDataset

DATASET = FakeDataset()


@pytest.fixture(autouse=True)
def no_weights(tmp_path, monkeypatch):
    """Neither a cache of weights nor a network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))

    def refuse(*_, **__):
        raise urllib.error.URLError("no network in tests")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)


@pytest.fixture
def path(tmp_path):
    settings = Settings(metrics=("ssim", "rmse"))
    return evaluate(["shifted-3px"], DATASET, tmp_path, settings, Processes(0, 1, "cpu"))[0]


def test_our_own_stand_is_the_results_number(path):
    found = measure_conventions(path, DATASET, variants_of(["ours"]), weights=path.parent)
    values = {(e.category, e.variant.metric): e.value for e in found}
    for category in ("handwritten", "printed", "all"):
        score = find_score(read_result(path), cell="uf", category=category)
        for metric in ("ssim", "rmse"):
            expected = score["metrics"][metric]["value"]
            assert values[category, metric] == pytest.approx(expected, rel=1e-6)


def test_the_command_prints_and_writes_a_table_and_leaves_the_result(path, monkeypatch):
    monkeypatch.setattr(GlyphDataset, "open", lambda path: DATASET)
    before, out = path.read_bytes(), path.with_name("table.csv")
    options = ["--convention", "skimage-default,cffont", "--out", str(out), str(path)]
    done = CliRunner().invoke(cli, ["score", *options])
    assert done.exit_code == 0 and path.read_bytes() == before
    assert "shifted-3px, uf, all, 2 fonts\n" in done.stdout
    rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
    assert {row["convention"] for row in rows} == {"skimage-default", "cffont"}
    values = {(r["category"], r["metric"]): r["value"] for r in rows if r["convention"] == "cffont"}
    assert 0 < float(values["all", "ssim"]) < 1
    assert values["all", "fid"] == ""  # no weights here


def test_bad_input_is_one_sentence(path, monkeypatch):
    with pytest.raises(UserError, match="--cell of sfsc"):
        measure_conventions(path, DATASET, (), cell="all")
    monkeypatch.setattr(GlyphDataset, "open", lambda path: DATASET)
    for options, said in (
        (["--convention", "mine"], "found 'mine'"),
        (["--convention", "ffg", "--metrics", "ssim"], "do not go together"),
    ):
        done = CliRunner().invoke(cli, ["score", *options, str(path)])
        assert done.exit_code == 2 and said in done.output
