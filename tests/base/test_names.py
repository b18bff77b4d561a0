"""A name from a file may become a path only if it stays one entry of one folder."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.names import MAX_NAME_BYTES, check_file_name, is_file_name, is_path_below


@pytest.mark.parametrize(
    "name", ["noto-sans-kr-regular", "나눔-굵은", "DK-Font v1.2", "a", "a+b_c"]
)
def test_usual_names_pass(name):
    assert check_file_name(name, what="name", where="x") == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "..",
            "../../x",
            "/etc/x",
            "a/b",
            "a\\b",
            "C:\\x",
            ".hidden",
            "-rf",
            "a\n",
            "a ",
        ),
        *("a.", "a\0", "con", "NUL.txt", "com1", "=cmd|x", "<b>", "a" * (MAX_NAME_BYTES + 1)),
        *("가" * 70, "\ud800", "\u1100\u1161"),
    ],
)
def test_what_may_lead_elsewhere_is_refused(name):
    with pytest.raises(UserError, match="somefile: expected the font_id"):
        check_file_name(name, what="font_id", where="somefile")


@given(st.text())
def test_a_name_that_passes_is_one_entry_below_its_folder(name):
    if is_file_name(name):
        path = Path("folder") / name
        assert path.parent == Path("folder") and path.name == name
        path.name.encode()


@given(st.lists(st.sampled_from(["a", "..", ".", "", "b.png", "\\", "C:", "\n"])).map("/".join))
def test_a_path_that_passes_stays_below_its_folder(name):
    if is_path_below(name):
        assert ".." not in Path(name).parts and not Path(name).is_absolute()
        assert not set(name) & set("\\\n")
