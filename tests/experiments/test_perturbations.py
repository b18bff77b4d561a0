import pandas as pd
from click.testing import CliRunner

from experiments import perturbations
from hangeul_bench.adapter.perturbations import NAMES
from support.fake_dataset import FakeDataset
from support.small_results import make_result


def test_a_loss_is_above_zero_where_the_perturbed_value_is_worse():
    results = {"none": make_result(jer=0.1, ssim=0.8)}
    results["photo"] = make_result(jer=0.3, ssim=0.9, perturb="photo")
    rows = perturbations.loss_rows(results)
    found = {row["metric"]: row["loss"] for row in rows if row["category"] == "all"}
    assert found == {"jer": 0.2, "ssim": -0.1}
    assert {row["perturb"] for row in rows} == {"photo"}


def test_the_table_has_every_model_perturbation_and_category(tmp_path, monkeypatch):
    monkeypatch.setattr(perturbations.GlyphDataset, "open", lambda path: FakeDataset())
    out = tmp_path / "table.csv"
    arguments = ["--model", "nearest-font,ground-truth", "--shots", "2", "--limit", "1"]
    arguments += ["--metrics", "ssim,rmse", "--device", "cpu"]
    arguments += ["--results", str(tmp_path / "runs"), "--out", str(out)]
    CliRunner().invoke(perturbations.main, arguments, catch_exceptions=False)
    table = pd.read_csv(out)
    assert len(table) == 2 * len(NAMES) * 3 * 2
    assert set(table[table["model"] == "ground-truth"]["loss"]) == {0.0}
