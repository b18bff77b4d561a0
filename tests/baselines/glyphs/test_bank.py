from dataclasses import replace

import numpy as np
import pytest
import torch

from baselines.glyphs.bank import FieldBank


@pytest.fixture
def bank():
    rng = np.random.default_rng(0)
    fields = rng.integers(-127, 128, (3, 4, 64, 64), dtype=np.int8)
    return FieldBank(("a", "b", "c"), tuple("가나다라"), fields, np.ones((3, 4), dtype=bool))


@pytest.mark.parametrize("kind", [list, torch.tensor])
def test_a_bank_in_a_device_s_memory_gives_the_same_fields(bank, kind):
    rows, columns = kind([2, 0, 2, 1]), kind([3, 1, 0, 0])
    fields = bank.get(rows, columns)
    assert fields.shape == (4, 64, 64)
    assert fields[1, 5, 7] == bank.fields[0, 1, 5, 7] / 16
    moved = replace(bank, fields=torch.from_numpy(bank.fields))
    assert torch.equal(moved.get(rows, columns), fields)


def test_on_the_cpu_the_file_stays_mapped(bank):
    assert bank.on(torch.device("cpu")) is bank


def test_another_device_gets_the_numbers_and_leaves_the_rest(bank):
    moved = bank.on(torch.device("meta"))
    assert moved.fields.device.type == "meta"
    assert moved.fields.shape == bank.fields.shape
    assert moved.present is bank.present
