"""A run of one process; several are started for real in tests/evaluate/test_processes.py."""

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import Processes, join_processes


def test_one_process_is_the_first_and_waits_for_none(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    alone = join_processes("cpu")
    assert alone == Processes(0, 1, "cpu") and alone.first
    alone.wait()
    assert not Processes(1, 2, "cpu").first


def test_a_gpu_that_is_not_there_is_said_before_anything_starts(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="Expected a GPU for --device cuda"):
        join_processes("cuda")
    assert join_processes("auto").device == "cpu"
