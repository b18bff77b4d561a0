"""The one rule for every name that becomes a path: font ids, models, entries of a table.

A file that somebody else wrote names fonts and files, and we write to and read from what it names.
A name that passes here stays one entry of one folder, on every system.
"""

import re
import unicodedata

from hangeul_bench.base.errors import UserError

# Of 255, which most file systems take: ".parquet" and ".tmp-" with a process number follow a name.
MAX_NAME_BYTES = 200
NAME_RULE = f"letters, digits and . _ + - or blanks between them, of at most {MAX_NAME_BYTES} bytes"
_NAME = re.compile(r"\w(?:[\w.+ -]*[\w+-])?")
_DEVICES = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)")  # no files on Windows


def is_file_name(text: str) -> bool:
    """Whether ``text`` may name a file or folder: no separator, no ``..``, nothing hidden."""
    return (
        _NAME.fullmatch(text) is not None
        and _DEVICES.match(text) is None
        and len(text.encode("utf-8", "surrogatepass")) <= MAX_NAME_BYTES
        and unicodedata.is_normalized("NFC", text)
    )


def check_file_name(text: str, *, what: str, where: object) -> str:
    """Return ``text`` if it may name a file.

    Args:
        text: The name, as a file of somebody else's says it.
        what: What it names, e.g. ``font_id``.
        where: The file that says so.

    Raises:
        UserError: It may not: it is no single entry of a folder.
    """
    if not is_file_name(text):
        raise UserError(
            f"{where}: expected the {what} to be a name of {NAME_RULE}, but found {text[:80]!r}; "
            "rename it."
        )
    return text


def is_path_below(text: str) -> bool:
    """Whether ``text`` is a relative path with ``/`` that stays below the folder it starts from."""
    parts = text.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not re.search(
        r"[\\\x00-\x1f\x7f]|^[A-Za-z]:", text
    )
