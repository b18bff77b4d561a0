"""What a syllable is made of: its jamo, its phonetic text line, its romanization and layout."""

from typing import NamedTuple

import jamo

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.charset import is_syllable

INITIALS = tuple(chr(c) for c in range(0x1100, 0x1113))  # 19 leading consonants
MEDIALS = tuple(chr(c) for c in range(0x1161, 0x1176))  # 21 vowels
FINALS = ("", *(chr(c) for c in range(0x11A8, 0x11C3)))  # none and 27 trailing consonants

# The six ways a syllable is laid out: vowel beside, below or both, without or with a final.
LAYOUTS = tuple(
    f"{vowel}{final}" for final in ("", "-final") for vowel in ("vertical", "horizontal", "mixed")
)
_HORIZONTAL_MEDIALS = frozenset("ㅗㅛㅜㅠㅡ")
_MIXED_MEDIALS = frozenset("ㅘㅙㅚㅝㅞㅟㅢ")

# Revised Romanization of initials, medials and finals, without assimilation; - is silent.
_ROMAN = (
    "g kk n d tt r m b pp s ss - j jj ch k t p h",
    "a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i",
    "- k k k n n n t l k m l l l p l m p p t t ng t t k t p t",
)


class Jamo(NamedTuple):
    """Indices of a syllable's parts: initial 0..18, medial 0..20, final 0..27 (0 = none)."""

    initial: int
    medial: int
    final: int


def decompose(syllable: str) -> Jamo:
    """The jamo indices of a syllable (Unicode 3.12, Hangul syllable decomposition).

    Raises:
        UserError: ``syllable`` is not one precomposed Hangeul syllable.
    """
    if not is_syllable(syllable):
        raise UserError(
            f"Expected one precomposed Hangeul syllable, but found {syllable!r}.",
            reason="no-syllable",
        )
    index = ord(syllable) - 0xAC00
    return Jamo(index // 588, index % 588 // 28, index % 28)


def compose(parts: Jamo) -> str:
    """The syllable of jamo indices; the inverse of :func:`decompose`."""
    return chr(0xAC00 + (parts.initial * 21 + parts.medial) * 28 + parts.final)


def phonetic_line(syllable: str) -> str:
    """The line of a syllable's phonetic text file: positional jamo joined by spaces.

    감 -> ``ᄀ ᅡ ᆷ``. Positional (U+1100 block), so that initial and final ㄱ differ.
    """
    decompose(syllable)
    return " ".join(jamo.hangul_to_jamo(syllable))


def parse_phonetic_line(line: str) -> str:
    """The syllable that a phonetic line spells; the inverse of :func:`phonetic_line`.

    Raises:
        UserError: ``line`` is not an initial, a medial and at most one final jamo.
    """
    parts = line.split()
    if len(parts) == 2:
        parts.append("")
    try:
        initial, medial, final = parts
        return compose(Jamo(INITIALS.index(initial), MEDIALS.index(medial), FINALS.index(final)))
    except ValueError:
        raise UserError(
            f"Expected a phonetic line such as 'ᄀ ᅡ ᆷ' (initial, medial, final), found {line!r}."
        ) from None


def compatibility_jamo(syllable: str) -> str:
    """The jamo as people type them, joined by spaces: 감 -> ``ㄱ ㅏ ㅁ``."""
    decompose(syllable)
    return " ".join(jamo.j2hcj(jamo.h2j(syllable)))


def romanize(syllable: str) -> str:
    """Revised Romanization of a syllable standing alone: 감 -> ``gam``.

    Source: National Institute of Korean Language, Revised Romanization of Korean (2000).
    """
    parts = zip(_ROMAN, decompose(syllable), strict=True)
    return "".join(letters.split()[index] for letters, index in parts).replace("-", "")


def layout(syllable: str) -> str:
    """Which of the six :data:`LAYOUTS` a syllable has."""
    parts = decompose(syllable)
    vowel = compatibility_jamo(syllable).split()[1]
    below = "horizontal" if vowel in _HORIZONTAL_MEDIALS else "vertical"
    name = "mixed" if vowel in _MIXED_MEDIALS else below
    return name + ("-final" if parts.final else "")
