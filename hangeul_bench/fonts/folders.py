"""Pinned font files in folders on this machine, found by what they hold, whatever their names."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256
from hangeul_bench.fonts.corpus import CorpusFont
from hangeul_bench.fonts.packages import PackageError


@dataclass(frozen=True)
class FoundFiles:
    """The files of pinned fonts that some folders hold.

    Attributes:
        folders: Where they were looked for.
        paths: SHA-256 of a pinned file to where it lies.
        unread: Folder or file that could not be read, to the reason.
    """

    folders: tuple[Path, ...]
    paths: dict[str, Path]
    unread: dict[str, str]

    def file(self, font: CorpusFont) -> bytes:
        """The file of a font.

        Raises:
            PackageError: It is in none of the folders, or cannot be read any more.
        """
        path = self.paths.get(font.sha256)
        if path is None:
            folders = " or ".join(map(str, self.folders))
            raise PackageError(f"no file in {folders} is the pinned one, by its SHA-256")
        try:
            return path.read_bytes()
        except OSError as error:
            raise PackageError(f"{path} cannot be read ({error.strerror})") from None


def find_files(folders: Sequence[Path], fonts: Sequence[CorpusFont]) -> FoundFiles:
    """Look for the files of fonts in folders and all that is below these.

    Only files of a pinned size are read. Of two with the same content, the first counts: by the
    order of ``folders``, and in each by name, a folder's own files before those of its folders.
    Links to folders are not followed, those to files are.

    Args:
        folders: Folders to look through.
        fonts: Whose files are wanted.

    Raises:
        UserError: One of ``folders`` is none.
    """
    for folder in folders:
        if not folder.is_dir():
            found = "a file" if folder.exists() else "nothing"
            raise UserError(f"Expected a folder of font files at {folder}, but found {found}.")
    sizes, hashes = {font.n_bytes for font in fonts}, {font.sha256 for font in fonts}
    paths: dict[str, Path] = {}
    unread: dict[str, str] = {}
    for path in (p for folder in folders for p in _files_of_size(folder, sizes, unread)):
        try:
            sha256 = file_sha256(path)
        except OSError as error:
            unread[str(path)] = str(error.strerror)
            continue
        if sha256 in hashes:
            paths.setdefault(sha256, path)
            if len(paths) == len(hashes):
                break
    return FoundFiles(tuple(folders), paths, unread)


def _files_of_size(folder: Path, sizes: set[int], unread: dict[str, str]) -> Iterator[Path]:
    def note(error: OSError) -> None:
        unread[str(error.filename)] = str(error.strerror)

    for place, below, names in os.walk(folder, onerror=note):
        below.sort()
        for name in sorted(names):
            path = Path(place, name)
            try:
                size = path.stat().st_size
            except OSError:  # a link that leads nowhere or in a circle
                continue
            if size in sizes:  # pipes and devices have none
                yield path
