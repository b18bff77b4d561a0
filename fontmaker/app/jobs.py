"""Work in threads that share a lock: it tells how far it is, can be cancelled, may fail."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from hangeul_bench.base.errors import UserError, system_error_sentence

State = Literal["waiting", "running", "done", "cancelled", "failed"]
_log = logging.getLogger(__name__)


class Cancelled(Exception):  # noqa: N818 - it is no error
    """The job's work ends here, for nobody wants it any more."""


@dataclass
class Stage:
    """How far one stage of a job is.

    Attributes:
        title: What is being done, e.g. ``Drawing``.
        total: Number of units in all.
        done: Number of those that are done.
        rate: Units a second since the first ones, which may have been there before; None at first.
    """

    title: str
    total: float
    done: float = 0.0
    rate: float | None = None
    _first: tuple[float, float] | None = None  # seconds, units

    def advance(self, amount: float, now: float) -> None:
        """Count units as done at a time, in seconds."""
        self.done += amount
        if self._first is None:
            self._first = now, self.done
        elif now > self._first[0]:
            self.rate = (self.done - self._first[1]) / (now - self._first[0])

    @property
    def seconds_left(self) -> float | None:
        """At this rate; None where it is not known."""
        return (self.total - self.done) / self.rate if self.rate else None


class Job:
    """Runs ``work(job)`` in a thread.

    Args:
        work: Calls :meth:`checkpoint`, or works through :meth:`stages`, between its steps.
        lock: Shared with all other jobs.
        rank: The lower, the sooner it has its turn.

    Attributes:
        state: How it stands.
        stage: What is being done; None between stages.
        error: Why it failed.
    """

    def __init__(self, work: Callable[["Job"], None], lock: "PriorityLock", *, rank: int) -> None:
        self.state: State = "waiting"
        self.stage: Stage | None = None
        self.error: UserError | None = None
        self._work, self._lock, self._rank = work, lock, rank
        self._unwanted = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "Job":
        """Begin as soon as it is its turn."""
        self._thread.start()
        return self

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    def cancel(self) -> None:
        """Have it end after the step that it is in."""
        self._unwanted.set()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def checkpoint(self) -> None:
        """Let others have their turn.

        Raises:
            Cancelled: Nobody wants it any more.
        """
        self._raise_if_unwanted()
        self._lock.offer(self._rank)
        self._raise_if_unwanted()

    @contextmanager
    def stages(self, title: str, total: float, unit: str) -> Iterator["_Bar"]:
        """Tells how far a stage is; as :func:`hangeul_bench.base.progress.progress`."""
        del unit
        self.stage = Stage(title, total)
        self.checkpoint()
        yield _Bar(self, self.stage)
        self.stage = None

    def _raise_if_unwanted(self) -> None:
        if self._unwanted.is_set():
            raise Cancelled

    def _run(self) -> None:
        with self._lock.hold(self._rank):
            self.state = "running"
            try:
                self.checkpoint()
                self._work(self)
            except Cancelled:
                self.state = "cancelled"
            except Exception as error:
                self.error = as_user_error(error)
                self.state = "failed"
            else:
                self.state = "done"
            finally:
                self.stage = None


@dataclass(frozen=True)
class _Bar:
    job: Job
    stage: Stage

    def advance(self, amount: float = 1) -> None:
        self.stage.advance(amount, time.monotonic())
        self.job.checkpoint()

    def note(self, text: str) -> None:
        _log.info(text)


def as_user_error(error: Exception) -> UserError:
    """What the page says of an error; one that should not be is logged with where it came from."""
    if isinstance(error, UserError):
        return error
    sentence = system_error_sentence(error)
    if sentence is not None:
        return UserError(sentence, reason="system")
    _log.error("unexpected", exc_info=error)
    return UserError(f"{type(error).__name__}: {error}", reason="unexpected")


class PriorityLock:
    """Gives the turn to one thread at a time: the lowest rank first, then who asked first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int]] = []  # a heap of (rank, number)
        self._numbers = itertools.count()
        self._taken = False

    @contextmanager
    def hold(self, rank: int) -> Iterator[None]:
        """Wait for the turn and hold it.

        Args:
            rank: The lower, the sooner.
        """
        self._take(rank)
        try:
            yield
        finally:
            self._give()

    def offer(self, rank: int) -> None:
        """Let those go first who wait with this rank or a lower one; by who has the turn."""
        with self._changed:
            if not self._waiting or self._waiting[0][0] > rank:
                return
        self._give()
        self._take(rank)

    def _take(self, rank: int) -> None:
        with self._changed:
            ticket = rank, next(self._numbers)
            heapq.heappush(self._waiting, ticket)
            self._changed.wait_for(lambda: not self._taken and self._waiting[0] == ticket)
            heapq.heappop(self._waiting)
            self._taken = True

    def _give(self) -> None:
        with self._changed:
            self._taken = False
            self._changed.notify_all()
