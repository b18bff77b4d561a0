"""One piece of work at a time, handed on between its steps, so that no visitor waits for a font.

Neither FreeType's library nor a model is made for two threads, and two drawings at once are no
faster than one after the other. So whoever draws has the turn, and offers it after each step.
"""

import heapq
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Gives the turn to one thread at a time: the lowest rank first, then who asked first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[int, int]] = []  # a heap of (rank, number)
        self._numbers = itertools.count()
        self._taken = False

    @contextmanager
    def turn(self, rank: int) -> Iterator[None]:
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
