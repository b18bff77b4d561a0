"""The glyph network: trained by a command, it is what the perceptual loss looks through."""

import json

import pytest
import torch
from click.testing import CliRunner

from baselines.perceptual.glyph_network import main
from baselines.perceptual.loss import load_glyph_network, make_perceptual
from baselines.training.recipe import PerceptualOptions
from hangeul_bench.base.errors import UserError


def test_what_the_command_trains_is_what_the_loss_loads(place, tmp_path):
    out = tmp_path / "network.safetensors"
    arguments = ["--data", str(place / "dataset"), "--samples", "64", "--out", str(out)]
    assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
    assert json.loads(out.with_suffix(".json").read_text())["samples"] == 64
    network, sha256 = load_glyph_network(out)
    assert [m.shape[-1] for m in network(torch.zeros(1, 1, 128, 128))] == [64, 32, 16, 8]
    loss = make_perceptual(PerceptualOptions("glyph"), weights=out)
    assert loss.facts["sha256"] == sha256


def test_an_absent_network_names_the_command_that_trains_one(tmp_path):
    with pytest.raises(UserError, match="python -m baselines.perceptual.glyph_network"):
        load_glyph_network(tmp_path / "none.safetensors")
