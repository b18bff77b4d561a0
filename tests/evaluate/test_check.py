"""A true result is stamped, a forged one is caught, and a stamp does not outlive its numbers."""

import json
import shutil

import pytest
from click.testing import CliRunner

from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import Processes
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate.check import check_drawn_again, check_stored
from hangeul_bench.evaluate.rescore import rescore
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.evaluate.submission import write_submission
from hangeul_bench.results.file import read_result, verified_on
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.tables import to_csv, to_markdown
from support.fake_dataset import FakeDataset

DATASET = FakeDataset()
METRICS = ("ssim", "rmse", "geometry_error")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Keep made-up features out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def path(tmp_path):
    settings = Settings(metrics=METRICS, seed=3)
    return evaluate(["shifted-3px"], DATASET, tmp_path, settings, Processes(0, 1, "cpu"))[0]


def scorer(metrics=METRICS):
    return Scorer.open(DATASET, metrics)


def again(path, *, n_fonts=4, salt="x", model=None):
    return check_drawn_again(path, scorer(), model=model, n_fonts=n_fonts, salt=salt)


def forge(path, change):
    """Write a result whose scores ``change`` may alter, one after the other."""
    result = json.loads(path.read_text(encoding="utf-8"))
    for score in result["scores"]:
        change(score)
    path.write_text(json.dumps(result), encoding="utf-8")


def better(score):
    estimate = score["metrics"]["ssim"]
    estimate["value"] = min(estimate["value"] + 0.003, 1.0)
    if estimate["high"] is not None:
        estimate["high"] = max(estimate["high"], estimate["value"])


def test_a_true_result_is_stamped_and_the_board_shows_it(path):
    assert verified_on(read_result(path)) == ""
    before = read_result(path)
    assert again(path).problems == ()
    after = read_result(path)
    note = after.pop("verified")
    assert after == before  # no number moves
    assert note["metrics"] == list(METRICS) and "4 fonts drawn again (salt x)" in note["how"]
    rows = rank_results([read_result(path)], rank_by="ssim")
    assert note["date"] in to_markdown(rows) and f",{note['date']}," in to_csv(rows)


def test_stored_predictions_stand_for_drawing(path):
    assert check_stored(path, scorer()).problems == ()
    assert read_result(path)["verified"]["how"] == "all stored predictions scored again"


@pytest.mark.parametrize(
    "only",
    [
        lambda score: score["group"].startswith("font:"),
        lambda score: score["group"] == "all",
        lambda score: True,
    ],
)
def test_a_forged_number_is_caught_wherever_it_stands(path, only):
    check_stored(path, scorer())
    forge(path, lambda score: better(score) if only(score) else None)
    for verdict in (again(path), check_stored(path, scorer())):
        assert any(problem.startswith("ssim ") for problem in verdict.problems)
    assert "verified" not in read_result(path)


def test_forged_predictions_are_caught_by_drawing(path):
    # Glyphs of the truth in place of the model's, scored as they are.
    folder = path.parent / "shifted-3px/predictions/lite-seed3"
    truth = evaluate(
        ["ground-truth"],
        DATASET,
        path.parent / "truth",
        Settings(metrics=METRICS, seed=3),
        Processes(0, 1, "cpu"),
    )[0]
    for file in (truth.parent / "ground-truth/predictions/lite-seed3").glob("*.parquet"):
        shutil.copy(file, folder / file.name)
    forged = json.loads(path.read_text(encoding="utf-8"))
    true = json.loads(truth.read_text(encoding="utf-8"))
    forged |= {key: true[key] for key in ("scores", "predictions_sha256")}
    path.write_text(json.dumps(forged), encoding="utf-8")
    assert check_stored(path, scorer()).problems == ()  # the numbers are those of the pictures
    assert again(path, n_fonts=1).problems


def test_a_stamp_falls_with_a_changed_number_and_stays_with_a_new_column(path):
    again(path)
    rescore(path, scorer((*METRICS, "l1")), named=("l1",))
    result = read_result(path)
    assert "l1" in result["signatures"] and verified_on(result)
    forge(path, lambda score: score["metrics"]["rmse"].update(low=0.0, high=1.0))
    assert verified_on(read_result(path)) == ""
    assert verified_on(result | {"seed": 4}) == ""


def test_the_fonts_depend_on_the_salt_and_the_result(path):
    def chosen(salt):
        return again(path, n_fonts=1, salt=salt).how.rpartition(": ")[2]

    assert len({chosen(str(salt)) for salt in range(12)}) > 1
    assert chosen("0") == chosen("0")


def test_another_model_is_refused(path):
    with pytest.raises(UserError, match="is of a model with name 'shifted-3px', but this one"):
        again(path, model="blank")
    forged = json.loads(path.read_text(encoding="utf-8"))
    forged["model"]["checkpoint_sha256"] = "a" * 64
    path.write_text(json.dumps(forged), encoding="utf-8")
    with pytest.raises(UserError, match="checkpoint_sha256"):
        again(path)


def test_a_result_of_other_metrics_cannot_be_checked(path):
    result = json.loads(path.read_text(encoding="utf-8"))
    result["signatures"] = dict.fromkeys(result["signatures"], "v0")
    path.write_text(json.dumps(result), encoding="utf-8")
    with pytest.raises(UserError, match="None of the metrics of"):
        again(path)


def test_the_commands_end_with_0_for_a_true_and_1_for_a_forged_result(path, monkeypatch):
    monkeypatch.setattr(GlyphDataset, "open", lambda path: DATASET)
    check = ["results", "check", str(path)]
    done = CliRunner().invoke(cli, [*check, "--fonts", "2"])
    assert done.exit_code == 0 and done.stdout.endswith(f"{path}: verified.\n")
    forge(path, better)
    for options in ([], ["--stored"]):
        done = CliRunner().invoke(cli, [*check, *options])
        assert done.exit_code == 1 and "it does not hold" in done.stderr
        assert f"{path} says ssim " in done.stdout
    shutil.rmtree(path.parent / "shifted-3px")
    done = CliRunner().invoke(cli, [*check, "--stored"])
    assert done.exit_code == 2 and "there are none" in done.output


def test_a_submission_has_the_result_some_glyphs_and_a_card(path, monkeypatch):
    monkeypatch.setattr(GlyphDataset, "open", lambda path: DATASET)
    out = path.parent / "submission"
    submit = ["results", "submit", str(path), "--out", str(out)]
    said = ["--code", "https://example.org/m", "--organisation", "A | B", "--replicated"]
    cost = ["--samples-seen", "800000", "--core-hours", "4.5"]
    done = CliRunner().invoke(cli, [*submit, *cost, *said])
    assert done.exit_code == 0, done.output
    submitted = read_result(out / path.name)
    assert submitted["cost"]["core_hours"] == 4.5
    assert submitted["cost"]["evaluations_per_glyph"] is None
    assert submitted["origin"] == {
        "code": "https://example.org/m",
        "organisation": "A | B",
        "hardware": None,
        "replicated": True,
    }
    assert submitted["scores"] == read_result(path)["scores"]
    card = (out / "shifted-3px-lite-seed3.md").read_text(encoding="utf-8")
    assert "| Samples seen in training | 800,000 |" in card
    assert "| Peak memory while drawing, MB | not stated |" in card
    assert "- Organisation: A \\| B\n- Drawn on: not stated\n- Replicated by others: yes\n" in card
    line = to_csv(rank_results([submitted])).splitlines()[1]
    assert ",https://example.org/m,A | B,,yes," in line
    pictures = sorted((out / "shifted-3px-lite-seed3").rglob("*.png"))
    assert len(pictures) == 4 * 5
    from PIL import Image

    page = pictures[0]
    drawn = PredictionFolder(path.parent / "shifted-3px/predictions/lite-seed3")
    syllable = chr(int(page.stem.removeprefix("U+"), 16))
    assert (drawn.read(page.parent.name, [syllable]).images[0] == Image.open(page)).all()
    done = CliRunner().invoke(cli, submit)
    assert done.exit_code == 2 and "empty or new folder" in done.output


def test_a_submission_of_other_predictions_is_refused(path):
    forge(path, better)
    with pytest.raises(UserError, match="says ssim .* by its predictions"):
        write_submission(path, scorer(), path.parent / "submission", cost={})
    result = json.loads(path.read_text(encoding="utf-8"))
    result["predictions_sha256"] = "0" * 64
    path.write_text(json.dumps(result), encoding="utf-8")
    with pytest.raises(UserError, match="are not those of"):
        write_submission(path, scorer(), path.parent / "submission", cost={})
    assert not (path.parent / "submission").exists()
