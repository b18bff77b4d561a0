"""A text becomes lines of syllables and spaces."""

from fontmaker.text import left_out_note, parse_text, wrap


def test_lines_keep_newlines_and_spaces():
    lines = parse_text("가 나\r\n\n\t다 \n")
    assert lines.rows == ("가 나", "", " 다")
    assert lines.syllables == ("가", "나", "다")


def test_decomposed_text_is_composed():
    assert parse_text("\u1112\u1161\u11ab").rows == ("한",)


def test_left_out_note_is_short():
    assert left_out_note(parse_text("가abcdefghij").left_out).endswith("h (U+0068) and 2 more.")
    assert left_out_note(()) == ""


def test_wrapped_rows_begin_with_no_space():
    assert wrap(parse_text("가나 다라마"), 2) == ("가나", "다라", "마")
    assert wrap(parse_text("가나 다\n라"), None) == ("가나 다", "라")
