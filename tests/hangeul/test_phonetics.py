import unicodedata
from collections import Counter

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import all_syllables, ksx1001
from hangeul_bench.hangeul.phonetics import (
    FINALS,
    INITIALS,
    LAYOUTS,
    MEDIALS,
    Jamo,
    compatibility_jamo,
    compose,
    decompose,
    layout,
    parse_phonetic_line,
    phonetic_line,
    romanize,
)


def test_phonetic_lines_read_back_to_the_syllable():
    lines = [phonetic_line(syllable) for syllable in all_syllables()]
    assert len(set(lines)) == 11172
    assert tuple(parse_phonetic_line(line) for line in lines) == all_syllables()


def test_phonetic_line_is_the_canonical_decomposition():
    for syllable in ksx1001():
        assert phonetic_line(syllable).split() == list(unicodedata.normalize("NFD", syllable))


def test_initial_and_final_of_one_letter_differ():
    initial, _, final = phonetic_line("각").split()
    assert (initial, final) == ("\u1100", "\u11a8")
    assert compatibility_jamo("각") == "ㄱ ㅏ ㄱ"


def test_jamo_indices_compose_back():
    assert decompose("감") == Jamo(initial=0, medial=0, final=16)
    assert all(compose(decompose(syllable)) == syllable for syllable in all_syllables())
    assert (len(INITIALS), len(MEDIALS), len(FINALS)) == (19, 21, 28)


@pytest.mark.parametrize("line", ["", "ᄀ", "ᄀ ᅡ ᆷ ᆷ", "ㄱ ㅏ", "ᅡ ᄀ", "가", "ᄀ ᅡ ᄀ"])
def test_a_line_that_is_no_syllable_is_refused(line):
    with pytest.raises(UserError, match="initial, medial, final"):
        parse_phonetic_line(line)


@pytest.mark.parametrize("text", ["", "가나", "a", "ㄱ", "\u1100\u1161\u11a8"])
def test_only_a_precomposed_syllable_is_decomposed(text):
    for function in (decompose, phonetic_line, compatibility_jamo, romanize, layout):
        with pytest.raises(UserError, match="one precomposed Hangeul syllable"):
            function(text)


# From the National Institute of Korean Language's own examples (Revised Romanization, 2000):
# 구미 Gumi, 벚꽃 beotkkot, 한밭 Hanbat, 월곶 Wolgot; the rest by its table of letters.
@pytest.mark.parametrize(
    ("syllable", "roman"),
    [
        ("구", "gu"),
        ("미", "mi"),
        ("벚", "beot"),
        ("꽃", "kkot"),
        ("한", "han"),
        ("밭", "bat"),
        ("월", "wol"),
        ("곶", "got"),
        ("의", "ui"),
        ("앞", "ap"),
        ("뷁", "bwek"),
        ("쨰", "jjyae"),
        ("훑", "hul"),
    ],
)
def test_romanization_of_known_syllables(syllable, roman):
    assert romanize(syllable) == roman


@pytest.mark.parametrize(
    ("syllable", "expected"),
    [
        ("가", "vertical"),
        ("그", "horizontal"),
        ("과", "mixed"),
        ("각", "vertical-final"),
        ("국", "horizontal-final"),
        ("괄", "mixed-final"),
        ("희", "mixed"),
        ("쉬", "mixed"),
        ("예", "vertical"),
        ("유", "horizontal"),
    ],
)
def test_layout_of_known_syllables(syllable, expected):
    assert layout(syllable) == expected


def test_every_layout_holds_its_share_of_the_block():
    # 19 initials x (9 vertical, 5 horizontal, 7 mixed vowels) x (1 without, 27 with a final).
    counts = Counter(layout(syllable) for syllable in all_syllables())
    vowels = {"vertical": 9, "horizontal": 5, "mixed": 7}
    expected = {name: 19 * n for name, n in vowels.items()}
    expected |= {f"{name}-final": 19 * n * 27 for name, n in vowels.items()}
    assert counts == expected
    assert set(counts) == set(LAYOUTS)
