import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.listing import UNVERIFIED, VERIFIED, font_lines, summary, summary_lines


def test_a_summary_counts_a_set_s_fonts():
    found = summary("eval")
    assert found["fonts"] == 21 == found["handwritten"] + found["printed"]
    assert found["states"] == {VERIFIED: 21} and sum(found["licences"].values()) == 21
    assert set(summary("paper")["states"]) == {VERIFIED, UNVERIFIED}


def test_a_font_is_a_line_and_a_set_a_row():
    assert len(font_lines("eval")) == 21
    header, row, *_ = summary_lines([summary("eval")])
    assert header.split()[:2] == ["set", "fonts"] and row.split()[:2] == ["eval", "21"]


def test_an_unknown_set_is_refused():
    with pytest.raises(UserError, match="Expected --set eval, .*, but found 'most'"):
        summary("most")
