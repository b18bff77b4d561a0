"""A half-finished font as it was given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hangeul_bench.base.errors import UserError

Kind = Literal["ttf", "otf", "ufo"]
# The suffixes of what each kind is completed to.
SUFFIXES: dict[Kind, tuple[str, ...]] = {
    "ttf": (".ttf",),
    "otf": (".otf",),
    "ufo": (".ufo", ".ufoz"),
}


@dataclass(frozen=True)
class HalfFont:
    """A font with some syllables.

    Attributes:
        path: Where it was found.
        kind: TrueType, OpenType with CFF outlines, or UFO.
        sfnt: A plain font that draws its syllables; of TTF and OTF the file itself.
        quadratic: Whether its curves are quadratic.
        sha256: Hash of the file; of a folder, of all its files.
    """

    path: Path
    kind: Kind
    sfnt: bytes
    quadratic: bool
    sha256: str


def no_hangeul(path: Path) -> UserError:
    """What is raised for a font without any syllable."""
    return UserError(
        f"Expected a font with some Hangeul syllables for --complete, but {path} draws none; give "
        "one with a few, or pictures with --reference."
    )
