"""Batches of fonts as they are and changed, and the training command on them."""

import json

import pytest
import torch
from click.testing import CliRunner

from baselines.style_encoder.encoder import load_style_encoder
from baselines.style_encoder.train import main, make_batches, train
from baselines.training.data import training_fonts
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.training_dataset import build_training_dataset


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("style")
    build_training_dataset(folder)
    return folder


@pytest.fixture(scope="module")
def dataset(place):
    return GlyphDataset.open(place / "dataset")


@pytest.fixture(params=["plain", "changed"])
def batches(request, place, dataset):
    bank = place / "fields" if request.param == "changed" else None
    return make_batches(dataset, training_fonts(dataset), seed=0, bank_folder=bank)


def test_a_step_s_number_decides_its_batch(batches):
    one, again, other = batches.batch(3), batches.batch(3), batches.batch(4)
    assert torch.equal(one.glyphs, again.glyphs)
    assert not torch.equal(one.glyphs, other.glyphs)
    assert one.glyphs.shape[1:] == (3, 48, 48)


def test_a_changed_font_is_another_style_of_the_same_font(place, dataset):
    fonts = training_fonts(dataset)
    batch = make_batches(dataset, fonts, seed=0, bank_folder=place / "fields").batch(0)
    assert batch.plain.sum() == (~batch.plain).sum()
    assert torch.equal(batch.fonts[batch.plain], batch.fonts[~batch.plain])
    assert not set(batch.styles[batch.plain].tolist()) & set(batch.styles[~batch.plain].tolist())
    assert torch.equal(batch.styles[batch.plain], batch.fonts[batch.plain])


def test_training_pulls_glyphs_of_a_font_together(batches):
    _, log = train(batches, None, samples=64 * 12, report=0.0)
    assert log[-1]["loss"] < log[0]["loss"] - 0.3


def test_the_command_says_what_it_trained_on(place):
    out = place / "style.safetensors"
    arguments = ["--data", place / "dataset", "--samples", 128, "--augment", "--bf16"]
    arguments += ["--bank", place / "fields", "--out", out]
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    facts = json.loads(out.with_suffix(".json").read_text())
    assert facts["augment"] is True
    vectors = load_style_encoder(out).embed(torch.zeros(2, 128, 128, dtype=torch.uint8))
    assert vectors.shape == (2, 128)
