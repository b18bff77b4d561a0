"""A dataset of format 1, or of other splits, is brought up to date without drawing again."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import canonical_json, file_sha256
from hangeul_bench.builder import shard
from hangeul_bench.builder.run import build
from hangeul_bench.builder.verification import verify
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.shards import FOOTER, IMAGE, glyphs_of, read_shard_info, read_table
from support.fontmaker import make_font
from support.same_bytes import folder_hash
from support.small_fonts import SYLLABLES, boxes, write_fonts

FIRST_SCHEMA = pa.schema(
    [
        ("codepoint", pa.int32()),
        ("image", IMAGE),
        ("font_id", pa.string()),
        ("advance", pa.int32()),
        ("outline_sha256", pa.string()),
    ]
)


@pytest.fixture
def fonts(tmp_path):
    folder = write_fonts(tmp_path / "fonts")
    glyphs = {syllable: boxes(3, syllable) for syllable in SYLLABLES if syllable != "한"}
    make_font(folder / "printed" / "X.ttf", glyphs, family="Lacks")
    return folder


@pytest.fixture
def no_drawing(monkeypatch):
    def draw(job):
        raise AssertionError(f"{job.face.font_id} is drawn")

    monkeypatch.setattr(shard, "_drawn", draw)


def make_format_1(folder: Path) -> None:
    """Turn a finished dataset into what a build of format 1 left."""
    dataset = GlyphDataset.open(folder)
    shards = {font.font_id: write_first_shard(folder, font.font_id) for font in dataset.fonts}
    for path in folder.glob("images/*/"):
        path.rmdir()
    table = (folder / "fonts.csv").read_text().splitlines()
    rows = [f"{row},{shards[row.split(',')[0]]}" for row in table[1:]]
    (folder / "fonts.csv").write_text("\n".join([f"{table[0]},shard_sha256", *rows, ""]))
    state = json.loads((folder / "dataset.json").read_text())
    files = {name: sha256 for name, sha256 in state["files"].items() if "images" not in name}
    files["fonts.csv"] = file_sha256(folder / "fonts.csv")
    first = json.dumps(state | {"format": 1, "files": files})
    (folder / "dataset.json").write_text(first)


def write_first_shard(folder: Path, font_id: str) -> str:
    paths = sorted(folder.glob(f"images/*/{font_id}.parquet"))
    info = asdict(replace(read_shard_info(paths[0]), layout=""))
    del info["layout"]
    glyphs = sorted(glyph for path in paths for glyph in glyphs_of(read_table(path)))
    rows = [
        {
            "codepoint": ord(glyph.syllable),
            "image": {"bytes": glyph.png, "path": "x.png"},
            "font_id": font_id,
            "advance": glyph.advance,
            "outline_sha256": glyph.outline_sha256,
        }
        for glyph in glyphs
    ]
    schema = FIRST_SCHEMA.with_metadata({FOOTER: canonical_json(info)})
    first = folder / "images" / f"{font_id}.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema), first, compression="NONE")
    for path in paths:
        path.unlink()
    return file_sha256(first)


def test_format_1_becomes_the_same_bytes_as_a_fresh_build(fonts, options, tmp_path, request):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    for folder in (out, fresh):
        build(fonts, folder, options)
    make_format_1(out)
    with pytest.raises(UserError, match="has dataset format 1, but this program reads format 2"):
        verify(out)
    request.getfixturevalue("no_drawing")
    assert build(fonts, out, options).n_drawn == 0
    assert folder_hash(out) == folder_hash(fresh)
    assert verify(out) == []


def test_an_upgrade_that_was_stopped_goes_on_without_drawing(
    fonts, options, tmp_path, monkeypatch, request
):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    for folder in (out, fresh):
        build(fonts, folder, options)
    make_format_1(out)
    request.getfixturevalue("no_drawing")
    real, written = shard.write_whole, []

    def stop(path, data):
        written.append(path)
        if len(written) == 8:
            raise KeyboardInterrupt
        real(path, data)

    monkeypatch.setattr(shard, "write_whole", stop)
    with pytest.raises(KeyboardInterrupt):
        build(fonts, out, options)
    assert not (out / "dataset.json").exists()
    monkeypatch.setattr(shard, "write_whole", real)
    assert build(fonts, out, options).n_drawn == 0
    assert folder_hash(out) == folder_hash(fresh)


def test_a_broken_image_of_format_1_is_drawn_again(fonts, options, tmp_path):
    out = tmp_path / "out"
    build(fonts, out, options)
    before = folder_hash(out)
    make_format_1(out)
    path = out / "images" / "family-h0-regular.parquet"
    data, png = bytearray(path.read_bytes()), glyphs_of(read_table(path))[1].png
    data[data.index(png) + 45] ^= 1
    path.write_bytes(data)
    assert build(fonts, out, options).n_drawn == 1
    assert folder_hash(out) == before


def test_an_unfinished_build_of_format_1_is_taken_over(fonts, options, tmp_path):
    out = tmp_path / "out"
    build(fonts, out, options)
    before = folder_hash(out)
    make_format_1(out)
    state = json.loads((out / "dataset.json").read_text())
    kind = ("format", "size", "n_characters", "characters_sha256")
    (out / "building.json").write_text(json.dumps({key: state[key] for key in kind}))
    for name in ("dataset.json", "images/family-h0-regular.parquet"):
        (out / name).unlink()
    assert build(fonts, out, options).n_drawn == 1
    assert folder_hash(out) == before


def test_other_splits_move_glyphs_and_draw_none(fonts, options, tmp_path, request):
    splits = tmp_path / "splits.json"
    splits.write_text(
        '{"unseen_characters": "가나닭", "references": "한글", "lite_characters": "간",'
        ' "unseen_fonts": ["family-h0-regular", "lacks-regular"]}'
    )
    other = replace(options, splits=splits)
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    build(fonts, out, options)
    build(fonts, fresh, other)
    request.getfixturevalue("no_drawing")
    assert build(fonts, out, other).n_drawn == 0
    assert folder_hash(out) == folder_hash(fresh)


def test_another_category_draws_none(fonts, options, tmp_path, request):
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    build(fonts, out, options)
    (fonts / "printed" / "X.ttf").rename(fonts / "handwritten" / "X.ttf")
    build(fonts, fresh, options)
    request.getfixturevalue("no_drawing")
    assert build(fonts, out, options).n_drawn == 0
    assert folder_hash(out) == folder_hash(fresh)
