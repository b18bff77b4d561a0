"""The pinned open fonts: which they are, and how they get from their packages into a folder."""

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from hangeul_bench.errors import UserError
from hangeul_bench.font_files import face_sfnt
from hangeul_bench.font_table import LOCK_FORMAT, LOCK_NAME, read_lock
from hangeul_bench.packages import (
    Archive,
    PackageError,
    fetch_debian,
    fetch_npm,
    npm_command,
)
from hangeul_bench.progress import Progress, progress

# Each set holds the one before it: the 20 evaluation fonts and the content font; some training
# fonts more; all npm fonts; and those that only Debian packages.
SETS = ("eval", "demo", "npm", "core")
_DOWNLOADS_AT_ONCE = 4


@dataclass(frozen=True)
class CorpusFont:
    """One pinned font style: a row of ``data/corpus.csv``, where each column is explained.

    Attributes:
        font_id: File name of the fetched font, without suffix.
        sets: Which of :data:`SETS` hold it.
        category: ``handwritten`` or ``printed``.
        family: Typographic family name.
        style: Typographic style name.
        weight: CSS weight, 100 to 950.
        lineage: Fonts drawn from one another share it.
        licence: SPDX-like name; the texts are in NOTICE.
        source: ``npm`` or ``deb``.
        package: Package name.
        version: Package version that was opened and measured.
        package_sha256: Hash of that version's archive.
        file: Name inside the archive.
        sha256: Hash of that file.
        n_bytes: Its size.
        note: Known defect, or empty.
    """

    font_id: str
    sets: tuple[str, ...]
    category: str
    family: str
    style: str
    weight: int
    lineage: str
    licence: str
    source: str
    package: str
    version: str
    package_sha256: str
    file: str
    sha256: str
    n_bytes: int
    note: str


@dataclass(frozen=True)
class Fetched:
    """What became of a fetch.

    Attributes:
        written: Font ids of the files written now.
        kept: Font ids of the files that were already right.
        failures: Package name to the reason why its fonts are not there.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    failures: dict[str, str]


@cache
def corpus_fonts(set_name: str = "core") -> tuple[CorpusFont, ...]:
    """The fonts of one set, by font id.

    Raises:
        UserError: There is no such set.
    """
    if set_name not in SETS:
        raise UserError(f"Expected --set {', '.join(SETS)}, but found {set_name!r}.")
    table = files("hangeul_bench").joinpath("data/corpus.csv").read_text(encoding="utf-8")
    fonts = [_corpus_font(row) for row in csv.DictReader(table.splitlines())]
    return tuple(sorted((f for f in fonts if set_name in f.sets), key=lambda font: font.font_id))


def fetch(set_name: str, folder: Path, *, jobs: int = _DOWNLOADS_AT_ONCE) -> Fetched:
    """Bring one set of the corpus into ``folder/handwritten`` and ``folder/printed``.

    Files that the lock file names and that still have their hash are kept; so an interrupted or
    partly failed fetch is completed by the same call. WOFF2 is unpacked to TTF.

    Args:
        set_name: One of :data:`SETS`.
        folder: Made if absent; other files in it are left alone.
        jobs: Packages downloaded at once.

    Returns:
        What was written, kept and not to be had; a package that fails stops no other.

    Raises:
        UserError: No such set, no npm client, or ``folder`` cannot be a font folder.
    """
    fonts = corpus_fonts(set_name)
    if folder.exists() and not folder.is_dir():
        raise UserError(f"Expected a folder for the fonts at {folder}, but found a file there.")
    lock = {entry["font_id"]: dict(entry) for entry in read_lock(folder).values()}
    kept = tuple(font.font_id for font in fonts if _is_right(font, lock, folder))
    wanted = [font for font in fonts if font.font_id not in kept]
    if any(font.source == "npm" for font in wanted):
        npm_command()
    folder.mkdir(parents=True, exist_ok=True)
    written, failures = [], {}
    with progress("Fetching fonts", len(wanted), "fonts") as bar:
        for package, entries, reason in _fetch_packages(wanted, folder, bar, jobs=jobs):
            if reason:
                failures[package] = reason
            lock.update({entry["font_id"]: entry for entry in entries})
            written += [entry["font_id"] for entry in entries]
            if entries:
                _write_lock(lock, folder)
    return Fetched(tuple(sorted(written)), kept, dict(sorted(failures.items())))


def _corpus_font(row: dict[str, str]) -> CorpusFont:
    values = {
        **row,
        "sets": tuple(row["sets"].split()),
        "weight": int(row["weight"]),
        "n_bytes": int(row["bytes"]),
    }
    del values["bytes"]
    return CorpusFont(**values)  # type: ignore[arg-type]


def _is_right(font: CorpusFont, lock: dict[str, dict[str, str]], folder: Path) -> bool:
    entry = lock.get(font.font_id)
    if entry is None or entry.get("source_sha256") != font.sha256:
        return False
    path = folder / entry["file"]
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]


_Outcome = tuple[str, list[dict[str, str]], str]


def _fetch_packages(
    wanted: list[CorpusFont], folder: Path, bar: Progress, *, jobs: int
) -> Iterator[_Outcome]:
    """Package, lock entries of the fonts written, and the reason if it failed: as they end."""
    packages: dict[str, list[CorpusFont]] = {}
    for font in wanted:
        packages.setdefault(font.package, []).append(font)
    pool = ThreadPoolExecutor(jobs)
    try:
        futures: dict[Future[list[dict[str, str]]], str] = {
            pool.submit(_fetch_package, fonts, folder): package
            for package, fonts in packages.items()
        }
        for future in as_completed(futures):
            package = futures[future]
            try:
                entries, reason = future.result(), ""
            except PackageError as error:
                entries, reason = [], str(error)
                bar.note(f"{package}: {reason}")
            yield package, entries, reason
            bar.advance(len(packages[package]))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _fetch_package(fonts: list[CorpusFont], folder: Path) -> list[dict[str, str]]:
    members = [font.file for font in fonts]
    package, version = fonts[0].package, fonts[0].version
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as temporary:
        here = Path(temporary)
        if fonts[0].source == "npm":
            sha256 = fonts[0].package_sha256
            archive = fetch_npm(package, version, sha256=sha256, members=members, folder=here)
        else:
            archive = fetch_debian(package, members=members, folder=here)
    _check_files(fonts, archive)
    return [_write_font(font, archive, folder) for font in fonts]


def _check_files(fonts: list[CorpusFont], archive: Archive) -> None:
    for font in fonts:
        found = hashlib.sha256(archive.files[font.file]).hexdigest()
        if found != font.sha256:
            raise PackageError(
                f"{font.file} of version {archive.version} has SHA-256 {found[:12]}... instead of "
                f"the pinned {font.sha256[:12]}..."
            )


def _write_font(font: CorpusFont, archive: Archive, folder: Path) -> dict[str, str]:
    """Write one font under its final name; returns its lock entry."""
    sfnt = face_sfnt(archive.files[font.file], 0, Path(font.file))
    suffix = ".otf" if sfnt[:4] == b"OTTO" else ".ttf"
    path = folder / font.category / (font.font_id + suffix)
    path.parent.mkdir(exist_ok=True)
    _write_whole(path, sfnt)
    return {
        "font_id": font.font_id,
        "file": path.relative_to(folder).as_posix(),
        "category": font.category,
        "family": font.family,
        "style": font.style,
        "lineage": font.lineage,
        "licence": font.licence,
        "source": font.source,
        "package": font.package,
        "version": archive.version,
        "package_sha256": archive.sha256,
        "source_file": font.file,
        "source_sha256": font.sha256,
        "sha256": hashlib.sha256(sfnt).hexdigest(),
    }


def _write_lock(lock: dict[str, dict[str, str]], folder: Path) -> None:
    fonts = [lock[font_id] for font_id in sorted(lock)]
    text = json.dumps({"format": LOCK_FORMAT, "fonts": fonts}, ensure_ascii=False, indent=1)
    _write_whole(folder / LOCK_NAME, (text + "\n").encode())


def _write_whole(path: Path, data: bytes) -> None:
    temporary = path.with_name(f"{path.name}.tmp-{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
