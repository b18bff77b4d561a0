"""A sheet's boxes and code fit the page, and its code tells the syllables, one way up only."""

import itertools

import numpy as np
import pytest

from fontmaker.sheet import layout
from fontmaker.sheet.layout import SYLLABLES, boxes, decode, encode
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import fixed_characters
from hangeul_bench.hangeul.phonetics import decompose


@pytest.mark.parametrize("count", range(1, 29))
def test_boxes_fit_and_do_not_touch(count):
    placed = boxes(SYLLABLES[:count])
    assert [box.syllable for box in placed] == list(SYLLABLES[:count])
    assert min(box.side for box in placed) >= 24
    for box in placed:
        assert box.left >= 12 - 1e-9
        assert box.left + box.side <= layout.WIDTH - 12 + 1e-9
        assert box.top > 30
        assert box.top + box.side < 265
    for one, other in itertools.combinations(placed, 2):
        apart = max(abs(one.left - other.left), abs(one.top - other.top))
        assert apart >= one.side + 4.9


def test_the_first_eight_are_the_references():
    assert tuple(SYLLABLES[:8]) == fixed_characters("references")
    assert len(set(SYLLABLES)) == 28
    parts = [decompose(s) for s in SYLLABLES]
    assert len({p.initial for p in parts}) >= 17
    assert len({p.medial for p in parts}) >= 17
    assert len({p.final for p in parts}) >= 17


@pytest.mark.parametrize("text", ["한", SYLLABLES[:8], SYLLABLES, "힣뷁쀍"])
def test_a_code_tells_its_syllables(text):
    assert decode(encode(text)) == text


def test_a_damaged_or_turned_code_tells_nothing():
    code = encode(SYLLABLES[:8])
    assert decode(code[::-1, ::-1]) is None
    assert decode(~code) is None
    for row, column in ((0, 2), (0, 30), (2, 1)):
        damaged = code.copy()
        damaged[row, column] ^= True
        assert decode(damaged) is None


def test_the_cells_lie_between_the_lower_marks():
    cells, marks = layout.cells(), np.array(layout.marks())
    assert cells.shape == (7, 60, 2)
    assert cells[..., 0].min() > marks[3][0] + 8
    assert cells[..., 0].max() < marks[2][0] - 8
    assert cells[..., 1].max() < layout.HEIGHT - 10


@pytest.mark.parametrize(("text", "said"), [("", "1 to 28"), ("가" * 2, "twice"), ("a", "Hangeul")])
def test_other_texts_are_refused(text, said):
    with pytest.raises(UserError, match=said):
        boxes(text)
