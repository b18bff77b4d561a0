"""The table of hands that fill in a sheet: what its columns measure, and that rows stay."""

import csv
from pathlib import Path

import numpy as np
import pytest

from experiments.sheets import (
    BOXES,
    DRAWINGS,
    HEADER,
    as_large,
    best_iou,
    compared,
    read_rows,
    stroke_over_height,
    variation,
    wide_handwriting,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import csv_text
from hangeul_bench.dataset.splits.lists import wide_fonts

TABLE = Path(__file__).parents[2] / "leaderboards" / "sheets.csv"


def page(left, top, right, bottom):
    image = np.full((1, 128, 128), 255, np.uint8)
    image[0, top:bottom, left:right] = 0
    return image


def test_a_shift_does_not_count_and_ink_that_is_not_shared_does():
    bar = page(40, 20, 50, 100)
    assert best_iou(bar, page(47, 14, 57, 94)) == pytest.approx(1)
    assert best_iou(bar, page(40, 20, 60, 100)) == pytest.approx(0.5)
    assert best_iou(bar, page(70, 20, 80, 100)) == pytest.approx(0, abs=0.01)  # beyond the shift


def test_drawings_get_the_true_fonts_scale():
    small, large = page(40, 40, 46, 88), page(40, 30, 48, 94)
    rows = np.flatnonzero((as_large(small, small, large)[0] < 128).any(axis=1))
    assert np.ptp(rows) + 1 == pytest.approx(64, abs=1)


def test_stroke_over_height_does_not_depend_on_scale():
    one, other = page(40, 24, 44, 64), page(40, 24, 48, 104)
    assert stroke_over_height(one) == pytest.approx(stroke_over_height(other), rel=0.08)


def test_variation_is_the_deviation_over_the_mean():
    assert variation([900.0, 900.0]) == 0
    assert variation([800.0, 1200.0]) == pytest.approx(0.2)


def test_rows_that_are_there_are_not_made_again(tmp_path):
    path = tmp_path / "sheets.csv"
    assert read_rows(path) == {}
    row = ["a-regular", DRAWINGS[1], *map(str, range(len(HEADER) - 2))]
    path.write_text(csv_text(HEADER, [row]), encoding="utf-8")
    assert read_rows(path) == {("a-regular", DRAWINGS[1]): row}
    path.write_text("font,ssim\na,1\n", encoding="utf-8")
    with pytest.raises(UserError, match="other columns"):
        read_rows(path)


@pytest.mark.skipif(not TABLE.is_file(), reason="the table has not been measured yet")
def test_hands_trained_no_model_and_are_within_a_tenth_of_their_weight():
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {(row["font"], row["drawings"]): row for row in csv.DictReader(file)}
    fonts = {font for font, _ in rows}
    assert fonts <= {font.font_id for font in wide_fonts() if font.role == "wide"}
    for font in fonts:
        (plain, corrected) = (rows[font, drawings] for drawings in DRAWINGS)
        assert (plain["weight"], plain["scale"]) == ("0.00", "1.000"), font
        off = [round(abs(float(row["stroke"]) - 1), 3) for row in (plain, corrected)]
        assert off[1] <= max(0.1, off[0]), font
        assert not set(plain["references"]) - set(BOXES)


def test_what_is_compared_is_not_on_the_sheet(fake_wide):
    assert wide_handwriting(fake_wide) == ("b",)
    asked = compared(fake_wide, "b")
    assert len(asked) == 3 and not set(asked) & {*BOXES, "가"}


@pytest.fixture()
def fake_wide():
    from types import SimpleNamespace

    category = {"a": "printed", "b": "handwritten"}
    return SimpleNamespace(
        splits=SimpleNamespace(
            wide_fonts=("a", "b"), wide_characters=(*BOXES[:2], *"가나다라"), content_font="a"
        ),
        font=lambda font: SimpleNamespace(category=category[font]),
        missing=lambda font: frozenset("가") if font == "b" else frozenset(),
    )
