"""Ending a run by SIGINT or SIGTERM after the step in hand."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupts() -> Iterator[list[bool]]:
    """A list that becomes non-empty on SIGINT or SIGTERM, so that a step is finished first."""
    arrived: list[bool] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: arrived.append(True)) for number in signals]
    try:
        yield arrived
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
