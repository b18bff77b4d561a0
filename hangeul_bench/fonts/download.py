"""Brings a set of the pinned fonts from their packages into a folder."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.lock import alone_in
from hangeul_bench.base.progress import progress
from hangeul_bench.base.tables import one_line
from hangeul_bench.fonts.corpus import CorpusFont
from hangeul_bench.fonts.lock import Entry, FontsLock
from hangeul_bench.fonts.packages import (
    Archive,
    PackageError,
    fetch_debian,
    fetch_npm,
    fetch_npm_blob,
    npm_command,
)
from hangeul_bench.fonts.sfnt import face_sfnt
from hangeul_bench.fonts.unopened import (
    UnopenedFont,
    names_of,
    set_fonts,
    verified_row,
    why_passed_over,
)

_DOWNLOADS_AT_ONCE = 4

PinnedFont = CorpusFont | UnopenedFont


@dataclass(frozen=True)
class Fetched:
    """What became of a fetch.

    Attributes:
        written: Font ids of the files written now.
        kept: Font ids of the files that were already right.
        failures: Package name to the reason why its fonts are not there.
        verified: Rows for ``corpus.csv`` of the fonts in the folder that it does not have.
        passed_over: Fonts that were opened and do not belong to the set, with the reason.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    failures: dict[str, str]
    verified: tuple[CorpusFont, ...] = ()
    passed_over: dict[str, str] = field(default_factory=dict)


def fetch(set_name: str, folder: Path, *, jobs: int = _DOWNLOADS_AT_ONCE) -> Fetched:
    """Bring one set of the corpus into ``folder/handwritten`` and ``folder/printed``.

    Files that the lock file names and that still have their hash are kept; so an interrupted or
    partly failed fetch is completed by the same call. WOFF2 is unpacked to TTF.

    Args:
        set_name: One of :data:`hangeul_bench.fonts.corpus.SETS`.
        folder: Made if absent; other files in it are left alone.
        jobs: Packages downloaded at once.

    Returns:
        What was written, kept and not to be had; a package that fails stops no other.

    Raises:
        UserError: No such set, no npm client, ``folder`` cannot be a font folder, or another run
            fetches into it.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"Expected a folder for the fonts at {folder}, but found a file there.")
    lock = FontsLock.read(folder)
    fonts = set_fonts(set_name, lock.passed_over)
    wanted = [font for font in fonts if not lock.holds(font.lock_fields)]
    if not wanted:
        return _fetched(lock, set_name, written=[], failures={})
    if any(font.source == "npm" for font in wanted):
        npm_command()
    with alone_in(folder, "fonts fetch"):
        return _fetch(set_name, folder, jobs)


def _fetch(set_name: str, folder: Path, jobs: int) -> Fetched:
    lock = FontsLock.read(folder)
    written: list[str] = []
    failures: dict[str, str] = {}
    tried: set[str] = set()
    while wanted := _wanted(set_name, lock, tried):  # again for those that take another's place
        tried.update(font.font_id for font in wanted)
        _remove_leftovers(wanted, folder)
        with progress("Fetching fonts", len(wanted), "fonts") as bar:
            for fonts, outcome in _fetch_packages(wanted, folder, jobs=jobs):
                if outcome.failure:
                    failures[fonts[0].package] = outcome.failure
                lock.fonts.update({entry["font_id"]: entry for entry in outcome.entries})
                lock.passed_over.update(outcome.passed_over)
                written += [entry["font_id"] for entry in outcome.entries]
                if outcome.entries or outcome.passed_over:
                    lock.write()
                bar.advance(len(fonts))
    lock.name_set(set_name, (font.font_id for font in set_fonts(set_name, lock.passed_over)))
    lock.write()
    return _fetched(lock, set_name, written=written, failures=failures)


def _wanted(set_name: str, lock: FontsLock, tried: set[str]) -> list[PinnedFont]:
    fonts = [f for f in set_fonts(set_name, lock.passed_over) if f.font_id not in tried]
    return [font for font in fonts if not lock.holds(font.lock_fields)]


def _fetched(
    lock: FontsLock, set_name: str, *, written: Sequence[str], failures: dict[str, str]
) -> Fetched:
    fonts = set_fonts(set_name, lock.passed_over)
    there = {
        f.font_id: f
        for f in fonts
        if lock.fonts.get(f.font_id, {}).items() >= f.lock_fields.items()
    }
    verified = (
        verified_row(font, lock.fonts[font_id])
        for font_id, font in there.items()
        if isinstance(font, UnopenedFont)
    )
    return Fetched(
        written=tuple(sorted(written)),
        kept=tuple(sorted(set(there) - set(written))),
        failures=dict(sorted(failures.items())),
        verified=tuple(sorted(verified, key=lambda font: font.font_id)),
        passed_over=dict(lock.passed_over),
    )


def _remove_leftovers(wanted: Sequence[PinnedFont], folder: Path) -> None:
    """Files under temporary names that a killed fetch has left."""
    for font in wanted:
        for path in (folder / font.category).glob(f"{font.font_id}.*.tmp-*"):
            path.unlink(missing_ok=True)


class _Outcome(NamedTuple):
    """What became of a package: lock entries of fonts now written, and what went wrong."""

    entries: Sequence[Entry] = ()
    failure: str = ""
    passed_over: dict[str, str] = {}


def _fetch_packages(
    wanted: Sequence[PinnedFont], folder: Path, *, jobs: int
) -> Iterator[tuple[list[PinnedFont], _Outcome]]:
    """The fonts of each package, and what became of it, as the packages come."""
    packages: dict[str, list[PinnedFont]] = {}
    for font in wanted:
        packages.setdefault(font.package, []).append(font)
    pool = ThreadPoolExecutor(jobs)
    try:
        futures: dict[Future[_Outcome], list[PinnedFont]] = {
            pool.submit(_fetch_package, fonts, folder): fonts for fonts in packages.values()
        }
        for future in as_completed(futures):
            yield futures[future], future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _fetch_package(fonts: Sequence[PinnedFont], folder: Path) -> _Outcome:
    opened = [font for font in fonts if isinstance(font, CorpusFont)]
    try:
        if opened:
            return _take_opened(opened, _download(opened), folder)
        return _take_unopened([f for f in fonts if isinstance(f, UnopenedFont)][0], folder)
    except PackageError as error:
        return _Outcome(failure=str(error))


def _take_opened(fonts: Sequence[CorpusFont], archive: Archive, folder: Path) -> _Outcome:
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


def _take_unopened(font: UnopenedFont, folder: Path) -> _Outcome:
    with tempfile.TemporaryDirectory(prefix="hangeul-bench-") as temporary:
        place = Path(temporary)
        archive = fetch_npm_blob(font.package, font.version, is_wanted=font.is_file, folder=place)
    ((name, data),) = archive.files.items()
    try:
        sfnt = face_sfnt(data, 0, Path(name))
        why = why_passed_over(sfnt)
    except UserError:
        why = "it is no usable font"
    if why:
        return _Outcome(passed_over={font.font_id: why})
    more = {
        **names_of(sfnt),
        "source_file": one_line(name),
        "source_sha256": hashlib.sha256(data).hexdigest(),
        "bytes": str(len(data)),
    }
    return _Outcome([{**_write_font(font, sfnt, archive, folder), **more}])


def _download(fonts: Sequence[CorpusFont]) -> Archive:
    font, members = fonts[0], [font.file for font in fonts]
    with tempfile.TemporaryDirectory(prefix="hangeul-bench-") as temporary:
        here = Path(temporary)
        if font.source == "deb":
            return fetch_debian(font.package, members=members, folder=here)
        sha256 = font.package_sha256
        return fetch_npm(font.package, font.version, sha256=sha256, members=members, folder=here)


def _write_font(font: PinnedFont, sfnt: bytes, archive: Archive, folder: Path) -> Entry:
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
