"""A copy of a training glyph is nearer to training than chance; the truth is not."""

import numpy as np
import pytest

from experiments.memorisation import Gallery, distances, likeness, rows_of
from hangeul_bench.adapter.questions import plan
from hangeul_bench.base.processes import Processes
from hangeul_bench.evaluate.run import Settings, evaluate
from support.fake_dataset import FakeDataset

DATASET = FakeDataset()


@pytest.fixture(scope="module")
def task():
    return next(t for t in plan(DATASET, "full") if t.font_id == "brush")


def test_a_copy_is_seen_however_it_was_moved(task):
    copies = np.roll(DATASET.images("pen", task.characters), (4, -8), axis=(1, 2))
    found = likeness(DATASET, task, copies, Gallery(DATASET, task.characters))
    assert set(found.nearest) == {"pen"} and found.drawn.max() < 0.01
    assert found.share_near == 1.0


def test_the_truth_is_as_near_as_chance(task):
    gallery = Gallery(DATASET, task.characters)
    found = likeness(DATASET, task, DATASET.images("brush", task.characters), gallery)
    assert np.array_equal(found.drawn, found.true) and found.true.min() > 0.1
    assert found.share_near <= 0.1


def test_a_distance_is_the_least_over_shifts():
    pages = np.random.default_rng(0).random((3, 32, 32))
    moved = np.roll(pages, (2, -1), axis=(1, 2))
    found = distances(pages, moved)
    assert found.shape == (3, 3) and np.abs(np.diag(found)).max() < 1e-6
    shifts = [np.roll(pages[0], (y, x), (0, 1)) for y in range(-2, 3) for x in range(-2, 3)]
    least = min(np.sqrt(np.square(page - moved[1]).mean()) for page in shifts)
    assert found[0, 1] == pytest.approx(least)


def test_a_result_has_a_row_an_unseen_font(tmp_path):
    settings = Settings(metrics=("rmse",))
    paths = evaluate(["nearest-font"], DATASET, tmp_path, settings, Processes(0, 1, "cpu"))
    rows = rows_of(DATASET, paths)
    assert [row[1] for row in rows] == ["brush", "slab"]
    assert all((row[3], row[5], row[7]) == ("0.0000", "1.000", "1.000") for row in rows)
