"""Trials on held-out families and choices of guidance: what they print of a model that is known."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from baselines.training.data import TrainingFonts
from experiments import guidance, held_out
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.results.composite import FLOOR

TRUTH = """
import numpy as np

class Plain:
    name, kind, parameters, checkpoint_sha256 = "plain", "model", 0, None

    def __init__(self, *, device="cpu", dataset=None, batch_size=None, **options):
        from hangeul_bench.adapter import TrainedOn
        self.trained_on, self.details = TrainedOn(), {"samples": 7}

    def generate(self, request):
        return np.asarray(request.content)


class Trained(Plain):
    def __init__(self, **options):
        from hangeul_bench.adapter import TrainedOn
        super().__init__(**options)
        self.trained_on = TrainedOn(font_ids=("jua-regular",), lineages=("jua",))


class Ink(Plain):
    def generate(self, request):
        print("ink", (np.asarray(request.references) < 128).sum())
        return super().generate(request)


class Gallery(Plain):
    def __init__(self, *, exclude, **options):
        super().__init__(**options)
        print("without", exclude)
"""


@pytest.fixture
def model(tmp_path):
    (tmp_path / "plain.py").write_text(TRUTH, encoding="utf-8")
    return f"{tmp_path / 'plain.py'}:Plain"


def one_of_each_category(dataset):
    one = {font.category: font for font in dataset.fonts}
    return TrainingFonts((), tuple(one.values()))


def test_a_trial_is_a_row_for_each_category_and_one_for_all(
    eval_dataset, model, tmp_path, monkeypatch
):
    monkeypatch.setattr(held_out, "training_fonts", one_of_each_category)
    out = tmp_path / "trials.csv"
    arguments = ["--data", str(eval_dataset), "--model", model, "--characters", "3", "--out", out]
    done = CliRunner().invoke(held_out.main, [*map(str, arguments), "--label", "plain"])
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert [row["category"] for row in rows] == ["handwritten", "printed", "all"]
    assert {row["samples"] for row in rows} == {"7"} and {row["trial"] for row in rows} == {"plain"}
    assert all(0 < float(row["ssim"]) < 1 and float(row["rmse"]) > 0 for row in rows)


def test_the_nearest_font_has_the_composite_1():
    numbers = {"ssim": 0.5, "rmse": 0.3, "glyph_lpips": 0.4, "style_distance": 0.6}
    numbers["topology_error"] = 0.1
    assert held_out._composite(numbers, numbers) == 1
    better = {name: value / 2 for name, value in numbers.items()} | {"ssim": 0.75}
    # The floor of a ratio is taken off again, as on boards.
    assert held_out._composite(better, numbers) == round((0.5 - FLOOR) / (1 - FLOOR), 4)
    assert np.isnan(held_out._composite(numbers, numbers | {"topology_error": 0.0}))


def test_fonts_that_the_weights_have_seen_are_no_trial(eval_dataset, model, monkeypatch):
    dataset = GlyphDataset.open(eval_dataset)
    fonts = TrainingFonts((), (dataset.font("jua-regular"), dataset.font("gugi-regular")))
    monkeypatch.setattr(held_out, "training_fonts", lambda _: fonts)
    trained = model.replace(":Plain", ":Trained")
    assert [f.font_id for f in held_out._never_seen(dataset, trained, {})] == ["gugi-regular"]
    monkeypatch.setattr(
        held_out, "training_fonts", lambda _: TrainingFonts((), fonts.validation[:1])
    )
    with pytest.raises(UserError, match="has seen every held-out font"):
        held_out._never_seen(dataset, trained, {})


def test_a_table_of_the_former_style_error_takes_no_row(eval_dataset, model, tmp_path):
    out = tmp_path / "trials.csv"
    out.write_text("trial,style_error\n", encoding="utf-8")
    arguments = ["--data", str(eval_dataset), "--model", model, "--out", str(out)]
    done = CliRunner().invoke(held_out.main, arguments)
    assert "has the column style_error, which is no more" in str(done.exception)
    assert out.read_text(encoding="utf-8") == "trial,style_error\n"


def test_fonts_made_small_are_small_in_references_and_truth(eval_dataset, model, monkeypatch):
    monkeypatch.setattr(held_out, "training_fonts", one_of_each_category)
    counting = model.replace(":Plain", ":Ink")
    arguments = ["--data", str(eval_dataset), "--model", counting, "--characters", "2"]
    inks, scores = [], []
    for size in ("1", "0.5"):
        done = CliRunner().invoke(held_out.main, [*arguments, "--size", size])
        assert done.exit_code == 0, done.output
        inks.append(int(done.output.split()[1]))
        scores.append(done.output.rsplit("rmse ")[-1].split(",")[0])
    assert inks[1] == pytest.approx(inks[0] / 4, rel=0.25)
    assert scores[0] != scores[1]  # what is drawn is the same, the truth is not


def test_one_font_of_every_lineage_is_drawn_without_its_own(eval_dataset, model, tmp_path):
    gallery = model.replace(":Plain", ":Gallery")
    arguments = ["--data", str(eval_dataset), "--model", gallery, "--characters", "2"]
    asked = CliRunner().invoke(held_out.main, [*arguments, "--each-lineage"])
    assert isinstance(asked.exception, UserError) and "--hide" in str(asked.exception)
    done = CliRunner().invoke(held_out.main, [*arguments, "--each-lineage", "--hide", "exclude"])
    assert done.exit_code == 0, done.output
    hidden = [line.split()[1] for line in done.output.splitlines() if line.startswith("without")]
    dataset = GlyphDataset.open(eval_dataset)
    lineages = [dataset.font(font_id).lineage for font_id in hidden]
    assert lineages == sorted({dataset.font(f).lineage for f in dataset.splits.train_fonts})
    assert f"category all, fonts {len(hidden)}, " in done.output


def test_each_setting_of_guidance_is_scored_on_the_fonts_held_out(eval_dataset, model, tmp_path):
    facts = {"held_out": ["jua-regular"], "samples": 1234}
    (tmp_path / "weights.json").write_text(json.dumps(facts), encoding="utf-8")
    arguments = ["--data", eval_dataset, "--model", model, "--characters", "2"]
    arguments += ["--checkpoint", tmp_path / "weights.safetensors", "--setting", "guidance=2"]
    done = CliRunner().invoke(guidance.main, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    first, second = done.output.splitlines()
    assert first == "1 fonts x 2 syllables, 1,234 samples"
    assert second.startswith("guidance=2: jer ")
