"""A family has a usable name that no other font has reserved."""

import pytest

from fontmaker.naming import family_name, vendor_id
from hangeul_bench.base.errors import UserError


def test_a_hangeul_name_is_romanized_for_the_rest_of_the_world():
    name = family_name("내 손글씨")
    assert (name.english, name.korean) == ("Nae Songeulssi", "내 손글씨")
    assert name.postscript == "NaeSongeulssi-Regular"


def test_decomposed_hangeul_and_wide_spaces_are_put_right():
    assert family_name("  \u1112\u1161\u11ab  손 ").korean == "한 손"


def test_a_latin_name_stays():
    name = family_name("My Hand 2")
    assert (name.english, name.korean, name.postscript) == (
        "My Hand 2",
        "My Hand 2",
        "MyHand2-Regular",
    )


@pytest.mark.parametrize("name", ["", "   ", "123", "!!", "漢字"])
def test_a_name_without_letters_is_refused(name):
    with pytest.raises(UserError, match="letters or Hangeul"):
        family_name(name)


@pytest.mark.parametrize("name", ["a/b", "My\x07Hand", "x<y", 'my "hand"'])
def test_characters_that_break_files_or_style_sheets_are_refused(name):
    with pytest.raises(UserError, match="leave that out") as error:
        family_name(name)
    assert error.value.reason == "family"


def test_a_name_too_long_for_windows_is_refused():
    with pytest.raises(UserError, match="31"):
        family_name("A" * 32)
    family_name("A" * 31)


@pytest.mark.parametrize(
    "name", ["Nanum Hand", "NanumHand", "My nanum", "나눔 손글씨", "NOTO Sans", "Source Hand"]
)
def test_reserved_names_are_refused_also_as_a_part(name):
    with pytest.raises(UserError, match="reserved"):
        family_name(name)


def test_a_word_that_only_begins_like_a_reserved_name_is_none():
    assert family_name("Sourcery").english == "Sourcery"


def test_the_name_of_a_corpus_font_is_refused_but_not_its_words():
    with pytest.raises(UserError, match="Single Day"):
        family_name("SingleDay")
    assert family_name("My Single Day Hand").english == "My Single Day Hand"


def test_the_names_of_the_fonts_that_take_part_are_reserved():
    with pytest.raises(UserError, match="reserved"):
        family_name("Kitty Two", others=("Kitty",))
    assert family_name("Kitten", others=("Kitty",)).english == "Kitten"


def test_a_vendor_has_four_characters():
    assert [vendor_id(text) for text in ("", "KR", "HAND")] == ["    ", "KR  ", "HAND"]
    for wrong in ("HANDS", "손", "A B", "\n"):
        with pytest.raises(UserError, match="--vendor"):
            vendor_id(wrong)
