"""What all users of the page share: who draws, who reads, and the open font for Latin."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fontmaker.app.jobs import PriorityLock
from fontmaker.content import Content
from fontmaker.generation import TRIES, Generator
from fontmaker.reference import Reference
from hangeul_bench.adapter import FontModel
from hangeul_bench.fonts import FontFace

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader


@dataclass(frozen=True)
class AppContext:
    """What all users share.

    Attributes:
        model: Who draws.
        name: What the user called it.
        reader: Who reads.
        content: Syllables in the content font.
        content_sha256: Hash of what ``content`` gives, where the model looks at it; else empty.
        companions: Weights of an open font for Latin, punctuation and jamo; may be empty.
        korean_font: File that the sheet's labels are set in; None labels it in Latin.
        seed: Of all drawings.
        tries: Drawings of a syllable that reads wrong, the first one included.
        lock: Who draws when; one at a time.
    """

    model: FontModel
    name: str
    reader: "JamoReader"
    content: Content
    content_sha256: str = ""
    companions: tuple[FontFace, ...] = ()
    korean_font: Path | None = None
    seed: int = 0
    tries: int = TRIES
    lock: PriorityLock = field(default_factory=PriorityLock)

    def generator(self, references: Sequence[Reference]) -> Generator:
        """The model with what it draws from."""
        return Generator(
            model=self.model,
            name=self.name,
            references=tuple(references),
            content=self.content,
            content_sha256=self.content_sha256,
            seed=self.seed,
            tries=self.tries,
        )
