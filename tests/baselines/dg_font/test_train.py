"""The training command of DG-Font: resumed, validated, refused; what its weights say."""

import json

import pytest
import torch
from accelerate.state import AcceleratorState
from click.testing import CliRunner
from safetensors.torch import load_file

from baselines.dg_font.train import command
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset


def run(place, out, *more):
    arguments = ["--recipe", "plain", "--data", str(place), "--out", str(out)]
    arguments += ["--set", "preset=tiny", "--set", "batch_size=4"]
    result = CliRunner().invoke(command, [*arguments, "--set", "validate_every=0", *more])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_resumed_run_takes_the_same_course(place, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(place, whole, "--steps", "6")
    run(place, parts, "--steps", "3")
    run(place, parts, "--steps", "6", "--resume")
    first, second = (load_file(path / "state.safetensors") for path in (whole, parts))
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []
    weights = [(path / "weights.safetensors").read_bytes() for path in (whole, parts)]
    assert weights[0] == weights[1]


def test_the_state_holds_both_players_and_all_optimizers(place, tmp_path):
    run(place, tmp_path / "run", "--steps", "1")
    names = load_file(tmp_path / "run" / "state.safetensors")
    groups = {name.split(".")[0] for name in names}
    assert groups == {"model", "average", "style", "generator", "discriminator"}
    shipped = load_file(tmp_path / "run" / "weights.safetensors")
    assert not [name for name in shipped if "discriminator" in name]


def test_validation_draws_a_sheet_with_the_averaged_weights(place, tmp_path):
    run(place, tmp_path / "run", "--steps", "2", "--set", "validate_every=2")
    rows = (tmp_path / "run" / "validation.csv").read_text().splitlines()
    assert rows[0] == "step,samples,held_out,rmse_drawn" and len(rows) == 2
    assert (tmp_path / "run" / "samples" / "step-000002.png").is_file()


def test_weights_say_what_they_were_trained_on(place, tmp_path):
    run(place, tmp_path / "run", "--steps", "1", "--set", "content=0.25")
    facts = json.loads((tmp_path / "run" / "weights.json").read_text())
    dataset = GlyphDataset.open(place)
    assert (facts["model"], facts["samples"]) == ("dg-font", 4)
    assert set(facts["font_ids"]) <= set(dataset.splits.train_fonts)
    assert set(facts["characters"]) == set(dataset.splits.seen_characters)
    losses = facts["options"]["losses"]
    assert (losses["content"], losses["image"], losses["offset"]) == (0.25, 0.1, 0.5)


@pytest.fixture
def alone():
    """Accelerate keeps one precision a process; these tests of another one begin and end anew."""
    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.usefixtures("alone")
def test_bfloat16_is_said_and_trains_finite_weights(place, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    run(place, tmp_path / "run", "--steps", "2", "--bf16", "--set", "threads=1", "--set", "seed=3")
    facts = json.loads((tmp_path / "run" / "weights.json").read_text())
    assert (facts["options"]["bf16"], facts["options"]["seed"]) == (True, 3)
    weights = load_file(tmp_path / "run" / "weights.safetensors")
    assert all(bool(torch.isfinite(value).all()) for value in weights.values())


def test_a_run_is_not_overwritten_and_needs_a_limit(place, tmp_path):
    (tmp_path / "state.safetensors").touch()
    with pytest.raises(UserError, match="holds a run already"):
        run(place, tmp_path, "--steps", "1")
    with pytest.raises(UserError, match="--steps or --minutes"):
        run(place, tmp_path)
