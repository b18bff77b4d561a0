"""Packages of tiny fonts in a folder, and stand-ins for npm and apt that take them from there."""

import hashlib
import sys
import tarfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import count
from pathlib import Path

from support.fontmaker import make_font

# Stands in for npm: `npm pack NAME@VERSION ...` copies a tarball out of a folder.
FAKE_NPM = """#!{python}
import json, pathlib, shutil, sys
name = sys.argv[2].replace("/", "_")
source = pathlib.Path({store!r}) / (name + ".tgz")
with open({log!r}, "a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
if not source.exists():
    print(json.dumps({{"error": {{"code": "E404", "summary": "Not Found - " + name}}}}))
    sys.exit(1)
shutil.copy(source, name + ".tgz")
"""
FAKE_APT = """#!{python}
import pathlib, shutil, sys
source = pathlib.Path({store!r}) / (sys.argv[2] + ".deb")
if not source.exists():
    sys.exit("E: Unable to locate package " + sys.argv[2])
shutil.copy(source, source.name)
"""


class Mirror:
    """A folder of packages, and clients that take them from there."""

    def __init__(self, folder: Path) -> None:
        self.store, self.bin, self.log = folder / "store", folder / "bin", folder / "log"
        self.store.mkdir(parents=True)
        self.bin.mkdir()
        for name, text in (("npm", FAKE_NPM), ("apt-get", FAKE_APT)):
            script = self.bin / name
            script.write_text(
                text.format(python=sys.executable, store=str(self.store), log=str(self.log))
            )
            script.chmod(0o755)

    def npm_package(self, name: str, files: dict[str, bytes], version: str = "1.0.0") -> str:
        """Put a package into the store; returns its hash."""
        data = tarball(files)
        (self.store / f"{name.replace('/', '_')}@{version}.tgz").write_bytes(data)
        return hashlib.sha256(data).hexdigest()

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


def font_bytes(folder: Path, family: str, flavor: str | None = None) -> bytes:
    path = make_font(folder / f"{family}.x", {"가": [(0, 0, 9, 9)]}, family=family, flavor=flavor)
    return path.read_bytes()


def tarball(files: Mapping[str, bytes]) -> bytes:
    """Files as a compressed tar, in the way of npm."""
    data = BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, BytesIO(content))
    return data.getvalue()


def variants(font: bytes) -> Iterator[bytes]:
    """The same font with other bytes, again and again: the revision in its table ``head``."""
    (place,) = (at for tag, at in _tables(font) if tag == b"head")
    for number in count():
        yield font[: place + 4] + number.to_bytes(4, "big") + font[place + 8 :]


def _tables(font: bytes) -> Iterator[tuple[bytes, int]]:
    for index in range(int.from_bytes(font[4:6], "big")):
        record = font[12 + 16 * index : 28 + 16 * index]
        yield record[:4], int.from_bytes(record[8:12], "big")
