"""What makes a dataset another one, and what does not."""

from dataclasses import replace

import pytest

from hangeul_bench.dataset.fingerprint import (
    benchmark_fingerprint,
    bitmap_sha256,
    fingerprint,
    pinned_fingerprint,
)
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.splits.lists import TRACKS, EvaluationFont
from support.small_fonts import build_small


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    return GlyphDataset.open(build_small(tmp_path_factory.mktemp("dataset"))).contents


def changed_font(contents, **changes):
    first, *others = contents.fonts
    return replace(contents, fonts=(replace(first, **changes), *others))


def test_names_hashes_of_files_and_pixels_are_not_in_it(contents):
    same = replace(changed_font(contents, bitmap_sha256="0" * 64, file="x.ttf"), name="another")
    assert fingerprint(same) == fingerprint(contents)
    assert bitmap_sha256(same.fonts) != bitmap_sha256(contents.fonts)


@pytest.mark.parametrize(
    "change", [{"outline_sha256": "0" * 64}, {"scale": 0.5}, {"baseline": 1.5}, {"lineage": "x"}]
)
def test_outlines_placement_and_lineage_are_in_it(contents, change):
    assert fingerprint(changed_font(contents, **change)) != fingerprint(contents)


def test_the_placement_rule_is_in_it(contents):
    hashes = {fingerprint(replace(contents, placement=rule)) for rule in (1, 2, 3)}
    assert len(hashes) == 3


def test_fonts_that_are_not_the_benchmark_s_have_no_fingerprint_of_it(contents):
    assert benchmark_fingerprint(contents) is None


def test_wide_fonts_are_in_the_dataset_s_hash_and_not_in_the_other_tracks(contents, monkeypatch):
    name = contents.splits.train_fonts[0]
    role = EvaluationFont(name, "x", "printed", "wide")
    monkeypatch.setattr("hangeul_bench.dataset.fingerprint.wide_fonts", lambda: (role,))
    monkeypatch.setattr(
        "hangeul_bench.dataset.fingerprint.CONTENT_FONT", contents.splits.content_font
    )
    assert pinned_fingerprint(contents, TRACKS["wide"]) is None
    splits = replace(contents.splits, wide_fonts=(name,), wide_characters=("가",))
    wide = replace(contents, splits=splits)
    assert fingerprint(wide) != fingerprint(contents)
    assert pinned_fingerprint(wide, TRACKS["wide"]) not in (None, fingerprint(wide))
    fewer = replace(wide, splits=replace(splits, lite_characters=splits.lite_characters[1:]))
    assert pinned_fingerprint(fewer, TRACKS["wide"]) == pinned_fingerprint(wide, TRACKS["wide"])
    other = replace(wide, splits=replace(splits, wide_characters=("각",)))
    assert pinned_fingerprint(other, TRACKS["wide"]) != pinned_fingerprint(wide, TRACKS["wide"])
