"""Rules of the signed distance fields that carry glyphs."""

import numpy as np
import pytest
import torch

from baselines.glyphs.representation import REACH, coverage, field, render, shrink, signed_distance


def disc(radius, size=128):
    """A page with a disc of ink, anti-aliased by 8 x 8 samples a pixel."""
    axis = (np.arange(size * 8) + 0.5) / 8 - size / 2
    inside = (axis[:, None] ** 2 + axis[None, :] ** 2) <= radius**2
    share = inside.reshape(size, 8, size, 8).mean((1, 3))
    return np.round((1 - share) * 255).astype(np.uint8)[None]


def test_distance_of_a_disc_is_its_radius_less_the_radius_of_the_pixel():
    distance = signed_distance(disc(30))[0].numpy()
    axis = np.arange(128) + 0.5 - 64
    exact = np.clip(30 - np.hypot(axis[:, None], axis[None, :]), -REACH, REACH)
    assert np.abs(distance - exact).max() < 0.36  # on the contour, where coverage stands for it
    assert np.abs(distance - exact)[np.abs(exact) > 2].max() < 0.12


def test_paper_and_ink_alone_are_cut_off_at_the_reach():
    assert (signed_distance(np.full((1, 128, 128), 255, np.uint8)) == -REACH).all()
    inked = signed_distance(np.zeros((1, 128, 128), np.uint8))
    assert inked[0, 64, 64] == REACH
    assert inked[0, 0, 0] < 1  # outside the page is paper


def test_a_page_drawn_by_its_field_is_the_page():
    page = disc(30)
    drawn = render(field(page)).numpy()
    assert np.abs(drawn.astype(int) - page).max() <= 24
    assert np.sqrt(((drawn.astype(float) - page) / 255) ** 2).mean() < 0.002


def test_a_constant_added_to_a_field_thickens_the_stroke():
    thicker = render(field(disc(30)) + 2).numpy()
    wanted = disc(32)
    assert np.sqrt((((thicker.astype(float) - wanted) / 255) ** 2).mean()) < 0.02


def test_a_field_does_not_depend_on_its_neighbours():
    pages = np.concatenate([disc(r) for r in (5, 20, 40)])
    alone = torch.cat([field(page[None]) for page in pages])
    assert torch.equal(field(pages), alone)


@pytest.mark.parametrize("size", [128, 256])
def test_a_field_draws_at_any_size(size):
    share = coverage(field(disc(30)), size).mean()
    assert share == pytest.approx(np.pi * 30**2 / 128**2, rel=0.01)


def test_shrinking_keeps_the_mean():
    distance = signed_distance(disc(30))
    assert shrink(distance).mean() == pytest.approx(float(distance.mean()), abs=1e-4)
