"""A user's mistake is said in one line, whatever a name or a file brought into it."""

import pytest

from hangeul_bench.base.errors import UserError


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x85", "\u2028", "\u2029", "\x0b", "\x1b[2J"])
def test_a_sentence_stays_one_line(end):
    error = UserError(f"Expected weights of diff-font, but w.json holds weights of a{end}b.")
    assert len(str(error).splitlines()) == 1
    assert "\x1b" not in str(error)


def test_other_characters_of_a_sentence_stay():
    sentence = "뷁 (U+BDC1) in 내 글꼴\u3000e\u0301.ttf"
    assert str(UserError(sentence)) == sentence
