"""What DK-Font's shipped weights say of themselves, and how its training begins."""

import json

from click.testing import CliRunner

from dkfont.adapter import DKFontAdapter
from dkfont.train import main
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


def test_a_training_without_an_end_is_refused():
    done = CliRunner().invoke(main, ["--data", "none", "--without", "perceptual"])
    assert isinstance(done.exception, UserError)
    assert "--steps or --minutes" in str(done.exception)
