"""FontDiffuser's training: it learns, goes on where it stopped, and refines in phase 2."""

import json

import pytest
import torch
from accelerate import Accelerator
from click.testing import CliRunner
from safetensors.torch import load_file

from baselines.diffusion.model import ModelConfig
from baselines.diffusion.trainer import Training, TrainingOptions
from baselines.font_diffuser.data import OneShotOptions, load_one_shot_sets
from baselines.font_diffuser.model import FontDiffuser
from baselines.font_diffuser.train import command
from baselines.training.data import training_fonts
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset


def run(place, out, *more, recipe="plain"):
    style = str(place / "style.safetensors")
    arguments = [
        *("--recipe", recipe),
        *("--data", str(place / "dataset"), "--style-encoder", style, "--out", str(out)),
        *("--set", "preset=tiny", "--set", "batch_size=4", "--set", "validate_every=0", *more),
    ]
    result = CliRunner().invoke(command, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def facts_of(out):
    return json.loads((out / "weights.json").read_text())


def test_loss_falls_on_the_training_set(place, tmp_path):
    dataset = GlyphDataset.open(place / "dataset")
    torch.manual_seed(0)
    model = FontDiffuser(ModelConfig(preset="tiny", schedule="scaled_linear"))
    data, validation = load_one_shot_sets(
        dataset,
        training_fonts(dataset),
        tuple(dataset.splits.seen_characters),
        representation=model.representation,
        device=torch.device("cpu"),
        options=OneShotOptions(),
    )
    training = Training(
        model,
        data,
        validation=validation,
        out=tmp_path,
        options=TrainingOptions(
            batch_size=8, steps=40, learning_rate=2e-3, warmup=1, validate_every=0
        ),
        facts={"model": model.name, "config": model.config.to_json()},
        accelerator=Accelerator(cpu=True),
    )
    before = fixed_loss(training)
    training.run()
    assert fixed_loss(training) < 0.6 * before


@torch.no_grad()
def fixed_loss(training):
    training.model.eval()
    return float(training._loss(training.data.batch(16, 12345))[0])


def test_a_resumed_run_takes_the_same_course(place, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(place, whole, "--steps", "3")
    run(place, parts, "--steps", "1")
    run(place, parts, "--steps", "3", "--resume")
    first, second = (load_file(p / "state.safetensors") for p in (whole, parts))
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


def test_phase_two_refines_the_weights_of_phase_one(place, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run(place, first, "--steps", "2")
    facts = facts_of(first)
    assert (facts["phase"], facts["options"]["learning_rate"]) == (1, 5e-4)
    assert facts["config"]["schedule"] == "scaled_linear"
    start = ("--start", str(first / "weights.safetensors"))
    run(place, second, "--set", "negatives=2", "--steps", "3", *start, recipe="phase-2")
    facts = facts_of(second)
    assert (facts["phase"], facts["steps"], facts["samples"]) == (2, 3, 12)
    assert facts["options"]["learning_rate"] == pytest.approx(5e-5)
    assert facts["options"]["negatives"] == 2


def test_phase_two_without_phase_one_is_refused(place, tmp_path):
    with pytest.raises(UserError, match="--start FILE"):
        run(place, tmp_path / "run", "--steps", "1", recipe="phase-2")


def test_validation_draws_a_sheet(place, tmp_path):
    run(place, tmp_path, "--steps", "1", "--set", "validate_every=1")
    assert (tmp_path / "samples" / "step-000001.png").is_file()
