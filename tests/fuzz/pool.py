"""Run cases in worker processes that a hang, a crash or a flood of memory cannot take us with."""

import contextlib
import importlib
import io
import logging
import multiprocessing
import os
import resource
import signal
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

_GUARD = 3 << 30  # bytes of data a process may have at all, so that the machine stays alive
_CHUNK = 25  # cases dealt to a worker at once


@dataclass(frozen=True)
class Limits:
    """What a case may take."""

    cpu_seconds: int = 20  # more is a hang
    wall_seconds: float = 150.0  # and so is one that waits so long, on a busy machine
    megabytes: float = 1000.0  # resident, at its peak, of the process


PROMISED = Limits()
# A photograph of twelve million pixels is in memory in several forms while it is laid flat.
PHOTOGRAPHS = Limits(megabytes=2 * PROMISED.megabytes)


@dataclass(frozen=True)
class Outcome:
    """What became of a case: ``accepted``, ``refused`` (one sentence), or a failure."""

    kind: str
    number: int
    verdict: str
    detail: str = ""
    seconds: float = 0.0  # of the processor
    megabytes: float = 0.0

    @property
    def failed(self) -> bool:
        """Whether the program broke its promise."""
        return self.verdict not in ("accepted", "refused")


@dataclass
class Tally:
    """All outcomes of a run, counted; the failures whole."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[Outcome] = field(default_factory=list)
    slowest: float = 0.0
    largest: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count one."""
        self.counts[outcome.kind, outcome.verdict] += 1
        self.slowest = max(self.slowest, outcome.seconds)
        self.largest = max(self.largest, outcome.megabytes)
        if outcome.failed:
            self.failures.append(outcome)


# Makes the function that runs a case by number, in a folder of its own: (folder, seed) -> run.
Maker = Callable[[Path, str], Callable[[int], None]]


def run_case(
    kind: str, run: Callable[[int], None], number: int, limits: Limits = PROMISED
) -> Outcome:
    """Run one case here and judge it."""
    from hangeul_bench.base.errors import UserError

    _forget_peak()
    start = time.process_time()
    verdict, detail = "accepted", ""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            run(number)
    except UserError as error:
        verdict, detail = "refused", str(error)
        if "\n" in detail.strip() or len(detail) > 4000:
            verdict = "unreadable message"
    except SystemExit:  # as `fonts audit` and `verify` end that found something
        verdict = "refused"
    except BaseException as error:
        verdict = f"traceback {type(error).__name__}"
        detail = traceback.format_exc(limit=-8)
    seconds, megabytes = time.process_time() - start, _peak_megabytes()
    if verdict in ("accepted", "refused"):
        if seconds > limits.cpu_seconds:
            verdict = "hang"
        elif megabytes > limits.megabytes:
            verdict = "memory"
    return Outcome(kind, number, verdict, detail, seconds, megabytes)


def run_all(
    kind: str,
    maker: str,
    numbers: Sequence[int],
    *,
    seed: str,
    workers: int,
    limits: Limits = PROMISED,
) -> Iterator[Outcome]:
    """Run cases in ``workers`` processes; one that dies is replaced and its case counts as failed.

    Args:
        kind: For the outcomes.
        maker: ``module:function`` of the :data:`Maker`.
        numbers: Which cases.
        seed: Of the run; with it and the number a case is always the same.
        workers: Number of processes.
        limits: What a case may take.
    """
    todo = [list(numbers[i : i + _CHUNK]) for i in range(0, len(numbers), _CHUNK)][::-1]
    running = [_Worker(kind, maker, seed, limits) for _ in range(min(workers, len(todo)))]
    try:
        while todo or any(worker.left for worker in running):
            for worker in running:
                if not worker.left and todo:
                    worker.give(todo.pop())
            busy = {worker.pipe: worker for worker in running if worker.left}
            for pipe in wait(list(busy), timeout=min(5, limits.wall_seconds)):
                yield from busy[pipe].receive()  # type: ignore[index]
            for worker in busy.values():
                yield from worker.end_hang()
    finally:
        for worker in running:
            worker.stop()


class _Worker:
    def __init__(self, kind: str, maker: str, seed: str, limits: Limits) -> None:
        self._make = (kind, maker, seed, limits)
        self._wall_seconds = limits.wall_seconds
        self.left: list[int] = []
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, *self._make), daemon=True)
        self._process.start()
        theirs.close()
        self._heard: float | None = None  # not before the material for the cases is made

    def give(self, numbers: list[int]) -> None:
        self.left = numbers
        self._heard = self._heard and time.monotonic()
        self.pipe.send(numbers)

    def receive(self) -> Iterator[Outcome]:
        try:
            outcome = self.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            code = self._process.exitcode or 0
            name = signal.Signals(-code).name if code < 0 else f"exit {code}"
            yield from self._replace("hang" if name == "SIGXCPU" else f"crash {name}")
            return
        self._heard = time.monotonic()
        if outcome is not None:
            self.left.remove(outcome.number)
            yield outcome

    def end_hang(self) -> Iterator[Outcome]:
        if self._heard and time.monotonic() - self._heard > self._wall_seconds:
            yield from self._replace("hang")

    def _replace(self, verdict: str) -> Iterator[Outcome]:
        self.stop()
        yield Outcome(self._make[0], self.left[0], verdict)
        rest = self.left[1:]
        self.left = []
        self._start()
        if rest:
            self.give(rest)

    def stop(self) -> None:
        self._process.kill()
        self._process.join()
        self.pipe.close()


def _work(pipe: Connection, kind: str, maker: str, seed: str, limits: Limits) -> None:
    logging.disable(logging.CRITICAL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff talks past Python
    module, _, name = maker.partition(":")
    with tempfile.TemporaryDirectory(prefix="hangeul-fuzz-") as folder:
        with contextlib.redirect_stdout(io.StringIO()):
            run = getattr(importlib.import_module(module), name)(Path(folder), seed)
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (_GUARD, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        pipe.send(None)
        while True:
            for number in pipe.recv():
                # The processor's time so far, and then the case's own, after which SIGXCPU kills.
                used = int(time.process_time()) + limits.cpu_seconds + 1
                resource.setrlimit(resource.RLIMIT_CPU, (used, resource.RLIM_INFINITY))
                pipe.send(run_case(kind, run, number, limits))


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # resets VmHWM


def _peak_megabytes() -> float:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1000
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
