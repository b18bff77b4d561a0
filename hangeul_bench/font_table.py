"""What a folder's ``fonts.lock.json`` and ``fonts.csv`` say about its font files."""

import csv
import json
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from hangeul_bench.errors import UserError

CATEGORIES = ("handwritten", "printed")
LOCK_NAME = "fonts.lock.json"
TABLE_NAME = "fonts.csv"
LOCK_FORMAT = 1
_LOCK_FIELDS = ("file", "font_id", "category", "family", "style", "lineage", "licence", "sha256")
_COLUMNS = ("file", "category", "family", "lineage", "licence")

Known = Mapping[str, Mapping[str, str]]


def read_known(folder: Path) -> Known:
    """File name -> fields: those of the lock file, and over them the ones of ``fonts.csv``.

    File names are relative to ``folder``, with ``/`` and in NFC.

    Raises:
        UserError: One of the two files cannot be understood, or ``fonts.csv`` names a file that
            is not there.
    """
    known = {name: dict(entry) for name, entry in read_lock(folder).items()}
    for name, row in _read_table(folder).items():
        known.setdefault(name, {}).update(row)
    return known


def read_lock(folder: Path) -> Known:
    """The lock file's entries by file name; empty if there is no lock file."""
    path = folder / LOCK_NAME
    if not path.is_file():
        return {}
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        if lock["format"] != LOCK_FORMAT:
            raise UserError(
                f"{path} has format {lock['format']}, but this version reads {LOCK_FORMAT}; "
                "update hangeul-bench or fetch the fonts into another folder."
            )
        for entry in lock["fonts"]:
            absent = [field for field in _LOCK_FIELDS if not isinstance(entry[field], str)]
            if absent:
                raise ValueError(f"no text in {absent[0]}")
        return {file_key(entry["file"]): entry for entry in lock["fonts"]}
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"{path} is not a lock file of 'hangeul-bench fonts fetch' ({error!r}); remove it."
        ) from None


def file_key(name: str) -> str:
    """A file's relative name as both tables and disks spell it alike (NFC, ``/``)."""
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _read_table(folder: Path) -> Known:
    path = folder / TABLE_NAME
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns, rows = reader.fieldnames or [], list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path} is not a UTF-8 CSV table ({error}).") from None
    unknown = [column for column in columns if column not in _COLUMNS]
    if "file" not in columns or unknown:
        raise UserError(
            f"{path}: expected the columns {','.join(_COLUMNS)} (all but file optional), but found "
            f"{','.join(columns) or 'none'}."
        )
    files = {
        file_key(str(file.relative_to(folder).as_posix()))
        for file in folder.rglob("*")
        if file.is_file()
    }
    return dict(_table_row(row, line, files, path) for line, row in enumerate(rows, start=2))


def _table_row(
    row: Mapping[str, str], line: int, files: set[str], path: Path
) -> tuple[str, dict[str, str]]:
    name = file_key((row["file"] or "").strip())
    if name not in files:
        raise UserError(f"{path}, line {line}: there is no file {name!r} in {path.parent}.")
    fields = {
        key: value.strip()
        for key, value in row.items()
        if key != "file" and isinstance(value, str) and value.strip()
    }
    if fields.get("category", CATEGORIES[0]) not in CATEGORIES:
        raise UserError(
            f"{path}, line {line}: expected the category handwritten or printed, but found "
            f"{fields['category']!r}."
        )
    return name, fields
