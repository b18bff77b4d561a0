"""Where bfloat16 would be imitated, a training says so and goes on in float32."""

import pytest
import torch
from accelerate.state import AcceleratorState

from baselines.training.command import make_accelerator
from baselines.training.run import bfloat16_on_cpu


@pytest.fixture
def alone():
    """Accelerate keeps one precision a process."""
    AcceleratorState._reset_state(reset_partial_state=True)
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.mark.parametrize(("capability", "used"), [("AVX2", "no"), ("AVX512", "bf16")])
def test_bfloat16_is_used_where_it_pays(monkeypatch, capsys, alone, capability, used):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)
    assert make_accelerator("cpu", bf16=True).mixed_precision == used
    assert ("training in float32" in capsys.readouterr().err) == (used == "no")


def test_nothing_is_said_where_it_was_not_asked_for(monkeypatch, capsys):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    assert bfloat16_on_cpu(False) is False
    assert capsys.readouterr().err == ""
