"""A run with spoilt references: a row of its own, never mixed with others, checked like them."""

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import Processes
from hangeul_bench.evaluate.check import check_drawn_again, check_stored
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.results.board import View, board_tables
from hangeul_bench.results.file import read_result
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.rows import by_seed
from support.fake_dataset import FakeDataset

METRICS = ("ssim", "rmse")
DATASET = FakeDataset()
# Draws its reference whatever is asked, so that what was shown can be seen.
COPYING = """
import numpy as np

class Copying:
    name, kind, parameters, trained_on, details = "copying", "model", 0, None, {}
    checkpoint_sha256 = None

    def __init__(self, *, device, dataset=None, batch_size=None):
        self.batch_size = batch_size

    def generate(self, request):
        return np.repeat(request.references[:1], len(request.characters), axis=0)
"""


@pytest.fixture
def copying(tmp_path):
    file = tmp_path / "copying.py"
    file.write_text(COPYING, encoding="utf-8")
    return f"{file}:Copying"


def run(out, name, **settings):
    chosen = Settings(metrics=METRICS, **settings)
    return evaluate([name], DATASET, out, chosen, Processes(0, 1, "cpu"))[0]


def test_a_perturbed_run_lies_beside_and_says_so(copying, tmp_path):
    plain = run(tmp_path / "out", copying)
    photo = run(tmp_path / "out", copying, perturb="photo")
    assert photo.name == "copying-lite-photo.json"
    assert read_result(photo)["perturb"] == "photo" and "perturb" not in read_result(plain)
    hashes = {read_result(path)["predictions_sha256"] for path in (plain, photo)}
    assert len(hashes) == 2
    wrong = run(tmp_path / "out", copying, perturb="wrong", shots=2, seed=1)
    assert wrong.name == "copying-lite-2shot-wrong-seed1.json"


def test_batches_see_the_same_references(copying, tmp_path):
    paths = [
        run(tmp_path / str(size), copying, perturb="noise", batch_size=size) for size in (1, 64)
    ]
    first, second = (read_result(path)["predictions_sha256"] for path in paths)
    assert first == second


@pytest.mark.parametrize("perturb", ["photo", "tilt", "thin", "noise"])
def test_controls_know_their_font_by_spoilt_references(tmp_path, perturb):
    result = read_result(run(tmp_path, "ground-truth", perturb=perturb))
    assert {s["metrics"]["ssim"]["value"] for s in result["scores"]} == {1.0}


def test_a_perturbed_run_is_checked_as_it_was_made(copying, tmp_path):
    path = run(tmp_path / "out", copying, perturb="tilt")
    scorer = Scorer.open(DATASET, METRICS)
    assert check_stored(path, scorer).problems == ()
    assert check_drawn_again(path, scorer, model=copying, n_fonts=2, salt="x").problems == ()


def test_perturbed_rows_share_no_rank_heading_or_seeds_with_plain_ones(copying, tmp_path):
    paths = [run(tmp_path / "out", copying, **given) for given in ({}, {"perturb": "photo"})]
    paths.append(run(tmp_path / "out", copying, seed=1))
    results = [read_result(path) for path in paths]
    assert [len(others) for _, others in by_seed(results)] == [1, 0]
    rows = [row for row in rank_results(results, rank_by="ssim") if row.cell == "ufsc"]
    headings = [table.heading for table in board_tables(rows, View())]
    assert len(headings) == len(set(headings)) == 6
    assert sum("1 reference (photo)" in heading for heading in headings) == 3


def test_an_unknown_perturbation_is_refused_before_anything_is_drawn(copying, tmp_path):
    with pytest.raises(UserError, match="--perturb photo or tilt"):
        run(tmp_path / "out", copying, perturb="torn")
    assert not list((tmp_path / "out").rglob("*.parquet"))
