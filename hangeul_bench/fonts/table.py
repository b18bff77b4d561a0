"""What a folder's ``fonts.lock.json`` and ``fonts.csv`` say about its font files."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256, folders_below, pretty_json, write_whole
from hangeul_bench.base.tables import csv_rows, one_line, read_text

CATEGORIES = ("handwritten", "printed")
LOCK_NAME = "fonts.lock.json"
TABLE_NAME = "fonts.csv"
LOCK_FORMAT = 1
_OPTIONAL = ("category", "family", "lineage", "licence", "font_id")  # columns beside "file"

_LINE = {"type": "string", "format": "line"}
_LOCK_FIELDS = {
    "file": {"type": "string", "format": "path-below"},
    "font_id": {"type": "string", "format": "file-name"},
    "category": {"enum": [*CATEGORIES]},
    "family": _LINE,
    "style": _LINE,
    "lineage": _LINE,
    "licence": _LINE,
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
}
_VERSION = Schema(
    {"type": "object", "required": ["format"], "properties": {"format": {"type": "integer"}}}
)
_LOCK = Schema(
    {
        "type": "object",
        "required": ["fonts"],
        "properties": {
            "fonts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": [*_LOCK_FIELDS],
                    "properties": _LOCK_FIELDS,
                    "additionalProperties": {"type": "string"},
                },
            },
            "set": {
                "type": "object",
                "required": ["name", "fonts"],
                "properties": {
                    "name": _LINE,
                    "fonts": {"type": "array", "items": {"type": "string", "format": "file-name"}},
                },
            },
        },
    }
)

Entry = Mapping[str, str]
Known = Mapping[str, Entry]


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
    """The lock file's entries by file name; empty if there is no lock file.

    Raises:
        UserError: As :func:`lock_document`.
    """
    return {file_key(entry["file"]): entry for entry in lock_document(folder)["fonts"]}


def lock_document(folder: Path) -> dict[str, Any]:
    """The lock file as it stands there; one without a font if there is none.

    Raises:
        UserError: It is no lock file, or a name in it may lead out of the folder.
    """
    path = folder / LOCK_NAME
    if not path.exists():
        return {"format": LOCK_FORMAT, "fonts": []}
    said = {"expected": "a lock file of 'hangeul-bench fonts fetch'", "remedy": "remove it"}
    lock: dict[str, Any] = read_json(path, _VERSION, **said)
    if lock["format"] != LOCK_FORMAT:
        raise UserError(
            f"{path} has format {lock['format']}, but this version reads {LOCK_FORMAT}; "
            "update hangeul-bench or fetch the fonts into another folder."
        )
    if problem := _LOCK.problem(lock):
        raise UserError(f"{path} is not {said['expected']}: {problem}; {said['remedy']}.")
    return lock


def file_key(name: str) -> str:
    """A file's relative name as both tables and disks spell it alike (NFC, ``/``)."""
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def _read_table(folder: Path) -> Known:
    path = folder / TABLE_NAME
    if not path.exists():
        return {}
    rows = list(csv_rows(read_text(path), ("file",), where=path, optional=_OPTIONAL))
    files = {
        file_key(str(file.relative_to(folder).as_posix()))
        for place in folders_below(folder)
        for file in place.iterdir()
        if file.is_file()
    }
    return dict(_table_row(row, line, files, path) for line, row in rows)


def _table_row(
    row: Mapping[str, str], line: int, files: set[str], path: Path
) -> tuple[str, dict[str, str]]:
    name = file_key(row["file"].strip())
    if name not in files:
        raise UserError(f"{path}, line {line}: there is no file {name!r} in {path.parent}.")
    fields = {
        key: one_line(value.strip())
        for key, value in row.items()
        if key != "file" and value.strip()
    }
    if fields.get("category", CATEGORIES[0]) not in CATEGORIES:
        raise UserError(
            f"{path}, line {line}: expected the category handwritten or printed, but found "
            f"{fields['category'][:40]!r}."
        )
    return name, fields


@dataclass
class FontsLock:
    """The lock file of a folder of fonts.

    Attributes:
        folder: The folder.
        fonts: What is known of each font that was fetched, by its id.
        set_name: The largest set that was fetched; empty if none was.
        set_fonts: The ids of its fonts, those that were not available too.
    """

    folder: Path
    fonts: dict[str, Entry] = field(default_factory=dict)
    set_name: str = ""
    set_fonts: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> "FontsLock":
        """The lock file of a folder; an empty one if there is none.

        Raises:
            UserError: It is no lock file, or a name in it may lead out of the folder.
        """
        document = lock_document(folder)
        fonts: dict[str, Entry] = {entry["font_id"]: dict(entry) for entry in document["fonts"]}
        said = document.get("set", {"name": "", "fonts": []})
        return cls(folder, fonts, said["name"], tuple(said["fonts"]))

    def holds(self, fields: Entry) -> bool:
        """Whether the font of these fields lies in the folder as it was fetched."""
        entry = self.fonts.get(fields["font_id"], {})
        if not entry.items() >= fields.items():
            return False
        path = self.folder / entry["file"]
        return path.is_file() and file_sha256(path) == entry["sha256"]

    def name_set(self, name: str, font_ids: Iterable[str]) -> None:
        """Note which set the folder should hold, unless that is part of the one it is said to."""
        asked = tuple(sorted(font_ids))
        if not set(asked) <= set(self.set_fonts):
            self.set_name, self.set_fonts = name, asked

    def write(self) -> None:
        """Write the file."""
        document: dict[str, object] = {
            "format": LOCK_FORMAT,
            "fonts": [self.fonts[font_id] for font_id in sorted(self.fonts)],
        }
        if self.set_name:
            document["set"] = {"name": self.set_name, "fonts": list(self.set_fonts)}
        write_whole(self.folder / LOCK_NAME, pretty_json(document))
