"""References that are not perfect: the same in every run, still of their font, never the answer."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import label

from hangeul_bench.adapter.perturbations import (
    NAMES,
    PERTURBATIONS,
    perturbation_named,
    perturbed_references,
)
from hangeul_bench.base.errors import UserError
from support.fake_dataset import REFERENCES, FakeDataset

ROOT = Path(__file__).parents[2]
DATASET = FakeDataset()
PROBE = """
import hashlib
from hangeul_bench.adapter.perturbations import NAMES, perturbed_references
from support.fake_dataset import REFERENCES, FakeDataset
pages = [perturbed_references(FakeDataset(), "slab", REFERENCES, name) for name in NAMES]
print(*(hashlib.sha256(p.tobytes()).hexdigest() for p in pages))
"""


def clean(font_id="slab"):
    return DATASET.images(font_id, REFERENCES)


@pytest.mark.parametrize("name", NAMES)
def test_a_perturbed_reference_is_another_page_of_the_same_kind(name):
    pages = perturbed_references(DATASET, "slab", REFERENCES, name)
    assert pages.shape == clean().shape and pages.dtype == np.uint8
    assert not np.array_equal(pages, clean())
    changed = [not np.array_equal(a, b) for a, b in zip(pages, clean(), strict=True)]
    assert sum(changed) == (1 if name == "wrong" else len(REFERENCES))


def test_perturbations_are_the_same_in_another_process():
    own = [perturbed_references(DATASET, "slab", REFERENCES, name) for name in NAMES]
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": f"{ROOT}:{ROOT}/tests"},
    )
    assert done.stdout.split() == [hashlib.sha256(pages.tobytes()).hexdigest() for pages in own]


@pytest.mark.parametrize("name", [*PERTURBATIONS])
def test_a_reference_is_perturbed_alike_whatever_stands_beside_it(name):
    both = perturbed_references(DATASET, "slab", REFERENCES, name)
    second = perturbed_references(DATASET, "slab", REFERENCES[1:], name)
    assert np.array_equal(both[1:], second)


def test_thin_takes_one_pixel_off_each_stroke_and_leaves_some_ink():
    bar = np.full((128, 128), 255, np.uint8)
    bar[40:46, 20:100] = 0
    (thin, dust) = (
        PERTURBATIONS["thin"].change(page, np.random.default_rng(0))
        for page in (bar, np.where(np.eye(128) > 0, 0, 255).astype(np.uint8))
    )
    assert (thin[:, 60] == 0).sum() == 5
    assert (dust < 128).any()


def test_noise_hits_one_pixel_in_fifty_with_black_and_white():
    page = np.full((128, 128), 128, np.uint8)
    noisy = PERTURBATIONS["noise"].change(page, np.random.default_rng(0))
    hit = noisy != 128
    assert 0.016 < hit.mean() < 0.024
    assert 0.4 < (noisy[hit] == 0).mean() < 0.6


def test_tilt_turns_a_stroke_by_four_to_eight_degrees():
    bar = np.full((128, 128), 255, np.uint8)
    bar[62:66, 14:114] = 0
    for seed in range(8):
        tilted = PERTURBATIONS["tilt"].change(bar, np.random.default_rng(seed))
        y, x = np.nonzero(tilted < 128)
        angle = abs(np.degrees(np.arctan(np.polyfit(x, y, 1)[0])))
        assert 3.5 < angle < 8.5
        assert label(tilted < 128)[1] == 1


def test_a_photograph_is_darker_on_one_side_and_legible():
    page = np.full((128, 128), 255, np.uint8)
    page[48:80, 48:80] = 0
    photo = PERTURBATIONS["photo"].change(page, np.random.default_rng(1)).astype(float)
    corners = [
        photo[s, t].mean()
        for s in (slice(16), slice(-16, None))
        for t in (slice(16), slice(-16, None))
    ]
    assert max(corners) - min(corners) > 20
    assert photo[56:72, 56:72].max() < 80 < 128 < min(corners)


def test_wrong_shows_a_syllable_that_is_no_reference_and_that_the_font_draws():
    pages = perturbed_references(DATASET, "slab", REFERENCES, "wrong")
    (odd,) = [p for p, own in zip(pages, clean(), strict=True) if not np.array_equal(p, own)]
    seen = [c for c in DATASET.splits.seen_characters if c not in REFERENCES]
    assert sum(np.array_equal(odd, page) for page in DATASET.images("slab", seen)) == 1


def test_an_unknown_perturbation_or_one_wrong_reference_of_one_is_refused():
    with pytest.raises(UserError, match="photo or tilt or thin or noise or wrong"):
        perturbation_named("torn", 1)
    with pytest.raises(UserError, match="--shots 8"):
        perturbation_named("wrong", 1)
    perturbation_named("wrong", 2)
