"""Jamo as line drawings in SVG, so that a browser without a Korean font shows no boxes for them.

The dataset has syllables alone, so its content font cannot lend these.
"""

from collections.abc import Mapping

_BOX = 10  # units a side of a letter's box; strokes stay inside it

# Paths of strokes, in units of the box.
_CONSONANTS = {
    "ㄱ": "M1 1H9V9.5",
    "ㄴ": "M1 .5V9H9.5",
    "ㄷ": "M9 1H1V9H9.5",
    "ㄹ": "M1 1H9V5H1V9H9.5",
    "ㅁ": "M1 1H9V9H1z",
    "ㅂ": "M1 .5V9H9V.5M1 4.5H9",
    "ㅅ": "M5 .5Q5 6 .5 9.5M5 3.5Q6 7.5 9.5 9.5",
    "ㅇ": "M5 .8a4.2 4.2 0 1 0 .01 0z",
    "ㅈ": "M1 1H9M5 1Q5 6 .5 9.5M5 4Q6 7.5 9.5 9.5",
    "ㅊ": "M5 0V2.5M1 2.5H9M5 2.5Q5 7 .5 9.8M5 5Q6 8 9.5 9.8",
    "ㅋ": "M1 1H9V9.5M1 5H9",
    "ㅌ": "M9 1H1V9H9.5M1 5H9",
    "ㅍ": "M.5 1H9.5M.5 9H9.5M3.2 1V9M6.8 1V9",
    "ㅎ": "M5 0V2M.5 2.2H9.5M5 4a2.8 2.8 0 1 0 .01 0z",
}
_VOWELS = {
    "ㅏ": "M4 0V10M4 5H8",
    "ㅐ": "M3 0V10M7 0V10M3 5H7",
    "ㅑ": "M4 0V10M4 3.5H8M4 6.5H8",
    "ㅒ": "M3 0V10M7 0V10M3 3.5H7M3 6.5H7",
    "ㅓ": "M6 0V10M2 5H6",
    "ㅔ": "M5 0V10M8 0V10M1.5 5H5",
    "ㅕ": "M6 0V10M2 3.5H6M2 6.5H6",
    "ㅖ": "M5 0V10M8 0V10M1.5 3.5H5M1.5 6.5H5",
    "ㅗ": "M0 8H10M5 8V3",
    "ㅘ": "M0 8H6.5M3 8V4M7.5 0V10M7.5 5H10",
    "ㅙ": "M0 8H5.8M2.8 8V4M6.8 0V10M9.5 0V10M6.8 5H9.5",
    "ㅚ": "M0 8H7.5M3.7 8V4M9 0V10",
    "ㅛ": "M0 8H10M3.2 8V3M6.8 8V3",
    "ㅜ": "M0 3H10M5 3V8.5",
    "ㅝ": "M0 4.5H7M3.2 4.5V9M9 0V10M6 7H9",
    "ㅞ": "M0 4.5H5.8M2.7 4.5V9M7.2 0V10M9.6 0V10M4.6 7H7.2",
    "ㅟ": "M0 4.5H7.5M3.7 4.5V9M9 0V10",
    "ㅠ": "M0 3H10M3.2 3V8.5M6.8 3V8.5",
    "ㅡ": "M0 5H10",
    "ㅢ": "M0 8H7.5M9 0V10",
    "ㅣ": "M5 0V10",
}
_PAIRS = {
    "ㄲ": "ㄱㄱ", "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄸ": "ㄷㄷ", "ㄺ": "ㄹㄱ",
    "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ",
    "ㅃ": "ㅂㅂ", "ㅄ": "ㅂㅅ", "ㅆ": "ㅅㅅ", "ㅉ": "ㅈㅈ",
}  # fmt: skip
_HALF = 0.44  # of the box's width, for each of a pair


def letter_shapes() -> Mapping[str, str]:
    """The content of an SVG symbol of 10 x 10 units for each of the 51 compatibility jamo."""
    single = {letter: f'<path d="{d}"/>' for letter, d in {**_CONSONANTS, **_VOWELS}.items()}
    return single | {letter: _side_by_side(*parts) for letter, parts in _PAIRS.items()}


def _side_by_side(left: str, right: str) -> str:
    at = round(_BOX * (1 - _HALF), 2)
    return (
        f'<path transform="scale({_HALF} 1)" d="{_CONSONANTS[left]}"/>'
        f'<path transform="translate({at}) scale({_HALF} 1)" d="{_CONSONANTS[right]}"/>'
    )
