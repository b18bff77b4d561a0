"""One run at a time in a folder: a lock that says who holds it and that ends with its process."""

import errno
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hangeul_bench.base.errors import UserError

LOCK_NAME = ".hangeul-bench.lock"  # in the folder, or with the file's name before it

_MOST_OF_NOTE = 1000  # bytes of a lock file that are read
# Some network file systems know no locks; a run there is alone by its user's care.
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


@contextmanager
def alone_in(folder: Path, work: str) -> Iterator[None]:
    """Hold a folder against all other runs.

    The lock is the system's (flock), so a killed run holds nothing. What it leaves is a file that
    nobody holds: the next run takes it over and removes it at its end. Windows has no flock, and
    there nothing is held.

    Args:
        folder: Made if it is not there; removed again if it was made and nothing is in it.
        work: What is done there, as the refusal of another run says it, e.g. ``build``.

    Raises:
        UserError: Another run holds it; says which, on which machine, since when.
        OSError: The folder cannot be made or written to.
    """
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _held(folder / LOCK_NAME, folder, work):
            yield
    finally:
        if made:
            with suppress(OSError):  # it is not empty
                folder.rmdir()


@contextmanager
def alone_at(file: Path, work: str) -> Iterator[None]:
    """Hold a file that is to be written against all other runs, as :func:`alone_in` a folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with _held(file.with_name(f".{file.name}{LOCK_NAME}"), file, work):
        yield


@contextmanager
def _held(lock: Path, subject: Path, work: str) -> Iterator[None]:
    if sys.platform == "win32":
        yield
        return
    descriptor = _take(lock, subject)
    try:
        since = time.strftime("%Y-%m-%d %H:%M:%S %Z")
        note = f"{work} (process {os.getpid()} on {socket.gethostname()}, since {since})\n"
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note.encode(), 0)
        yield
    finally:
        lock.unlink(missing_ok=True)  # while it is held: nobody else can have taken it
        os.close(descriptor)


def _take(lock: Path, subject: Path) -> int:
    """A descriptor of the lock's file, which this process alone has locked."""
    import fcntl

    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, _MOST_OF_NOTE).decode(errors="replace").strip()
            os.close(descriptor)
            raise UserError(
                f"{subject} is in use by {holder or 'another run'}; wait until that is done, or "
                "give this one another place with --out."
            ) from None
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                os.close(descriptor)
                raise
        if _is_at(descriptor, lock):
            return descriptor
        os.close(descriptor)  # its holder was just done, and removed this file


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
