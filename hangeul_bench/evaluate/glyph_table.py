"""The scores of single glyphs as a Parquet file, and new columns for one that is there."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hangeul_bench.base.errors import UserError
from hangeul_bench.evaluate.scoring import FontScores
from hangeul_bench.metrics.columns import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

_KEYS = ("font_id", "codepoint")


def glyph_table(scored: Sequence[FontScores]) -> bytes:
    """Every glyph's scores as the bytes of a Parquet file, by font and code point.

    Columns: ``font_id``, ``codepoint``, ``cell``, ``category``, ``layout``, one a metric, ``read``.
    """
    return _file_of(_table(scored))


def add_columns(path: Path, scored: Sequence[FontScores], names: Iterable[str]) -> bytes:
    """The table ``path`` with the columns ``names``, added or replaced, as a Parquet file.

    Raises:
        UserError: The table cannot be read, or is of other glyphs.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    remedy = "delete the file, or write it again with `hangeul-bench evaluate`"
    fresh = _table(scored)
    try:
        with path.open("rb") as file:  # pyarrow takes every name for UTF-8
            table = pq.read_table(file)
        same = all(table[key].to_pylist() == fresh[key].to_pylist() for key in _KEYS)
    except (pa.ArrowException, KeyError, OSError) as error:
        raise UserError(f"Table {path} cannot be read ({error}); {remedy}.") from None
    if not same:
        raise UserError(f"Table {path} is of other glyphs than the result beside it; {remedy}.")
    added = [name for name in names if name in fresh.column_names]
    if any(any(font.read) for font in scored):
        added.append("read")
    columns = dict(zip(table.column_names, table.columns, strict=True))
    columns |= {name: fresh[name] for name in added}
    return _file_of(pa.table(dict(sorted(columns.items(), key=lambda item: _place(item[0])))))


def _place(name: str) -> int:
    """Where a column stands: keys as they are, metrics in the order of the tables, `read` last."""
    metrics = [column.name for column in COLUMNS]
    if name in metrics:
        return 1 + metrics.index(name)
    return len(metrics) + 1 if name == "read" else 0


def _table(scored: Sequence[FontScores]) -> "pa.Table":
    import pyarrow as pa

    from hangeul_bench.hangeul.phonetics import layout

    tables = []
    for font in scored:
        task, n = font.task, len(font.task.characters)
        columns = {
            "font_id": pa.array([task.font_id] * n, pa.string()),
            "codepoint": pa.array([ord(c) for c in task.characters], pa.int32()),
            "cell": pa.array(task.cells, pa.string()),
            "category": pa.array([task.category] * n, pa.string()),
            "layout": pa.array([layout(c) for c in task.characters], pa.string()),
        }
        columns |= {name: pa.array(values) for name, values in font.columns.items()}
        tables.append(pa.table(columns | {"read": pa.array(font.read, pa.string())}))
    return pa.concat_tables(tables)


def _file_of(table: "pa.Table") -> bytes:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()
