import hashlib
from collections import Counter
from dataclasses import replace
from importlib import resources
from typing import NamedTuple

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.choice import (
    choose_fixed_lists,
    choose_lite,
    choose_unseen,
    make_splits,
)
from hangeul_bench.dataset.splits.lists import (
    check_splits,
    evaluation_fonts,
    fixed_characters,
    read_splits_file,
)
from hangeul_bench.hangeul.charset import all_syllables, ksx1001
from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS, decompose

# SHA-256 of the committed lists. A changed list is another benchmark.
PINNED = {
    "characters_unseen.txt": "e9f239d35c78cdeeec0d2d0f52593f877b5a0adc5575dae78d6fc5137c9e2231",
    "references.txt": "a3b951be465350978ce2abf385ec62e7f9f3e842eb8f54821eb1b2bbadad5083",
    "lite.txt": "bb1272412e3fcab021c58d387329b90c0e06c36f74878af9ddfe1352d44b4acc",
    "evaluation_fonts.csv": "bbfbfbc1a2f206128a1eb2270998f8df576b1a103b23ea0ea451c4010dc24e7c",
}


class FakeFont(NamedTuple):
    font_id: str
    lineage: str
    category: str | None


def family(name, category="printed", styles=("regular",)):
    return [FakeFont(f"{name}-{style}", name, category) for style in styles]


def families(count, category="printed", styles=("regular",)):
    return [font for n in range(count) for font in family(f"f{n}", category, styles)]


@pytest.mark.parametrize("name", PINNED)
def test_committed_list_has_its_pinned_hash(name):
    content = (resources.files("hangeul_bench.dataset.splits") / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == PINNED[name]


def test_committed_lists_follow_from_the_rules():
    for name, syllables in choose_fixed_lists().items():
        assert fixed_characters(name) == syllables


def test_every_jamo_of_the_2350_is_still_seen():
    unseen = set(fixed_characters("characters_unseen"))
    assert len(unseen) == 235 and unseen < set(ksx1001())
    seen = [decompose(syllable) for syllable in ksx1001() if syllable not in unseen]
    assert {part.initial for part in seen} == set(range(len(INITIALS)))
    assert {part.medial for part in seen} == set(range(len(MEDIALS)))
    assert {part.final for part in seen} == set(range(len(FINALS)))


def test_references_are_seen_and_not_in_the_lite_track():
    references = fixed_characters("references")
    assert "".join(references) == "한글빛뜻쪽의휘맑"
    assert not set(references) & set(fixed_characters("characters_unseen"))
    assert not set(references) & set(fixed_characters("lite"))


def test_lite_track_has_60_seen_40_unseen_and_every_jamo():
    lite, unseen = fixed_characters("lite"), set(fixed_characters("characters_unseen"))
    assert Counter(syllable in unseen for syllable in lite) == {False: 60, True: 40}
    parts = [decompose(syllable) for syllable in lite]
    assert {part.initial for part in parts} == set(range(len(INITIALS)))
    assert {part.medial for part in parts} == set(range(len(MEDIALS)))
    assert {part.final for part in parts} == set(range(len(FINALS)))


def test_evaluation_fonts_are_five_of_each_kind_of_different_families():
    fonts = evaluation_fonts()
    counts = Counter((font.category, font.role) for font in fonts)
    assert set(counts.values()) == {5} and len(counts) == 4
    assert len({font.lineage for font in fonts}) == 20


def test_a_syllable_with_the_last_of_a_jamo_is_never_unseen():
    syllables = ["가", "각", "간", "갈", "나"]  # only 각 has a final ㄱ, only 나 an initial ㄴ
    assert set(choose_unseen(syllables, 5)) <= {"가"}
    assert choose_unseen(syllables, 5, keep=["가"]) == ()


def test_lite_covers_jamo_before_it_fills_up():
    seen = ["가", "거", "고", "나", "너", "노", "닭"]
    chosen = choose_lite(seen, ["기"], n_seen=4, n_unseen=1)
    parts = {decompose(syllable) for syllable in chosen if syllable != "기"}
    assert {part.medial for part in parts} == {decompose(s).medial for s in "가거고"}
    assert "닭" in chosen and "기" in chosen and len(chosen) == 5


def test_five_families_are_unseen_but_never_more_than_half():
    counts = [len(make_splits(families(n), ksx1001()).unseen_fonts) for n in range(1, 13)]
    assert counts == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5]


def test_the_content_font_always_trains():
    content = FakeFont("noto-sans-kr-regular", "source-han-sans", "printed")
    for name in "abcdefgh":
        splits = make_splits([content, *family(name)], ksx1001())
        assert splits.train_fonts == (content.font_id,) == (splits.content_font,)


def test_evaluation_fonts_are_split_as_the_benchmark_is():
    fonts = [*evaluation_fonts(), FakeFont("noto-sans-kr-regular", "source-han-sans", "printed")]
    splits = make_splits(fonts, ksx1001())
    roles = {font.font_id: font.role for font in evaluation_fonts()}
    assert set(splits.unseen_fonts) == {name for name, role in roles.items() if role == "unseen"}
    assert set(splits.seen_fonts) == {name for name, role in roles.items() if role == "seen"}
    assert splits.train_fonts == tuple(sorted({*splits.seen_fonts, "noto-sans-kr-regular"}))
    assert splits.content_font == "noto-sans-kr-regular"
    assert len(splits.seen_characters) == 2115 and len(splits.unseen_characters) == 235


def test_all_styles_of_an_unseen_family_are_unseen():
    splits = make_splits(families(20, styles=("light", "bold")), ksx1001())
    lineages = {font_id.split("-")[0] for font_id in splits.unseen_fonts}
    assert len(lineages) == 5 and len(splits.unseen_fonts) == 10
    assert not lineages & {font_id.split("-")[0] for font_id in splits.train_fonts}


def test_another_weight_of_an_evaluation_font_is_unseen_too():
    fonts = [FakeFont("do-hyeon-bold", "do-hyeon", "printed"), *families(3)]
    assert make_splits(fonts, ksx1001()).unseen_fonts == ("do-hyeon-bold",)


def test_each_category_gives_its_own_families():
    fonts = families(10) + [FakeFont(f"h{n}-regular", f"h{n}", "handwritten") for n in range(4)]
    splits = make_splits(fonts, ksx1001())
    assert Counter(font_id[0] for font_id in splits.unseen_fonts) == {"f": 5, "h": 2}


def test_one_font_trains_and_nothing_tests():
    splits = make_splits(family("do-hyeon"), ksx1001())
    assert splits.train_fonts == ("do-hyeon-regular",) and splits.unseen_fonts == ()


def test_cell():
    splits = make_splits(families(2), ksx1001())
    (seen,), (unseen,) = splits.train_fonts, splits.unseen_fonts
    known, new = splits.seen_characters[0], splits.unseen_characters[0]
    assert splits.cell(seen, known) == "sfsc"
    assert splits.cell(seen, new) == "sfuc"
    assert splits.cell(unseen, known) == "ufsc"
    assert splits.cell(unseen, new) == "ufuc"
    with pytest.raises(KeyError):
        splits.cell("nobody", known)
    with pytest.raises(KeyError):
        splits.cell(seen, "갂")


def test_characters_outside_ksx1001_are_unseen():
    splits = make_splits(families(2), all_syllables())
    assert splits.seen_characters == make_splits(families(2), ksx1001()).seen_characters
    assert len(splits.unseen_characters) == 11172 - 2115


def test_character_set_without_any_of_the_2350_gives_a_tenth():
    characters = [s for s in all_syllables() if s not in set(ksx1001())][:500]
    splits = make_splits(families(2), characters)
    assert len(splits.unseen_characters) == 50 and len(splits.references) == 8
    assert set(splits.references) <= set(splits.seen_characters)


def test_splits_do_not_depend_on_the_order_of_fonts():
    fonts = families(9, styles=("light", "bold"))
    assert make_splits(fonts, ksx1001()) == make_splits(fonts[::-1], ksx1001())


def test_splits_file_overrides(tmp_path):
    path = tmp_path / "splits.json"
    path.write_text(
        '{"unseen_fonts": ["f1-regular"], "unseen_characters": "각간",'
        ' "references": ["한", "글"], "content_font": "f3-regular"}',
        encoding="utf-8",
    )
    splits = make_splits(families(4), ksx1001(), read_splits_file(path))
    assert splits.unseen_fonts == ("f1-regular",)
    assert splits.train_fonts == ("f0-regular", "f2-regular", "f3-regular")
    assert splits.unseen_characters == ("각", "간")
    assert splits.references == ("한", "글")
    assert splits.content_font == "f3-regular"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "at the top should be object"),
        ('{"unseen": []}', "has a key 'unseen', none of content_font"),
        ('{"unseen_fonts": "f1"}', "field unseen_fonts should be array"),
        ('{"unseen_fonts": [1]}', r"field unseen_fonts\[0\] should be string"),
        (
            '{"unseen_fonts": ["f1-regular", "f1-regular"]}',
            "unseen_fonts should be a list without doubles",
        ),
    ],
)
def test_bad_splits_file_is_refused(tmp_path, content, message):
    path = tmp_path / "splits.json"
    path.write_text(content)
    with pytest.raises(UserError, match=message):
        read_splits_file(path)


def test_absent_splits_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="there is none"):
        read_splits_file(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"unseen_fonts": ["f9-bold"]}, "name the font 'f9-bold' in unseen_fonts"),
        ({"unseen_fonts": ["f1-bold"]}, "family f1 is on both sides .* f1-light trains"),
        ({"train_fonts": ["f0-bold"], "unseen_fonts": ["f1-bold"]}, "leave out the font f0-light"),
        ({"unseen_fonts": ["f0-bold", "f0-light", "f1-bold", "f1-light"]}, "no font for training"),
        ({"unseen_characters": "갂"}, r"U\+AC02.* in unseen_characters"),
        ({"unseen_characters": "각", "references": "각"}, "reference 각 is also an unseen"),
        ({"seen_fonts": ["f0-bold"], "unseen_fonts": ["f0-bold", "f0-light"]}, "does not train"),
        ({"unseen_characters": list(ksx1001())}, "no character for training"),
    ],
)
def test_impossible_splits_are_refused(given, message):
    with pytest.raises(UserError, match=message):
        make_splits(families(2, styles=("light", "bold")), ksx1001(), given)


def test_check_finds_a_lineage_on_both_sides():
    fonts = families(4)
    splits = make_splits(fonts, ksx1001())
    check_splits(splits, fonts, ksx1001())
    moved = replace(splits, train_fonts=(*splits.train_fonts, splits.unseen_fonts[0]))
    with pytest.raises(UserError, match="on both sides"):
        check_splits(moved, fonts, ksx1001())
