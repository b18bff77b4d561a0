"""Runs one function over many items, in this process, in several, or in anybody's executor."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from typing import TypeVar

from hangeul_bench.base.errors import UserError

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
    futures: list[Future[Result]] = []
    with pool as running:
        try:
            with _interrupts_held_back():
                for item in items:
                    futures.append(running.submit(function, item))
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
def _interrupts_held_back() -> Iterator[None]:
    """Let a Ctrl-C wait until the end of the block.

    Processes that are started meanwhile inherit this and never see one: the main process ends
    them. Windows cannot hold signals back.
    """
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # would let the signal through, if it came up meanwhile
    arrived: list[int] = []
    in_main = threading.current_thread() is threading.main_thread()
    # Another thread, as of a progress bar, may take the signal: then it is noted here.
    handler = signal.signal(signal.SIGINT, lambda *_: arrived.append(1)) if in_main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if in_main:
            signal.signal(signal.SIGINT, handler)
        if arrived:
            signal.raise_signal(signal.SIGINT)


def _start_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Leave no process behind when the main one is killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
