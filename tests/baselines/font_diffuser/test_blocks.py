"""What each of the paper's blocks does to the features that pass it."""

import pytest
import torch

from baselines.font_diffuser.blocks import ContentAggregation, ReferenceInteraction, StyleAttention


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def test_a_skip_without_offsets_stays_what_it_is():
    skip, structure = torch.randn(2, 16, 8, 8), torch.randn(2, 1, 24, 8, 8)
    bent, offsets = ReferenceInteraction(16, 24)(skip, structure)
    assert offsets.shape == (2, 18, 8, 8) and not offsets.any()
    assert torch.allclose(bent, skip, atol=1e-5)


def test_offsets_of_one_cell_move_the_skip_by_one_cell():
    block = ReferenceInteraction(16, 24)
    with torch.no_grad():
        block.to_offsets.bias[0::2] = 1.0  # down
    skip = torch.randn(1, 16, 8, 8)
    bent, _ = block(skip, torch.randn(1, 1, 24, 8, 8))
    assert torch.allclose(bent[:, :, :-1], skip[:, :, 1:], atol=1e-5)


def test_the_reference_decides_where_the_skip_is_taken_from():
    block = ReferenceInteraction(16, 24)
    torch.nn.init.normal_(block.to_offsets.weight)
    skip, structure = torch.randn(2, 16, 8, 8), torch.randn(2, 1, 24, 8, 8)
    first, second = (block.offsets(skip, shown) for shown in (structure, structure.flip(4)))
    assert not torch.allclose(first, second)
    both = block.offsets(skip, torch.cat([structure, structure.flip(4)], 1))
    assert torch.allclose(both, (first + second) / 2, atol=1e-5)


def test_content_joins_with_a_weight_a_channel():
    block = ContentAggregation(16, 24)
    x, content = torch.randn(2, 16, 8, 8), torch.randn(2, 24, 8, 8)
    joined = torch.cat([x, content], 1)
    weights = block.weights(joined)
    assert weights.shape == (2, 40, 1, 1)
    assert (weights > 0).all() and (weights < 1).all()
    # Only the means of the channels count: a page that is turned over weighs the same.
    assert torch.allclose(block.weights(joined.flip(2)), weights, atol=1e-6)
    assert block(x, content).shape == x.shape
    assert not torch.allclose(block(x, content), block(x, torch.zeros_like(content)))


def test_style_is_asked_at_every_place_and_has_no_order():
    block = StyleAttention(64, 24)
    x, tokens = torch.randn(2, 64, 4, 4), torch.randn(2, 9, 24)
    drawn = block(x, tokens)
    assert drawn.shape == x.shape
    assert torch.allclose(block(x, tokens.flip(1)), drawn, atol=1e-5)
    assert ((block(x, -tokens) - drawn).abs().amax(1) > 0).all()
