"""Drawn glyphs lie under a key of all that decided them; kept ones are the user's own."""

from unicodedata import normalize

import numpy as np
import pytest
from PIL import Image

from fontmaker.store import GlyphStore, passed_over, read_kept
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.pictures import SUFFIXES
from support.fontmaker_stubs import glyph


def test_what_was_written_is_read_and_no_longer_lacking(tmp_path):
    store = GlyphStore(tmp_path, {"seed": 1})
    store.write(0, {"가": glyph("가"), "나": glyph("나")})
    assert store.lacking("가나다", 0) == ("다",)
    assert store.lacking("가나다", 1) == ("가", "나", "다")
    assert np.array_equal(store.read("나가", 0), np.stack([glyph("나"), glyph("가")]))


def test_another_claim_is_another_folder(tmp_path):
    one, other = GlyphStore(tmp_path, {"seed": 1}), GlyphStore(tmp_path, {"seed": 2})
    one.write(0, {"가": glyph("가")})
    assert other.lacking("가", 0) == ("가",)
    assert GlyphStore(tmp_path, {"seed": 1}).lacking("가", 0) == ()


def test_a_broken_picture_is_named(tmp_path):
    store = GlyphStore(tmp_path, {})
    store.write(0, {"가": glyph("가")})
    store.path("가", 0).write_bytes(store.path("가", 0).read_bytes()[:60])
    with pytest.raises(UserError, match="U\\+AC00.png is broken"):
        store.read("가", 0)


def write(path, page):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(page).save(path)


def test_own_glyphs_are_named_by_syllable_or_code_point(tmp_path):
    write(tmp_path / "own" / "한.png", glyph("한"))
    write(tmp_path / "own" / "U+AE00.png", np.kron(glyph("글"), np.ones((4, 4), np.uint8)))
    kept = read_kept(tmp_path / "own", "글한")
    assert sorted(kept) == ["글", "한"]
    assert np.array_equal(kept["한"], glyph("한"))
    assert np.array_equal(kept["글"], glyph("글"))


@pytest.mark.parametrize("suffix", sorted(SUFFIXES | {s.upper() for s in SUFFIXES}))
def test_own_glyphs_may_be_pictures_of_every_kind(tmp_path, suffix):
    write(tmp_path / "own" / f"한{suffix}", np.kron(glyph("한"), np.ones((2, 2), np.uint8)))
    kept = read_kept(tmp_path / "own", "한")
    assert ((kept["한"] < 128) == (glyph("한") < 128)).mean() > 0.99


@pytest.mark.parametrize("name", [normalize("NFD", "한.jpg"), "u+d55c.PNG", "U+D55C.Webp"])
def test_own_glyphs_names_are_read_however_they_are_written(tmp_path, name):
    write(tmp_path / "own" / name, glyph("한"))
    assert list(read_kept(tmp_path / "own", "한")) == ["한"]


def test_what_is_no_picture_is_named(tmp_path):
    write(tmp_path / "own" / "한.png", glyph("한"))
    (tmp_path / "own" / "notes.txt").touch()
    (tmp_path / "own" / ".DS_Store").touch()
    (tmp_path / "own" / "old").mkdir()
    assert list(read_kept(tmp_path / "own", "한")) == ["한"]
    assert passed_over(tmp_path / "own") == ("notes.txt", "old")
    (tmp_path / "own" / "글.heic").touch()
    with pytest.raises(UserError, match=r"글\.heic"):
        read_kept(tmp_path / "own", "한글")


@pytest.mark.parametrize(
    ("name", "page", "said"),
    [
        ("left.png", glyph("한"), "rename"),
        ("가.png", glyph("한"), "named by a syllable of the font"),
        ("한.png", glyph("한")[:100], "square"),
        ("한.png", glyph("한")[:64, :64], "square"),
        ("한.png", np.full((128, 128), 255, np.uint8), "found none"),
    ],
)
def test_other_pictures_are_refused(tmp_path, name, page, said):
    write(tmp_path / "own" / name, page)
    with pytest.raises(UserError, match=said):
        read_kept(tmp_path / "own", "한")


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(UserError, match="--keep"):
        read_kept(tmp_path / "none", "한")
    with pytest.raises(UserError, match="found none"):
        read_kept(tmp_path, "한")


def test_a_syllable_twice_is_refused(tmp_path):
    write(tmp_path / "한.png", glyph("한"))
    write(tmp_path / "U+D55C.png", glyph("한"))
    with pytest.raises(UserError, match="twice"):
        read_kept(tmp_path, "한")
