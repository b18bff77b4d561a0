"""One file from the network: with a time limit, checked against its hash, whole or not at all."""

import hashlib
import threading
import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any

from hangeul_bench.base.files import whole_file
from hangeul_bench.base.progress import progress

_TIMEOUT = 10.0  # seconds for a connection or for the next bytes of it
_CHUNK = 1 << 20


class DownloadError(Exception):
    """A file cannot be had from the network now; the message is a clause that says why."""


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
        cause = str(getattr(error, "reason", error)) or "no answer"
        raise DownloadError(f"it cannot be downloaded ({cause})") from error


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


def _connect(url: str) -> Any:
    """Open ``url``, giving up after the timeout even where looking up the host's name hangs."""
    answer: list[Any] = []

    def open_url() -> None:
        try:
            answer.append(urllib.request.urlopen(url, timeout=_TIMEOUT))
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
