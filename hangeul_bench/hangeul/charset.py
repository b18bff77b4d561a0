"""Which syllables a dataset holds: KS X 1001's 2,350, all 11,172, or a file's own list."""

from functools import cache
from pathlib import Path
from unicodedata import normalize

from hangeul_bench.base.errors import UserError

FIRST_SYLLABLE = 0xAC00  # 가
LAST_SYLLABLE = 0xD7A3  # 힣
_MAX_FILE_BYTES = 1 << 20  # 11,172 syllables with separators are under 60 kB


@cache
def ksx1001() -> tuple[str, ...]:
    """The 2,350 precomposed syllables of KS X 1001 in code-point order.

    Source: KS X 1001 rows 16 to 40, which EUC-KR encodes as bytes B0-C8 x A1-FE.
    """
    rows, cells = range(0xB0, 0xC9), range(0xA1, 0xFF)
    return tuple(sorted(bytes((row, cell)).decode("euc_kr") for row in rows for cell in cells))


@cache
def all_syllables() -> tuple[str, ...]:
    """All 11,172 modern Hangeul syllables in code-point order (Unicode AC00 to D7A3)."""
    return tuple(chr(codepoint) for codepoint in range(FIRST_SYLLABLE, LAST_SYLLABLE + 1))


def is_syllable(text: str) -> bool:
    """Whether ``text`` is exactly one precomposed modern Hangeul syllable."""
    return len(text) == 1 and FIRST_SYLLABLE <= ord(text) <= LAST_SYLLABLE


def codepoint_name(syllable: str) -> str:
    """The name used in files and messages: ``가`` -> ``U+AC00``."""
    return f"U+{ord(syllable):04X}"


def listed_syllables(text: str) -> str:
    """The characters of a list without its white space; syllables decomposed into jamo composed.

    macOS and some editors write a syllable as its jamo (NFD); it is the same syllable.
    """
    return "".join(normalize("NFC", text).split())


def parse_codepoint_name(name: str) -> str:
    """The syllable of a name: ``U+AC00`` -> ``가``.

    Raises:
        UserError: ``name`` is not ``U+`` and the hexadecimal code point of a Hangeul syllable.
    """
    digits = name.removeprefix("U+")
    try:
        codepoint = int(digits, 16) if name.startswith("U+") and len(digits) == 4 else -1
    except ValueError:
        codepoint = -1
    if not FIRST_SYLLABLE <= codepoint <= LAST_SYLLABLE:
        raise UserError(
            f"Expected the name of a Hangeul syllable such as U+AC00, but found {name!r}."
        )
    return chr(codepoint)


def load_charset(name: str) -> tuple[str, ...]:
    """The syllables of a character set, in code-point order.

    Args:
        name: ``ksx1001``, ``all``, or the path of a UTF-8 text file holding syllables, read as
            :func:`listed_syllables` does.

    Raises:
        UserError: The file cannot be read, or holds a double or something that is no syllable.
    """
    if name == "ksx1001":
        return ksx1001()
    if name == "all":
        return all_syllables()
    return _read_charset_file(Path(name))


def _read_charset_file(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        raise UserError(
            f"Expected ksx1001, all or a text file of syllables, but found no file at {path}."
        )
    if path.stat().st_size > _MAX_FILE_BYTES:
        raise UserError(f"Charset file {path} is larger than 1 MB; it should only list syllables.")
    try:
        characters = list(listed_syllables(path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError as error:
        raise UserError(
            f"Charset file {path} is not UTF-8 (byte {error.start}); save it as UTF-8."
        ) from None
    _check_charset(characters, path)
    return tuple(sorted(characters))


def _check_charset(characters: list[str], path: Path) -> None:
    if not characters:
        raise UserError(f"Charset file {path} holds no syllable.")
    seen: set[str] = set()
    for character in characters:
        if not is_syllable(character):
            raise UserError(
                f"Charset file {path} holds {character!r} (U+{ord(character):04X}), "
                "which is not a precomposed Hangeul syllable (U+AC00 to U+D7A3); remove it."
            )
        if character in seen:
            raise UserError(
                f"Charset file {path} holds {character} ({codepoint_name(character)}) twice; "
                "keep one."
            )
        seen.add(character)
