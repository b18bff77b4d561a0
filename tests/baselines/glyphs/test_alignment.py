"""Rules of moving, scaling and thickening one font's glyphs to sit like a reference's."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from baselines.glyphs.alignment import Change, apply, fit, ink_box, left_over, signature, thicken
from baselines.glyphs.representation import field, render
from baselines.retrieval_font.neighbours import lineage_numbers, rank, unlikeness


def frame(left, top, right, bottom, stroke=10):
    """A page with a rectangular frame of ink."""
    page = np.full((128, 128), 255, np.uint8)
    page[top:bottom, left:right] = 0
    page[top + stroke : bottom - stroke, left + stroke : right - stroke] = 255
    return page


def cross(left, top, right, bottom, stroke=10):
    """A page with a cross of ink in a box."""
    page = np.full((128, 128), 255, np.uint8)
    across, down = (left + right - stroke) // 2, (top + bottom - stroke) // 2
    page[top:bottom, across : across + stroke] = 0
    page[down : down + stroke, left:right] = 0
    return page


def fields(*pages):
    return field(np.stack(pages))


def test_the_ink_box_is_where_the_ink_ends():
    box = (ink_box(fields(frame(20, 30, 90, 110)))[0] + 1) * 64
    assert torch.allclose(box, torch.tensor([20.0, 30, 90, 110]), atol=0.6)


def test_a_page_without_ink_has_the_middle_for_its_box():
    box = ink_box(fields(np.full((128, 128), 255, np.uint8)))
    assert torch.equal(box, torch.tensor([[-0.5, -0.5, 0.5, 0.5]]))


def test_a_glyph_is_taken_to_the_place_size_and_weight_of_another():
    own, wanted = fields(frame(10, 10, 70, 60, 12)), fields(frame(30, 40, 100, 100, 8))
    change = fit(own.unsqueeze(0), wanted.unsqueeze(0))
    found, asked = render(apply(own, change)).float(), render(wanted).float()
    assert float(((found - asked) / 255).square().mean().sqrt()) < 0.12
    assert float(change.weight) < -1


def test_the_change_fitted_on_one_glyph_serves_the_others_of_its_font():
    own, wanted = fields(frame(10, 10, 70, 60)), fields(frame(30, 40, 90, 90))
    change = fit(own.unsqueeze(0), wanted.unsqueeze(0))
    moved = render(apply(fields(cross(10, 10, 70, 60)), change)).float()
    asked = render(fields(cross(30, 40, 90, 90))).float()
    assert float(((moved - asked) / 255).square().mean().sqrt()) < 0.06


def test_several_glyphs_are_fitted_together():
    own = fields(frame(10, 10, 70, 60), cross(20, 10, 60, 50))
    wanted = fields(frame(30, 40, 90, 90), cross(40, 40, 80, 80))
    change = fit(own.unsqueeze(0), wanted.unsqueeze(0))
    assert torch.allclose(change.scale, torch.ones(1, 2), atol=0.03)
    assert torch.allclose(change.shift * 64, torch.tensor([[20.0, 30.0]]), atol=0.7)


def test_a_reference_without_ink_gives_a_finite_change():
    blank = fields(np.full((128, 128), 255, np.uint8))
    change = fit(blank.unsqueeze(0), fields(frame(30, 40, 90, 90)).unsqueeze(0))
    for part in (change.scale, change.shift, change.weight):
        assert torch.isfinite(part).all()


def test_rows_of_a_change_do_not_depend_on_their_neighbours():
    own = fields(frame(10, 10, 70, 60), cross(20, 10, 60, 50)).unsqueeze(1)
    wanted = fields(frame(30, 40, 90, 90), cross(40, 40, 80, 80)).unsqueeze(1)
    both, alone = fit(own, wanted), fit(own[:1], wanted[:1])
    assert torch.allclose(both.scale[:1], alone.scale, atol=1e-6)
    assert torch.allclose(both.weight[:1], alone.weight, atol=1e-6)


def test_a_signature_forgets_place_size_proportion_and_weight():
    shapes = [frame(10, 10, 70, 60, 8), frame(40, 20, 120, 110, 18), cross(10, 10, 70, 60)]
    own, other, cross_ = signature(fields(*shapes))
    alike, unlike = (float((own - x).square().mean()) for x in (other, cross_))
    assert alike < 0.25
    assert unlike > 3 * alike


@pytest.fixture
def gallery():
    """Four fonts of three lineages, one syllable, signatures of one number."""
    return torch.tensor([0.0, 0.1, 0.5, 2.0]).view(1, 4, 1, 1), torch.tensor([0, 0, 1, 2])


def test_the_nearest_of_each_lineage_comes_first(gallery):
    signatures, lineages = gallery
    everyone = torch.ones(1, 4, dtype=torch.bool)
    found = rank(torch.zeros(1, 1, 1), signatures, everyone, lineages=lineages, count=3)
    assert found.fonts.tolist() == [[0, 2, 3]]
    assert found.distances[0].tolist() == pytest.approx([0, 0.25, 4])


def test_what_else_is_unlike_decides_the_order_but_not_the_distances(gallery):
    signatures, lineages = gallery
    everyone = torch.ones(1, 4, dtype=torch.bool)
    unlike = torch.tensor([[9.0, 0.5, 0.0, 0.0]])
    found = rank(
        torch.zeros(1, 1, 1), signatures, everyone, lineages=lineages, count=3, unlike=unlike
    )
    assert found.fonts.tolist() == [[2, 1, 3]]
    assert found.distances[0].tolist() == pytest.approx([0.25, 0.01, 4])


def test_a_font_is_unlike_by_what_stays_by_weight_and_by_style():
    wanted = fields(frame(20, 20, 100, 100, 10))
    their = fields(frame(20, 20, 100, 100, 10), frame(20, 20, 100, 100, 4), cross(20, 20, 100, 100))
    change = fit(their.unsqueeze(1), wanted.expand(3, 1, -1, -1))
    same, style = torch.ones(3, 2), torch.ones(2)
    twin, thin, other = unlikeness(their.unsqueeze(1), wanted, change, same, style).tolist()
    assert twin < 0.01 < thin < other
    left = left_over(their.unsqueeze(1), wanted, change)
    assert left[1] < 0.1 * left[2]  # the thin frame is unlike by the weight that it needs
    turned = torch.tensor([[1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    assert unlikeness(their.unsqueeze(1), wanted, change, turned, style)[1] > thin + 0.1


def test_a_font_that_must_not_be_seen_is_passed_over(gallery):
    signatures, lineages = gallery
    usable = torch.tensor([[False, True, True, True]])
    found = rank(torch.zeros(1, 1, 1), signatures, usable, lineages=lineages, count=2)
    assert found.fonts.tolist() == [[1, 2]]


def test_kin_drawn_from_a_pool_keep_their_order_and_hang_on_the_seed(gallery):
    signatures, lineages = gallery
    everyone = torch.ones(1, 4, dtype=torch.bool)

    def draw(seed):
        generator = torch.Generator().manual_seed(seed)
        return rank(
            torch.zeros(1, 1, 1),
            signatures,
            everyone,
            lineages=lineages,
            count=2,
            pool=3,
            generator=generator,
        ).fonts.tolist()[0]

    drawn = [draw(seed) for seed in range(12)]
    assert drawn == [draw(seed) for seed in range(12)]
    assert {tuple(d) for d in drawn} == {(0, 2), (0, 3), (2, 3)}


def test_lineages_are_numbered_alike_in_any_order():
    assert lineage_numbers(["b", "a", "b"]).tolist() == [1, 0, 1]


def test_no_change_is_no_change():
    still = Change(torch.ones(1, 2), torch.zeros(1, 2), torch.zeros(1))
    before = fields(frame(10, 10, 70, 60))
    assert torch.allclose(apply(before, still), before, atol=1e-4)


@pytest.mark.parametrize("pixels", [-1.0, -6.0])
@pytest.mark.parametrize("place", [63, 64])
def test_no_stroke_is_thinned_until_it_breaks(pixels, place):
    page = np.full((128, 128), 255, np.uint8)
    np.fill_diagonal(page[:, 1:], 0)
    np.fill_diagonal(page, 0)
    np.fill_diagonal(page[1:], 0)
    page[place : place + 4, 10:118] = 0
    thin = thicken(fields(page), torch.tensor(pixels))
    _, parts = ndimage.label(render(thin)[0].numpy() < 128, np.ones((3, 3)))
    assert parts == 1


def test_a_thick_stroke_gets_thinner_and_any_stroke_thicker():
    wide = fields(frame(20, 20, 108, 108, stroke=20))
    amounts = torch.tensor([-2.0, 0.0, 2.0]).view(3, 1, 1)
    ink = (255 - render(thicken(wide.expand(3, -1, -1), amounts)).float()).mean((1, 2))
    edges = 4 * 68 + 4 * 48  # pixels of contour, less the corners
    assert torch.allclose((ink.diff() / 255 * 128**2), torch.tensor(2.0 * edges), rtol=0.2)


def test_a_stroke_that_leaves_the_page_is_cut_there():
    page = np.full((128, 128), 255, np.uint8)
    page[:64, 60:68] = 0  # from the page's upper edge to its middle
    down = Change(torch.ones(1, 2), torch.tensor([[0.0, 0.5]]), torch.zeros(1))
    moved = render(apply(fields(page), down))[0].numpy()
    assert (moved[:31] > 128).all()
    assert (moved[33:95, 61:67] < 128).all()
