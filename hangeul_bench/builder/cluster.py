"""A Dask cluster as an executor: connected to in bounded time, and given up once it is gone."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from functools import partial
from pkgutil import resolve_name
from typing import Any, TypeVar

from hangeul_bench import __version__
from hangeul_bench.base.errors import UserError

Result = TypeVar("Result")

_ANSWER = 10.0  # seconds that scheduler and first worker have to answer
_PATIENCE = 30.0  # seconds without scheduler or workers after which a run ends
_INTERVAL = 1.0  # seconds from one look at the workers to the next
_GOES_ON = "The fonts that are done are kept, and the same command continues."


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """Connect to a Dask cluster, for as long as the block runs.

    Args:
        address: Of its scheduler, such as ``tcp://10.0.0.1:8786``.

    Yields:
        What runs functions on its workers.

    Raises:
        UserError: Dask is not installed, no scheduler answers, there is no worker, or scheduler or
            workers went away during the block.
    """
    with _without_log(), _client(address) as client:
        from distributed import KilledWorker
        from distributed.comm import CommClosedError

        try:
            _check_packages(client)
            with _DaskExecutor(client, address) as executor:
                yield executor
        except KilledWorker as error:
            raise UserError(
                f"Workers of the Dask cluster at {address} died {error.allowed_failures + 1} times "
                "at one font, out of memory or by a broken file; run again without --dask and with "
                f"--workers 1 to see where. {_GOES_ON}"
            ) from None
        except (CancelledError, CommClosedError):
            raise UserError(f"The Dask scheduler at {address} has gone. {_GOES_ON}") from None


@contextmanager
def _without_log() -> Iterator[None]:
    """Dask and what it stands on log in many lines what becomes one sentence here."""
    before = logging.root.manager.disable
    logging.disable()
    try:
        yield
    finally:
        logging.disable(before)


@contextmanager
def _client(address: str) -> Iterator[Any]:
    client = _connect(address)
    try:
        yield client
    finally:
        with suppress(Exception):  # whatever is wrong with the cluster, the run is over
            client.close(timeout=_ANSWER)


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "Expected the package distributed for --dask, but it is not installed; install "
            "hangeul-bench[cluster]."
        ) from None
    try:
        # A client would wait for ever for one that takes a connection and says nothing.
        asyncio.run(_knock(address))
        client = Client(address, timeout=_ANSWER, set_as_default=False)
    except Exception as error:  # whatever another kind of server's answer leads to
        raise UserError(
            f"No Dask scheduler answers at {address} within {_ANSWER:.0f} s; start one with `dask "
            "scheduler`, and give the address that it prints."
        ) from error
    try:
        client.wait_for_workers(1, timeout=_ANSWER)
    except (OSError, TimeoutError):
        client.close(timeout=_ANSWER)
        raise UserError(
            f"The Dask scheduler at {address} has no worker; start some with `dask worker "
            f"{address}`."
        ) from None
    return client


async def _knock(address: str) -> None:
    """Shake hands with a scheduler."""
    from distributed.comm import connect
    from distributed.security import Security

    arguments = Security().get_connection_args("client")
    greeting = connect(address, timeout=_ANSWER, **arguments)
    comm = await asyncio.wait_for(greeting, _ANSWER)
    comm.abort()


def _check_packages(client: Any) -> None:
    """Refuse workers that could not even be told what to do: Dask would let them end in silence."""
    # By a function of Python's own, which a worker without this package has too.
    found = client.run(resolve_name, "hangeul_bench:__version__", on_error="return")
    for worker, version in sorted(found.items()):
        if version != __version__:
            has = "none" if isinstance(version, Exception) else version
            raise UserError(
                f"Expected hangeul-bench {__version__} on the Dask worker {worker}, but it has "
                f"{has}; install the same version on every machine."
            )


class _DaskExecutor(Executor):
    """Dask's own executor, whose open tasks fail when nobody has been there to run them."""

    def __init__(self, client: Any, address: str) -> None:
        self._client, self._address = client, address
        self._tasks = client.get_executor(pure=False)
        self._futures: list[Future[Any]] = []
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._end_when_alone, daemon=True)
        self._watch.start()

    def submit(
        self, function: Callable[..., Result], /, *arguments: Any, **named: Any
    ) -> Future[Result]:
        """Have a worker run a function."""
        # Of its own: Dask's future may not be ended by anyone else.
        future: Future[Result] = Future()
        task = self._tasks.submit(function, *arguments, **named)
        task.add_done_callback(partial(_pass_on, future))
        future.add_done_callback(lambda future: future.cancelled() and task.cancel())
        self._futures.append(future)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster; what is still open is cancelled."""
        self._done.set()
        for future in self._futures:
            future.cancel()
        if wait:
            self._watch.join()

    def _end_when_alone(self) -> None:
        alone_since = None
        while not self._done.wait(_INTERVAL):
            if self._has_workers():
                alone_since = None
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since > _PATIENCE:
                self._give_up()
                return

    def _has_workers(self) -> bool:
        try:
            return bool(self._client.sync(self._client.scheduler.ncores, callback_timeout=_ANSWER))
        except Exception:  # Dask raises what its transport raises: all of it means no answer
            return False

    def _give_up(self) -> None:
        error = UserError(
            f"The Dask cluster at {self._address} has had no worker for {_PATIENCE:.0f} s; start "
            f"some with `dask worker {self._address}`. {_GOES_ON}"
        )
        for future in self._futures:
            with suppress(InvalidStateError):  # it is done
                future.set_exception(error)


def _pass_on(future: Future[Any], task: Future[Any]) -> None:
    """End a future as Dask's own ended."""
    with suppress(InvalidStateError):  # it was given up
        error = CancelledError() if task.cancelled() else task.exception()
        if error is None:
            future.set_result(task.result())
        else:
            future.set_exception(error)
