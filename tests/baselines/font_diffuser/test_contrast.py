"""The style-contrastive loss: low where the style is right, and it pulls towards it."""

import torch

from baselines.font_diffuser.model import StyleContrast, contrast
from baselines.style_encoder.encoder import load_style_encoder


def page(width, *, at=40):
    """Two crossing bars, as thick as ``width`` pixels."""
    glyph = torch.full((128, 128), 255, dtype=torch.uint8)
    glyph[20:108, at : at + width] = 0
    glyph[60 : 60 + width, 20:108] = 0
    return glyph


def test_the_loss_is_low_where_the_style_is_that_of_the_positive():
    loss = StyleContrast(load_style_encoder())
    positive = page(24).unsqueeze(0)
    negatives = torch.stack([page(4), page(7), page(10)]).unsqueeze(0)
    right, wrong = (loss(page(w).unsqueeze(0).float(), positive, negatives) for w in (23, 5))
    assert float(right) < 0.5 * float(wrong)


def test_the_gradient_leads_to_the_positive_s_style():
    loss = StyleContrast(load_style_encoder())
    positive, negatives = page(24).unsqueeze(0), torch.stack([page(4), page(7)]).unsqueeze(0)
    drawn = page(10).unsqueeze(0).float().requires_grad_()
    before = loss(drawn, positive, negatives)
    before.backward()
    with torch.no_grad():
        step = 10 * drawn.grad / drawn.grad.abs().max()
        assert float(loss(drawn - step, positive, negatives)) < float(before)


def test_a_query_at_the_right_key_costs_next_to_nothing():
    torch.manual_seed(0)
    keys = torch.randn(4, 6, 32) + 5
    assert float(contrast(keys[:, 0], keys)) < 0.01
    assert float(contrast(keys[:, 3], keys)) > 5
