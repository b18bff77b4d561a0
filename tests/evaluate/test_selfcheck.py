"""What `models check` finds."""

import numpy as np
import pytest

from baselines.controls import Blank, GroundTruth, JamoSwapped
from hangeul_bench.evaluate.selfcheck import check_model
from hangeul_bench.hangeul.phonetics import decompose
from support.fake_dataset import FakeDataset


class PerfectReader:
    """Reads a glyph of the fake dataset by looking it up."""

    def __init__(self, dataset):
        self.pages = {
            dataset.images(font.font_id, (c,))[0].tobytes(): decompose(c)
            for font in dataset.fonts
            for c in dataset.characters
        }

    def read(self, images):
        return np.array([self.pages.get(image.tobytes(), (-1, -1, -1)) for image in images])


class Spoiled(GroundTruth):
    """Ground truth that breaks one rule of the contract."""

    def __init__(self, spoil, **arguments):
        super().__init__(**arguments)
        self.spoil, self.calls = spoil, 0

    def look_up(self, font_id, characters):
        self.calls += 1
        images, delivered = super().look_up(font_id, characters)
        return self.spoil(self, images), delivered


def failed(model, dataset):
    return [f.check for f in check_model(model, dataset, PerfectReader(dataset)) if not f.passed]


@pytest.fixture
def dataset():
    return FakeDataset()


def test_ground_truth_passes_every_check(dataset):
    findings = check_model(GroundTruth(dataset=dataset), dataset, PerfectReader(dataset))
    assert [f.check for f in findings] == [
        "shape and dtype",
        "polarity",
        "same seed, same glyphs",
        "order",
        "batch size",
        "read back",
    ]
    assert all(f.passed for f in findings)
    assert "11 of 11 syllables and 33 of 33 jamo" in findings[-1].found


@pytest.mark.parametrize(
    ("spoil", "checks"),
    [
        (lambda m, x: x[:, 1:], ["shape and dtype"]),
        (lambda m, x: x.astype(float), ["shape and dtype"]),
        (lambda m, x: 255 - x, ["polarity", "read back"]),
        (lambda m, x: np.where(x < 128, 40 * m.calls % 128, 255).astype(np.uint8), None),
        (lambda m, x: x[np.argsort([p.sum() for p in x])], ["order", "batch size", "read back"]),
        (lambda m, x: x if len(x) > 1 else np.roll(x, 5, axis=2), ["batch size"]),
    ],
)
def test_each_broken_rule_is_found(dataset, spoil, checks):
    found = failed(Spoiled(spoil, dataset=dataset), dataset)
    if checks is None:  # another output at every call
        assert "same seed, same glyphs" in found
    else:
        assert found == checks


def test_a_model_that_draws_nothing_or_other_syllables_is_found_by_reading(dataset):
    assert failed(Blank(dataset=dataset), dataset) == ["read back"]
    findings = check_model(JamoSwapped(dataset=dataset), dataset, PerfectReader(dataset))
    assert "0 of 11 syllables and 22 of 33 jamo" in findings[-1].found
