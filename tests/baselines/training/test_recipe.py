"""Recipes: what the paper prints, what replaces a field, and that the first step is taken."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from baselines.dg_font.train import RECIPES as DG_FONT
from baselines.diff_font.train import RECIPES as DIFF_FONT
from baselines.diff_font.train import command as train_diff_font
from baselines.diffusion.trainer import TrainingOptions
from baselines.font_diffuser.train import RECIPES as FONT_DIFFUSER
from baselines.perceptual import loss
from baselines.retrieval_font.train import RECIPES as RETRIEVAL_FONT
from baselines.training.command import resolve
from dkfont.adapter import DKFontAdapter
from dkfont.train import RECIPES
from dkfont.train import command as train_dkfont
from hangeul_bench.base import download
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset

ROOT = Path(__file__).parents[3]
ALL = (RECIPES, DIFF_FONT, DG_FONT, FONT_DIFFUSER, RETRIEVAL_FONT)
# Takes one step as the command does and says how much memory that took.
STEP = """
import resource
from functools import partial
from baselines.diffusion.trainer import Training
from baselines.perceptual import loss
from dkfont.train import command

loss.load_imagenet_weights = partial(loss.load_imagenet_weights, allow_unpinned=True)
def save(self):
    model = self.accelerator.unwrap_model(self.model)
    finite = all(bool(p.isfinite().all()) for p in model.parameters())
    network = model.training_facts()["perceptual"]["network"]
    print(self.facts["options"], self.facts["config"]["preset"])
    print(f"after step {self.step} by {network}, finite {finite}")

Training.save = save
command.main(standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_the_paper_recipe_is_what_the_paper_prints():
    recipe = resolve(RECIPES["paper"], "paper", ["category=printed"])
    model, training, data = recipe.model, recipe.training, recipe.data
    assert (model.preset, model.representation, model.prediction) == ("paper", "pixels", "epsilon")
    assert (model.schedule, training.timesteps, model.dropout) == ("cosine", "uniform", 0.1)
    assert (training.steps, training.batch_size, data.characters) == (50_000, 16, "all")
    assert recipe.perceptual == loss.PerceptualOptions("vgg19", "none")
    assert data.augment is False
    assert {training.rate_at(step) for step in (0, 1, 25_000, 49_999)} == {1e-3}
    drawing = ("sampler", "steps", "fit", "frame")
    assert [recipe.drawing[name] for name in drawing] == ["ddpm", 1000, "none", "none"]


def test_the_swift_recipe_is_what_made_the_weights_that_ship():
    facts = json.loads(DKFontAdapter.weights.with_suffix(".json").read_text(encoding="utf-8"))
    recipe = RECIPES["swift"]
    assert recipe.training.steps == facts["steps"]
    assert facts["options"].items() <= recipe.facts().items()
    config = {name: facts["config"][name] for name in facts["config"] if name != "characters"}
    assert config.items() <= recipe.model.to_json().items()
    assert recipe.perceptual.perceptual == facts["perceptual"]["network"]


@pytest.mark.parametrize("recipes", [RECIPES, DIFF_FONT])
def test_plain_trains_on_pixels_in_small_batches(recipes):
    assert recipes["plain"].training == TrainingOptions()
    assert recipes["plain"].model.representation == "pixels"


def test_each_model_has_a_recipe_that_ends_and_a_tiny_one():
    for recipes in ALL:
        assert next(iter(recipes)) == "swift" and recipes["swift"].training.steps
        assert recipes["tiny"].training.steps == 20


def test_a_text_replaces_a_field_wherever_it_stands():
    given = ["category=both", "warmup=500", "cooldown=0.5", "steps=10", "perceptual=none"]
    recipe = resolve(RECIPES["paper"], "paper", [*given, "representation=sdf64", "fuse=true"])
    training = recipe.training
    assert (recipe.data.category, training.warmup, training.cooldown) == ("both", 500, 0.5)
    assert (training.steps, training.learning_rate, training.fuse) == (10, 1e-3, True)
    assert (recipe.model.representation, recipe.perceptual.perceptual) == ("sdf64", "none")
    trunk = resolve(RETRIEVAL_FONT["swift"], "swift", ["trunk=a.safetensors", "channels=8,8,8"])
    assert (trunk.training.trunk, trunk.model.channels) == (Path("a.safetensors"), (8, 8, 8))
    losses = DG_FONT["swift"].with_field("content", "0.25").training.losses
    assert losses == replace(DG_FONT["swift"].training.losses, content=0.25)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("speed=3", "Unknown field speed; expected one of augment, average, batch_size"),
        ("batch_size", "Expected --set FIELD=VALUE such as batch_size=64, found 'batch_size'"),
        ("batch_size=many", "Expected batch_size to be a whole number, but found 'many'"),
        ("batch_size=0", "Expected batch_size of at least 1, but found 0"),
        ("cooldown=2", "Expected cooldown of at least 0 and at most 1, but found 2"),
        ("schedule=round", "Expected schedule to be one of linear, cosine, scaled_linear"),
        ("fuse=1", "Expected fuse to be one of true, false, but found '1'"),
        ("steps=none", "Expected --steps or --minutes"),
        ("drawing=x", "Unknown field drawing"),
    ],
)
def test_a_text_that_is_no_field_or_value_is_refused(text, told):
    with pytest.raises(UserError, match=told):
        resolve(RECIPES["swift"], "swift", [text])


def test_a_recipe_of_one_category_asks_which():
    with pytest.raises(UserError, match="--set category=handwritten or --set category=printed"):
        resolve(RECIPES["paper"], "paper", [])


def test_warm_up_and_cool_down_can_be_left_out(place, tmp_path):
    common = ("--data", str(place / "dataset"), "--steps", "1")
    common += ("--style-encoder", str(place / "style.safetensors"))
    changed = ("preset=tiny", "batch_size=2", "validate_every=0", "learning_rate=0.001")
    changed += ("warmup=0", "cooldown=0")
    out = tmp_path / "run"
    arguments = ["--recipe", "paper", *common, "--out", str(out)]
    arguments += [word for text in changed for word in ("--set", text)]
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
    arguments = ["--recipe", "paper", "--set", "category=printed"]
    with pytest.raises(UserError, match="neither in --perceptual-weights nor in"):
        CliRunner().invoke(train_dkfont, arguments, catch_exceptions=False)
    arguments += ["--perceptual-weights", str(tmp_path / "none")]
    with pytest.raises(UserError, match="Expected --perceptual-weights to be a folder"):
        CliRunner().invoke(train_dkfont, arguments, catch_exceptions=False)


@pytest.mark.skipif(sys.platform != "linux", reason="counts kilobytes as Linux does")
def test_the_paper_recipe_takes_its_first_step_in_four_gigabytes(place, tmp_path):
    torch.manual_seed(0)
    stand_in = loss.VGG19Features().state_dict()  # the published file's names and shapes
    torch.save(stand_in, tmp_path / "vgg19-dcbb9e9d.pth")
    command = [sys.executable, "-c", STEP, "--recipe", "paper", "--set", "category=printed"]
    command += ["--data", str(place / "dataset"), "--set", "batch_size=1", "--steps", "1"]
    command += ["--style-encoder", str(place / "style.safetensors"), "--device", "cpu"]
    command += ["--perceptual-weights", str(tmp_path), "--out", str(tmp_path / "run")]
    command += ["--set", "validate_every=0"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "after step 1 by vgg19, finite True" in done.stdout
    assert "'learning_rate': 0.001" in done.stdout and "'category': 'printed'" in done.stdout
    assert int(done.stdout.split()[-1]) < 4_000_000  # KiB; the state's file is written unbuffered
