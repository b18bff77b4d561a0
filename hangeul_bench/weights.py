"""The ImageNet weights of LPIPS, FID and VGG-19: where they are found, and whether they are right.

They are looked for in a folder the user names, then in torch's hub cache, then downloaded from
their official address. Their official names carry the beginning of their SHA-256, which is checked
at every load. Nothing here ever replaces them by random numbers.
"""

import hashlib
import os
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from hangeul_bench.errors import UserError
from hangeul_bench.progress import progress

if TYPE_CHECKING:
    import torch

_TIMEOUT = 10.0  # seconds for a connection or for the next bytes of it
_CHUNK = 1 << 20


class MissingWeights(UserError):  # noqa: N818 - named for what is wrong, as UserError is
    """Weights are neither on this machine nor to be downloaded now."""


@dataclass(frozen=True)
class WeightsFile:
    """A published file of weights.

    Attributes:
        file: Its official name, ending in the first digits of its SHA-256.
        url: Where it is published.
        used_by: The metric or model that needs it, for messages.
    """

    file: str
    url: str
    used_by: str

    @property
    def sha256_prefix(self) -> str:
        """The digits that its name promises."""
        return Path(self.file).stem.rpartition("-")[2]


ALEXNET = WeightsFile(
    "alexnet-owt-7be5be79.pth",
    "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
    "lpips",
)
VGG19 = WeightsFile(
    "vgg19-dcbb9e9d.pth",
    "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    "the perceptual loss",
)
INCEPTION = WeightsFile(
    "pt_inception-2015-12-05-6726825d.pth",
    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/"
    "pt_inception-2015-12-05-6726825d.pth",
    "fid",
)


@dataclass(frozen=True)
class Weights:
    """Loaded weights.

    Attributes:
        state: The state dict, on the CPU.
        sha256: SHA-256 of the file.
        pinned: Whether it is the published file; False only where ``allow_unpinned`` let it pass.
    """

    state: "dict[str, torch.Tensor]"
    sha256: str
    pinned: bool

    @property
    def signature(self) -> str:
        """What a metric's signature says of its weights."""
        return f"w:{self.sha256[:8]}" + ("" if self.pinned else ":unpinned")


def load_weights(
    wanted: WeightsFile,
    *,
    folder: Path | None = None,
    download: bool = True,
    allow_unpinned: bool = False,
) -> Weights:
    """Find, check and load a file of weights.

    Args:
        wanted: One of :data:`ALEXNET`, :data:`VGG19`, :data:`INCEPTION`.
        folder: Where to look first (``--weights``).
        download: Whether to ask the network for what is not here.
        allow_unpinned: Accept a file of another SHA-256. For tests of the loading itself, on files
            of this layout; the signature then says ``unpinned``.

    Raises:
        MissingWeights: The file is not here and cannot be downloaded.
        UserError: The file is not the published one, or is no file of weights.
    """
    import torch

    path = find_weights(wanted, folder=folder, download=download)
    sha256 = _sha256(path)
    pinned = sha256.startswith(wanted.sha256_prefix)
    if not (pinned or allow_unpinned):
        raise UserError(
            f"Expected {path} to have a SHA-256 beginning {wanted.sha256_prefix}, but found "
            f"{sha256[:8]}; delete it and get the published file from {wanted.url}."
        )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen types for a broken file
        raise UserError(
            f"Expected {path} to hold torch weights, but it cannot be loaded "
            f"({type(error).__name__}); get it again from {wanted.url}."
        ) from error
    return Weights(state, sha256, pinned)


def find_weights(wanted: WeightsFile, *, folder: Path | None = None, download: bool = True) -> Path:
    """The path of a file of weights on this machine, downloaded if need be.

    Raises:
        MissingWeights: The file is not here and cannot be downloaded.
        UserError: ``folder`` is no folder.
    """
    import torch

    if folder is not None and not folder.is_dir():
        raise UserError(f"Expected --weights to be a folder, but found none at {folder}.")
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    for place in (folder, cache):
        if place is not None and (place / wanted.file).is_file():
            return place / wanted.file
    if download:
        return _download(wanted, cache / wanted.file)
    raise _missing(wanted, cache, "and downloading is off")


def _missing(wanted: WeightsFile, cache: Path, reason: str) -> MissingWeights:
    return MissingWeights(
        f"{wanted.used_by} needs {wanted.file}, which is neither in --weights nor in {cache} "
        f"{reason}; get it from {wanted.url}."
    )


def _download(wanted: WeightsFile, path: Path) -> Path:
    partial = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        with _connect(wanted.url) as response:
            path.parent.mkdir(parents=True, exist_ok=True)
            sha256 = _copy(response, partial, wanted.file)
        if not sha256.startswith(wanted.sha256_prefix):
            reason = f"and the download had another SHA-256 ({sha256[:8]})"
            raise _missing(wanted, path.parent, reason)
        partial.replace(path)
    except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException) as error:
        cause = str(getattr(error, "reason", error)) or "no answer"
        raise _missing(wanted, path.parent, f"and cannot be downloaded ({cause})") from error
    finally:
        partial.unlink(missing_ok=True)
    return path


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


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
