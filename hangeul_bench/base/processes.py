"""Processes and threads: those of one run, pools that run a function over many items, torch's.

The processes of one run are a single one, or those that torchrun or accelerate launch started.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hangeul_bench.base.errors import UserError

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future, ProcessPoolExecutor

# A rank that is done waits for the slowest one; torch would give up after half an hour.
_LONGEST_WAIT = timedelta(days=30)


@dataclass(frozen=True)
class Processes:
    """This process's place among those of the run.

    Attributes:
        rank: 0 to ``world - 1``; rank 0 scores, writes and prints.
        world: Number of processes.
        device: Where this one computes: ``cpu``, ``cuda`` or ``cuda:<local rank>``.
    """

    rank: int
    world: int
    device: str
    _state: Any = None

    @property
    def first(self) -> bool:
        """Whether this is the process that scores and writes."""
        return self.rank == 0

    def wait(self) -> None:
        """Return once every process has come here."""
        if self._state is not None:
            self._state.wait_for_everyone()


def join_processes(device: str) -> Processes:
    """Join the run's processes.

    Args:
        device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.

    Raises:
        UserError: ``cuda`` is asked for and there is no GPU that torch can use.
    """
    if device != "cpu":
        import torch

        if device == "cuda" and not torch.cuda.is_available():
            raise UserError(
                "Expected a GPU for --device cuda, but torch finds none; use --device cpu."
            )
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Processes(0, 1, device)
    from accelerate import PartialState

    state = PartialState(cpu=device == "cpu", timeout=_LONGEST_WAIT)
    if device == "cuda":
        device = f"cuda:{state.local_process_index}"
    return Processes(state.process_index, state.num_processes, device, state)


# Whoever set one of these has chosen: OpenMP's own, GNU's, and LLVM's and Intel's.
_CHOICES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")


def wait_asleep() -> None:
    """Have OpenMP's threads sleep while they wait, unless the user has chosen how they do.

    A step of a network is thousands of short parallel pieces. Between them OpenMP's threads spin;
    where another program holds a core, they spin until the system takes the processor from them,
    and the one that they wait for has none. Asleep they cost a wake-up a piece.
    ``benchmarks/busy_machine.py`` measures both.

    OpenMP reads this when it is loaded, so it counts before torch is imported, and for the
    processes that are started afterwards.
    """
    if not any(name in os.environ for name in _CHOICES):
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"


def add_in_one_order() -> None:
    """Have a matrix product be the same bytes for any number of threads.

    On Intel's processors MKL divides a sum among its threads as it sees fit, and float addition
    depends on the order; its "strict" mode does not. MKL reads this at its first product, so it
    counts only before that. A mode that the user has chosen stays.
    """
    os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")


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
    executor: "Executor | None" = None,
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
    from concurrent.futures import as_completed  # 25 ms, which `--help` should not wait for
    from concurrent.futures.process import BrokenProcessPool

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


def _process_pool(workers: int) -> "ProcessPoolExecutor":
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

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
    from multiprocessing import resource_tracker

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
    import multiprocessing
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
