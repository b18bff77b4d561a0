"""What may be wrong with a dataset, in one sentence each."""

from dataclasses import dataclass
from typing import Literal

# "pixels": the outlines are the recorded ones, only their pixels differ, as another FreeType makes
# them; "encoding": even the pixels agree, only the file's bytes differ, as another zlib makes them.
Kind = Literal["file", "hash", "count", "split", "text", "outlines", "pixels", "encoding"]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        kind: What sort of thing.
        path: The file, relative to the dataset.
        message: One sentence: expected, found.
    """

    kind: Kind
    path: str
    message: str


def differs(what: str, expected: object, found: object) -> str:
    """The message of a difference; a hash is shortened."""
    return f"{what}: expected {_short(expected)}, found {_short(found)}"


def _short(value: object) -> str:
    text = str(value)
    return f"{text[:16]}..." if len(text) == 64 else text
