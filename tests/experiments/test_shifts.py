"""The truth moved by a pixel: exactly that, and the committed table is in its order."""

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from experiments import shifts
from hangeul_bench.base.errors import UserError
from support.fake_dataset import FakeDataset

TABLE = Path(__file__).parents[2] / "leaderboards" / "shifts.csv"


def test_glyphs_move_by_whole_pixels_and_paper_comes_in():
    page = np.full((1, 8, 8), 255, np.uint8)
    page[0, 2, 3] = page[0, 7, 7] = 0
    right, down = shifts.moved(page, right=2), shifts.moved(page, down=1)
    assert np.argwhere(right[0] == 0).tolist() == [[2, 5]]
    assert np.argwhere(down[0] == 0).tolist() == [[3, 3]]
    assert (shifts.thicker(page)[0, 1:4, 2:5] == 0).all()
    assert np.array_equal(shifts.moved(page), page)


def test_a_cell_is_measured_over_all_its_glyphs(tmp_path, monkeypatch):
    monkeypatch.setattr(shifts.GlyphDataset, "open", lambda path: FakeDataset())
    out = tmp_path / "shifts.csv"
    done = CliRunner().invoke(shifts.main, ["--out", str(out)], catch_exceptions=False)
    assert "fonts 2, glyphs 6" in done.output
    rows = {row["truth"]: row for row in csv.DictReader(out.read_text().splitlines())}
    assert float(rows["1 px right"]["ssim"]) > float(rows["3 px right"]["ssim"])
    with pytest.raises(UserError, match="cell none"):
        shifts.truths(FakeDataset(), "lite", "none")


def test_the_committed_table_has_every_change_and_a_pixel_down_is_the_paper_s_number():
    rows = {row["truth"]: row for row in csv.DictReader(TABLE.read_text().splitlines())}
    assert [*rows] == [*shifts.CHANGES]
    down = rows["1 px down"]
    assert (round(float(down["ssim"]), 3), round(float(down["rmse"]), 3)) == (0.859, 0.127)
