"""Runs one function over many items, in this process, in several, or in anybody's executor."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from multiprocessing.connection import wait
from typing import TypeVar

from hangeul_bench.errors import UserError

Item = TypeVar("Item")
Result = TypeVar("Result")


def default_workers() -> int:
    """One process a core that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    workers: int = 1,
    executor: Executor | None = None,
) -> Generator[Result, None, None]:
    """Yield ``function(item)`` for every item, as they get done.

    If one fails or the caller stops, those not yet begun never begin.

    Args:
        function: Importable by name, as other processes must find it.
        items: What to run it on.
        workers: Number of processes; 1 runs everything here.
        executor: Runs everything instead, e.g. one of Dask or Ray.

    Raises:
        UserError: A process died.
    """
    if executor is None and (workers == 1 or len(items) < 2):
        yield from map(function, items)
        return
    pool = nullcontext(executor) if executor else _process_pool(min(workers, len(items)))
    with pool as running:
        with _interrupts_ignored():
            futures = [running.submit(function, item) for item in items]
        try:
            for future in as_completed(futures):
                yield future.result()
        except BrokenProcessPool:
            raise UserError(
                "A worker process died, out of memory or by a broken file; run again with "
                "--workers 1 to see where."
            ) from None
        finally:
            for future in futures:
                future.cancel()


def _process_pool(workers: int) -> ProcessPoolExecutor:
    # Started afresh: a fork of a process with threads (torch, a progress bar) may hang.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker)


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Processes started meanwhile ignore Ctrl-C from their first moment: the main one ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set a handler
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave no process behind when the main one is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
