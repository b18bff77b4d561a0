"""Syllables drawn from bare strokes, so that the jamo reader learns what makes a jamo one.

Fonts show a few dozen designs; a reader that has seen these alone takes a font's habits for the
jamo. A skeleton has the strokes that the script asks for and nothing else in common with the next
one: boxes, proportions, weights, overshoots, joints and curves are drawn anew for each glyph. The
short strokes of vowels are dots in some, as in the Hunminjeongeum (1446) and in fonts after it.
"""

import math

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS
from hangeul_bench.reader.training.strokes import CIRCLE, Box, Pen, Segment, consonant_strokes

_FINER = 3  # times the page's resolution is drawn, then its mean is taken
_MARGIN = 0.12  # of the page's side, around the syllable


_DOUBLES = {
    "ㄲ": "ㄱㄱ", "ㄸ": "ㄷㄷ", "ㅃ": "ㅂㅂ", "ㅆ": "ㅅㅅ", "ㅉ": "ㅈㅈ", "ㄳ": "ㄱㅅ",
    "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
assert (len(_INITIALS), len(_MEDIALS), len(_FINALS)) == tuple(map(len, (INITIALS, MEDIALS, FINALS)))

# A vowel as its parts: below the initial, and beside it.
_BELOW = {"ㅘ": "ㅗ", "ㅙ": "ㅗ", "ㅚ": "ㅗ", "ㅝ": "ㅜ", "ㅞ": "ㅜ", "ㅟ": "ㅜ", "ㅢ": "ㅡ"}
_BESIDE = {"ㅘ": "ㅏ", "ㅙ": "ㅐ", "ㅚ": "ㅣ", "ㅝ": "ㅓ", "ㅞ": "ㅔ", "ㅟ": "ㅣ", "ㅢ": "ㅣ"}
_HORIZONTAL = "ㅗㅛㅜㅠㅡ"
_LIGHTER = 0.85  # strokes become lighter by this with every part that is added

# Of a vowel with stems: how many, side of the short strokes (-1 left, 1 right), how many of those.
_STEMS = {
    "ㅏ": (1, 1, 1), "ㅑ": (1, 1, 2), "ㅓ": (1, -1, 1), "ㅕ": (1, -1, 2), "ㅣ": (1, 1, 0),
    "ㅐ": (2, 1, 1), "ㅒ": (2, 1, 2), "ㅔ": (2, -1, 1), "ㅖ": (2, -1, 2),
}  # fmt: skip


def drawn_pages(labels: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """Draw syllables.

    Args:
        labels: ``(N, 3)`` jamo indices.
        size: Pixels a side of the pages.
        generator: The source of all randomness.

    Returns:
        ``(N, size, size)`` uint8, 0 = ink, 255 = paper.
    """
    seed = int(torch.randint(2**31, (1,), generator=generator))
    random = np.random.default_rng(seed)
    glyphs = [_segments(label, random) for label in labels.tolist()]
    pages = np.empty((len(glyphs), size, size), np.uint8)
    for page, segments in zip(pages, glyphs, strict=True):
        page[:] = _inked(segments, size)
    return torch.from_numpy(pages)


def _inked(segments: list[Segment], size: int) -> np.ndarray:
    """Draw segments with round ends, coordinates in page sides: ``(size, size)`` uint8."""
    side = _FINER * size
    page = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(page)
    for segment in segments:
        x0, y0, x1, y1, half = (side * number for number in segment)
        draw.line((x0, y0, x1, y1), fill=0, width=round(2 * half) + 1)
        half -= 0.5  # an ellipse's box holds its last pixel too
        for x, y in ((x0, y0), (x1, y1)):
            draw.ellipse((x - half, y - half, x + half, y + half), fill=0)
    return np.asarray(page.reduce(_FINER))


def _crowd(medial: int, final: int) -> int:
    """How many parts share the page's height or width with the initial, beyond one vowel."""
    return (_MEDIALS[medial] in _BELOW) + (final > 0) + (_FINALS[final] in _DOUBLES)


def _segments(label: list[int], random: np.random.Generator) -> list[Segment]:
    initial, medial, final = label
    weight = random.uniform(0.014, 0.065) * _LIGHTER ** _crowd(medial, final)
    contrast = math.exp(random.normal(0, 0.2))
    pen = Pen(
        random=random,
        segments=[],
        upright=weight * contrast,
        level=weight / contrast,
        shake=random.choice([0.0, 0.02, 0.05]),
        overshoot=random.choice([0.0, 0.0, 0.1, 0.25]),
        dot=weight * random.uniform(1.0, 1.5) if random.random() < 0.3 else 0.0,
    )
    vowel = _MEDIALS[medial]
    floor = pen.between(0.5, 0.66) if final else 1.0  # where the final's area begins
    below = _BELOW.get(vowel, vowel if vowel in _HORIZONTAL else "")
    beside = _BESIDE.get(vowel, "" if below else vowel)
    joined = False
    wall = pen.between(0.5, 0.68) if beside else 1.0  # where the stems' area begins
    shelf = floor * (pen.between(0.5, 0.7) if below else 1.0)  # where the lower vowel's area begins
    gap = pen.between(0.01, 0.07)
    inset = pen.between(0, 0.12) if not beside else 0.0
    _consonant(pen, _INITIALS[initial], (inset, 0.0, wall - gap - inset, shelf - gap))
    if below:
        _lower_vowel(pen, below, (0.0, shelf, wall + pen.between(-0.05, 0.1), floor - gap))
    if beside:
        foot = floor - gap + pen.between(0, 0.08)
        joined = bool(final) and pen.chance(0.15)  # the last stem is the final's right side too
        area = (wall, pen.between(-0.05, 0.05), 1.0, foot)
        _stems(pen, beside, area, under=shelf if below == "ㅜ" else None)
        if joined and _FINALS[final] in "ㄱㄴㄷㅁㅂ":
            pen.stroke([(1.0, foot - 0.1), (1.0, floor + gap + 0.05)], (0, 0, 1, 1), shake=0.2)
    if final:
        left = pen.between(0, 0.3)
        right = 1.0 if joined else pen.between(0.85, 1.0)
        if joined and _FINALS[final] == "ㄴ":
            pen.stroke([(1.0, floor), (1.0, 1.0)], (0, 0, 1, 1), shake=0.2)
        _consonant(pen, _FINALS[final], (left, floor + gap, right, 1.0))
    return [_on_page(segment) for segment in pen.segments]


def _on_page(
    segment: Segment,
) -> Segment:
    *ends, half = segment
    x0, y0, x1, y1 = (_MARGIN + (1 - 2 * _MARGIN) * end for end in ends)
    return x0, y0, x1, y1, half


def _lower_vowel(pen: Pen, vowel: str, box: Box) -> None:
    up = vowel in "ㅗㅛ"
    bar = pen.between(0.75, 1.0) if up else pen.between(0.0, 0.3)
    if vowel == "ㅡ":
        bar = pen.between(0.3, 0.8)
    places = {"ㅡ": [], "ㅗ": [0.5], "ㅜ": [0.5], "ㅛ": [0.5], "ㅠ": [0.5]}[vowel]
    places = [place + pen.between(-0.12, 0.12) for place in places]
    if vowel in "ㅛㅠ":
        half = max(pen.between(0.1, 0.24), 1.6 * pen.upright)
        places = [places[0] - half, places[0] + half]
    left, right = 0.0, 1.0
    if places and pen.chance(0.2):  # the bar reaches from one side to the short stroke only
        left, right = (0.0, places[-1]) if pen.chance(0.7) else (places[0], 1.0)
    pen.stroke([(left, bar), (right, bar)], box)
    draw = pen.stroke if pen.chance(0.6) else pen.short  # dots beside a stem, strokes on a bar
    for place in places:
        draw([(place, bar), (place, 0.0 if up else 1.0)], box)


def _stems(pen: Pen, vowel: str, area: Box, *, under: float | None) -> None:
    """Draw a vowel of one or two stems; ``under`` is a bar that ㅓ's stroke must stay below."""
    count, side, shorts = _STEMS[vowel]
    left, top, right, bottom = area
    reach = (right - left) * pen.between(0.3, 0.5) if shorts else 0.0
    if count == 1:
        first = left + reach if side < 0 else right - reach
        stems = [min(max(first, left), right)]
    else:
        second = right
        first = left + reach if side < 0 else left + pen.between(0, 0.05)
        gap = max(pen.between(0.35, 0.5) * (right - left), 3.2 * pen.upright)
        stems = [min(first, second - gap), second]
    for number, stem in enumerate(stems):
        trim = pen.between(0, 0.08) if number == 0 else 0.0
        pen.stroke([(stem, top + trim), (stem, bottom)], (0, 0, 1, 1), shake=0.4)
    low = (top if under is None else max(top, under)) + 0.12 * (bottom - top)
    high = bottom - 0.12 * (bottom - top)
    middle = pen.between(0.35, 0.65) if under is None else pen.between(0.2, 1.0)
    gap = pen.between(0.28, 0.45) / 2
    places = {0: [], 1: [middle], 2: [0.5 - gap, 0.5 + gap]}[shorts]
    for place in places:
        y = low + place * (high - low)
        end = stems[0] - reach if side < 0 else (stems[1] if count == 2 else right)
        tilt = pen.between(-0.03, 0.03)
        if count == 2 and side > 0:
            pen.stroke([(stems[0], y), (end, y)], (0, 0, 1, 1), shake=0.3)  # a rung is never a dot
        else:
            pen.short([(stems[0], y), (end, y + tilt)], (0, 0, 1, 1))


def _consonant(pen: Pen, letter: str, box: Box) -> None:
    if letter in _DOUBLES:
        left, top, right, bottom = box
        share = pen.between(0.44, 0.56)
        space = pen.between(0.02, 0.1)
        middle = left + share * (right - left)
        pair = _DOUBLES[letter]
        _consonant(pen, pair[0], (left, top, middle - space / 2, bottom))
        _consonant(pen, pair[1], (middle + space / 2, top, right, bottom))
        return
    for stroke in consonant_strokes(pen, letter):
        pen.stroke(stroke, box, shake=1.0 if len(stroke) < CIRCLE else 0.2)
