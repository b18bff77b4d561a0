"""The track ``wide``: forty fonts that no training and no other track takes."""

import hashlib
from collections import Counter
from importlib import resources
from typing import NamedTuple

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.format import configurations, parts_of, read_splits, split_files
from hangeul_bench.dataset.splits.choice import make_splits
from hangeul_bench.dataset.splits.lists import (
    check_splits,
    evaluation_fonts,
    fixed_characters,
    read_splits_file,
    wide_fonts,
)
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS, decompose

# SHA-256 of the committed lists. A changed list is another benchmark.
PINNED = {
    "wide.txt": "44967b438864dd4d6d2801e70e27bbf2b0bc7d3484aef1806aa9e8c254518fe3",
    "wide_fonts.csv": "c1a67fa336222c56b70d1acc8334c54fe17b294681869d8b1dcf4cc594084e40",
}


class FakeFont(NamedTuple):
    font_id: str
    lineage: str
    category: str


CONTENT = FakeFont("noto-sans-kr-regular", "source-han-sans", "printed")
FONTS = (*evaluation_fonts(), CONTENT, *wide_fonts())


@pytest.fixture(scope="module")
def splits():
    return make_splits(FONTS, ksx1001())


@pytest.mark.parametrize("name", PINNED)
def test_committed_list_has_its_pinned_hash(name):
    content = (resources.files("hangeul_bench.dataset.splits") / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == PINNED[name]


def test_twenty_fonts_of_each_category_test_and_none_is_an_evaluation_font():
    tests = [font for font in wide_fonts() if font.role == "wide"]
    assert Counter(font.category for font in tests) == {"handwritten": 20, "printed": 20}
    assert len({font.lineage for font in tests}) == 40
    assert not {f.lineage for f in wide_fonts()} & {f.lineage for f in evaluation_fonts()}


def test_excluded_fonts_are_other_weights_of_test_families():
    tests = {font.lineage for font in wide_fonts() if font.role == "wide"}
    others = [font for font in wide_fonts() if font.role != "wide"]
    assert others and all(font.role == "excluded" and font.lineage in tests for font in others)


def test_sixty_syllables_have_every_jamo_in_every_position():
    wide, unseen = fixed_characters("wide"), set(fixed_characters("characters_unseen"))
    assert Counter(syllable in unseen for syllable in wide) == {False: 36, True: 24}
    parts = [decompose(syllable) for syllable in wide]
    assert {part.initial for part in parts} == set(range(len(INITIALS)))
    assert {part.medial for part in parts} == set(range(len(MEDIALS)))
    assert {part.final for part in parts} == set(range(len(FINALS)))
    assert not set(wide) & set(fixed_characters("references"))


def test_wide_families_neither_train_nor_change_the_other_tracks(splits):
    without = make_splits([*evaluation_fonts(), CONTENT], ksx1001())
    assert splits.wide_fonts == tuple(sorted(f.font_id for f in wide_fonts() if f.role == "wide"))
    assert len(splits.excluded_fonts) == len(wide_fonts()) - 40
    assert splits.wide_characters == fixed_characters("wide") and not without.wide_characters
    for name in ("train_fonts", "unseen_fonts", "seen_fonts", "lite_characters"):
        assert getattr(splits, name) == getattr(without, name)


def test_an_unknown_weight_of_a_wide_family_is_excluded():
    lineage = wide_fonts()[0].lineage
    fonts = [*FONTS, FakeFont("another-weight", lineage, wide_fonts()[0].category)]
    assert "another-weight" in make_splits(fonts, ksx1001()).excluded_fonts


def test_wide_fonts_alone_are_an_ordinary_folder_of_fonts():
    splits = make_splits(wide_fonts(), ksx1001())
    assert splits.wide_fonts == () and splits.train_fonts and splits.unseen_fonts


def test_a_user_s_own_sides_are_whole(tmp_path):
    file = tmp_path / "splits.json"
    file.write_text('{"unseen_fonts": ["do-hyeon-regular"]}')
    splits = make_splits(FONTS, ksx1001(), read_splits_file(file))
    assert splits.wide_fonts == () and splits.unseen_fonts == ("do-hyeon-regular",)
    file.write_text('{"wide_fonts": ["do-hyeon-regular"], "excluded_fonts": []}')
    own = make_splits(FONTS, ksx1001(), read_splits_file(file))
    assert own.wide_fonts == ("do-hyeon-regular",) and own.excluded_fonts == ()


def test_a_wide_family_that_trains_is_refused(splits):
    fonts = [*FONTS, FakeFont("stray", wide_fonts()[0].lineage, "handwritten")]
    stray = splits.__class__(**{**vars(splits), "train_fonts": (*splits.train_fonts, "stray")})
    with pytest.raises(UserError, match="is on both sides of the splits"):
        check_splits(stray, fonts, ksx1001())


def test_no_file_of_a_wide_font_is_loaded_for_training(splits):
    paths = {
        name: {p for f in files for p in f.paths} for name, files in configurations(splits).items()
    }
    held_back = {*splits.wide_fonts, *splits.excluded_fonts}
    assert not any(
        path.endswith(tuple(f"/{f}.parquet" for f in held_back)) for path in paths["train"]
    )
    assert len(paths["wide"]) == 80
    cells = ("sfsc", "sfuc", "ufsc", "ufuc", "train")
    assert not paths["wide"] & set().union(*(paths[name] for name in cells))
    assert {part.folder for part in parts_of(splits.excluded_fonts[0], splits)} == {
        "excluded-sc",
        "excluded-references",
        "excluded-uc",
    }


def test_lists_are_read_as_they_were_written(splits, tmp_path):
    (tmp_path / "splits").mkdir()
    for name, text in split_files(splits).items():
        (tmp_path / "splits" / name).write_text(text, encoding="utf-8")
    assert read_splits(tmp_path) == splits


def test_a_dataset_without_wide_fonts_has_no_file_of_them():
    names = split_files(make_splits([*evaluation_fonts(), CONTENT], ksx1001()))
    assert not [name for name in names if "wide" in name or "excluded" in name]
