"""A shard's key names all that decides its bytes; its table is read by others."""

import io
import unicodedata
import zlib

import numpy as np
import pytest

from hangeul_bench.base import images as png
from hangeul_bench.builder import run, shard
from hangeul_bench.builder.run import build
from hangeul_bench.builder.verification import verify
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.folders import hashes


def deflated_by_zlib(rows):
    """A grey PNG file as before, but for who deflated it."""
    header = png.encode(np.zeros((1, 32, 32), np.uint8))[0][:33]
    return header + png._chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)) + png._chunk(b"IEND", b"")


def test_a_shard_of_the_encoder_before_stays(fonts, options, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr(shard, "RULE", 1)  # the shards that it drew are of this rule
    with monkeypatch.context() as before:
        # ISA-L's files: a key without an encoder, and images deflated otherwise.
        before.setattr(shard.ShardJob, "key", property(lambda job: shard._key(job._content())))
        before.setattr(shard, "encode_rows", lambda rows: map(deflated_by_zlib, rows))
        build(fonts, out, options)
    old = hashes(out)
    assert build(fonts, out, options).n_drawn == 0
    assert hashes(out) == old
    assert verify(out) == []
    build(fonts, tmp_path / "new", options)
    assert hashes(tmp_path / "new") != old
    fingerprints = [GlyphDataset.open(tmp_path / name).fingerprint for name in ("out", "new")]
    assert fingerprints[0] == fingerprints[1]


def test_another_encoder_is_another_key(fonts, options, tmp_path, monkeypatch):
    build(fonts, tmp_path / "out", options)
    monkeypatch.setattr(shard, "ENCODER", "another 1")
    assert build(fonts, tmp_path / "out", options).n_drawn == 6


def test_another_placement_rule_is_another_key(fonts, options, tmp_path, monkeypatch):
    out = tmp_path / "out"
    before = build(fonts, out, options)
    rule = shard.RULE
    for module in (shard, run):
        monkeypatch.setattr(module, "RULE", rule + 1)
    after = build(fonts, out, options)
    # The fonts' scale and baseline are as they were, and yet it is another dataset.
    assert after.n_drawn == 6 and after.fingerprint != before.fingerprint
    assert verify(out) == []
    monkeypatch.setattr(run, "RULE", rule)  # whose dataset it is stands in it, not in the program
    assert verify(out) == []
    assert GlyphDataset.open(out).fingerprint == after.fingerprint


@pytest.mark.parametrize("named", [{}, {"encoder": shard.ENCODER}])
def test_a_shard_that_does_not_name_the_first_rule_stays_until_another(
    named, fonts, options, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    monkeypatch.setattr(shard, "RULE", 1)
    with monkeypatch.context() as before:
        key = property(lambda job: shard._key(job._content() | named))
        before.setattr(shard.ShardJob, "key", key)
        build(fonts, out, options)
    assert build(fonts, out, options).n_drawn == 0
    monkeypatch.setattr(shard, "RULE", 2)
    assert build(fonts, out, options).n_drawn == 6


def test_shards_are_images_to_pandas_and_columns_are_those_of_characters_csv(
    fonts, options, tmp_path
):
    import pandas as pd
    import pyarrow.parquet as pq
    from PIL import Image

    build(fonts, tmp_path / "out", options)
    dataset = GlyphDataset.open(tmp_path / "out")
    (font_id, *_), seen = dataset.splits.train_fonts, dataset.splits.seen_characters
    path = tmp_path / "out" / "images" / "sfsc" / f"{font_id}.parquet"
    assert pq.ParquetFile(path).num_row_groups == 1
    frame = pd.read_parquet(path)
    asked = [syllable for syllable in seen if syllable not in dataset.splits.references]
    assert list(frame["syllable"]) == asked
    image = Image.open(io.BytesIO(frame["image"][1]["bytes"]))
    assert np.array_equal(np.asarray(image), dataset.images(font_id, asked)[1])
    parts = frame["initial"] + frame["medial"] + frame["final"]
    assert [unicodedata.normalize("NFC", text) for text in parts] == asked
    characters = pd.read_csv(tmp_path / "out" / "characters.csv")
    joined = frame.merge(characters, on=["codepoint", "syllable", "phonetic"])
    assert len(joined) == len(frame) and set(joined["split"]) == {"seen"}
    assert set(frame["category"]) == {dataset.font(font_id).category}
