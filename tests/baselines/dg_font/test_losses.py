"""DG-Font's losses are zero where nothing is wrong, and rise on the right side."""

import torch

from baselines.dg_font.training import (
    LossWeights,
    content_loss,
    discriminator_hinge,
    generator_hinge,
    image_loss,
    offset_loss,
)


def test_image_and_content_losses_are_zero_at_equality_and_the_mean_difference_elsewhere():
    a = torch.rand(2, 1, 4, 4)
    for loss in (image_loss, content_loss):
        assert float(loss(a, a)) == 0
        assert torch.isclose(loss(a, a + 0.5), torch.tensor(0.5))


def test_offset_loss_is_zero_without_offsets_and_counts_both_directions():
    still = [torch.zeros(2, 18, 4, 4), torch.zeros(2, 18, 8, 8)]
    assert float(offset_loss(still)) == 0
    moved = [torch.full((2, 18, 4, 4), -2.0), torch.zeros(2, 18, 8, 8)]
    assert float(offset_loss(moved)) == 1.0  # the mean of the skips


def test_discriminator_hinge_is_zero_beyond_the_margins_alone():
    high, low = torch.tensor([1.0, 3.0]), torch.tensor([-1.0, -7.0])
    assert float(discriminator_hinge(high, low)) == 0
    assert float(discriminator_hinge(low, high)) == (2 + 8) / 2 + (2 + 4) / 2
    undecided = torch.zeros(2)
    assert float(discriminator_hinge(undecided, undecided)) == 2


def test_the_generator_wants_its_glyphs_judged_real():
    judged = torch.tensor([1.0, -3.0], requires_grad=True)
    loss = generator_hinge(judged)
    loss.backward()
    assert float(loss.detach()) == 1.0
    assert bool((judged.grad < 0).all())  # to lower the loss, the judgement rises


def test_the_weights_are_the_paper_s():
    weights = LossWeights()
    assert (weights.adversarial, weights.image, weights.content) == (1.0, 0.1, 0.1)
    assert (weights.offset, weights.penalty) == (0.5, 10.0)
