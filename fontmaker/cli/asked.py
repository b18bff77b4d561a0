"""The command line of `hangeul-bench font`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Asked:
    """The command line, as it was given; see the options of the command."""

    references: tuple[Path, ...]
    reference_characters: tuple[str, ...]
    face: str
    instance: str
    sheet: Path | None
    accept: bool
    out: Path
    syllables: str
    family: str | None
    vendor: str
    model: str | None
    advance: str
    latin: str
    keep: Path | None
    complete: Path | None
    woff2: bool
    ufo: Path | None
    tries: int
    correct: bool
    seed: int
    options: tuple[str, ...]
    device: str
    data: Path | None
    fonts: Path | None
    work: Path | None
