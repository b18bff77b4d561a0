"""One visitor: references, the text set in their style, the font made of them, a folder for all."""

import itertools
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

from fontmaker.app.context import Workshop
from fontmaker.app.export import Export, charset
from fontmaker.app.jobs import Job
from fontmaker.app.style import Style
from fontmaker.reference import Reference as DrawnReference
from fontmaker.reference import seen_instead
from fontmaker.references import MOST, Source, check_single, source_from_picture
from fontmaker.text import Lines, parse_text
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import encode

MAX_TEXT = 400  # characters
MAX_SYLLABLES = 120  # different ones in a text: half a minute of drawing
_MAX_NAME = 80  # characters of a file's name that are kept
_RANK = 0


@dataclass(frozen=True)
class Reference:
    """A reference as the page shows it.

    Attributes:
        source: The glyph.
        file: The picture that it came from.
        seen: The syllable that the reader plainly sees in its place; empty where it does not.
    """

    source: Source
    file: Path
    seen: str

    def png(self) -> bytes:
        """The glyph as it is drawn from, 128 x 128."""
        return encode(self.source.image[None])[0]


@dataclass(frozen=True)
class Setting:
    """A text that is being set, or is set."""

    text: str
    lines: Lines
    job: Job


class Session:
    """All that one visitor has; its methods may be called from any thread.

    Args:
        workshop: What all visitors share.
        folder: Its own; removed at the end.

    Attributes:
        references: Number to reference, in the order in which they were given.
        style: What is drawn from them; None without any.
        setting: The text; None before the first.
        export: The font; None before the first.
    """

    def __init__(self, workshop: Workshop, folder: Path) -> None:
        self.references: dict[int, Reference] = {}
        self.style: Style | None = None
        self.setting: Setting | None = None
        self.export: Export | None = None
        self._workshop, self._folder = workshop, folder
        self._numbers = itertools.count(1)
        self._jobs: list[Job] = []
        self._lock = threading.RLock()
        folder.mkdir(parents=True)

    def add(self, data: bytes, name: str, syllable: str) -> None:
        """Take a picture as reference; one of the same syllable is replaced.

        Args:
            data: The file.
            name: What its owner calls it.
            syllable: What it shows.

        Raises:
            UserError: It is no usable picture of one syllable, or there are eight already.
        """
        number = next(self._numbers)
        file = self._folder / f"reference-{number}"
        reference = self._read(data, _plain_name(name), syllable, file)
        file.write_bytes(data)
        with self._lock:
            same = [n for n, r in self.references.items() if _shows(r, reference)]
            if len(self.references) - len(same) >= MOST:
                file.unlink()
                raise UserError(
                    f"Expected at most {MOST} references, but this is one more; remove another.",
                    reason="too-many",
                )
            kept = {n: r for n, r in self.references.items() if n not in same}
            self._set_references(kept | {number: reference})

    def rename(self, number: int, syllable: str) -> None:
        """Say that a reference shows another syllable.

        Raises:
            UserError: There is no such reference, or its picture is not usable so.
        """
        old = self._reference(number)
        reference = self._read(old.file.read_bytes(), old.source.name, syllable, old.file)
        with self._lock:
            kept = {
                n: reference if n == number else r
                for n, r in self.references.items()
                if n == number or not _shows(r, reference)
            }
            self._set_references(kept)

    def remove(self, number: int) -> None:
        """Take a reference away.

        Raises:
            UserError: There is none of this number.
        """
        with self._lock:
            self._reference(number)
            self._set_references({n: r for n, r in self.references.items() if n != number})

    def set_text(self, text: str) -> None:
        """Begin to draw a text; what was being drawn for another one ends.

        Raises:
            UserError: It has no syllable or too many, or there is no reference.
        """
        if len(text) > MAX_TEXT:
            raise _long_text(len(text), MAX_TEXT, "characters")
        lines = parse_text(text)
        ordered = tuple(dict.fromkeys(c for row in lines.rows for c in row if c != " "))
        if len(ordered) > MAX_SYLLABLES:
            raise _long_text(len(ordered), MAX_SYLLABLES, "different syllables")
        with self._lock:
            style = self._style()
            if self.setting:
                self.setting.job.cancel()
            job = Job(lambda job: style.draw(ordered, job), self._workshop.turns, rank=_RANK)
            self.setting = Setting(text, lines, self._begun(job))

    def make_font(self, family: str, syllables: str) -> None:
        """Begin to make a font; another one that is being made ends.

        Args:
            family: Its name.
            syllables: ``ksx1001``, ``all``, or ``text`` for those of the text.

        Raises:
            UserError: The name cannot be used, or there is no reference.
        """
        with self._lock:
            self._style()
            self.cancel_font()
            self.export = Export(
                self._workshop,
                self._sources(),
                family=family,
                syllables=charset(syllables, self.setting.lines.syllables if self.setting else ()),
                folder=self._folder,
            )
            self._begun(self.export.job)

    def cancel_font(self) -> None:
        """End the font that is being made, if there is one; what is drawn stays drawn."""
        if self.export:
            self.export.job.cancel()

    @property
    def active(self) -> bool:
        """Whether something is being drawn."""
        return any(job.active for job in self._jobs)

    def cancel(self) -> None:
        """End all work after the step that it is in."""
        for job in self._jobs:
            job.cancel()

    def close(self) -> None:
        """End all work, wait for it, and remove the folder."""
        with self._lock:
            self.cancel()
            for job in self._jobs:
                job.join()
            shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self, data: bytes, name: str, syllable: str, file: Path) -> Reference:
        reader = self._workshop.reader
        source = source_from_picture(data, name, normalize("NFC", syllable.strip()))
        check_single(source, reader)
        drawn = DrawnReference(source.image, source.character, source.notes)
        return Reference(source, file, seen_instead(drawn, reader))

    def _reference(self, number: int) -> Reference:
        if number not in self.references:
            raise UserError("Expected a reference that is there, but it is gone.", reason="gone")
        return self.references[number]

    def _set_references(self, references: dict[int, Reference]) -> None:
        """A new style; a font that is being made goes on from the references it began with."""
        if self.setting:
            self.setting.job.cancel()
        for number in self.references.keys() - references.keys():
            self.references[number].file.unlink()
        self.references, self.setting = references, None
        sources = self._sources()
        drawings = self._folder / "drawings"
        self.style = Style(self._workshop, sources, drawings) if sources else None

    def _sources(self) -> tuple[Source, ...]:
        return tuple(reference.source for reference in self.references.values())

    def _style(self) -> Style:
        if self.style is None:
            raise UserError("Expected a reference first, but there is none.", reason="no-reference")
        return self.style

    def _begun(self, job: Job) -> Job:
        self._jobs = [*(old for old in self._jobs if old.active), job]
        return job.start()


def _shows(one: Reference, other: Reference) -> bool:
    return one.source.character == other.source.character


def _plain_name(name: str) -> str:
    shown = "".join(c for c in normalize("NFC", name) if c.isprintable())
    return shown[-_MAX_NAME:] or "drawing.png"


def _long_text(found: int, most: int, unit: str) -> UserError:
    return UserError(
        f"Expected a text of at most {most} {unit}, but found {found}; shorten it.",
        reason="long-text",
    )
