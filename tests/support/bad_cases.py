"""Cases that break each promise of the fuzz run once; loads nothing, so that little is much."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

SLOW_SECONDS = 8.0


def make(folder: Path, seed: str) -> Callable[[int], None]:
    """A :data:`fuzz.pool.Maker`."""
    return _run


def make_slowly(folder: Path, seed: str) -> Callable[[int], None]:
    """One that takes its time before the first case."""
    time.sleep(SLOW_SECONDS)
    return _run


def _run(number: int) -> None:
    if number == 1:
        raise ValueError("a bug")
    if number == 2:
        while True:
            pass
    if number == 3:
        os.kill(os.getpid(), signal.SIGSEGV)
    if number == 4:
        b"x" * 200_000_000  # noqa: B018
