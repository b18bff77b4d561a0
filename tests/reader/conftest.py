"""A reader that has learned nothing."""

import pytest
import torch

from hangeul_bench.reader.network import ReaderNetwork
from hangeul_bench.reader.reader import JamoReader


@pytest.fixture(scope="module")
def untrained():
    torch.manual_seed(0)
    return JamoReader(ReaderNetwork(), "0" * 64, details={})
