import json
import shutil

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from fontmaker import make_font
from small_fonts import SYLLABLES, boxes, write_charset, write_fonts

from hangeul_bench import dataset_format as fmt
from hangeul_bench.build import BuildOptions, build
from hangeul_bench.cli import cli
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.dataset_files import text_files
from hangeul_bench.errors import UserError
from hangeul_bench.info import table_one
from hangeul_bench.png import decode, encode
from hangeul_bench.shard import Glyph, _parquet, read_glyphs, read_shard_info
from hangeul_bench.verify import verify

SHARD = "images/family-p0-regular.parquet"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("dataset")
    fonts = write_fonts(root / "fonts")
    glyphs = {syllable: boxes(3, syllable) for syllable in SYLLABLES if syllable != "한"}
    make_font(fonts / "printed" / "X.ttf", glyphs, family="Lacks")
    options = BuildOptions(charset=write_charset(root / "charset.txt"), size=32)
    build(fonts, root / "out", options)
    return root / "out"


@pytest.fixture
def dataset(built, tmp_path):
    return shutil.copytree(built, tmp_path / "dataset")


def found(dataset):
    return [(problem.kind, problem.path) for problem in verify(dataset)]


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def rewrite(dataset, change):
    """Write a shard anew with its glyphs changed."""
    path = dataset / SHARD
    info, glyphs = read_shard_info(path), read_glyphs(path)
    path.write_bytes(_parquet(change(glyphs), "family-p0-regular", info))


def test_a_fresh_dataset_is_right(dataset):
    assert verify(dataset) == []


@pytest.mark.parametrize(
    "name", ["fonts.csv", "characters.csv", "README.md", "croissant.json", "splits/references.txt"]
)
def test_a_changed_table_is_named(dataset, name):
    with (dataset / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    problems = verify(dataset)
    assert ("hash", name) in [(problem.kind, problem.path) for problem in problems]
    assert "expected" in problems[0].message and "found" in problems[0].message


def test_a_lost_file_is_named(dataset):
    for name in ("README.md", "texts/U+AC00.txt", SHARD):
        (dataset / name).unlink()
    assert found(dataset) == [
        ("file", "README.md"),
        ("file", "texts/U+AC00.txt"),
        ("file", SHARD),
    ]


def test_a_strange_file_is_named(dataset):
    (dataset / "images" / "other.parquet").write_bytes(b"")
    (dataset / "texts" / "U+AC02.txt").write_text("x")
    assert found(dataset) == [("file", "images/other.parquet"), ("file", "texts/U+AC02.txt")]


def test_a_wrong_text_is_named(dataset):
    (dataset / "texts" / "U+AC00.txt").write_text("ᄀ ᅡ ᆨ\n", encoding="utf-8")
    (dataset / "texts" / "U+AC01.txt").write_text("gak\n", encoding="utf-8")
    (dataset / "texts" / "U+AC04.txt").write_text("ᄀ ᅡ  ᆫ", encoding="utf-8")
    problems = verify(dataset)
    assert [problem.kind for problem in problems] == ["text"] * 3
    assert problems[0].message == "the line spells 각, not 가"


def test_a_moved_font_is_named(dataset):
    unseen = GlyphDataset.open(dataset).splits.unseen_fonts[0]
    edit(dataset / "splits" / "unseen_fonts.txt", f"{unseen}\n", "")
    kinds = found(dataset)
    assert ("hash", "splits/unseen_fonts.txt") in kinds
    assert ("split", "splits") in kinds and ("split", "fonts.csv") in kinds
    assert ("hash", "dataset.json") in kinds  # the fingerprint


def test_a_changed_count_is_named(dataset):
    state = json.loads((dataset / "dataset.json").read_text())
    (dataset / "dataset.json").write_text(json.dumps({**state, "n_glyphs": 1}))
    assert [str(problem.message) for problem in verify(dataset)] == [
        f"n_glyphs: expected 1, found {7 * len(SYLLABLES) - 1}"
    ]


def test_a_dropped_missing_row_is_named(dataset):
    edit(dataset / "missing.csv", "lacks-regular,U+D55C,한,not in the cmap\n", "")
    kinds = found(dataset)
    assert ("count", "fonts.csv") in kinds and ("count", "images/lacks-regular.parquet") in kinds


def test_a_flipped_bit_names_its_glyph(dataset):
    path = dataset / SHARD
    data, png = bytearray(path.read_bytes()), read_glyphs(path)[3].png
    data[data.index(png) + 50] ^= 1
    path.write_bytes(data)
    problems = verify(dataset)
    assert [(p.kind, p.path) for p in problems] == [("pixels", SHARD)]
    assert problems[0].message.startswith(
        f"{SYLLABLES[3]} (U+{ord(SYLLABLES[3]):04X}) has a broken"
    )


def test_a_cut_shard_is_named(dataset):
    (dataset / SHARD).write_bytes((dataset / SHARD).read_bytes()[:2000])
    problems = verify(dataset)
    assert [(p.kind, p.path) for p in problems] == [("file", SHARD)]
    assert "cannot be read" in problems[0].message


def test_a_dropped_glyph_is_named(dataset):
    rewrite(dataset, lambda glyphs: glyphs[1:])
    problems = verify(dataset)
    assert [(p.kind, p.path) for p in problems] == [("count", SHARD)]
    assert "expected 12 glyphs, found 11: 가 (U+AC00)" in problems[0].message


def test_same_outlines_with_other_pixels_are_told_apart(dataset):
    def darker(glyphs):
        images = decode([glyph.png for glyph in glyphs], 32) // 2
        pngs = encode(images)
        return [Glyph(g.syllable, png, *g[2:]) for g, png in zip(glyphs, pngs, strict=True)]

    rewrite(dataset, darker)
    problems = verify(dataset)
    assert [(p.kind, p.path) for p in problems] == [("pixels", SHARD)]
    assert "the outlines are the same, but the pixels differ" in problems[0].message


def test_other_outlines_are_told_apart(dataset):
    rewrite(dataset, lambda glyphs: [glyphs[0]._replace(advance=7), *glyphs[1:]])
    assert found(dataset) == [("outlines", SHARD)]


def test_another_encoding_is_told_apart(dataset):
    pq.write_table(pq.read_table(dataset / SHARD), dataset / SHARD, compression="zstd")
    assert found(dataset) == [("encoding", SHARD)]


def test_text_files_of_what_was_read_are_those_on_disk(dataset):
    contents = GlyphDataset.open(dataset).contents
    for name, text in text_files(contents).items():
        assert fmt.holds(dataset / name, text), name


def test_command_prints_each_problem_and_ends_with_1(dataset):
    assert CliRunner().invoke(cli, ["verify", str(dataset), "--workers", "1"]).exit_code == 0
    (dataset / "README.md").unlink()
    result = CliRunner().invoke(cli, ["verify", str(dataset), "--workers", "1"])
    assert result.exit_code == 1
    assert "file: README.md: the file is missing" in result.output


def test_nothing_to_verify(tmp_path):
    with pytest.raises(UserError, match=r"found no dataset\.json"):
        verify(tmp_path)


def test_info_prints_table_one(dataset):
    rows = table_one(GlyphDataset.open(dataset).contents)
    assert [(r.category, r.characters, r.fonts, r.training, r.testing) for r in rows] == [
        ("Handwritten", 12, 3, 2, 1),
        ("Printed", 12, 4, 2, 2),
        ("Total", 12, 7, 4, 3),
    ]
    result = CliRunner().invoke(cli, ["info", str(dataset)])
    assert result.exit_code == 0
    assert "| Total       |         12 |     7 |        4 |       3 |" in result.output
    assert GlyphDataset.open(dataset).fingerprint in result.output
