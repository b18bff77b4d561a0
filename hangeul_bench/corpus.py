"""The pinned open fonts: which they are, and how they get from their packages into a folder."""

import csv
import hashlib
import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from hangeul_bench.atomic import write_bytes, write_text
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
    _remove_leftovers(wanted, folder)
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
    entry = lock.get(font.font_id, {})
    if not entry.items() >= _lock_fields(font).items():
        return False
    path = folder / entry["file"]
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"]


def _remove_leftovers(wanted: list[CorpusFont], folder: Path) -> None:
    """Files under temporary names that a killed fetch has left."""
    for font in wanted:
        for path in (folder / font.category).glob(f"{font.font_id}.*.tmp-*"):
            path.unlink(missing_ok=True)


_Entries = list[dict[str, str]]


def _fetch_packages(
    wanted: list[CorpusFont], folder: Path, bar: Progress, *, jobs: int
) -> Iterator[tuple[str, _Entries, str]]:
    """Package, lock entries of the fonts written, and what failed, as the packages come."""
    packages: dict[str, list[CorpusFont]] = {}
    for font in wanted:
        packages.setdefault(font.package, []).append(font)
    pool = ThreadPoolExecutor(jobs)
    try:
        futures: dict[Future[tuple[_Entries, str]], str] = {
            pool.submit(_fetch_package, fonts, folder): package
            for package, fonts in packages.items()
        }
        for future in as_completed(futures):
            package = futures[future]
            entries, reason = future.result()
            yield package, entries, reason
            bar.advance(len(packages[package]))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _fetch_package(fonts: list[CorpusFont], folder: Path) -> tuple[_Entries, str]:
    """Lock entries of the package's fonts, now written, and the reason if one is not."""
    try:
        archive = _download(fonts)
    except PackageError as error:
        return [], str(error)
    entries, reason = [], ""
    for font in fonts:
        found = hashlib.sha256(archive.files[font.file]).hexdigest()
        if found == font.sha256:
            entries.append(_write_font(font, archive, folder))
            continue
        reason = (
            f"{font.file} of version {archive.version} has SHA-256 {found[:12]}... instead of the "
            f"pinned {font.sha256[:12]}... of version {font.version}"
        )
    return entries, reason


def _download(fonts: list[CorpusFont]) -> Archive:
    font, members = fonts[0], [font.file for font in fonts]
    with tempfile.TemporaryDirectory(prefix="hangeul-bench-") as temporary:
        here = Path(temporary)
        if font.source == "deb":
            return fetch_debian(font.package, members=members, folder=here)
        sha256 = font.package_sha256
        return fetch_npm(font.package, font.version, sha256=sha256, members=members, folder=here)


def _lock_fields(font: CorpusFont) -> dict[str, str]:
    return {
        "font_id": font.font_id,
        "category": font.category,
        "family": font.family,
        "style": font.style,
        "lineage": font.lineage,
        "licence": font.licence,
        "source": font.source,
        "package": font.package,
        "source_file": font.file,
        "source_sha256": font.sha256,
    }


def _write_font(font: CorpusFont, archive: Archive, folder: Path) -> dict[str, str]:
    """Write one font under its final name; returns its lock entry."""
    sfnt = face_sfnt(archive.files[font.file], 0, Path(font.file))
    suffix = ".otf" if sfnt[:4] == b"OTTO" else ".ttf"
    path = folder / font.category / (font.font_id + suffix)
    write_bytes(path, sfnt)
    return {
        **_lock_fields(font),
        "version": archive.version,
        "package_sha256": archive.sha256,
        "file": path.relative_to(folder).as_posix(),
        "sha256": hashlib.sha256(sfnt).hexdigest(),
    }


def _write_lock(lock: dict[str, dict[str, str]], folder: Path) -> None:
    fonts = [lock[font_id] for font_id in sorted(lock)]
    text = json.dumps({"format": LOCK_FORMAT, "fonts": fonts}, ensure_ascii=False, indent=1)
    write_text(folder / LOCK_NAME, text + "\n")
