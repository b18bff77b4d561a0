"""The controls that fit kindred training fonts to the references."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import minimum_filter, zoom

from baselines.aligned_font import AlignedFont, SDFBlend
from hangeul_bench.adapter.questions import build_request
from hangeul_bench.base.errors import UserError
from support.fake_dataset import REFERENCES, SPLITS, FakeDataset

CHARACTERS = ("당", "가", "고")
BOTH = pytest.mark.parametrize("control", [AlignedFont, SDFBlend])


def request_of(dataset, font_id, *, characters=CHARACTERS, shots=2, change=None):
    """A request whose references are changed by a function of the pages."""
    request = build_request(dataset, font_id, characters, seed=0, shots=shots)
    return request if change is None else replace(request, references=change(request.references))


def difference(pages, others):
    """Root mean square of the difference, in [0, 1]."""
    return float(np.sqrt(np.square((pages.astype(float) - others) / 255).mean()))


@BOTH
def test_a_seen_font_finds_itself(control):
    dataset = FakeDataset()
    request = request_of(dataset, "pen")
    drawn = control(dataset=dataset).generate(request)
    assert (drawn.shape, drawn.dtype) == ((3, 128, 128), np.uint8)
    assert difference(drawn, dataset.images("pen", CHARACTERS)) < 0.03


@BOTH
def test_an_excluded_lineage_lends_nothing_until_another_is(control):
    dataset = FakeDataset()
    model, request = control(dataset=dataset), request_of(dataset, "pen")
    model.exclude(("pen-family",))
    assert "pen" not in model.neighbours(request).font_ids
    model.exclude(("brush-family",))
    assert model.neighbours(request).font_ids[0] == "pen"


@BOTH
def test_an_unseen_font_is_never_looked_up(control):
    dataset = FakeDataset()
    neighbours = control(dataset=dataset).neighbours(request_of(dataset, "brush"))
    assert sorted(neighbours.font_ids) == sorted(dataset.splits.train_fonts)
    assert list(neighbours.distances) == sorted(neighbours.distances)


def test_aligned_font_moves_its_glyphs_as_the_references_are_moved():
    dataset = FakeDataset()
    moved = request_of(dataset, "round", change=lambda x: np.roll(x, (5, -3), axis=(1, 2)))
    drawn = AlignedFont(dataset=dataset).generate(moved)
    truth = np.roll(dataset.images("round", CHARACTERS), (5, -3), axis=(1, 2))
    assert difference(drawn, truth) < 0.06
    assert difference(drawn, dataset.images("round", CHARACTERS)) > 0.2


def test_aligned_font_thickens_its_glyphs_as_the_references_are_thickened():
    dataset = FakeDataset()

    def thicken(pages):
        return minimum_filter(pages, (1, 5, 5))  # 2 pixels on every side

    drawn = AlignedFont(dataset=dataset).generate(request_of(dataset, "gothic", change=thicken))
    plain = dataset.images("gothic", CHARACTERS)
    thick = thicken(plain)
    assert (drawn < 128).sum() == pytest.approx((thick < 128).sum(), rel=0.1)
    assert difference(drawn, thick) < difference(drawn, plain)


def test_aligned_font_scales_its_glyphs_as_the_references_are_scaled():
    dataset = FakeDataset()

    def shrink(pages):  # to three quarters
        ink = zoom(1 - pages / 255, (1, 0.75, 0.75), order=1, grid_mode=True, mode="nearest")
        return 255 - np.uint8(255 * np.pad(ink.clip(0, 1), ((0, 0), (16, 16), (16, 16))))

    drawn = AlignedFont(dataset=dataset).generate(request_of(dataset, "pen", change=shrink))
    truth = shrink(dataset.images("pen", CHARACTERS))
    assert difference(drawn, truth) < 0.1 < difference(drawn, dataset.images("pen", CHARACTERS))


def test_all_references_count():
    dataset = FakeDataset()
    plain = request_of(dataset, "pen")

    def second_of_round(pages):
        return np.stack([pages[0], dataset.images("round", REFERENCES)[1]])

    mixed = request_of(dataset, "pen", change=second_of_round)
    control = AlignedFont(dataset=dataset)
    assert control.neighbours(mixed).distances[0] > control.neighbours(plain).distances[0] + 0.01
    assert set(control.neighbours(mixed).font_ids[:2]) == {"pen", "round"}


def test_the_blend_is_of_all_and_leans_to_the_nearest():
    dataset = FakeDataset()
    request = request_of(dataset, "brush")
    best, blend = (c(dataset=dataset) for c in (AlignedFont, SDFBlend))
    assert best.neighbours(request).font_ids == blend.neighbours(request).font_ids
    assert (best.count, blend.count) == (1, 8)
    assert not np.array_equal(best.generate(request), blend.generate(request))


@BOTH
def test_a_syllable_that_the_nearest_lacks_comes_from_the_next(control):
    whole, lacking = FakeDataset(), FakeDataset(absent=(("pen", "가"),))
    request = request_of(lacking, "pen")
    drawn = control(dataset=lacking).generate(request)
    before = control(dataset=whole).generate(request)
    assert not np.array_equal(drawn[1], before[1])
    assert np.array_equal(drawn[[0, 2]], before[[0, 2]])


@BOTH
def test_a_syllable_that_no_font_draws_stays_blank(control):
    dataset = FakeDataset(absent=tuple((f, "가") for f in SPLITS.train_fonts))
    drawn = control(dataset=dataset).generate(request_of(dataset, "pen"))
    assert drawn[1].min() == 255
    assert drawn[0].min() == drawn[2].min() == 0


@BOTH
def test_a_font_that_lacks_a_reference_is_left_out(control):
    dataset = FakeDataset(absent=(("gothic", "글"),))
    ranked = control(dataset=dataset)
    assert "gothic" not in ranked.neighbours(request_of(dataset, "brush")).font_ids
    assert "gothic" in ranked.neighbours(request_of(dataset, "brush", shots=1)).font_ids


@BOTH
def test_a_gallery_that_lacks_the_reference_is_an_error(control):
    dataset = FakeDataset(absent=tuple((f, "글") for f in SPLITS.train_fonts))
    with pytest.raises(UserError, match="draws 한 글, but none of the 4 in fake-dataset does"):
        control(dataset=dataset).generate(request_of(dataset, "brush"))


@BOTH
def test_a_dataset_without_training_fonts_is_an_error(control):
    dataset = FakeDataset(splits=replace(SPLITS, train_fonts=()))
    with pytest.raises(UserError, match=f"{control.name} needs a dataset with training fonts"):
        control(dataset=dataset)


@BOTH
def test_a_gallery_of_one_font_draws_with_it(control):
    dataset = FakeDataset(splits=replace(SPLITS, train_fonts=("round",)))
    ranked = control(dataset=dataset)
    drawn = ranked.generate(request_of(dataset, "brush"))
    assert ranked.neighbours(request_of(dataset, "brush")).font_ids == ("round",)
    assert (drawn < 128).any(axis=(1, 2)).all()


@BOTH
@pytest.mark.parametrize("level", [0, 255])
def test_references_without_ink_or_paper_are_answered(control, level):
    dataset = FakeDataset()
    request = request_of(dataset, "pen", change=lambda pages: np.full_like(pages, level))
    ranked = control(dataset=dataset)
    assert np.isfinite(ranked.neighbours(request).distances).all()
    assert ranked.generate(request).shape == (3, 128, 128)


@BOTH
def test_a_glyph_does_not_depend_on_its_company_or_order(control):
    dataset = FakeDataset()
    together = control(dataset=dataset).generate(
        request_of(dataset, "slab", characters=dataset.characters)
    )
    for index in (0, 9, 20):
        asked = (dataset.characters[index],)
        alone = control(dataset=dataset).generate(request_of(dataset, "slab", characters=asked))
        assert np.array_equal(alone[0], together[index])


_DRAW = """
import hashlib, sys, torch
torch.set_num_threads(int(sys.argv[1]))
from support.fake_dataset import FakeDataset
from baselines.aligned_font import SDFBlend
from hangeul_bench.adapter.questions import build_request
dataset = FakeDataset()
request = build_request(dataset, "slab", dataset.characters, seed=0, shots=2)
print(hashlib.sha256(SDFBlend(dataset=dataset).generate(request).tobytes()).hexdigest())
"""


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_and_number_of_threads_draw_the_same(threads):
    dataset = FakeDataset()
    request = request_of(dataset, "slab", characters=dataset.characters)
    own = hashlib.sha256(SDFBlend(dataset=dataset).generate(request).tobytes()).hexdigest()
    command = [sys.executable, "-c", _DRAW, threads]
    path = {"PYTHONPATH": "tests:."}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=path)
    assert run.stdout.strip() == own
    assert torch.get_num_threads() > 0
