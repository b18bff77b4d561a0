"""A font that is asked for, and the font that was made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fontmaker.font_file import to_woff2
from fontmaker.generation import Drawn, Generator
from fontmaker.naming import FamilyName
from fontmaker.reference import Advance
from fontmaker.sheet.reading import SheetReading
from fontmaker.verification import Verification
from hangeul_bench.base.images import Glyphs
from hangeul_bench.fonts import FontFace


@dataclass(frozen=True)
class FontOrder:
    """What to make.

    Attributes:
        family: What it is called.
        syllables: Which syllables it gets, each once, in code-point order.
        generator: Who draws them, from what, with which seed.
        advance: How far syllables move the pen.
        companions: Weights of an open font for Latin, punctuation and jamo; may be empty.
        kept: Syllable to an image of the user's own.
        sheet: The sheet that the references come from, if they come from one.
        vendor: Whose font it is: up to four characters.
        correct: Whether drawings get the references' stroke width and size.
    """

    family: FamilyName
    syllables: tuple[str, ...]
    generator: Generator
    advance: Advance
    companions: tuple[FontFace, ...] = ()
    kept: Mapping[str, Glyphs] = field(default_factory=dict)
    sheet: SheetReading | None = None
    vendor: str = ""
    correct: bool = True


@dataclass(frozen=True)
class MadeFont:
    """A font with its verification.

    Attributes:
        font: The TrueType font's bytes.
        drawn: Its images.
        verification: How the font compares with them.
        record: All that the JSON file beside it says.
    """

    font: bytes
    drawn: Drawn
    verification: Verification
    record: dict[str, Any]

    @cached_property
    def woff2(self) -> bytes:
        """The font compressed for the web."""
        return to_woff2(self.font)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The syllables that were asked for and that nothing drew; the font lacks them."""
        return tuple(self.record["font"]["left_out"])

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The syllables that the reader reads as others."""
        right = self.verification.reading.right
        return tuple(s for s, ok in zip(self.drawn.syllables, right, strict=True) if not ok)
