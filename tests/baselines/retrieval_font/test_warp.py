"""Rules of the drawing that bends a kindred glyph."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from baselines.glyphs.representation import Sdf64, to_images
from baselines.retrieval_font.network import CHANNELS, bend

FLOW, WEIGHT, DETAIL = slice(0, 8), slice(8, 12), slice(12, 28)


@pytest.fixture
def neighbours():
    """A square frame of ink, as x_0 is carried."""
    page = np.full((1, 128, 128), 255, np.uint8)
    page[:, 30:90, 30:90] = 0
    page[:, 40:80, 40:80] = 255
    return Sdf64().encode(page)


def drawn(raw, neighbours):
    return to_images(Sdf64(), bend(raw, neighbours)[0])[0].numpy()


def ink_centre(page):
    return np.array(ndimage.center_of_mass(255.0 - page))


def test_zeros_leave_the_glyph_as_it_is(neighbours):
    assert (
        np.abs(
            drawn(torch.zeros(1, CHANNELS, 16, 16), neighbours)
            - to_images(Sdf64(), neighbours)[0].numpy()
        ).max()
        <= 1
    )


@pytest.mark.parametrize(("channels", "moved"), [(slice(0, 4), (0, -1)), (slice(4, 8), (-1, 0))])
def test_an_even_flow_moves_the_glyph(neighbours, channels, moved):
    raw = torch.zeros(1, CHANNELS, 16, 16)
    raw[:, channels] = 1.0
    way = ink_centre(drawn(raw, neighbours)) - ink_centre(drawn(torch.zeros_like(raw), neighbours))
    assert np.allclose(way, 6.4 * np.array(moved), atol=0.3)


def test_weight_thickens_strokes(neighbours):
    raw = torch.zeros(1, CHANNELS, 16, 16)
    raw[:, WEIGHT] = 0.5
    assert drawn(raw, neighbours).mean() < drawn(torch.zeros_like(raw), neighbours).mean() - 5


@pytest.mark.parametrize("weight", [-1.0, -100.0])
def test_no_output_of_the_network_breaks_a_stroke(neighbours, weight):
    torch.manual_seed(0)
    raw = torch.randn(1, CHANNELS, 16, 16)
    raw[:, FLOW] *= 0.1
    raw[:, WEIGHT] = weight
    _, parts = ndimage.label(drawn(raw, neighbours) < 128)
    _, holes = ndimage.label(drawn(raw, neighbours) >= 128)
    assert (parts, holes) == (1, 2)  # one frame; paper outside and inside


@pytest.mark.parametrize(("channels", "amount"), [(FLOW, 1.0), (WEIGHT, 0.3), (DETAIL, 0.3)])
def test_only_an_uneven_change_is_rough(neighbours, channels, amount):
    raw = torch.zeros(1, CHANNELS, 16, 16)
    raw[:, channels] = amount
    assert float(bend(raw, neighbours)[1]) == pytest.approx(0, abs=1e-6)
    raw[:, channels, 8:] = -amount
    assert float(bend(raw, neighbours)[1]) > 1e-3
