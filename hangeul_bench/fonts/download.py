"""Brings pinned fonts into a folder: from packages, repositories or other folders."""

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from hangeul_bench.base.errors import UserError, system_error_sentence
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.lock import alone_in
from hangeul_bench.base.progress import progress
from hangeul_bench.fonts.corpus import CorpusFont, corpus_fonts
from hangeul_bench.fonts.folders import FoundFiles, find_files
from hangeul_bench.fonts.github import Repositories
from hangeul_bench.fonts.packages import (
    Archive,
    PackageError,
    fetch_debian,
    fetch_npm,
    npm_command,
)
from hangeul_bench.fonts.sfnt import face_sfnt
from hangeul_bench.fonts.table import Entry, FontsLock

_DOWNLOADS_AT_ONCE = 4


@dataclass(frozen=True)
class Fetched:
    """What became of a fetch.

    Attributes:
        written: Font ids of the files written now.
        kept: Font ids of the files that were already right.
        failures: Font ids of what is not there, with the reason.
        unread: What could not be read of the folders that were looked through, with the reason.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    failures: dict[str, str]
    unread: dict[str, str] = field(default_factory=dict)


def fetch(
    set_name: str, folder: Path, *, jobs: int = _DOWNLOADS_AT_ONCE, sources: Sequence[Path] = ()
) -> Fetched:
    """Bring one set of the corpus into ``folder/handwritten`` and ``folder/printed``.

    Args:
        set_name: One of :data:`hangeul_bench.fonts.corpus.SETS`.
        folder: As of :func:`fetch_fonts`.
        jobs: As of :func:`fetch_fonts`.
        sources: As of :func:`fetch_fonts`.

    Returns:
        What was written, kept and not available; a font that fails stops no other.

    Raises:
        UserError: No such set, and as :func:`fetch_fonts`.
    """
    fonts = corpus_fonts(set_name)
    return fetch_fonts(fonts, folder, set_name=set_name, jobs=jobs, sources=sources)


def fetch_fonts(
    fonts: Sequence[CorpusFont],
    folder: Path,
    *,
    set_name: str = "",
    jobs: int = _DOWNLOADS_AT_ONCE,
    sources: Sequence[Path] = (),
) -> Fetched:
    """Bring pinned fonts into ``folder/handwritten`` and ``folder/printed``.

    Files that the lock file names and that still have their hash are kept; so an interrupted or
    partly failed fetch is completed by the same call. WOFF and WOFF2 are unpacked.

    Args:
        fonts: Rows of the corpus.
        folder: Made if absent; other files in it are left alone.
        set_name: The set that they are, for the lock file; empty if they are none.
        jobs: Downloads at once.
        sources: Folders that are looked through in place of the network; a file is recognised by
            its SHA-256.

    Returns:
        What was written, kept and not available; a font that fails stops no other.

    Raises:
        UserError: No npm client, ``folder`` cannot be a font folder, one of ``sources`` is no
            folder, or another run fetches into ``folder``.
        OSError: The lock file cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"Expected a folder for the fonts at {folder}, but found a file there.")
    lock = FontsLock.read(folder)
    wanted = [font for font in fonts if not lock.holds(font.lock_fields)]
    found = find_files(sources, wanted) if sources else None
    if not wanted:
        return _fetched(fonts, written=[], failures={})
    if not found and any(font.source == "npm" for font in wanted):
        npm_command()
    with alone_in(folder, "fonts fetch"):
        lock = FontsLock.read(folder)
        _remove_leftovers(wanted, folder)
        written, failures = _fetch(_downloads(wanted, folder, found), lock, jobs=jobs)
        if set_name:
            lock.name_set(set_name, (font.font_id for font in fonts))
        lock.write()
    unread = found.unread if found else {}
    return _fetched(fonts, written=written, failures=failures, unread=unread)


class _Download(NamedTuple):
    """What comes at once: an archive with fonts, or the file of one."""

    fonts: Sequence[CorpusFont]
    archive: Callable[[], Archive]


class _Outcome(NamedTuple):
    """What became of a download: lock entries of fonts now written, and why others are not."""

    entries: Sequence[Entry]
    failures: Mapping[str, str]


def _downloads(
    wanted: Sequence[CorpusFont], folder: Path, found: FoundFiles | None
) -> list[_Download]:
    if found:
        return [_Download([font], partial(_from_folder, font, found)) for font in wanted]
    repositories = Repositories()
    downloads = []
    packages: dict[str, list[CorpusFont]] = {}
    for font in wanted:
        if font.source == "github":
            archive = partial(_from_repository, font, repositories, _partial(font, folder))
            downloads.append(_Download([font], archive))
        else:
            packages.setdefault(font.package, []).append(font)
    return [
        *(_Download(fonts, partial(_package, fonts)) for fonts in packages.values()),
        *downloads,
    ]


def _from_folder(font: CorpusFont, found: FoundFiles) -> Archive:
    return Archive(font.version, font.package_sha256, {font.file: found.file(font)})


def _from_repository(font: CorpusFont, repositories: Repositories, grows: Path) -> Archive:
    try:
        return Archive(font.version, "", {font.file: repositories.file(font, grows)})
    except OSError as error:
        error.filename = error.filename or str(grows)  # a write to an open file names none
        raise


def _package(fonts: Sequence[CorpusFont]) -> Archive:
    font, members = fonts[0], [font.file for font in fonts]
    with tempfile.TemporaryDirectory(prefix="hangeul-bench-") as temporary:
        here = Path(temporary)
        if font.source == "deb":
            return fetch_debian(font.package, members=members, folder=here)
        sha256 = font.package_sha256
        return fetch_npm(font.package, font.version, sha256=sha256, members=members, folder=here)


def _fetch(
    downloads: Sequence[_Download], lock: FontsLock, *, jobs: int
) -> tuple[list[str], dict[str, str]]:
    """Ids of the fonts that were written, and of those that were not with the reason."""
    written: list[str] = []
    failures: dict[str, str] = {}
    n_fonts = sum(len(download.fonts) for download in downloads)
    with progress("Fetching fonts", n_fonts, "fonts") as bar:
        for outcome in _outcomes(downloads, lock.folder, jobs=jobs):
            failures |= outcome.failures
            lock.fonts.update({entry["font_id"]: entry for entry in outcome.entries})
            written += [entry["font_id"] for entry in outcome.entries]
            if outcome.entries:
                with suppress(OSError):  # of a full disk; it is written again at the end
                    lock.write()
            bar.advance(len(outcome.entries) + len(outcome.failures))
    return written, failures


def _outcomes(downloads: Sequence[_Download], folder: Path, *, jobs: int) -> Iterator[_Outcome]:
    """What became of each download, as they come."""
    pool = ThreadPoolExecutor(jobs)
    try:
        futures: list[Future[_Outcome]] = [pool.submit(_take, d, folder) for d in downloads]
        for future in as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _take(download: _Download, folder: Path) -> _Outcome:
    entries: list[Entry] = []
    failures: dict[str, str] = {}
    try:
        archive = download.archive()
    except (PackageError, OSError) as error:
        return _Outcome([], {f.font_id: _reason(error, folder) for f in download.fonts})
    for font in download.fonts:
        try:
            entries.append(_write_font(font, archive, folder))
        except (PackageError, UserError, OSError) as error:
            failures[font.font_id] = _reason(error, folder)
    return _Outcome(entries, failures)


def _write_font(font: CorpusFont, archive: Archive, folder: Path) -> Entry:
    """Write one font under its final name; returns its lock entry."""
    data = archive.files[font.file]
    found = hashlib.sha256(data).hexdigest()
    if found != font.sha256:
        raise PackageError(
            f"{font.file} of version {archive.version} has SHA-256 {found[:12]}... instead of the "
            f"pinned {font.sha256[:12]}... of version {font.version}"
        )
    sfnt = face_sfnt(data, 0, Path(font.file))
    suffix = ".otf" if sfnt[:4] == b"OTTO" else ".ttf"
    path = folder / font.category / (font.font_id + suffix)
    write_whole(path, sfnt)
    _partial(font, folder).unlink(missing_ok=True)
    return {
        **font.lock_fields,
        "licence_evidence": font.licence_evidence,
        "version": archive.version,
        "package_sha256": archive.sha256,
        "file": path.relative_to(folder).as_posix(),
        "sha256": hashlib.sha256(sfnt).hexdigest(),
    }


def _reason(error: Exception, folder: Path) -> str:
    """Why a font is not there, as a clause that is the same for all fonts of one cause."""
    if isinstance(error, OSError) and str(error.filename or "").startswith(str(folder)):
        error.filename = str(folder)
    return (system_error_sentence(error) or str(error)).rstrip(".")


def _partial(font: CorpusFont, folder: Path) -> Path:
    """Where the file of a font grows: its hash is in the name, so no other file is continued."""
    return folder / font.category / f"{font.font_id}.{font.sha256[:12]}.part"


def _remove_leftovers(wanted: Sequence[CorpusFont], folder: Path) -> None:
    """Files under temporary names that a killed fetch has left and that are of no use."""
    for font in wanted:
        for path in (folder / font.category).glob(f"{font.font_id}.*"):
            if ".tmp-" in path.name or (path.suffix == ".part" and path != _partial(font, folder)):
                path.unlink(missing_ok=True)


def _fetched(
    fonts: Sequence[CorpusFont],
    *,
    written: Sequence[str],
    failures: Mapping[str, str],
    unread: Mapping[str, str] | None = None,
) -> Fetched:
    return Fetched(
        written=tuple(sorted(written)),
        kept=tuple(sorted({f.font_id for f in fonts} - set(failures) - set(written))),
        failures=dict(sorted(failures.items())),
        unread=dict(unread or {}),
    )
