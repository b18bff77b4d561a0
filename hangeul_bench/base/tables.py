"""Tables as text: CSV read and written, and text made safe for the table it is put into."""

import csv
import html
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hangeul_bench.base.errors import UserError

MAX_BYTES = 64 << 20
# What a spreadsheet takes for the beginning of a formula, full-width forms included.
# Source: OWASP, CSV Injection.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_MARKDOWN = re.compile(r"[\\`*|~]|(?<=\])\(")  # the last makes a link or an image of [...]

_LATEX = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    **{c: f"${c}$" for c in "<>|"},  # other characters in TeX's first text encoding
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "[": "{[}",  # at a row's beginning it would be an option of the line end before it
}


def csv_text(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """A table as CSV with LF line ends.

    A text that a spreadsheet would run as a formula is written with ``'`` before it;
    :func:`csv_rows` takes that away again.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return text.getvalue()


def append_row(path: Path, row: Mapping[str, Any]) -> None:
    """Add a row to a CSV file; one that is new gets the row's keys as its header.

    Raises:
        OSError: The file cannot be written to; names it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = csv_text(tuple(row), [row.values()])
    if path.exists():
        text = text.partition("\n")[2]
    try:
        with path.open("a", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def read_text(path: Path) -> str:
    """The UTF-8 text of a table's file, without a byte-order mark.

    Raises:
        FileNotFoundError: There is none.
        UserError: It is no regular file, larger than 64 MB, or not UTF-8.
    """
    if path.exists() and not path.is_file():
        raise UserError(f"Expected a table at {path}, but found something else; remove it.")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(f"{path} is larger than {MAX_BYTES >> 20} MB; it should be a table.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8.") from None


def csv_rows(
    text: str, columns: Sequence[str], *, where: object, optional: Sequence[str] | None = ()
) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each row of a CSV table; the inverse of :func:`csv_text`.

    Args:
        text: The table with its header.
        columns: Columns that it must have, in any order.
        where: The file, for the messages.
        optional: Columns that it may have; None for any.

    Raises:
        UserError: A column is absent, unknown or double, a row has another number of cells, or a
            cell is not to be read (131,072 characters are the most).
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        _check_header(header, columns, optional, where)
        for row in reader:
            if not row:  # a blank line
                continue
            if len(row) != len(header):
                raise UserError(
                    f"{where}, line {reader.line_num}: expected {len(header)} cells, but found "
                    f"{len(row)}; correct the row."
                )
            yield reader.line_num, dict(zip(header, map(_unguarded, row), strict=True))
    except csv.Error as error:
        raise UserError(
            f"{where}, line {reader.line_num}: it is no CSV table ({error}); correct the row."
        ) from None


def markdown(text: str) -> str:
    """``text`` as a piece of a Markdown line: shown as it is, neither markup nor a new cell."""
    return html.escape(_MARKDOWN.sub(r"\\\g<0>", one_line(text)), quote=False)


def latex(text: str) -> str:
    """``text`` as a piece of a LaTeX line: shown as it is, no command and no new cell."""
    return "".join(_LATEX.get(c, c) for c in one_line(text))


def one_line(text: str) -> str:
    """``text`` without what ends a line, moves a cursor or turns the direction of writing."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def fixed(value: float, digits: int) -> str:
    """A number with so many decimals, and without the sign of a rounded ``-0.0``."""
    return f"{round(value, digits) + 0.0:.{digits}f}"


def _check_header(
    header: Sequence[str], columns: Sequence[str], optional: Sequence[str] | None, where: object
) -> None:
    known = {*columns, *(header if optional is None else optional)}
    if not set(columns) <= set(header) <= known or len(set(header)) < len(header):
        may = f" (and perhaps {','.join(optional)})" if optional else ""
        found = ",".join(header)[:200] or "none"
        raise UserError(
            f"{where}: expected the columns {','.join(columns)}{may}, but found {found!r}."
        )


def _guarded(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and _runs(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _runs(cell[1:]) else cell


def _runs(cell: str) -> bool:
    if not _FORMULA.match(cell):
        return False
    return re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", cell) is None
