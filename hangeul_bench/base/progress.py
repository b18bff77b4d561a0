"""One way to show progress: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

_SECONDS_BETWEEN_LINES = 15.0


class Progress(Protocol):
    """What long work reports to."""

    def advance(self, amount: float = 1) -> None:
        """Count ``amount`` more units as done."""

    def note(self, text: str) -> None:
        """Print a line above the bar."""


@contextmanager
def progress(title: str, total: float, unit: str) -> Iterator[Progress]:
    """Show how far ``title`` is, how fast it goes and how long it will take, on stderr.

    Args:
        title: What is being done, e.g. ``Building``.
        total: Number of units in all.
        unit: What a unit is, plural, e.g. ``glyphs``.
    """
    if sys.stderr.isatty():
        with _bar(title, total, unit) as bar:
            yield bar
    else:
        lines = _Lines(title, total, unit)
        yield lines
        lines.finish()


@contextmanager
def _bar(title: str, total: float, unit: str) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as RichProgress
    from rich.text import Text

    class Speed(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:,.0f} {unit}/s")

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Speed(),
        TimeRemainingColumn(),
    )
    with RichProgress(*columns, console=console) as rich_progress:
        task = rich_progress.add_task(title, total=total)

        class Bar:
            def advance(self, amount: float = 1) -> None:
                rich_progress.advance(task, amount)

            def note(self, text: str) -> None:
                console.print(text, highlight=False, markup=False)

        yield Bar()


class _Lines:
    """Progress for logs: a line every few seconds and one at the end."""

    def __init__(self, title: str, total: float, unit: str) -> None:
        self.title, self.total, self.unit = title, total, unit
        self.done = self.printed = 0.0
        self.start = self.last = time.monotonic()

    def advance(self, amount: float = 1) -> None:
        self.done += amount
        if time.monotonic() - self.last >= _SECONDS_BETWEEN_LINES:
            self.last = time.monotonic()
            self._print()

    def note(self, text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def finish(self) -> None:
        if self.done != self.printed:
            self._print()

    def _print(self) -> None:
        self.printed = self.done
        seconds = max(time.monotonic() - self.start, 1e-9)
        speed = self.done / seconds
        left = (self.total - self.done) / speed if speed else 0.0
        self.note(
            f"{self.title}: {self.done:,.0f} of {self.total:,.0f} {self.unit}, "
            f"{speed:,.0f}/s, {left:,.0f} s left"
        )
