import json
import tracemalloc

import pytest
import safetensors.torch
import torch

from baselines.diff_font.model import DiffFont
from baselines.diffusion.model import ModelConfig
from baselines.training.checkpoint import load_weights, save_weights, write_tensors
from dkfont.model import DKFont
from hangeul_bench.base.errors import UserError


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(0)
    model = DKFont(ModelConfig(preset="tiny", characters=("각", "한"), schedule="cosine"))
    path = tmp_path / "weights.safetensors"
    facts = {"model": "dkfont", "config": model.config.to_json(), "samples": 7}
    save_weights(path, model.state_dict(), facts)
    return path, model


def test_weights_come_back_as_they_were_to_half_precision(saved):
    path, model = saved
    loaded, facts = load_weights(DKFont, path, "cpu")
    assert facts["samples"] == 7
    assert loaded.config == model.config
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value.half().float()), name


def test_characters_are_stored_as_code_points(saved):
    facts = json.loads(saved[0].with_suffix(".json").read_text())
    assert facts["config"]["characters"] == [0xAC01, 0xD55C]


def edit(path, **changes):
    beside = path.with_suffix(".json")
    facts = json.loads(beside.read_text())
    beside.write_text(json.dumps({**facts, **changes}))


def test_weights_of_another_model_are_refused(saved):
    with pytest.raises(UserError, match="Expected weights of diff-font.*weights of dkfont"):
        load_weights(DiffFont, saved[0], "cpu")


def test_weights_of_another_preset_are_refused(saved):
    config = ModelConfig(preset="swift", characters=("각", "한"), schedule="cosine")
    edit(saved[0], config=config.to_json())
    with pytest.raises(UserError, match="do not fit their JSON file"):
        load_weights(DKFont, saved[0], "cpu")


def test_weights_of_a_newer_format_are_refused(saved):
    edit(saved[0], format=99)
    with pytest.raises(UserError, match="newer than"):
        load_weights(DKFont, saved[0], "cpu")


def test_truncated_weights_are_refused(saved):
    saved[0].write_bytes(saved[0].read_bytes()[:-100])
    with pytest.raises(UserError, match="no complete safetensors file"):
        load_weights(DKFont, saved[0], "cpu")


def test_a_pickle_is_refused_whatever_its_name(saved, tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "model.pt")
    with pytest.raises(UserError, match=r"Expected weights as .safetensors"):
        load_weights(DKFont, tmp_path / "model.pt", "cpu")
    torch.save({"a": torch.zeros(1)}, saved[0])
    with pytest.raises(UserError, match="no complete safetensors file"):
        load_weights(DKFont, saved[0], "cpu")


def test_absent_weights_are_named(tmp_path):
    with pytest.raises(UserError, match=r"at .*none.safetensors"):
        load_weights(DKFont, tmp_path / "none.safetensors", "cpu")


def test_a_damaged_json_file_is_named(saved):
    saved[0].with_suffix(".json").write_text("{")
    with pytest.raises(UserError, match=r"weights.json, but it is no JSON"):
        load_weights(DKFont, saved[0], "cpu")


def test_tensors_are_written_as_the_library_writes_them(tmp_path):
    tensors = {
        "b": torch.arange(6.0).view(2, 3).T,
        "a.scalar": torch.tensor(2.5),
        "count": torch.tensor(7),
        "half": torch.ones(5, dtype=torch.float16),
        "empty": torch.zeros(0, 4),
    }
    for number, metadata in enumerate((None, {"progress": '{"step": 1, "뜻": "\\n"}'})):
        path = tmp_path / f"{number}.safetensors"
        write_tensors(path, tensors, metadata)
        same = {name: value.contiguous() for name, value in tensors.items()}
        assert path.read_bytes() == safetensors.torch.save(same, metadata)


def test_writing_takes_no_copy_of_the_tensors(tmp_path):
    tensors = {name: torch.zeros(1_000_000) for name in "abcd"}
    tracemalloc.start()
    write_tensors(tmp_path / "large.safetensors", tensors)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000  # bytes; of the 16,000,000 that they are
