"""One user: references, the text set in their style, the font made of them, a folder for all."""

import itertools
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from unicodedata import normalize

from fontmaker.app.context import AppContext
from fontmaker.app.export import Export, charset
from fontmaker.app.jobs import Job
from fontmaker.app.style import Style
from fontmaker.choice import covering
from fontmaker.reference import (
    MOST_REFERENCES,
    Reference,
    check_single,
    reference_from_picture,
    seen_instead,
)
from fontmaker.sheet.layout import SYLLABLES
from fontmaker.sheet.reading import SheetReading, sheet_in
from fontmaker.sheet.template import write_template
from fontmaker.text import Lines, parse_text
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import encode

MAX_TEXT = 400  # characters
MAX_SYLLABLES = 120  # different ones in a text: half a minute of drawing
_MAX_NAME = 80  # characters of a file's name that are kept
_RANK = 0
MOST_SESSIONS = 16
MAX_IDLE = 2 * 3600.0  # seconds


@dataclass(frozen=True)
class Setting:
    """A text that is being set, or is set."""

    text: str
    lines: Lines
    job: Job


class Session:
    """All that one user has; its methods may be called from any thread.

    Args:
        context: What all users share.
        folder: Its own; removed at the end.

    Attributes:
        references: Number to reference, in the order in which they were given.
        style: What is drawn from them; None without any.
        setting: The text; None before the first.
        export: The font; None before the first.
        sheet: What was found on the sheet that was given last; None without one.
    """

    def __init__(self, context: AppContext, folder: Path) -> None:
        self.sheet: SheetReading | None = None
        self.references: dict[int, Reference] = {}
        self.style: Style | None = None
        self.setting: Setting | None = None
        self.export: Export | None = None
        self._context, self._folder = context, folder
        self._numbers = itertools.count(1)
        self._jobs: list[Job] = []
        self._lock = threading.RLock()
        folder.mkdir(parents=True)

    def add(self, data: bytes, name: str, syllable: str) -> None:
        """Take a picture as reference; one of the same syllable is replaced.

        A photographed sheet gives a reference for each of its good boxes, as many as there may be,
        in place of all that were there.

        Args:
            data: The file.
            name: What its owner calls it.
            syllable: What it shows; nothing is asked of a sheet's.

        Raises:
            UserError: It is neither a usable picture of one syllable nor a sheet with a good box,
                or there are eight already.
        """
        number = next(self._numbers)
        file = self._file(number)
        if sheet := self._sheet(data, _plain_name(name)):
            self._add_sheet(sheet)
            return
        reference = self._read(data, _plain_name(name), syllable)
        file.write_bytes(data)
        with self._lock:
            same = [n for n, r in self.references.items() if _shows(r, reference)]
            if len(self.references) - len(same) >= MOST_REFERENCES:
                file.unlink()
                raise UserError(
                    f"Expected at most {MOST_REFERENCES} references, but this is one more; remove "
                    "another.",
                    reason="too-many",
                )
            kept = {n: r for n, r in self.references.items() if n not in same}
            self._set_references(kept | {number: reference})

    def _sheet(self, data: bytes, name: str) -> SheetReading | None:
        with TemporaryDirectory(dir=self._folder) as folder:
            file = Path(folder) / name.replace("/", "_")
            file.write_bytes(data)
            return sheet_in(file, self._context.reader)

    def _add_sheet(self, sheet: SheetReading) -> None:
        good = {reference.character: reference for reference in sheet.references}
        chosen = covering(good, MOST_REFERENCES)
        numbered = {next(self._numbers): good[syllable] for syllable in good if syllable in chosen}
        for number, reference in numbered.items():
            self._file(number).write_bytes(encode(reference.image[None])[0])
        with self._lock:
            self._set_references(numbered)
            self.sheet = sheet

    def rename(self, number: int, syllable: str) -> None:
        """Say that a reference shows another syllable.

        Raises:
            UserError: There is no such reference, or its picture is not usable so.
        """
        old = self._reference(number)
        reference = self._read(self._file(number).read_bytes(), old.name, syllable)
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

    def png(self, number: int) -> bytes:
        """A reference as it is drawn from, 128 x 128.

        Raises:
            UserError: There is none of this number.
        """
        return encode(self._reference(number).image[None])[0]

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
            job = Job(lambda job: style.draw(ordered, job), self._context.lock, rank=_RANK)
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
                self._context,
                tuple(self.references.values()),
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

    def _file(self, number: int) -> Path:
        """The picture that a reference came from."""
        return self._folder / f"reference-{number}"

    def _read(self, data: bytes, name: str, syllable: str) -> Reference:
        reader = self._context.reader
        reference = reference_from_picture(data, name, normalize("NFC", syllable.strip()))
        check_single(reference, reader)
        return replace(reference, read_as=seen_instead(reference, reader))

    def _reference(self, number: int) -> Reference:
        if number not in self.references:
            raise UserError("Expected a reference that is there, but it is gone.", reason="gone")
        return self.references[number]

    def _set_references(self, references: dict[int, Reference]) -> None:
        """A new style; a font that is being made goes on from the references it began with."""
        if self.setting:
            self.setting.job.cancel()
        for number in self.references.keys() - references.keys():
            self._file(number).unlink()
        self.references, self.setting = references, None
        given = tuple(references.values())
        drawings = self._folder / "drawings"
        self.style = Style(self._context, given, drawings) if given else None

    def _style(self) -> Style:
        if self.style is None:
            raise UserError("Expected a reference first, but there is none.", reason="no-reference")
        return self.style

    def _begun(self, job: Job) -> Job:
        self._jobs = [*(old for old in self._jobs if old.active), job]
        return job.start()


def _shows(one: Reference, other: Reference) -> bool:
    return one.character == other.character


def _plain_name(name: str) -> str:
    shown = "".join(c for c in normalize("NFC", name) if c.isprintable())
    return shown[-_MAX_NAME:] or "drawing.png"


def _long_text(found: int, most: int, unit: str) -> UserError:
    return UserError(
        f"Expected a text of at most {most} {unit}, but found {found}; shorten it.",
        reason="long-text",
    )


@dataclass
class _Visit:
    session: Session
    seen: float  # seconds


class Sessions:
    """Finds, opens and ends sessions.

    Args:
        context: What all share.
        root: A folder in which each gets one of its own.
        clock: Seconds; another one for tests.
    """

    def __init__(
        self, context: AppContext, root: Path, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._context, self._root, self._clock = context, root, clock
        self._visits: dict[str, _Visit] = {}
        self._closing: list[threading.Thread] = []
        self._lock = threading.Lock()

    def find(self, token: str) -> Session | None:
        """The session of a token, which counts as seen now; None if there is none."""
        with self._lock:
            visit = self._visits.get(token)
            if visit is None:
                return None
            visit.seen = self._clock()
            return visit.session

    def open(self) -> tuple[str, Session]:
        """A new session and its token.

        Raises:
            UserError: There are as many as there may be, and all are drawing.
        """
        with self._lock:
            if len(self._visits) >= MOST_SESSIONS:
                self._make_room()
            token = secrets.token_urlsafe(32)
            session = Session(self._context, self._root / secrets.token_hex(8))
            self._visits[token] = _Visit(session, self._clock())
            return token, session

    def template(self) -> bytes:
        """The sheet to print and write on, as PDF."""
        with TemporaryDirectory(dir=self._root) as folder:
            path = Path(folder) / "sheet.pdf"
            korean = self._context.korean_font
            write_template(path, SYLLABLES[:MOST_REFERENCES], korean_font=korean)
            return path.read_bytes()

    def end(self, token: str) -> None:
        """Forget a session and all that it had."""
        with self._lock:
            visit = self._visits.pop(token, None)
            if visit:
                self._close(visit.session)

    def sweep(self) -> None:
        """Forget those that nobody has asked for in two hours and that draw nothing."""
        with self._lock:
            now = self._clock()
            for token, visit in list(self._visits.items()):
                if now - visit.seen > MAX_IDLE and not visit.session.active:
                    self._close(self._visits.pop(token).session)
            self._closing = [thread for thread in self._closing if thread.is_alive()]

    def close(self) -> None:
        """End all, and wait until nothing draws any more."""
        with self._lock:
            sessions = [visit.session for visit in self._visits.values()]
            self._visits.clear()
        for session in sessions:
            session.cancel()
        for session in sessions:
            session.close()
        for thread in self._closing:
            thread.join()

    def _make_room(self) -> None:
        idle = {t: v.seen for t, v in self._visits.items() if not v.session.active}
        if not idle:
            raise UserError(
                f"Expected at most {MOST_SESSIONS} users at a time, but all are drawing; "
                "try later.",
                reason="busy",
            )
        self._close(self._visits.pop(min(idle, key=lambda token: idle[token])).session)

    def _close(self, session: Session) -> None:
        # A job ends after its step, for which nobody should wait.
        thread = threading.Thread(target=session.close)
        thread.start()
        self._closing.append(thread)
