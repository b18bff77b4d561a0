"""What a batch is made of: which glyphs, and which pages are read for it."""

import pytest
import torch

from baselines.diff_font.model import DiffFont
from baselines.diffusion.data import load_training_sets
from baselines.diffusion.model import ModelConfig
from baselines.diffusion.trainer import noise_like
from baselines.glyphs.bank import random_columns
from baselines.style_encoder.encoder import StyleEncoder
from baselines.training.data import training_fonts
from hangeul_bench.dataset import GlyphDataset


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_columns_are_drawn_evenly_among_those_that_are_there():
    present = torch.tensor(
        [[True, False, True, True, False], [True] * 5, [False, False] + 3 * [True]]
    )
    rows = torch.arange(3).repeat(4000)
    drawn = random_columns(present[rows], generator())
    assert present[rows, drawn].all()
    for row, there in enumerate(present):
        shares = torch.bincount(drawn[rows == row], minlength=5)[there] / 4000
        assert shares == pytest.approx(1 / int(there.sum()), abs=0.03)
    assert torch.equal(drawn, random_columns(present[rows], generator()))
    assert not torch.equal(drawn, random_columns(present[rows], generator(1)))


def test_a_column_that_is_not_wanted_comes_only_where_it_is_all():
    present = torch.tensor([[True, True, False, True], [False, False, True, False]])
    rows = torch.tensor([0, 1]).repeat(3000)
    wanted = torch.tensor([1, 2]).repeat(3000)
    drawn = random_columns(present[rows], generator(), besides=wanted)
    assert (drawn[rows == 1] == 2).all()
    shares = torch.bincount(drawn[rows == 0], minlength=4) / 3000
    assert shares == pytest.approx([0.5, 0, 0, 0.5], abs=0.03)


def test_noise_is_normal_and_hangs_on_the_generator():
    x_0 = torch.zeros(64, 1, 16, 16)
    noise = noise_like(x_0, generator())
    assert torch.equal(noise, noise_like(x_0, generator()))
    assert (float(noise.mean()), float(noise.std())) == pytest.approx((0, 1), abs=0.02)


def test_a_model_that_paints_fields_reads_the_references_pages_alone(place, tmp_path, monkeypatch):
    dataset = GlyphDataset.open(place / "dataset")
    fonts, characters = training_fonts(dataset), dataset.splits.seen_characters
    encoder = StyleEncoder().frozen()

    def sets(representation):
        model = DiffFont(
            ModelConfig(preset="tiny", characters=characters, representation=representation)
        )
        return load_training_sets(
            dataset,
            fonts,
            characters,
            model=model,
            encoder=encoder,
            device=torch.device("cpu"),
            bank_folder=tmp_path,
        )

    pixels, _ = sets("pixels")
    monkeypatch.setattr(GlyphDataset, "training_arrays", None)
    fields, _ = sets("sdf64")
    assert torch.equal(pixels.references, fields.references)
    assert torch.equal(pixels.present, fields.present)
    assert torch.allclose(pixels.styles, fields.styles, atol=1e-5)
