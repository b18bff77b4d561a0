"""Recipes: what the paper prints, what an option replaces, and that the first step is taken."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from baselines.diff_font.train import RECIPES as DIFF_FONT
from baselines.diff_font.train import main as train_diff_font
from baselines.diffusion import perceptual
from baselines.diffusion.training.command import run_options
from baselines.diffusion.training.options import TrainingOptions
from baselines.diffusion.training.recipes import Recipe, settle
from dkfont.train import RECIPES
from dkfont.train import main as train_dkfont
from hangeul_bench.base import download
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset

ROOT = Path(__file__).parents[4]
BESIDE = {"minutes": None, "fuse": False, "validate_every": 0, "seed": 0}
# Takes one step as the command does and says how much memory that took.
STEP = """
import resource
from functools import partial
from baselines.diffusion import perceptual
from baselines.diffusion.training.loop import Training
from dkfont.train import main

perceptual.load_imagenet_weights = partial(perceptual.load_imagenet_weights, allow_unpinned=True)
def save(self):
    model = self.accelerator.unwrap_model(self.model)
    finite = all(bool(p.isfinite().all()) for p in model.parameters())
    network = model.training_facts()["perceptual"]["network"]
    print(self.facts["options"], self.facts["config"]["preset"])
    print(f"after step {self.step} by {network}, finite {finite}")

Training.save = save
main(standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_the_paper_recipe_is_what_the_paper_prints():
    recipe = settle(RECIPES, {"recipe": "paper", "category": "printed"})
    assert (recipe.preset, recipe.carrier, recipe.prediction) == ("paper", "pixels", "epsilon")
    assert (recipe.schedule, recipe.timesteps, recipe.dropout) == ("cosine", "uniform", 0.1)
    assert (recipe.steps, recipe.batch_size, recipe.characters) == (50_000, 16, "all")
    assert (recipe.perceptual, recipe.perceptual_weighting) == ("vgg19", "none")
    assert recipe.augment is False
    options = run_options(recipe, BESIDE)
    assert {options.rate_at(step) for step in (0, 1, 25_000, 49_999)} == {1e-3}


@pytest.mark.parametrize("recipes", [RECIPES, DIFF_FONT])
def test_the_shipped_recipe_has_the_defaults_of_the_training_options(recipes):
    options = run_options(settle(recipes, {"recipe": "swift"}), BESIDE)
    assert options == TrainingOptions(validate_every=0)


def test_an_option_replaces_a_field():
    given = {"recipe": "paper", "category": "both", "warmup": 500, "cooldown": 0.5, "steps": 10}
    recipe = settle(RECIPES, given | {"learning_rate": None})
    assert (recipe.category, recipe.warmup, recipe.cooldown) == ("both", 500, 0.5)
    assert (recipe.steps, recipe.learning_rate) == (10, 1e-3)


def test_a_recipe_of_one_category_asks_which():
    with pytest.raises(UserError, match="--category handwritten or --category printed"):
        settle(RECIPES, {"recipe": "paper"})
    assert settle({"own": Recipe()}, {"recipe": "own"}).category == "both"


def test_warm_up_and_cool_down_are_options(place, tmp_path):
    common = ("--data", str(place / "dataset"), "--preset", "tiny", "--batch-size", "2")
    common += ("--style-encoder", str(place / "style.safetensors"), "--validate-every", "0")
    rates = ("--learning-rate", "0.001", "--warmup", "0", "--cooldown", "0", "--steps", "1")
    out = tmp_path / "run"
    arguments = ["--recipe", "paper", *common, *rates, "--out", str(out)]
    done = CliRunner().invoke(train_diff_font, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    facts = json.loads((out / "weights.json").read_text())
    assert facts["options"]["recipe"] == "paper"
    assert (facts["options"]["warmup"], facts["options"]["cooldown"]) == (0, 0.0)
    assert facts["config"]["prediction"] == "epsilon" and facts["config"]["preset"] == "tiny"
    assert set(facts["characters"]) == set(GlyphDataset.open(place / "dataset").characters)


def test_absent_vgg_weights_name_the_option_that_there_is(monkeypatch, tmp_path):
    def refuse(*args, **more):
        raise download.DownloadError("there is no network")

    monkeypatch.setattr("hangeul_bench.base.weights.download", refuse)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    arguments = ["--recipe", "paper", "--category", "printed"]
    with pytest.raises(UserError, match="neither in --perceptual-weights nor in"):
        CliRunner().invoke(train_dkfont, arguments, catch_exceptions=False)
    arguments += ["--perceptual-weights", str(tmp_path / "none")]
    with pytest.raises(UserError, match="Expected --perceptual-weights to be a folder"):
        CliRunner().invoke(train_dkfont, arguments, catch_exceptions=False)


@pytest.mark.skipif(sys.platform != "linux", reason="counts kilobytes as Linux does")
def test_the_paper_recipe_takes_its_first_step_in_four_gigabytes(place, tmp_path):
    torch.manual_seed(0)
    stand_in = perceptual.VGG19Features().state_dict()  # the published file's names and shapes
    torch.save(stand_in, tmp_path / "vgg19-dcbb9e9d.pth")
    command = [sys.executable, "-c", STEP, "--recipe", "paper", "--category", "printed"]
    command += ["--data", str(place / "dataset"), "--batch-size", "1", "--steps", "1"]
    command += ["--style-encoder", str(place / "style.safetensors"), "--device", "cpu"]
    command += ["--perceptual-weights", str(tmp_path), "--out", str(tmp_path / "run")]
    command += ["--validate-every", "0"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "after step 1 by vgg19, finite True" in done.stdout
    assert "'learning_rate': 0.001" in done.stdout and "'category': 'printed'" in done.stdout
    assert int(done.stdout.split()[-1]) < 4_000_000  # KiB; the state's file is written unbuffered
