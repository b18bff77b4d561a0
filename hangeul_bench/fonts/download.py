"""Brings a set of the pinned fonts from their packages into a folder."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.lock import alone_in
from hangeul_bench.base.progress import progress
from hangeul_bench.fonts.corpus import CorpusFont, corpus_fonts
from hangeul_bench.fonts.lock import Entry, FontsLock
from hangeul_bench.fonts.packages import (
    Archive,
    PackageError,
    fetch_debian,
    fetch_npm,
    npm_command,
)
from hangeul_bench.fonts.sfnt import face_sfnt

_DOWNLOADS_AT_ONCE = 4


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


def fetch(set_name: str, folder: Path, *, jobs: int = _DOWNLOADS_AT_ONCE) -> Fetched:
    """Bring one set of the corpus into ``folder/handwritten`` and ``folder/printed``.

    Args:
        set_name: One of :data:`hangeul_bench.fonts.corpus.SETS`.
        folder: As of :func:`fetch_fonts`.
        jobs: As of :func:`fetch_fonts`.

    Returns:
        What was written, kept and not to be had; a font that fails stops no other.

    Raises:
        UserError: No such set, and as :func:`fetch_fonts`.
    """
    return fetch_fonts(corpus_fonts(set_name), folder, set_name=set_name, jobs=jobs)


def fetch_fonts(
    fonts: Sequence[CorpusFont],
    folder: Path,
    *,
    set_name: str = "",
    jobs: int = _DOWNLOADS_AT_ONCE,
) -> Fetched:
    """Bring pinned fonts into ``folder/handwritten`` and ``folder/printed``.

    Files that the lock file names and that still have their hash are kept; so an interrupted or
    partly failed fetch is completed by the same call. WOFF and WOFF2 are unpacked.

    Args:
        fonts: Rows of the corpus.
        folder: Made if absent; other files in it are left alone.
        set_name: The set that they are, for the lock file; empty if they are none.
        jobs: Downloads at once.

    Returns:
        What was written, kept and not to be had; a font that fails stops no other.

    Raises:
        UserError: No npm client, ``folder`` cannot be a font folder, or another run fetches into
            it.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"Expected a folder for the fonts at {folder}, but found a file there.")
    wanted = _wanted(fonts, FontsLock.read(folder))
    if not wanted:
        return _fetched(fonts, written=[], failures={})
    if any(font.source == "npm" for font in wanted):
        npm_command()
    with alone_in(folder, "fonts fetch"):
        lock = FontsLock.read(folder)
        written, failures = _fetch(_wanted(fonts, lock), lock, jobs=jobs)
        if set_name:
            lock.name_set(set_name, (font.font_id for font in fonts))
        lock.write()
    return _fetched(fonts, written=written, failures=failures)


def _wanted(fonts: Sequence[CorpusFont], lock: FontsLock) -> list[CorpusFont]:
    return [font for font in fonts if not lock.holds(font.lock_fields)]


def _fetch(
    wanted: Sequence[CorpusFont], lock: FontsLock, *, jobs: int
) -> tuple[list[str], dict[str, str]]:
    """Ids of what was written, and package to reason of what was not."""
    written: list[str] = []
    failures: dict[str, str] = {}
    _remove_leftovers(wanted, lock.folder)
    with progress("Fetching fonts", len(wanted), "fonts") as bar:
        for fonts, outcome in _fetch_packages(wanted, lock.folder, jobs=jobs):
            if outcome.failure:
                failures[fonts[0].package] = outcome.failure
            lock.fonts.update({entry["font_id"]: entry for entry in outcome.entries})
            written += [entry["font_id"] for entry in outcome.entries]
            if outcome.entries:
                lock.write()
            bar.advance(len(fonts))
    return written, failures


def _fetched(
    fonts: Sequence[CorpusFont], *, written: Sequence[str], failures: dict[str, str]
) -> Fetched:
    missing = {f.font_id for f in fonts if f.package in failures}
    return Fetched(
        written=tuple(sorted(written)),
        kept=tuple(sorted({f.font_id for f in fonts} - missing - set(written))),
        failures=dict(sorted(failures.items())),
    )


def _remove_leftovers(wanted: Sequence[CorpusFont], folder: Path) -> None:
    """Files under temporary names that a killed fetch has left."""
    for font in wanted:
        for path in (folder / font.category).glob(f"{font.font_id}.*.tmp-*"):
            path.unlink(missing_ok=True)


class _Outcome(NamedTuple):
    """What became of a package: lock entries of fonts now written, and what went wrong."""

    entries: Sequence[Entry] = ()
    failure: str = ""


def _fetch_packages(
    wanted: Sequence[CorpusFont], folder: Path, *, jobs: int
) -> Iterator[tuple[list[CorpusFont], _Outcome]]:
    """The fonts of each package, and what became of it, as the packages come."""
    packages: dict[str, list[CorpusFont]] = {}
    for font in wanted:
        packages.setdefault(font.package, []).append(font)
    pool = ThreadPoolExecutor(jobs)
    try:
        futures: dict[Future[_Outcome], list[CorpusFont]] = {
            pool.submit(_fetch_package, fonts, folder): fonts for fonts in packages.values()
        }
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _fetch_package(fonts: Sequence[CorpusFont], folder: Path) -> _Outcome:
    try:
        return _take(fonts, _download(fonts), folder)
    except PackageError as error:
        return _Outcome(failure=str(error))


def _take(fonts: Sequence[CorpusFont], archive: Archive, folder: Path) -> _Outcome:
    entries, failure = [], ""
    for font in fonts:
        found = hashlib.sha256(archive.files[font.file]).hexdigest()
        if found == font.sha256:
            sfnt = face_sfnt(archive.files[font.file], 0, Path(font.file))
            entries.append(_write_font(font, sfnt, archive, folder))
            continue
        failure = (
            f"{font.file} of version {archive.version} has SHA-256 {found[:12]}... instead of the "
            f"pinned {font.sha256[:12]}... of version {font.version}"
        )
    return _Outcome(entries, failure)


def _download(fonts: Sequence[CorpusFont]) -> Archive:
    font, members = fonts[0], [font.file for font in fonts]
    with tempfile.TemporaryDirectory(prefix="hangeul-bench-") as temporary:
        here = Path(temporary)
        if font.source == "deb":
            return fetch_debian(font.package, members=members, folder=here)
        sha256 = font.package_sha256
        return fetch_npm(font.package, font.version, sha256=sha256, members=members, folder=here)


def _write_font(font: CorpusFont, sfnt: bytes, archive: Archive, folder: Path) -> Entry:
    """Write one font under its final name; returns its lock entry."""
    suffix = ".otf" if sfnt[:4] == b"OTTO" else ".ttf"
    path = folder / font.category / (font.font_id + suffix)
    write_whole(path, sfnt)
    return {
        **font.lock_fields,
        "version": archive.version,
        "package_sha256": archive.sha256,
        "file": path.relative_to(folder).as_posix(),
        "sha256": hashlib.sha256(sfnt).hexdigest(),
    }
