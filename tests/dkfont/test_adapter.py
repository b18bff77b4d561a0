"""What DK-Font's shipped weights say of themselves, and how its training begins."""

import json

import pytest
from click.testing import CliRunner

from baselines.diffusion.model import ModelConfig
from baselines.training.checkpoint import save_weights
from dkfont.adapter import DKFontAdapter
from dkfont.model import DKFont
from dkfont.train import command
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import evaluation_fonts


def test_the_registered_model_has_seen_no_unseen_font_and_says_how_it_draws():
    model = load_model("dkfont")
    assert isinstance(model, DKFontAdapter)
    unseen = {font.font_id for font in evaluation_fonts() if font.role == "unseen"}
    assert unseen and not unseen & set(model.trained_on.font_ids)
    facts = json.loads(DKFontAdapter.weights.with_suffix(".json").read_text(encoding="utf-8"))
    assert model.details["samples"] == facts["samples"] > 0
    assert model.parameters == facts["parameters"]


@pytest.mark.parametrize(
    ("representation", "steps", "share"), [("pixels", 10, 0.5), ("sdf64", 3, 1.0)]
)
def test_each_representation_is_drawn_by_its_own_defaults(tmp_path, representation, steps, share):
    shipped = json.loads(DKFontAdapter.weights.with_suffix(".json").read_text(encoding="utf-8"))
    model = DKFont(
        ModelConfig(preset="tiny", representation=representation, characters=("가", "각"))
    )
    path = tmp_path / "weights.safetensors"
    save_weights(path, model.state_dict(), shipped | {"config": model.config.to_json()})
    details = DKFontAdapter(checkpoint=str(path)).details
    assert (details["steps"], details["guided_share"]) == (steps, share)
    assert DKFontAdapter(checkpoint=str(path), steps="7").details["steps"] == 7


def test_a_training_without_an_end_is_refused():
    done = CliRunner().invoke(command, ["--recipe", "plain", "--set", "perceptual=none"])
    assert isinstance(done.exception, UserError)
    assert "--steps or --minutes" in str(done.exception)
