"""Files that a stranger wrote: no name in them leads out of a folder, no value ends in a traceback.

What every JSON and CSV file goes through is tested in test_base_documents.py and
test_base_tables.py; here, that each reader goes through it.
"""

import csv
import json
import re
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from baselines.diff_font.model import DiffFont
from baselines.training.checkpoint import read_facts
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.run import BuildOptions, build
from hangeul_bench.builder.verification import verify
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.fontmaker import make_font
from support.small_fonts import SYLLABLES, boxes, write_charset, write_fonts

BAD_NAMES = ("../../escaped", "/tmp/hangeul-bench-escaped", "a/b", "..", "a\nb")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("built")
    fonts = write_fonts(root / "fonts")
    options = BuildOptions(charset=write_charset(root / "charset.txt"), size=32)
    build(fonts, root / "data", options)
    return root / "data"


@pytest.fixture
def data(built, tmp_path):
    return shutil.copytree(built, tmp_path / "deep" / "er" / "data")


def refused(*arguments):
    """The one sentence with which a command ends."""
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    assert isinstance(result.exception, (SystemExit, UserError)) or (
        type(result.exception).__name__ == "ClickException"
    ), result.exception
    assert result.exit_code == 2 and "Traceback" not in result.output
    return result.output


def change_cell(table, column, value, *, row=0):
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[row][column] = value
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_font_id_of_a_lock_file_leads_nowhere(tmp_path, name):
    fonts = tmp_path / "deep" / "er" / "fonts"
    path = make_font(fonts / "printed/a.ttf", {s: boxes(0, s) for s in SYLLABLES})
    entry = dict.fromkeys(("family", "style", "lineage", "licence", "sha256"), "0" * 64)
    entry |= {"font_id": name, "category": "printed", "file": "printed/a.ttf"}
    (fonts / "fonts.lock.json").write_text(json.dumps({"format": 1, "fonts": [entry]}))
    before = sorted(tmp_path.rglob("*"))
    charset = write_charset(tmp_path / "charset.txt")
    out = tmp_path / "deep" / "er" / "out"
    output = refused("build", "--fonts", fonts, "--out", out, "--charset", charset)
    assert "fonts[0].font_id should be a name" in output
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "charset.txt"])
    assert path.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("file", "../x.ttf"), ("file", "/etc/x.ttf"), ("category", "../x"), ("family", "a\nb")],
)
def test_no_other_field_of_a_lock_file_does(tmp_path, field, value):
    make_font(tmp_path / "printed/a.ttf", {"가": []})
    entry = dict.fromkeys(("font_id", "family", "style", "lineage", "licence"), "x")
    entry |= {"category": "printed", "file": "printed/a.ttf", "sha256": "0" * 64, field: value}
    (tmp_path / "fonts.lock.json").write_text(json.dumps({"format": 1, "fonts": [entry]}))
    assert f"fonts[0].{field} should be" in refused("fonts", "audit", tmp_path)


@pytest.mark.parametrize("name", BAD_NAMES)
@pytest.mark.parametrize("layout", ["png", "fontdiffuser"])
def test_a_font_id_of_a_foreign_dataset_leads_nowhere(data, tmp_path, name, layout):
    change_cell(data / "fonts.csv", "font_id", name)
    out = tmp_path / "deep" / "er" / "out"
    output = refused("export", data, "--layout", layout, "--out", out)
    assert re.search(r"fonts.csv, line [23]: expected the font_id to be a name", output)
    assert not out.exists() and sorted(p.name for p in tmp_path.iterdir()) == ["deep"]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("category", "../x", "expected category to be handwritten or printed"),
        ("split", "test", "expected split to be train or unseen"),
        ("scale", "nan", "expected a number in scale"),
        ("n_glyphs", "-1", "expected a number in n_glyphs"),
        ("n_glyphs", "1e3", "expected a number in n_glyphs"),
        ("family", "x" * 131_073, "larger than field limit"),
    ],
)
def test_a_cell_of_fonts_csv_is_checked(data, column, value, message):
    change_cell(data / "fonts.csv", column, value)
    with pytest.raises(UserError, match=f"fonts.csv, line 2: .*{message}"):
        GlyphDataset.open(data)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("size", -1, "field size should be at least 16"),
        ("size", "32", "field size should be integer"),
        ("size", 32.0, "field size should be integer"),
        ("name", 3, "field name should be string"),
        ("name", "a\nb", "field name should be one line"),
        ("fingerprint", None, "field fingerprint should be string"),
        ("n_characters", "12", "field n_characters should be integer"),
        ("files", ["x"], "field files should be object"),
        ("files", {"../../x": "0" * 64}, "should be a relative path"),
    ],
)
@pytest.mark.parametrize("command", ["info", "verify"])
def test_a_field_of_dataset_json_is_checked(data, field, value, message, command):
    path = data / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {field: value}))
    assert message in refused(command, data)


def test_a_row_that_is_too_short_is_named(data):
    with (data / "missing.csv").open("a") as file:
        file.write("family-h0-regular,U+AC00\n")
    with pytest.raises(UserError, match="missing.csv, line 2: expected 4 cells, but found 2"):
        GlyphDataset.open(data)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("train_fonts", lambda lines: lines[1:], "leave out the font"),
        ("train_fonts", lambda lines: [*lines, "nobody"], "name the font 'nobody'"),
        ("seen_characters", lambda lines: lines[1:], "in neither of seen_characters and unseen"),
        ("unseen_characters", lambda lines: [*lines, "가"], "in both of seen_characters and"),
        ("references", lambda lines: [], "name no reference"),
        ("references", lambda lines: [*lines, lines[0]], "twice in references"),
        ("content_font", lambda lines: ["../../x"], "name the font '../../x' in content_font"),
    ],
)
def test_splits_that_lack_or_double_something_are_refused(data, name, change, message):
    path = data / "splits" / f"{name}.txt"
    lines = change(path.read_text(encoding="utf-8").split())
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with pytest.raises(UserError, match=f"{data} is not a whole dataset .*{message}"):
        GlyphDataset.open(data)


def nulls(codepoints):
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return pa.array([None] * len(codepoints), image)


def half_nulls(codepoints):
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    return pa.array([{"bytes": None, "path": "x"}] * len(codepoints), image)


def texts(codepoints):
    return pa.array(["x"] * len(codepoints))


@pytest.mark.parametrize("column", [nulls, half_nulls, texts])
def test_a_shard_with_null_images_is_refused(data, column):
    (path,) = data.glob("images/*sc/family-h0-regular.parquet")
    table = pq.read_table(path)
    images = column(table["codepoint"].to_pylist())
    pq.write_table(table.set_column(table.column_names.index("image"), "image", images), path)
    with pytest.raises(UserError, match="family-h0-regular.parquet cannot be read .*image"):
        GlyphDataset.open(data).images("family-h0-regular")
    (problem,) = [p for p in verify(data) if p.path.endswith("h0-regular.parquet")]
    assert problem.kind == "file" and "image" in problem.message


@pytest.mark.parametrize("codepoints", [[0, 1], [None, 44032], [44032, 44032], [2**31 - 1, 1]])
def test_predictions_of_no_syllable_are_refused(tmp_path, codepoints):
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    columns = {"codepoint": pa.array(codepoints, pa.int32()), "image": pa.array([None] * 2, image)}
    pq.write_table(pa.table(columns), tmp_path / "brush.parquet")
    with pytest.raises(UserError, match=r"brush.parquet cannot be read"):
        PredictionFolder(tmp_path).read("brush", "가")


@pytest.mark.parametrize("note", ["3", "[]", '{"asked": 3, "seconds": 1}', "[" * 100_000])
def test_a_note_that_is_none_of_ours_counts_as_not_drawn(tmp_path, note):
    (tmp_path / "brush.parquet").write_bytes(b"")
    (tmp_path / "brush.json").write_text(note)
    assert not PredictionFolder(tmp_path).has("brush", "가")


def test_predictions_are_read_from_their_own_folder_only(tmp_path):
    with pytest.raises(UserError, match="expected the font_id to be a name"):
        PredictionFolder(tmp_path).read("../x", "가")


CONFIG = {
    "preset": "swift",
    "prediction": "sample",
    "schedule": "linear",
    "dropout": 0.0,
    "characters": [44032],
    "without": [],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "1"}, "field format should be integer"),
        ({"model": 3}, "field model should be string"),
        ({"config": []}, "field config should be object"),
        ({"config": CONFIG | {"characters": [-1]}}, r"config.characters\[0\] should be at least 0"),
        ({"config": CONFIG | {"characters": "가"}}, "config.characters should be array"),
        ({"config": CONFIG | {"prediction": "x"}}, "config.prediction should be one of"),
        ({"samples": "many"}, "field samples should be integer"),
    ],
)
def test_the_json_of_weights_is_checked(tmp_path, change, message):
    facts = {"format": 1, "model": "diff-font", "config": CONFIG} | change
    (tmp_path / "w.safetensors").write_bytes(b"")
    (tmp_path / "w.json").write_text(json.dumps(facts))
    with pytest.raises(UserError, match=f"w.json, but .*{message}"):
        read_facts(tmp_path / "w.safetensors", DiffFont)
