"""What each control draws."""

import numpy as np
import pytest

from baselines.controls import (
    Blank,
    Blurred,
    ContentFont,
    GroundTruth,
    JamoSwapped,
    MeanFont,
    Shifted,
    swap_jamo,
)
from baselines.nearest_font import NearestFont
from hangeul_bench.adapter.generate import ask as adapter_ask
from hangeul_bench.adapter.questions import build_request
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.phonetics import decompose
from support.fake_dataset import SEEN, UNSEEN, FakeDataset

CHARACTERS = ("당", "가", "고")  # in no order, as a request may be


@pytest.fixture
def dataset():
    return FakeDataset()


def ask(control, dataset, font_id="slab", characters=CHARACTERS):
    request = build_request(dataset, font_id, characters, seed=0, shots=2)
    return adapter_ask(control, request, font_id=font_id).images


@pytest.mark.parametrize("font_id", ["brush", "slab", "gothic", "pen"])
def test_ground_truth_is_the_true_glyphs_in_the_order_asked(dataset, font_id):
    images = ask(GroundTruth(dataset=dataset), dataset, font_id)
    assert np.array_equal(images, dataset.images(font_id, CHARACTERS))


def test_a_control_needs_a_dataset():
    with pytest.raises(UserError, match="blank looks its glyphs up"):
        Blank()


def test_blank_is_white_paper(dataset):
    assert ask(Blank(dataset=dataset), dataset).min() == 255


def test_content_font_is_the_requests_content(dataset):
    images = ask(ContentFont(dataset=dataset), dataset)
    assert np.array_equal(images, dataset.images("content", CHARACTERS))


def test_shifted_moves_three_pixels_to_the_right(dataset):
    images = ask(Shifted(dataset=dataset), dataset)
    truth = dataset.images("slab", CHARACTERS)
    assert np.array_equal(images[:, :, 3:], truth[:, :, :-3])
    assert images[:, :, :3].min() == 255


def test_blurred_keeps_the_ink_and_softens_it(dataset):
    images = ask(Blurred(dataset=dataset), dataset)
    truth = dataset.images("slab", CHARACTERS)
    ink, true_ink = (255.0 - images).sum(), (255.0 - truth).sum()
    assert ink == pytest.approx(true_ink, rel=0.01)
    assert len(np.unique(images)) > len(np.unique(truth))


def test_jamo_swapped_draws_the_same_font_with_one_other_jamo(dataset):
    images = ask(JamoSwapped(dataset=dataset), dataset)
    for image, asked in zip(images, CHARACTERS, strict=True):
        others = [c for c in dataset.characters if np.array_equal(image, dataset_glyph(dataset, c))]
        assert len(others) == 1
        differing = [a != b for a, b in zip(decompose(asked), decompose(others[0]), strict=True)]
        assert sum(differing) == 1


def dataset_glyph(dataset, syllable):
    return dataset.images("slab", (syllable,))[0]


def test_jamo_swapped_never_draws_a_missing_glyph():
    candidates = [c for c in (*SEEN, *UNSEEN) if c not in ("가", "각")]
    dataset = FakeDataset(absent=tuple(("slab", c) for c in candidates))
    images = ask(JamoSwapped(dataset=dataset), dataset, characters=("가",))
    assert np.array_equal(images, dataset.images("slab", ("각",)))


def test_the_swap_does_not_depend_on_the_order_of_the_choices():
    assert swap_jamo("가", frozenset("각간나")) == swap_jamo("가", frozenset("나간각"))


def test_a_syllable_without_neighbours_is_an_error():
    with pytest.raises(UserError, match="differs from 가 in exactly one jamo"):
        swap_jamo("가", frozenset("가힣"))


def test_mean_font_is_the_mean_over_the_training_fonts_that_have_the_glyph():
    dataset = FakeDataset(absent=(("pen", "가"),))
    images = ask(MeanFont(dataset=dataset), dataset, characters=("가", "나"))
    three = [dataset.images(font, ("가",))[0] for font in ("content", "gothic", "round")]
    four = [dataset.images(f, ("나",))[0] for f in dataset.splits.train_fonts]
    assert np.array_equal(images[0], np.rint(np.mean(three, axis=0)))
    assert np.array_equal(images[1], np.rint(np.mean(four, axis=0)))


def test_nearest_font_finds_a_training_font_by_its_shifted_references(dataset):
    control = NearestFont(dataset=dataset)
    request = build_request(dataset, "round", CHARACTERS, seed=0, shots=2)
    request.references[:] = np.roll(request.references, (-2, 4), axis=(1, 2))
    assert np.array_equal(control.generate(request), dataset.images("round", CHARACTERS))
    assert control.details == {"gallery": 4}


def test_nearest_font_leaves_an_excluded_lineage_out_until_another_is(dataset):
    request = build_request(dataset, "pen", CHARACTERS, seed=0, shots=2)
    control = NearestFont(dataset=dataset)
    assert np.array_equal(control.generate(request), dataset.images("pen", CHARACTERS))
    control.exclude(("pen-family",))
    assert not np.array_equal(control.generate(request), dataset.images("pen", CHARACTERS))
    control.exclude(("brush-family",))
    assert np.array_equal(control.generate(request), dataset.images("pen", CHARACTERS))
    control.exclude([f"{font}-family" for font in dataset.splits.train_fonts])
    with pytest.raises(UserError, match="no training font left"):
        control.generate(request)


def test_nearest_font_never_answers_with_an_unseen_font(dataset):
    request = build_request(dataset, "brush", CHARACTERS, seed=0, shots=2)
    assert NearestFont(dataset=dataset).nearest(request) in dataset.splits.train_fonts


def test_nearest_font_passes_over_a_font_without_the_reference():
    dataset = FakeDataset(absent=tuple((f, "한") for f in ("content", "gothic", "pen")))
    request = build_request(dataset, "brush", CHARACTERS, seed=0, shots=1)
    request.references[:] = 255
    assert NearestFont(dataset=dataset).nearest(request) == "round"
