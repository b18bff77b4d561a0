import json
import re
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import holds
from hangeul_bench.base.images import decode, encode
from hangeul_bench.builder.parquet import shard_file
from hangeul_bench.builder.texts import text_files
from hangeul_bench.builder.verification import verify
from hangeul_bench.cli import cli
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.shards import Glyph, glyphs_of, read_shard_info, read_table
from support.small_fonts import SYLLABLES, build_small

SHARD = "images/sfsc/family-p0-regular.parquet"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build_small(tmp_path_factory.mktemp("dataset"))


@pytest.fixture
def dataset(built, tmp_path):
    return shutil.copytree(built, tmp_path / "dataset")


def found(dataset):
    return [(problem.kind, problem.path) for problem in verify(dataset)]


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def glyphs_in(path):
    return glyphs_of(read_table(path))


def rewrite(dataset, change=list, font_id="family-p0-regular", category="printed"):
    """Write a shard file anew with its glyphs changed, or the font that it names."""
    path = dataset / SHARD
    info, glyphs = read_shard_info(path), glyphs_in(path)
    path.write_bytes(shard_file(change(glyphs), info, font_id=font_id, category=category))


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
    assert ("count", "fonts.csv") in kinds
    assert ("count", "images/uf-references/lacks-regular.parquet") in kinds


def test_a_flipped_bit_names_its_glyph(dataset):
    path = dataset / SHARD
    data, (syllable, png, *_) = bytearray(path.read_bytes()), glyphs_in(path)[2]
    data[data.index(png) + 50] ^= 1
    path.write_bytes(data)
    problems = verify(dataset)
    assert [(p.kind, p.path) for p in problems] == [("pixels", SHARD)]
    assert problems[0].message.startswith(f"{syllable} (U+{ord(syllable):04X}) has a broken")


def test_a_cut_shard_is_named(dataset):
    (dataset / SHARD).write_bytes((dataset / SHARD).read_bytes()[:2000])
    problems = verify(dataset)
    assert [(p.kind, p.path) for p in problems] == [("file", SHARD)]
    assert "cannot be read" in problems[0].message


def test_a_dropped_glyph_is_named(dataset):
    rewrite(dataset, lambda glyphs: glyphs[1:])
    problems = verify(dataset)
    assert [(p.kind, p.path) for p in problems] == [("count", SHARD)]
    assert re.match("expected [0-9] glyphs, found [0-9]: 가 .U.AC00", problems[0].message)


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


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"font_id": "gugi-regular"}, "font_id of 가: expected family-p0-regular, found gugi"),
        ({"category": "handwritten"}, "category of 가: expected printed, found handwritten"),
    ],
)
def test_a_column_that_no_table_says_is_named(dataset, wrong, said):
    rewrite(dataset, **wrong)
    (problem,) = verify(dataset)
    assert (problem.kind, problem.path) == ("text", SHARD) and said in problem.message


def test_a_wrong_jamo_is_named(dataset):
    table = pq.read_table(dataset / SHARD)
    finals = pa.array(["x", *table["final"].to_pylist()[1:]])
    changed = table.set_column(table.column_names.index("final"), "final", finals)
    pq.write_table(changed, dataset / SHARD)
    assert found(dataset) == [("text", SHARD)]


def test_another_column_is_named(dataset):
    table = pq.read_table(dataset / SHARD)
    pq.write_table(table.append_column("x", table["final"]), dataset / SHARD)
    assert found(dataset) == [("file", SHARD)]


def test_a_seen_glyph_in_the_file_of_unseen_ones_is_named(dataset):
    unseen = dataset / SHARD.replace("sfsc", "sfuc")
    unseen.write_bytes((dataset / SHARD).read_bytes())
    assert ("count", SHARD.replace("sfsc", "sfuc")) in found(dataset)


def test_text_files_of_what_was_read_are_those_on_disk(dataset):
    contents = GlyphDataset.open(dataset).contents
    for name, text in text_files(contents).items():
        assert holds(dataset / name, text), name


def test_command_prints_each_problem_and_ends_with_1(dataset):
    assert CliRunner().invoke(cli, ["verify", str(dataset), "--workers", "1"]).exit_code == 0
    (dataset / "README.md").unlink()
    result = CliRunner().invoke(cli, ["verify", str(dataset), "--workers", "1"])
    assert result.exit_code == 1
    assert "file: README.md: the file is missing" in result.output


def test_nothing_to_verify(tmp_path):
    with pytest.raises(UserError, match=r"found no dataset\.json"):
        verify(tmp_path)
