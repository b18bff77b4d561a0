"""Files: written whole or not at all, hashed, and JSON that is the same for the same content."""

import glob
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


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
        error.filename = error.filename or str(path)
        raise


@contextmanager
def whole_file(path: Path, *, sweep: bool = True) -> Iterator[Path]:
    """A temporary name beside ``path`` to write to, renamed to ``path`` when the block ends well.

    Args:
        path: The final name; its folder is made.
        sweep: Remove what killed processes left of this file. It lists the folder: False for a
            file among thousands.

    Raises:
        OSError: The folder cannot be written to; nothing is left.
    """
    temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if sweep:
            _remove_leftovers(path)
        yield temporary
        temporary.replace(path)
    finally:
        # unlink itself may be refused where the write was; that refusal is reported already.
        if temporary.exists():
            temporary.unlink()


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
