"""Rules of the changes that make new fonts of fonts."""

import numpy as np
import pytest
import torch

from baselines.glyphs.augmentation import StyleChange, apply_change, half_width, random_change
from baselines.glyphs.representation import field, render

PLAIN = {"affine": [[1.0, 0, 0], [0, 1, 0]], "weight": 0.0, "rounding": 0.0}


def bar(width=12, height=80):
    page = np.full((1, 128, 128), 255, np.uint8)
    page[0, 64 - height // 2 : 64 + height // 2, 64 - width // 2 : 64 + width // 2] = 0
    return page


def change(**parts):
    own = PLAIN | parts
    return StyleChange(
        torch.tensor([own["affine"]]),
        torch.zeros(1, 2, 5, 5),
        torch.tensor([own["weight"]]),
        torch.tensor([own["rounding"]]),
    )


def inked(fields):
    return render(fields)[0].numpy() < 128


def test_no_change_changes_nothing():
    before = field(bar())
    assert torch.allclose(apply_change(before, change()), before, atol=1e-4)


def test_weight_is_added_on_both_sides_of_a_stroke():
    wider = inked(apply_change(field(bar()), change(weight=1.0)))
    assert wider[64].sum() == 14


def test_half_the_size_has_half_the_stroke():
    smaller = inked(apply_change(field(bar()), change(affine=[[2.0, 0, 0], [0, 2, 0]])))
    assert smaller[64].sum() == 6
    assert smaller[:, 64].sum() == 40


def test_slant_moves_the_top_against_the_bottom():
    leaning = inked(apply_change(field(bar()), change(affine=[[1.0, 0.2, 0], [0, 1, 0]])))
    top, bottom = (np.flatnonzero(leaning[row]).mean() for row in (34, 94))
    assert top - bottom == pytest.approx(0.2 * 60, abs=1)


def test_rounding_takes_corners_and_leaves_edges():
    square = np.full((1, 128, 128), 255, np.uint8)
    square[0, 32:96, 32:96] = 0
    rounded = inked(apply_change(field(square), change(rounding=1.0)))
    assert rounded[64].sum() == 64
    assert not rounded[32, 32]


def test_one_change_is_the_same_for_every_glyph_of_a_font():
    glyphs = field(np.concatenate([bar(), bar(20, 60), bar()]))
    one = random_change(1, torch.Generator().manual_seed(3)).rows(torch.zeros(3).long())
    changed = apply_change(glyphs, one)
    assert torch.equal(changed[0], changed[2])
    assert not torch.equal(changed[0], changed[1])


def test_a_seed_decides_the_changes():
    first, again, other = (random_change(8, torch.Generator().manual_seed(s)) for s in (1, 1, 2))
    assert torch.equal(first.affine, again.affine)
    assert torch.equal(first.wobble, again.wobble)
    assert not torch.equal(first.affine, other.affine)


def test_no_change_takes_a_thin_stroke_away():
    thin = field(bar(width=2))
    wide = half_width(thin)
    assert float(wide) == pytest.approx(1, abs=0.35)
    for seed in range(40):
        one = random_change(1, torch.Generator().manual_seed(seed)).bounded_by(wide)
        changed = apply_change(thin, one)
        assert float(changed.max()) > 0, seed


def test_changes_stay_within_what_they_promise():
    many = random_change(2000, torch.Generator().manual_seed(0))
    assert float(many.weight.abs().max()) <= 1.4
    assert float(many.rounding.min()) >= 0
    area = torch.linalg.det(many.affine[:, :, :2])
    assert 0.6 < float(area.min()) < 0.9
    assert 1.1 < float(area.max()) < 1.6
    untouched = (many.affine == torch.eye(2, 3)).flatten(1).all(1)
    assert 0.05 < float(untouched.float().mean()) < 0.15
