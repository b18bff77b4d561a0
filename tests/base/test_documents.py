"""Whatever a JSON file holds, reading it ends in its value or in one sentence."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hangeul_bench.base import documents
from hangeul_bench.base.documents import (
    MAX_DEPTH,
    MAX_NAME_BYTES,
    Schema,
    check_file_name,
    is_file_name,
    is_path_below,
    parse_json,
    read_json,
)
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.options import parse_options

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
SCHEMA = Schema(
    {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "format": "file-name"},
            "size": {"type": "integer", "minimum": 16, "maximum": 1024},
            "kind": {"enum": ["model", "control"]},
            "many": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "file": {"type": "string", "format": "path-below"},
            "line": {"type": "string", "format": "line"},
        },
        "additionalProperties": False,
    }
)


def refusal(text):
    with pytest.raises(UserError) as caught:
        parse_json(text, SCHEMA, expected="a thing", remedy="mend it")
    message = str(caught.value)
    assert message.startswith("Expected a thing, but ") and message.endswith("; mend it.")
    assert message.isprintable() and len(message) < 400
    return message


@pytest.mark.parametrize("deep", ["[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 100_000])
def test_deep_nesting_is_refused(deep):
    refusal(deep)
    refusal(f'{{"name": {deep}}}')


def test_nesting_just_too_deep_is_refused():
    allowed = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(allowed, expected="a list")
    with pytest.raises(UserError, match="nested more than 32 deep"):
        parse_json(f"[{allowed}]", expected="a list")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is no JSON"),
        ('{"name": NaN}', "NaN is no number of JSON"),
        ('{"name": "a", "size": 1e999}', "a number beyond 1.8e308"),
        (f'{{"name": "a", "size": 1{"0" * 400}}}', "a number beyond 1.8e308"),
        (f'{{"name": "a", "size": 1{"0" * 5000}}}', "it is no JSON"),
        (r'{"name": "\ud800"}', "half a character"),
        ("[]", "field at the top should be object, but is []"),
        ("{}", "field name is missing"),
        ('{"name": "../../x"}', "field name should be a name of letters"),
        ('{"name": "a\\n"}', "field name should be a name of letters"),
        ('{"name": "a", "size": -1}', "field size should be at least 16, but is -1"),
        ('{"name": "a", "size": 2000}', "field size should be at most 1024, but is 2000"),
        ('{"name": "a", "size": 128.0}', "field size should be integer, but is 128.0"),
        ('{"name": "a", "size": true}', "field size should be integer, but is True"),
        ('{"name": "a", "kind": "toy"}', "field kind should be one of model, control"),
        ('{"name": "a", "many": ["b", 1]}', "field many[1] should be string, but is 1"),
        ('{"name": "a", "many": ["b", "b"]}', "field many should be a list without doubles"),
        ('{"name": "a", "file": "/x"}', "field file should be a relative path"),
        ('{"name": "a", "line": "b\\u001b[2J"}', "field line should be one line without control"),
        ('{"name": "a", "more": 1}', "it has a key 'more', none of file, kind"),
    ],
)
def test_the_first_problem_is_named(text, problem):
    assert problem in refusal(text)


@given(JSON)
def test_any_json_is_read_or_refused(value):
    text = json.dumps(value)
    try:
        assert json.dumps(parse_json(text, expected="a thing")) == text
    except UserError as error:
        assert "\n" not in str(error)


@given(JSON)
def test_any_json_fits_a_schema_or_says_how_not(value):
    problem = SCHEMA.problem(value)
    assert problem is None or problem.isprintable()


@given(st.binary())
def test_any_bytes_are_read_or_refused(data):
    try:
        parse_json(data, expected="a thing")
    except UserError as error:
        assert str(error).startswith("Expected a thing")


def test_a_file_that_is_absent_too_large_or_a_pipe_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    with pytest.raises(
        UserError, match="a JSON file at .*a.json, but there is none; write it again"
    ):
        read_json(path)
    os.mkfifo(path)
    with pytest.raises(UserError, match="but there is something else"):
        read_json(path)
    path.unlink()
    monkeypatch.setattr(documents, "MAX_BYTES", 3)
    path.write_text("[1,2]")
    with pytest.raises(UserError, match="larger than"):
        read_json(path)


def test_a_byte_order_mark_is_no_matter(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf[1]")
    assert read_json(path) == [1]


def test_an_option_that_is_no_plain_json_is_text():
    deep = "[" * 100_000
    assert parse_options([f"a={deep}", "b=NaN", "c=1"]) == {"a": deep, "b": "NaN", "c": 1}


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
