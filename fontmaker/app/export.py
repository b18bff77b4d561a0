"""A whole font as a job, and the files that it ends in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fontmaker import (
    FontOrder,
    MadeFont,
    family_name,
    make_font,
    write_font,
    write_specimen,
)
from fontmaker.app.context import AppContext
from fontmaker.app.jobs import Job
from fontmaker.reference import Reference
from fontmaker.spacing import choose_advance
from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul import ksx1001
from hangeul_bench.hangeul.charset import all_syllables

# Kind of file, which is its suffix, to its media type.
KINDS = {
    "ttf": "font/ttf",
    "woff2": "font/woff2",
    "html": "text/html",
    "json": "application/json",
}
_RANK = 1  # a font waits for a text


@dataclass(frozen=True)
class Result:
    """What an export ended in.

    Attributes:
        files: Kind, one of :data:`KINDS`, to where it lies.
        doubtful: Syllable to what the reader reads in its place, empty for a blank image.
        companion: Family of the open font that gave Latin, punctuation and jamo; or empty.
    """

    files: dict[str, Path]
    doubtful: dict[str, str]
    companion: str


class Export:
    """Makes a font, once its job is started.

    Args:
        context: Who draws and reads.
        references: What is continued.
        family: What the font is to be called.
        syllables: What it gets, in code-point order.
        folder: Of the session; drawings lie there already.

    Attributes:
        family: Its name, as the user gave it.
        n_syllables: How many it gets.
        job: How far it is.
        result: None until it is done.

    Raises:
        UserError: The family's name cannot be used.
    """

    def __init__(
        self,
        context: AppContext,
        references: tuple[Reference, ...],
        *,
        family: str,
        syllables: tuple[str, ...],
        folder: Path,
    ) -> None:
        others = {face.family for face in context.companions}
        self._order = FontOrder(
            family_name(family, others=sorted(others)),
            syllables,
            context.generator(references),
            choose_advance("auto", references),
            context.companions,
        )
        self.family, self.n_syllables = self._order.family.korean, len(syllables)
        self.result: Result | None = None
        self._reader, self._folder = context.reader, folder
        self.job = Job(self._make, context.lock, rank=_RANK)

    def _make(self, job: Job) -> None:
        made = make_font(
            self._order, work=self._folder / "drawings", reader=self._reader, stages=job.stages
        )
        job.checkpoint()
        self.result = self._write(made)

    def _write(self, made: MadeFont) -> Result:
        name = self._order.family.postscript.partition("-")[0]
        font = self._folder / "font" / f"{name}.ttf"
        write_font(made, font, woff2=True)
        write_specimen(font.with_suffix(".html"), made, self._order)
        companion: dict[str, Any] = made.record["companion"] or {}
        return Result(
            {kind: font.with_suffix(f".{kind}") for kind in KINDS},
            {row["syllable"]: row["read_as"] for row in made.record["proof"]["doubtful"]},
            companion.get("family", ""),
        )


def charset(name: str, text: tuple[str, ...]) -> tuple[str, ...]:
    """The syllables of an export.

    Args:
        name: ``ksx1001``, ``all`` or ``text``.
        text: The syllables of the text on the page.

    Raises:
        UserError: There is no text.
    """
    if name == "text" and not text:
        raise UserError("Expected a text to make a font for, but found none.", reason="no-hangul")
    return {"ksx1001": ksx1001(), "all": all_syllables(), "text": text}[name]
