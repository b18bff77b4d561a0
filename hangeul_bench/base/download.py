"""One file from the network: with a time limit, whole or to be continued."""

import hashlib
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from hangeul_bench.base.files import whole_file
from hangeul_bench.base.progress import progress

_TIMEOUT = 10.0  # seconds for a connection or for the next bytes of it
_CHUNK = 1 << 20
_NO_SUCH_RANGE = 416  # HTTP
_PIECE = 1 << 16  # bytes that are waited for at once where a slow server is not to hold up a run
# A server that gives fewer bytes a second than this, after the first seconds, is given up.
_SLOWEST, _FIRST_SECONDS = 8 << 10, 30.0


class DownloadError(Exception):
    """A file cannot be downloaded now; the message is a clause that says why.

    Args:
        message: The clause.
        status: What the server answered (HTTP), or 0 where it could not be reached.
    """

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class OtherFileError(DownloadError):
    """What is published there is another file."""


def download(url: str, path: Path, *, sha256_prefix: str) -> None:
    """Download a file.

    Args:
        url: Where it is published.
        path: Where it goes.
        sha256_prefix: The first digits of its SHA-256.

    Raises:
        DownloadError: There is no answer, the connection breaks, or the file is another.
    """
    try:
        with _connect(url) as response, whole_file(path) as partial:
            sha256 = _copy(response, partial, path.name)
            if not sha256.startswith(sha256_prefix):
                raise DownloadError(f"the download had another SHA-256 ({sha256[:8]})")
    except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException) as error:
        raise DownloadError(f"it cannot be downloaded ({_cause(error)})") from error


def download_on(url: str, partial: Path, n_bytes: int) -> None:
    """Download a file of known size, or what is missing of it.

    The server is asked for the rest of what ``partial`` holds; one that gives the whole file
    instead begins it anew. Proxies are taken from the environment.

    Args:
        url: Where it is published.
        partial: Where it grows; what came before an error stays there.
        n_bytes: Its size; a server that gives more is stopped there.

    Raises:
        DownloadError: There is no answer, the connection breaks, or it is too slow.
        OtherFileError: The file there is larger or shorter.
        OSError: ``partial`` cannot be written to.
    """
    have = partial.stat().st_size if partial.exists() else 0
    if have >= n_bytes:
        partial.unlink()
        have = 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with _answer(url, headers) as response:
        if have and not _continues(response, have):
            have = 0
        said = response.headers.get("Content-Length", "")
        n_there = have + int(said) if said.isdecimal() else n_bytes
        with partial.open("ab" if have else "wb") as out:
            for piece in _pieces(response, n_bytes - have):
                out.write(piece)
                have += len(piece)
    if have == n_there < n_bytes:
        raise OtherFileError("it gives another, shorter file", status=200)
    if have < n_bytes:
        raise DownloadError(f"it broke off after {have:,} of {n_bytes:,} bytes", status=200)


def _continues(response: Any, have: int) -> bool:
    """Whether an answer is the rest of a file after its first bytes."""
    said: str = response.headers.get("Content-Range", "")
    return bool(response.status == 206) and said.startswith(f"bytes {have}-")


def _answer(url: str, headers: Mapping[str, str]) -> Any:
    try:
        return _connect(url, headers)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == _NO_SUCH_RANGE:
            raise OtherFileError("it has a shorter file", status=error.code) from None
        raise DownloadError(f"it answers HTTP {error.code}", status=error.code) from None
    except (OSError, HTTPException) as error:
        raise DownloadError(f"it cannot be reached ({_cause(error)})") from error


def _pieces(response: Any, n_bytes: int) -> Iterator[bytes]:
    """The bytes of an answer as they come; an error of the network is told from one of the disk."""
    end = time.monotonic() + _FIRST_SECONDS + n_bytes / _SLOWEST
    try:
        while piece := response.read1(_PIECE):
            n_bytes -= len(piece)
            if n_bytes < 0:
                raise OtherFileError("it gives another, larger file", status=200)
            yield piece
            if time.monotonic() > end:
                raise TimeoutError("too slow")
    except (OSError, HTTPException) as error:
        raise DownloadError(f"the connection broke ({_cause(error)})", status=200) from error


def _cause(error: Exception) -> str:
    return str(getattr(error, "reason", error)) or "no answer"


def _copy(response: IO[bytes], partial: Path, title: str) -> str:
    headers = getattr(response, "headers", {})
    megabytes = int(headers.get("Content-Length") or 0) / _CHUNK
    digest = hashlib.sha256()
    with partial.open("wb") as out, progress(f"Downloading {title}", megabytes, "MB") as bar:
        while chunk := response.read(_CHUNK):
            out.write(chunk)
            digest.update(chunk)
            bar.advance(len(chunk) / _CHUNK)
    return digest.hexdigest()


def _connect(url: str, headers: Mapping[str, str] | None = None) -> Any:
    """Open ``url``, giving up after the timeout even where looking up the host's name hangs."""
    answer: list[Any] = []
    request = urllib.request.Request(url, headers=dict(headers)) if headers else url

    def open_url() -> None:
        try:
            answer.append(urllib.request.urlopen(request, timeout=_TIMEOUT))
        except Exception as error:  # handed to the waiting thread, which raises it
            answer.append(error)

    thread = threading.Thread(target=open_url, daemon=True)
    thread.start()
    thread.join(_TIMEOUT)
    if not answer:
        raise TimeoutError(f"no answer within {_TIMEOUT:.0f} s")
    if isinstance(answer[0], Exception):
        raise answer[0]
    return answer[0]
