"""retrieval-font's training command: it resumes, repeats itself and lends its trunk."""

import json

import pytest
import torch
from click.testing import CliRunner

from baselines.retrieval_font.adapter import RetrievalFontAdapter
from baselines.retrieval_font.model import RetrievalConfig, RetrievalFont
from baselines.retrieval_font.train import command as train
from baselines.training.checkpoint import read_tensors, save_weights
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.training_dataset import build_training_dataset

CHANNELS = (32, 32, 32)
SMALL = ("--recipe", "tiny", "--set", "batch_size=2", "--set", "neighbours=2")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("retrieval-training")
    build_training_dataset(folder, families=22)
    return folder


def test_the_training_command_trains_resumes_and_writes_what_the_adapter_reads(place, tmp_path):
    out = tmp_path / "run"
    arguments = [
        *("--data", str(place / "dataset"), "--bank", str(place / "fields"), "--out", str(out)),
        *SMALL,
        *("--set", "validate_every=2"),
    ]
    for more in (["--steps", "2"], ["--steps", "3", "--resume"]):
        result = CliRunner().invoke(train, [*arguments, *more], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    facts = json.loads((out / "weights.json").read_text(encoding="utf-8"))
    assert (facts["steps"], facts["samples"]) == (3, 6)
    dataset = GlyphDataset.open(place / "dataset")
    held_out = ",".join(facts["held_out"])
    checkpoint = str(out / "weights.safetensors")
    model = RetrievalFontAdapter(dataset=dataset, checkpoint=checkpoint, exclude=held_out)
    assert model.trained_on.characters == frozenset(dataset.splits.seen_characters)
    assert set(dataset.splits.unseen_fonts).isdisjoint(model.trained_on.font_ids)


def test_batches_made_ahead_train_the_same_weights(place, tmp_path):
    arguments = [
        *("--data", str(place / "dataset"), "--bank", str(place / "fields"), "--steps", "2"),
        *SMALL,
    ]
    for workers in ("0", "1"):
        own = ["--set", f"workers={workers}", "--out", str(tmp_path / workers)]
        result = CliRunner().invoke(train, [*arguments, *own], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    here, ahead = (read_tensors(tmp_path / w / "weights.safetensors") for w in ("0", "1"))
    assert all(torch.equal(here[name], ahead[name]) for name in here)


def test_a_model_that_paints_freely_is_trained_and_lends_its_trunk_to_one_that_bends(
    place, tmp_path
):
    arguments = [
        *("--data", str(place / "dataset"), "--bank", str(place / "fields"), "--steps", "1"),
        *SMALL,
    ]
    for own in (
        ["--out", str(tmp_path / "free"), "--set", "head=free", "--set", "timesteps=noisy"],
        ["--out", str(tmp_path / "warp"), "--set", f"trunk={tmp_path}/free/weights.safetensors"],
    ):
        result = CliRunner().invoke(train, [*arguments, *own], catch_exceptions=False)
        assert result.exit_code == 0, result.output
    free, warp = (
        read_tensors(tmp_path / name / "weights.safetensors") for name in ("free", "warp")
    )
    facts = json.loads((tmp_path / "warp/weights.json").read_text(encoding="utf-8"))
    assert facts["trunk"]["samples"] == 2
    trunk = "network.unet.conv_in.weight"
    assert torch.allclose(free[trunk].float(), warp[trunk].float(), atol=2e-3)


def test_weights_of_another_network_lend_no_trunk(tmp_path):
    other = tmp_path / "other.safetensors"
    save_weights(other, {"layer": torch.zeros(3)}, {"model": "retrieval-font", "config": {}})
    with pytest.raises(UserError, match="Nothing in .* fits retrieval-font"):
        RetrievalFont(RetrievalConfig(neighbours=2, channels=CHANNELS)).start_trunk(other)


@pytest.mark.parametrize(("timesteps", "steps"), [("noisy", 2), ("last", 1)])
def test_what_paints_freely_takes_no_step_that_it_has_not_learned(
    place, tmp_path, timesteps, steps
):
    out = tmp_path / "run"
    arguments = [
        *("--data", str(place / "dataset"), "--bank", str(place / "fields"), "--steps", "1"),
        *SMALL,
        *("--out", str(out), "--set", "head=free", "--set", f"timesteps={timesteps}"),
    ]
    result = CliRunner().invoke(train, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    dataset = GlyphDataset.open(place / "dataset")
    model = RetrievalFontAdapter(dataset=dataset, checkpoint=str(out / "weights.safetensors"))
    assert model.details["steps"] == steps
