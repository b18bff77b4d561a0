"""A result file is checked whenever it is written or read."""

import copy
import json

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.results.file import (
    SCHEMA_VERSION,
    find_score,
    font_scores,
    read_result,
    read_results,
    write_result,
)
from support.small_results import make_result


def write_json(path, data):
    # Files have an older name of the cell.
    text = json.dumps(data).replace('"cell": "uf"', '"cell": "paper"')
    path.write_text(text, encoding="utf-8")
    return path


def test_a_result_survives_writing_and_reading(tmp_path):
    path = tmp_path / "dkfont-lite.json"
    result = make_result()
    write_result(path, result)
    assert read_result(path) == result


def test_a_file_keeps_the_older_name_of_a_cell(tmp_path):
    result = make_result(unrankable={"uf": "trained on unseen fonts"})
    write_result(tmp_path / "a.json", result)
    data = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert {score["cell"] for score in data["scores"]} == {"ufsc", "ufuc", "paper"}
    assert data["unrankable"] == {"paper": "trained on unseen fonts"}
    assert read_result(tmp_path / "a.json") == result


def test_the_same_result_is_the_same_bytes(tmp_path):
    write_result(tmp_path / "a.json", make_result())
    write_result(tmp_path / "b.json", copy.deepcopy(make_result()))
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize("field", sorted(make_result()))
def test_every_field_is_required(tmp_path, field):
    data = make_result()
    del data[field]
    path = write_json(tmp_path / "r.json", data)
    with pytest.raises(UserError, match=f"field {field} is missing"):
        read_result(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d["model"].pop("name"), "field model.name is missing"),
        (lambda d: d["scores"][1].pop("n_glyphs"), r"field scores\[1\].n_glyphs is missing"),
        (lambda d: d.update(seed="0"), "field seed should be integer"),
        (lambda d: d.update(seed=True), "field seed should be integer"),
        (lambda d: d.update(track="small"), "field track should be one of lite, full"),
        (lambda d: d["model"].update(kind="toy"), "field model.kind should be one of"),
        (lambda d: d["scores"][0]["metrics"]["jer"].update(value="low"), "metrics.jer.value"),
    ],
)
def test_a_wrong_field_is_named(tmp_path, change, message):
    data = make_result()
    change(data)
    with pytest.raises(UserError, match=message):
        read_result(write_json(tmp_path / "r.json", data))


def test_a_newer_schema_asks_for_an_upgrade(tmp_path):
    path = write_json(tmp_path / "r.json", {"schema": SCHEMA_VERSION + 1})
    with pytest.raises(UserError, match="schema 2.*reads up to 1.*upgrade"):
        read_result(path)


@pytest.mark.parametrize("text", ["", "[]", "{", "3"])
def test_what_is_no_result_is_refused(tmp_path, text):
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(UserError, match="r.json"):
        read_result(path)


def test_an_empty_folder_says_what_to_do(tmp_path):
    with pytest.raises(UserError, match="evaluate"):
        read_results(tmp_path)


def test_a_broken_result_is_not_written(tmp_path):
    data = make_result()
    data["scores"][0]["metrics"]["jer"]["value"] = "nothing"
    with pytest.raises(UserError, match="metrics.jer.value"):
        write_result(tmp_path / "r.json", data)
    assert list(tmp_path.iterdir()) == []


def test_scores_are_found_by_cell_category_and_group():
    result = make_result(jer=0.2, spread={"pen": 0.1})
    assert find_score(result, cell="uf", category="all")["n_fonts"] == 6
    assert find_score(result, cell="sfsc", category="all") is None
    fonts = font_scores(result, cell="uf", category="handwritten")
    assert {font: s["metrics"]["jer"]["value"] for font, s in fonts.items()} == {
        "brush": 0.2,
        "pen": pytest.approx(0.3),
        "round": 0.2,
    }
    assert len(font_scores(result, cell="uf", category="all")) == 6


@pytest.mark.parametrize(
    ("metric", "value", "message"),
    [
        ("jer", -1, r"jer should lie in \[0, 1\], but is -1"),
        ("jer", 1.5, r"jer should lie in \[0, 1\]"),
        ("ssim", -1.1, r"ssim should lie in \[-1, 1\]"),
        ("fid", -3.0, "fid should lie in"),
        ("fid", 1e300, "fid should lie in"),
    ],
)
def test_a_value_that_its_metric_cannot_have_is_refused(tmp_path, metric, value, message):
    data = make_result()
    data["scores"][1]["metrics"][metric] = {"value": value, "low": None, "high": None}
    path = write_json(tmp_path / "r.json", data)
    with pytest.raises(UserError, match=f"r.json: in ufsc, handwritten, font:brush, {message}"):
        read_result(path)
    with pytest.raises(UserError, match=message):
        write_result(tmp_path / "w.json", data)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("place", ["value", "seconds_per_glyph"])
def test_no_number_of_a_result_is_infinite(tmp_path, number, place):
    data = make_result(seconds_per_glyph="HERE" if place == "seconds_per_glyph" else 1.0)
    if place == "value":
        data["scores"][0]["metrics"]["jer"]["value"] = "HERE"
    path = write_json(tmp_path / "r.json", data)
    path.write_text(path.read_text().replace('"HERE"', number))
    with pytest.raises(UserError, match="r.json"):
        read_result(path)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        (0.5, 0.4, "jer has the interval 0.5 to 0.4"),
        (None, 0.4, "jer has half an interval"),
        (-1e300, 1e300, "jer has the interval"),
    ],
)
def test_an_interval_has_two_ends_in_order(tmp_path, low, high, message):
    data = make_result()
    data["scores"][0]["metrics"]["jer"].update(low=low, high=high)
    with pytest.raises(UserError, match=message):
        read_result(write_json(tmp_path / "r.json", data))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_delivered": 61}, "61 glyphs were delivered of 60 expected"),
        ({"n_expected": -1}, "field n_expected should be at least 0"),
        ({"shots": 10**30}, "field shots should be at most"),
        ({"signatures": {"jer": 3}}, "field signatures.jer should be string"),
        ({"unrankable": {"paper": None}}, "field unrankable.paper should be string"),
    ],
)
def test_counts_and_notes_are_checked(tmp_path, change, message):
    with pytest.raises(UserError, match=message):
        read_result(write_json(tmp_path / "r.json", make_result(**change)))
