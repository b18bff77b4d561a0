"""The table of fonts made from one glyph is read as it was written."""

import csv
from pathlib import Path

import pytest

from experiments.fonts import HEADER, read_rows
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import csv_text
from hangeul_bench.dataset.splits.lists import evaluation_fonts


def test_rows_that_are_there_are_not_made_again(tmp_path):
    path = tmp_path / "fonts.csv"
    assert read_rows(path) == {}
    row = ["a-regular", *map(str, range(len(HEADER) - 1))]
    path.write_text(csv_text(HEADER, [row]), encoding="utf-8")
    assert read_rows(path) == {"a-regular": row}


def test_a_table_of_another_version_is_not_added_to(tmp_path):
    path = tmp_path / "fonts.csv"
    path.write_text("font,ssim\na,1\n", encoding="utf-8")
    with pytest.raises(UserError, match="other columns"):
        read_rows(path)


def test_every_unseen_font_comes_back_as_its_pages():
    path = Path(__file__).parents[2] / "leaderboards" / "fonts.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["font"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == sorted(f.font_id for f in evaluation_fonts() if f.role == "unseen")
    for font_id, row in rows.items():
        assert float(row["ssim"]) >= 0.99, font_id
        assert float(row["jer"]) <= float(row["jer_of_first"]) + 0.001, font_id
