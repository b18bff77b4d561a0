"""A text as it is drawn: lines of syllables and spaces."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul import is_syllable

SPACE = " "
_MAX_NAMED = 8  # left-out characters named in one message


@dataclass(frozen=True)
class Lines:
    """A text as it is drawn.

    Attributes:
        rows: The lines; each holds syllables and single spaces.
        left_out: Characters that are neither, each once, in order of appearance.
    """

    rows: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def syllables(self) -> tuple[str, ...]:
        """Each syllable once, in code-point order."""
        return tuple(sorted({c for row in self.rows for c in row if c != SPACE}))


def parse_text(text: str) -> Lines:
    """Split a text in lines of syllables and spaces.

    Jamo that compose a syllable (as file names on macOS have them) become that syllable.

    Raises:
        UserError: There is no Hangul syllable in it.
    """
    rows, left_out = [], dict[str, None]()
    for line in normalize("NFC", text).splitlines():
        kept = []
        for character in line:
            if character.isspace():
                kept.append(SPACE)
            elif is_syllable(character):
                kept.append(character)
            else:
                left_out[character] = None
        rows.append("".join(kept).rstrip())
    if not any(row.strip() for row in rows):
        raise UserError(
            f"Expected --text with Hangul syllables such as 다람쥐, but found {text[:40]!r}.",
            reason="no-hangul",
        )
    return Lines(tuple(rows), tuple(left_out))


def left_out_note(left_out: Sequence[str]) -> str:
    """One sentence that names what is not drawn; empty if there is nothing."""
    if not left_out:
        return ""
    named = ", ".join(f"{c} (U+{ord(c):04X})" for c in left_out[:_MAX_NAMED])
    more = f" and {len(left_out) - _MAX_NAMED} more" if len(left_out) > _MAX_NAMED else ""
    return f"Left out, for they are not Hangul syllables: {named}{more}."


def wrap(lines: Lines, columns: int | None) -> tuple[str, ...]:
    """Break rows after ``columns`` characters, spaces counted; None breaks nowhere.

    A row that was broken does not go on with a space.
    """
    if columns is None:
        return lines.rows
    wrapped = []
    for row in lines.rows:
        rest = row
        while len(rest) > columns:
            wrapped.append(rest[:columns].rstrip())
            rest = rest[columns:].lstrip()
        wrapped.append(rest)
    return tuple(wrapped)
