"""Font files of public GitHub repositories: at one commit, by GitHub or by a mirror of it."""

import time
from collections import defaultdict
from pathlib import Path
from urllib.parse import quote, urlsplit

from hangeul_bench.base.download import DownloadError, OtherFileError, download_on
from hangeul_bench.base.files import file_sha256
from hangeul_bench.fonts.corpus import CorpusFont
from hangeul_bench.fonts.packages import PackageError

# GitHub's own service for raw files, and a network that mirrors public repositories.
SERVICES = (
    "https://raw.githubusercontent.com/{repository}/{commit}/{path}",
    "https://cdn.jsdelivr.net/gh/{repository}@{commit}/{path}",
)
_ROUNDS, _SECONDS_BETWEEN = 2, 1.0
_GONE = (404, 410, 451)  # HTTP: not there, and a second question does not change that
_MOST_IN_VAIN = 3  # a service that cannot be reached so often in a row is not asked again


class Repositories:
    """The services that have the files, and which of them cannot be reached from here."""

    def __init__(self) -> None:
        self._in_vain: dict[str, int] = defaultdict(int)
        self._why: dict[str, str] = {}

    def file(self, font: CorpusFont, partial: Path) -> bytes:
        """Bring the file of a font, or what ``partial`` lacks of it.

        Args:
            font: A row of source ``github``.
            partial: Where it grows; it is left there, whole or not.

        Raises:
            PackageError: No service gives it; says what each of them does.
            OSError: ``partial`` cannot be written to.
        """
        partial.parent.mkdir(parents=True, exist_ok=True)
        if _is_pinned(partial, font):
            return partial.read_bytes()
        services, reasons = list(SERVICES), {}
        for number in range(_ROUNDS):
            if number and services:
                time.sleep(_SECONDS_BETWEEN)
            for service in tuple(services):
                try:
                    return self._ask(service, font, partial)
                except DownloadError as error:
                    reasons[urlsplit(service).netloc] = str(error)
                    if self._is_final(service, error):
                        services.remove(service)
        raise PackageError("; ".join(f"{host}: {why}" for host, why in reasons.items()))

    def _ask(self, service: str, font: CorpusFont, partial: Path) -> bytes:
        if self._in_vain[service] >= _MOST_IN_VAIN:
            raise DownloadError(self._why[service])
        try:
            data = _file_by(service, font, partial)
        except DownloadError as error:
            self._in_vain[service] = 0 if error.status else self._in_vain[service] + 1
            self._why[service] = str(error)
            raise
        self._in_vain[service] = 0
        return data

    def _is_final(self, service: str, error: DownloadError) -> bool:
        in_vain = self._in_vain[service] >= _MOST_IN_VAIN
        return in_vain or isinstance(error, OtherFileError) or error.status in _GONE


def _file_by(service: str, font: CorpusFont, partial: Path) -> bytes:
    url = service.format(repository=font.package, commit=font.version, path=quote(font.file))
    continued = partial.exists()
    try:
        download_on(url, partial, font.n_bytes)
        if _is_pinned(partial, font):
            return partial.read_bytes()
        raise OtherFileError("it gives another file than the pinned one")
    except OtherFileError:
        partial.unlink(missing_ok=True)
        if not continued:
            raise
    return _file_by(service, font, partial)  # what was there before may have been the other file


def _is_pinned(path: Path, font: CorpusFont) -> bool:
    if not path.is_file() or path.stat().st_size != font.n_bytes:
        return False
    return file_sha256(path) == font.sha256
