"""Tables give back what was written, run nothing in a spreadsheet and hold no markup."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import (
    append_row,
    csv_rows,
    csv_text,
    fixed,
    markdown,
    one_line,
    read_text,
)

CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"), max_size=20)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_csv_gives_back_what_was_written(rows):
    text = csv_text(("a", "b"), rows)
    found = [(row["a"], row["b"]) for _, row in csv_rows(text, ("a", "b"), where="t")]
    assert found == rows


@pytest.mark.parametrize(
    "cell", ["=cmd|' /C calc'!A1", "+1+2", "-x", "@SUM(A1)", "\tx", "'=x", "＝1"]
)
def test_no_cell_begins_a_formula(cell):
    (written,) = list(csv.reader(io.StringIO(csv_text(("a",), [(cell,)]))))[1]
    assert written == f"'{cell}"


def test_rows_are_added_below_one_header(tmp_path):
    path = tmp_path / "new" / "log.csv"
    for step in (1, 2):
        append_row(path, {"step": step, "note": "=x"})
    assert path.read_bytes() == b"step,note\n1,'=x\n2,'=x\n"


def test_other_columns_are_passed_where_any_may_be_there():
    text = "a,b\n1,2\n"
    assert list(csv_rows(text, ("a",), where="t", optional=None)) == [(2, {"a": "1", "b": "2"})]
    with pytest.raises(UserError, match="expected the columns c, but found 'a,b'"):
        list(csv_rows(text, ("c",), where="t", optional=None))


def test_numbers_stay_numbers():
    assert csv_text(("a", "b", "c"), [(-1.5, "-1.5", "-2e-05")]) == "a,b,c\n-1.5,-1.5,-2e-05\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected the columns a,b"),
        ("a\n1\n", "expected the columns a,b"),
        ("a,b,z\n", "expected the columns a,b"),
        ("a,b,b\n", "expected the columns a,b"),
        ("a,b\n1\n", "line 2: expected 2 cells, but found 1"),
        ("a,b\n1,2,3\n", "line 2: expected 2 cells, but found 3"),
        (f"a,b\n1,{'x' * 131_073}\n", "line 2: it is no CSV table .*larger than field limit"),
        ('a,b\n1,"x\n', "it is no CSV table"),
    ],
)
def test_a_broken_table_names_its_line(text, message):
    with pytest.raises(UserError, match=f"t.csv.*{message}"):
        list(csv_rows(text, ("a", "b"), where="t.csv"))


def test_a_table_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,\xff\n")
    with pytest.raises(UserError, match="not UTF-8"):
        read_text(path)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a|b", "a\\|b"),
        ("![x](http://x)", "![x]\\(http://x)"),
        ("**bold** `code`", "\\*\\*bold\\*\\* \\`code\\`"),
        ("a\nb", "a\N{REPLACEMENT CHARACTER}b"),
        ("0.1 [0.0, 0.2]", "0.1 [0.0, 0.2]"),
        ("jamo-swapped_2", "jamo-swapped_2"),
    ],
)
def test_markdown_shows_a_text_as_it_is(text, shown):
    assert markdown(text) == shown


def test_a_terminal_is_not_commanded():
    assert one_line("\x1b[2Ja\u202eb") == "\N{REPLACEMENT CHARACTER}[2Ja\N{REPLACEMENT CHARACTER}b"


def test_no_number_is_minus_zero():
    assert [fixed(-0.00004, 4), fixed(-0.0, 4), fixed(-0.0001, 4)] == [
        "0.0000",
        "0.0000",
        "-0.0001",
    ]
