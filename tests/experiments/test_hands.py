"""The table of unseen handwriting: what a row says, and that none is measured twice."""

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from experiments import hands
from support.fake_dataset import FakeDataset

DATASET = FakeDataset()
TRUTH = DATASET.images("brush", DATASET.characters[:6])
SYLLABLES = tuple(DATASET.characters[:6])


def test_the_truth_has_the_true_width_and_size():
    said = hands.row(TRUTH, TRUTH, SYLLABLES)
    assert (said["stroke_width_ratio"], said["height_ratio"]) == (1, 1)
    assert (said["ssim"], said["style_distance"]) == (pytest.approx(1), 0)


def test_thinner_drawings_have_a_smaller_width():
    thin = np.maximum.reduce([np.roll(TRUTH, shift, axis) for shift in (-1, 1) for axis in (1, 2)])
    said = hands.row(thin, TRUTH, SYLLABLES)
    assert said["stroke_width_ratio"] < 0.9 and said["ssim"] < 1


def test_fonts_that_are_there_are_not_drawn_again(tmp_path, monkeypatch):
    asked = []

    def rows_of(dataset, font_id, model, options, count):
        asked.append(font_id)
        row = {"model": model, "options": " ".join(options), "font": font_id, "references": 8}
        return [row | {"glyphs": count, "corrected": c, "ssim": 0.5} for c in (False, True)]

    monkeypatch.setattr(hands, "rows_of", rows_of)
    monkeypatch.setattr(hands.GlyphDataset, "open", lambda _: DATASET)
    out = tmp_path / "hands.csv"
    for _ in range(2):
        done = CliRunner().invoke(hands.main, ["--out", str(out), "--model", "stub"])
        assert done.exit_code == 0, done.output
    assert asked == ["brush"] and len(pd.read_csv(out)) == 2
