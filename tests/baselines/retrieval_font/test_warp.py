"""Rules of the drawing that bends a kindred glyph."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from baselines.diffusion.carrier import Sdf64, to_pages
from baselines.retrieval_font.warp import CHANNELS, bend

FLOW, WEIGHT, DETAIL = slice(0, 8), slice(8, 12), slice(12, 28)


@pytest.fixture
def kin():
    """A square frame of ink, as x_0 is carried."""
    page = np.full((1, 128, 128), 255, np.uint8)
    page[:, 30:90, 30:90] = 0
    page[:, 40:80, 40:80] = 255
    return Sdf64().encode(page)


def drawn(raw, kin):
    return to_pages(Sdf64(), bend(raw, kin)[0])[0].numpy()


def ink_centre(page):
    return np.array(ndimage.center_of_mass(255.0 - page))


def test_zeros_leave_the_glyph_as_it_is(kin):
    assert (
        np.abs(
            drawn(torch.zeros(1, CHANNELS, 16, 16), kin) - to_pages(Sdf64(), kin)[0].numpy()
        ).max()
        <= 1
    )


@pytest.mark.parametrize(("channels", "moved"), [(slice(0, 4), (0, -1)), (slice(4, 8), (-1, 0))])
def test_an_even_flow_moves_the_glyph(kin, channels, moved):
    raw = torch.zeros(1, CHANNELS, 16, 16)
    raw[:, channels] = 1.0
    way = ink_centre(drawn(raw, kin)) - ink_centre(drawn(torch.zeros_like(raw), kin))
    assert np.allclose(way, 6.4 * np.array(moved), atol=0.3)


def test_weight_thickens_strokes(kin):
    raw = torch.zeros(1, CHANNELS, 16, 16)
    raw[:, WEIGHT] = 0.5
    assert drawn(raw, kin).mean() < drawn(torch.zeros_like(raw), kin).mean() - 5


@pytest.mark.parametrize("weight", [-1.0, -100.0])
def test_no_output_of_the_network_breaks_a_stroke(kin, weight):
    torch.manual_seed(0)
    raw = torch.randn(1, CHANNELS, 16, 16)
    raw[:, FLOW] *= 0.1
    raw[:, WEIGHT] = weight
    _, parts = ndimage.label(drawn(raw, kin) < 128)
    _, holes = ndimage.label(drawn(raw, kin) >= 128)
    assert (parts, holes) == (1, 2)  # one frame; paper outside and inside


@pytest.mark.parametrize(("channels", "amount"), [(FLOW, 1.0), (WEIGHT, 0.3), (DETAIL, 0.3)])
def test_only_an_uneven_change_is_rough(kin, channels, amount):
    raw = torch.zeros(1, CHANNELS, 16, 16)
    raw[:, channels] = amount
    assert float(bend(raw, kin)[1]) == pytest.approx(0, abs=1e-6)
    raw[:, channels, 8:] = -amount
    assert float(bend(raw, kin)[1]) > 1e-3
