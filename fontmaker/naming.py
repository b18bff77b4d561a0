"""A font's names: what a family may be called, and the name table that says how it was made."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING
from unicodedata import category, normalize

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul import is_syllable
from hangeul_bench.hangeul.phonetics import romanize

if TYPE_CHECKING:
    from fontTools.fontBuilder import FontBuilder

STYLE, STYLE_KOREAN = "Regular", "보통"
VERSION = "Version 1.000"
# Windows shows no family whose name has more characters (OpenType, name id 1 and GDI's LOGFONT).
_LONGEST = 31
_WINDOWS, _UNICODE_BMP, _ENGLISH, _KOREAN = 3, 1, 0x409, 0x412
OFL_TEXT = (
    "This Font Software is licensed under the SIL Open Font License, Version 1.1. "
    "This license is available with a FAQ at: https://openfontlicense.org"
)
OFL_URL = "https://openfontlicense.org"


@dataclass(frozen=True)
class FamilyName:
    """What a family is called.

    Attributes:
        english: In ASCII.
        korean: As Korean systems show it; the same where no Hangeul name was given.
        postscript: ASCII letters, digits and the style.
    """

    english: str
    korean: str
    postscript: str


@dataclass(frozen=True)
class Provenance:
    """What the name table tells besides the names.

    Attributes:
        copyright: One or two sentences.
        made: How the font was made.
        unique: What tells this font from any other.
        open_licence: Whether the whole font stands under the SIL Open Font License.
    """

    copyright: str
    made: str
    unique: str
    open_licence: bool


def family_name(name: str, *, others: Iterable[str] = ()) -> FamilyName:
    """Check a family's name.

    Args:
        name: As the user gave it; one in Hangeul is romanized for the English name.
        others: Families of the fonts that take part, whose names are reserved.

    Raises:
        UserError: It is empty, too long, has unusable characters, or is reserved.
    """
    korean = " ".join(normalize("NFC", name).split())
    english = _ascii(korean)
    if not re.search("[A-Za-z]", english):
        raise UserError(
            f"Expected a --family name with Latin letters or Hangeul, but found {name!r}.",
            reason="family",
        )
    unusable = sorted({c for c in korean if category(c)[0] == "C" or c in '[](){}<>/%\\"&;'})
    if unusable:
        raise UserError(
            f"Expected a --family name of letters, digits and spaces, but {name!r} has "
            f"{' '.join(map(repr, unusable))}; leave that out.",
            reason="family",
        )
    if len(english) > _LONGEST or len(korean) > _LONGEST:
        raise UserError(
            f"Expected a --family name of at most {_LONGEST} characters, but {english!r} has "
            f"{len(english)}; shorten it.",
            reason="family-long",
        )
    _check_reserved(name, korean, (*others,))
    postscript = re.sub("[^A-Za-z0-9]", "", english) + "-" + STYLE
    return FamilyName(english, korean, postscript)


def vendor_id(text: str) -> str:
    """The four characters of OS/2 that say whose font it is; spaces if nobody's.

    Raises:
        UserError: It is none.
    """
    if not re.fullmatch("[!-~]{1,4}|", text):
        raise UserError(
            f"Expected a --vendor of one to four letters or digits, but found {text!r}."
        )
    return text.ljust(4)


def add_names(builder: "FontBuilder", family: FamilyName, provenance: Provenance) -> None:
    """Write the name table, English and Korean, for Windows and everything newer."""
    english = {
        0: provenance.copyright,
        1: family.english,
        2: STYLE,
        3: provenance.unique,
        4: f"{family.english} {STYLE}",
        5: VERSION,
        6: family.postscript,
        10: provenance.made,
    }
    if provenance.open_licence:
        english |= {13: OFL_TEXT, 14: OFL_URL}
    korean = {1: family.korean, 2: STYLE_KOREAN, 4: f"{family.korean} {STYLE_KOREAN}"}
    builder.setupNameTable({}, mac=False)
    table = builder.font["name"]
    for language, names in ((_ENGLISH, english), (_KOREAN, korean)):
        for name_id, text in names.items():
            table.setName(text, name_id, _WINDOWS, _UNICODE_BMP, language)


def _ascii(name: str) -> str:
    """The name in ASCII: 내 손글씨 -> Nae Songeulssi."""
    words = []
    for word in name.split():
        latin = "".join(romanize(c) if is_syllable(c) else c for c in word)
        words.append(latin[:1].upper() + latin[1:] if is_syllable(word[0]) else latin)
    return " ".join(words).encode("ascii", "ignore").decode().strip()


def _check_reserved(name: str, korean: str, others: tuple[str, ...]) -> None:
    words = f" {_plain(korean)} "
    for reserved in (*_reserved(), *others):
        if f" {_plain(reserved)} " in words:
            raise UserError(
                f"Family name {name!r} holds {reserved!r}, which is reserved for that font; "
                "choose another with --family.",
                reason="family-taken",
            )
    for family in _corpus_families():
        if _plain(family).replace(" ", "") == words.replace(" ", ""):
            raise UserError(
                f"Family name {name!r} is that of the open font {family}; choose another with "
                "--family.",
                reason="family-taken",
            )


def _plain(name: str) -> str:
    """Words in small letters; NanumHand is two of them."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", normalize("NFKC", name))
    return " ".join(re.split(r"[\s_-]+", parted.strip())).casefold()


@cache
def _reserved() -> tuple[str, ...]:
    text = (files("fontmaker") / "reserved_names.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


@cache
def _corpus_families() -> tuple[str, ...]:
    from hangeul_bench.fonts.corpus import corpus_fonts

    return tuple(sorted({font.family for font in corpus_fonts()}))
