"""The jamo reader's network: its own mean of four pixels is torch's."""

import pytest
import torch

from hangeul_bench.reader.network import halved


@pytest.mark.parametrize("shape", [(2, 3, 28, 14), (2, 3, 7, 7), (1, 1, 6, 5)])
def test_halving_gives_the_bits_of_avg_pool(shape):
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    expected = torch.nn.functional.avg_pool2d(x, 2, ceil_mode=True)
    assert torch.equal(halved(x), expected)
