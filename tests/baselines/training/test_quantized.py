"""Weights at a byte a number come back as they were, but for half a step."""

import pytest
import torch
from click.testing import CliRunner

from baselines.training.checkpoint import load_weights, read_weights, save_weights, write_tensors
from baselines.training.pack_weights import main
from baselines.training.quantized import dequantize, quantize
from dkfont.model import DKFont
from hangeul_bench.base.errors import UserError

SHAPES = {"conv.weight": (64, 32, 3, 3), "linear.weight": (128, 64), "norm.weight": (64,)}


def state_of(seed):
    generator = torch.Generator().manual_seed(seed)
    state = {name: torch.randn(shape, generator=generator) for name, shape in SHAPES.items()}
    state["conv.weight"] *= torch.logspace(-6, 3, 64).view(-1, 1, 1, 1)  # channels of any size
    return state | {"steps": torch.tensor([3, 4])}


def test_every_number_is_within_half_a_step_of_its_channel():
    state = state_of(0)
    back = dequantize(quantize(state))
    assert set(back) == set(state)
    for name in ("conv.weight", "linear.weight"):
        largest = state[name].flatten(1).abs().amax(1).view(-1, *[1] * (state[name].ndim - 1))
        assert ((back[name] - state[name]).abs() <= largest / 127 * 0.51).all()
    assert torch.equal(back["norm.weight"], state["norm.weight"].half().float())
    assert torch.equal(back["steps"], state["steps"])


def test_a_channel_of_zeros_stays_zero():
    assert not dequantize(quantize({"w": torch.zeros(64, 64)}))["w"].any()


def test_storing_twice_changes_nothing():
    once = dequantize(quantize(state_of(1)))
    twice = dequantize(quantize(once))
    for name, value in once.items():
        assert torch.allclose(
            twice[name].float(), value.float(), rtol=0, atol=1e-2 * float(value.abs().max())
        )


def test_numbers_that_are_not_finite_are_refused():
    with pytest.raises(ValueError, match="w holds a number that is not finite"):
        quantize({"w": torch.full((64, 64), float("nan"))})


def test_float16_files_still_load(tmp_path):
    path = tmp_path / "old.safetensors"
    write_tensors(path, {"w": torch.ones(64, 64).half()})
    assert torch.equal(read_weights(path)["w"], torch.ones(64, 64))


def test_the_command_halves_a_file_and_the_model_loads_both(tmp_path):
    weights, out = tmp_path / "weights.safetensors", tmp_path / "small.safetensors"
    config = DKFont.config_type(preset="tiny", characters=("가", "나"))
    torch.manual_seed(0)
    model = DKFont(config)
    facts = {"model": "dkfont", "config": config.to_json(), "samples": 1}
    save_weights(weights, model.state_dict(), facts)
    done = CliRunner().invoke(main, [str(weights), str(out)], catch_exceptions=False)
    assert done.exit_code == 0 and out.stat().st_size < 0.6 * weights.stat().st_size
    (plain, _), (small, _) = (load_weights(DKFont, path, "cpu") for path in (weights, out))
    for name, value in plain.state_dict().items():
        assert torch.allclose(
            small.state_dict()[name], value, atol=0.01 * float(value.abs().max()) + 1e-6
        )


def test_weights_that_are_not_there_are_named(tmp_path):
    with pytest.raises(UserError, match="there is no .*none.safetensors"):
        main.main([str(tmp_path / "none.safetensors"), "x"], standalone_mode=False)
