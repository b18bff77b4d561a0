"""Files: written whole or not at all, hashed, and JSON that is the same for the same content."""

import errno
import glob
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

_STDOUT = 1
_MAX_LINKS = 40  # as Linux follows in one path


def write_whole(path: Path, content: str | bytes | memoryview, *, sweep: bool = True) -> None:
    """Write a file whole or not at all, as :func:`whole_file` does.

    Args:
        path: Its final name.
        content: Text is written as UTF-8 with LF line ends.
        sweep: See :func:`whole_file`.

    Raises:
        OSError: The folder cannot be written to or the disk is full; names ``path``, and nothing
            is left.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        with whole_file(path, sweep=sweep) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        error.filename = str(path)
        raise


@contextmanager
def whole_file(path: Path, *, sweep: bool = True) -> Iterator[Path]:
    """A temporary name to write to, which becomes the file at ``path`` when the block ends well.

    A link stays: the file that it leads to is the one replaced, or made. A device, a pipe or an
    open file (``/dev/stdout``) is no file to replace: the content is written into it.

    Args:
        path: The final name; its folder is made.
        sweep: Remove what killed processes left of this file. It lists the folder: False for a
            file among thousands.

    Raises:
        OSError: ``path`` is a folder, or its folder cannot be written to; nothing is left.
    """
    target = _destination(path)
    if isinstance(target, int) or _is_stream(target):
        with TemporaryDirectory() as folder:
            temporary = Path(folder) / "content"
            yield temporary
            _pour(temporary, target)
        return
    temporary = target.with_name(f"{target.name}.tmp-{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if sweep:
            _remove_leftovers(target)
        yield temporary
        _rename(temporary, target)
    except FileNotFoundError as error:
        if str(error.filename) != str(temporary):
            raise
        # A folder that is there and takes no file, as those of /proc.
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(path)) from error
    finally:
        # unlink itself may be refused where the write was; that refusal is reported already.
        if temporary.exists():
            temporary.unlink()


def is_stdout(path: Path) -> bool:
    """Whether a path is this program's own standard output, as ``/dev/stdout`` is."""
    return _destination(path) == _STDOUT


def _destination(path: Path) -> Path | int:
    """The file behind all links of a path, or the number of an open file that it stands for."""
    for _ in range(_MAX_LINKS):
        if path.name.isdecimal() and os.path.realpath(path.parent) in _open_files():
            return int(path.name)
        if not path.is_symlink():
            break
        following = path.parent / path.readlink()
        if _is_stream(path) and not os.path.lexists(following):
            break  # another process's pipe, in /proc: a link whose text is no path
        path = following
    else:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return path


def _open_files() -> tuple[str, ...]:
    return f"/proc/{os.getpid()}/fd", "/dev/fd"


def _is_stream(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def _pour(source: Path, target: Path | int) -> None:
    """Write a file's content into a device, a pipe or an open file."""
    sys.stdout.flush()  # what was said before stands before it
    opened = os.dup(target) if isinstance(target, int) else os.open(target, os.O_WRONLY)
    with os.fdopen(opened, "wb") as stream, source.open("rb") as file:
        shutil.copyfileobj(file, stream)


def _rename(temporary: Path, target: Path) -> None:
    try:
        temporary.replace(target)
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        # A mount point, as a single file handed into a container is: it cannot be replaced.
        shutil.copyfile(temporary, target)


def _remove_leftovers(path: Path) -> None:
    for leftover in path.parent.glob(f"{glob.escape(path.name)}.tmp-*"):
        process = leftover.name.rpartition("-")[2]
        if process.isdecimal() and not _is_running(int(process)):
            leftover.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    if sys.platform == "win32":  # os.kill would end it there
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is somebody else's
        return True
    return True


def folders_below(root: Path) -> list[Path]:
    """A folder and all folders below it, also behind links, but no link back to one above; sorted.

    Raises:
        OSError: One may not be looked into.
    """
    above: dict[Path, frozenset[str]] = {}  # folder -> the real paths from root down to it
    for name, inner, _ in os.walk(root, followlinks=True, onerror=_raise):
        folder = Path(name)
        real, higher = os.path.realpath(folder), above.get(folder.parent, frozenset())
        if folder != root and real in higher:
            inner.clear()
        else:
            above[folder] = higher | {real}
    return sorted(above)


def _raise(error: OSError) -> None:
    raise error


def canonical_json(content: Any) -> str:
    """JSON that is the same for the same content: keys sorted, no white space."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def pretty_json(content: Any) -> str:
    """JSON for people to read, keys in the given order."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def sha256_of(content: str | bytes | memoryview) -> str:
    """SHA-256, hexadecimal; text as UTF-8."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def holds(path: Path, content: str) -> bool:
    """Whether a file is there and holds just this text."""
    try:
        return path.read_bytes() == content.encode()
    except FileNotFoundError:
        return False


def hash_order(names: Iterable[str], salt: str = "") -> list[str]:
    """``names`` by SHA-256 of ``salt`` and name; it does not depend on the order they come in."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{salt}{name}".encode()).digest())
