"""Columns of Parquet tables: made of values, and read where anyone may have made the table."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from hangeul_bench.hangeul.charset import FIRST_SYLLABLE, LAST_SYLLABLE, is_syllable


def codepoints(table: pa.Table) -> list[int]:
    """The code points of Hangeul syllables in the column ``codepoint``.

    Raises:
        ValueError: It is absent or holds something else.
    """
    found: list[int] = _column(table, "codepoint").to_pylist()
    odd = [c for c in found if type(c) is not int or not FIRST_SYLLABLE <= c <= LAST_SYLLABLE]
    if odd:
        raise ValueError(f"{odd[0]!r:.40} in codepoint is no Hangeul syllable")
    _check_once(found)
    return found


def syllables(table: pa.Table) -> list[str]:
    """The Hangeul syllables in the column ``syllable``.

    Raises:
        ValueError: It is absent or holds something else.
    """
    found: list[str] = _column(table, "syllable").to_pylist()
    odd = [text for text in found if not isinstance(text, str) or not is_syllable(text)]
    if odd:
        raise ValueError(f"{odd[0]!r:.40} in syllable is no Hangeul syllable")
    _check_once(found)
    return found


def png_files(table: pa.Table) -> list[bytes]:
    """The PNG files in the column ``image``, a struct with the field ``bytes``.

    Raises:
        ValueError: It is absent, of another type, or an image is null.
    """
    column = _column(table, "image").combine_chunks()
    is_struct = isinstance(column, pa.StructArray)
    if not is_struct or column.type.get_field_index("bytes") < 0:
        raise ValueError(f"image should be a struct with the field bytes, but is {column.type}")
    files = column.field("bytes")
    if files.type not in (pa.binary(), pa.large_binary()):
        raise ValueError(f"the bytes of image should be binary, but are {files.type}")
    # field() does not know which structs are null as a whole.
    if n_null := max(column.null_count, files.null_count):
        raise ValueError(f"{n_null} of {len(column)} images are null")
    whole: list[bytes] = files.to_pylist()
    return whole


def _check_once(found: Sequence[object]) -> None:
    if len(set(found)) < len(found):
        raise ValueError("a syllable stands there twice")


def _column(table: pa.Table, name: str) -> pa.ChunkedArray:
    if table.column_names.count(name) != 1:
        raise ValueError(f"expected one column {name}, found {', '.join(table.column_names)[:80]}")
    return table[name]


# pyarrow.array() would do, but it imports pandas first: half a second in every process.


def integers(values: Sequence[int]) -> pa.Array:
    """A column of int32."""
    data = np.array(values, dtype=np.int32)
    return pa.Array.from_buffers(pa.int32(), len(data), [None, pa.py_buffer(data)])


def texts(values: Sequence[str]) -> pa.Array:
    """A column of text."""
    return _joined([value.encode() for value in values], pa.string())


def binary(values: Sequence[bytes]) -> pa.Array:
    """A column of bytes."""
    return _joined(values, pa.binary())


def _joined(values: Sequence[bytes], kind: pa.DataType) -> pa.Array:
    ends = np.cumsum([0, *map(len, values)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(kind, len(values), buffers)
