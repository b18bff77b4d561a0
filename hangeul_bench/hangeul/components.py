"""Diff-Font's component vector: how often each of 24 basic jamo occurs in a syllable."""

from functools import cache

from hangeul_bench.hangeul.phonetics import compatibility_jamo

# Slot order of Diff-Font's published Korean component file (first appearance in code-point order).
COMPONENTS = tuple("ㄱㅏㅅㄴㅈㅎㄷㄹㅁㅂㅌㅍㅇㅊㅋㅣㅑㅓㅕㅗㅛㅜㅠㅡ")

# Tense consonants are two of the basic one; clusters and compound vowels fall into their letters.
_PARTS = {
    **{"ㄲ": "ㄱㄱ", "ㄸ": "ㄷㄷ", "ㅃ": "ㅂㅂ", "ㅆ": "ㅅㅅ", "ㅉ": "ㅈㅈ"},
    **{"ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ"},
    **{"ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ"},
    **{"ㅐ": "ㅏㅣ", "ㅒ": "ㅑㅣ", "ㅔ": "ㅓㅣ", "ㅖ": "ㅕㅣ", "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅏㅣ"},
    **{"ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅓㅣ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ"},
}


@cache
def component_counts(syllable: str) -> tuple[int, ...]:
    """The 24 counts of :data:`COMPONENTS` in a syllable: 갂 holds ㄱ three times and ㅏ once.

    The vector says nothing of position: 각 and 까 are the same, and 844 of the 2,350 syllables of
    KS X 1001 share theirs with another one.

    Args:
        syllable: One precomposed Hangeul syllable.

    Returns:
        24 counts, each 0 to 4, that add up to at most 7.

    Raises:
        UserError: ``syllable`` is not one precomposed Hangeul syllable.

    Source: Diff-Font (arXiv 2212.05895), re-derived from the Unicode decomposition.
    """
    letters = compatibility_jamo(syllable).split()
    basic = "".join(_PARTS.get(letter, letter) for letter in letters)
    return tuple(basic.count(component) for component in COMPONENTS)
