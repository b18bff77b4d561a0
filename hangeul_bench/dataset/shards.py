"""One font of a dataset as a Parquet file for each of its parts: the schema, and how it is read.

The images are PNG files in the struct that Hugging Face ``datasets`` reads as an Image. How a shard
is made, :mod:`hangeul_bench.builder.shard` knows, which needs FreeType.
"""

import hashlib
import mmap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hangeul_bench.base.documents import Schema, parse_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import pixel_checksum
from hangeul_bench.hangeul.charset import FIRST_SYLLABLE, LAST_SYLLABLE, codepoint_name, is_syllable
from hangeul_bench.hangeul.phonetics import FINALS, INITIALS, MEDIALS, decompose, phonetic_line

FOOTER = b"hangeul_bench"
IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
SCHEMA = pa.schema(
    [
        ("syllable", pa.string()),
        ("codepoint", pa.string()),  # U+AC00, as in characters.csv
        ("phonetic", pa.string()),
        ("initial", pa.string()),  # positional jamo, as in the phonetic line
        ("medial", pa.string()),
        ("final", pa.string()),  # empty if there is none
        ("font_id", pa.string()),
        ("category", pa.string()),
        ("image", IMAGE),
        ("advance", pa.int32()),  # font units
        ("outline_sha256", pa.string()),
    ]
)
_FOOTER_FIELDS = {
    "key": {"type": "string"},
    "layout": {"type": "string"},
    "scale": {"type": "number"},
    "baseline": {"type": "number"},
    "outline_sha256": {"type": "string"},
    "bitmap_sha256": {"type": "string"},
    "n_glyphs": {"type": "integer", "minimum": 0},
    "missing": {"type": "object", "additionalProperties": {"type": "string"}},
}
_INFO = Schema(
    {
        "type": "object",
        "required": [name for name in _FOOTER_FIELDS if name != "layout"],
        "properties": _FOOTER_FIELDS,
        "additionalProperties": False,
    }
)


@dataclass(frozen=True)
class ShardInfo:
    """What a font's shard holds; stored in the footer of each of its files.

    Attributes:
        key: :attr:`hangeul_bench.builder.shard.ShardJob.key` of what the glyphs were drawn from.
        scale: Pixels a font unit.
        baseline: Distance of the baseline from the upper edge, pixels.
        outline_sha256: Over code points, advances and outlines.
        bitmap_sha256: Over code points and the pixels' checksums.
        n_glyphs: Number of glyphs in all files.
        missing: Code-point name of each missing syllable, and the reason.
        layout: :attr:`hangeul_bench.builder.shard.ShardJob.layout`, which decides columns
            and files; empty in the one file that format 1 had.
    """

    key: str
    scale: float
    baseline: float
    outline_sha256: str
    bitmap_sha256: str
    n_glyphs: int
    missing: Mapping[str, str]
    layout: str = ""


class Glyph(NamedTuple):
    """A row of a shard: a syllable, its PNG file, its advance in font units, its outline's hash."""

    syllable: str
    png: bytes
    advance: int
    outline_sha256: str


def outline_sha256(glyphs: Iterable[Glyph]) -> str:
    """SHA-256 over code points, advances and outlines."""
    lines = (f"{codepoint_name(g.syllable)} {g.advance} {g.outline_sha256}\n" for g in glyphs)
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


def bitmap_sha256(glyphs: Iterable[Glyph]) -> str:
    """SHA-256 over code points and the checksums of the pixels."""
    parts = (ord(g.syllable).to_bytes(4, "big") + pixel_checksum(g.png) for g in glyphs)
    return hashlib.sha256(b"".join(parts)).hexdigest()


def fixed_columns(
    characters: Sequence[str], *, font_id: str, category: str
) -> dict[str, list[str]]:
    """The columns of some syllables that say nothing of the drawing, by name."""
    parts = [decompose(syllable) for syllable in characters]
    return {
        "syllable": list(characters),
        "codepoint": [codepoint_name(syllable) for syllable in characters],
        "phonetic": [phonetic_line(syllable) for syllable in characters],
        "initial": [INITIALS[part.initial] for part in parts],
        "medial": [MEDIALS[part.medial] for part in parts],
        "final": [FINALS[part.final] for part in parts],
        "font_id": [font_id] * len(parts),
        "category": [category] * len(parts),
    }


def read_shard_info(path: Path) -> ShardInfo | None:
    """What a shard file's footer says; None if there is no whole file of ours."""
    try:
        with path.open("rb") as file:
            footer = (pq.read_schema(file).metadata or {})[FOOTER]
        return ShardInfo(**parse_json(footer, _INFO, expected=f"a shard at {path}"))
    except (OSError, pa.ArrowException, KeyError, UserError):
        return None


def read_table(path: Path, columns: list[str] | None = None) -> pa.Table:
    """A shard file as a table.

    Raises:
        OSError, ValueError: The file is broken or not there.
    """
    # Mapped, as reading through a buffer costs several times as much; files are never changed in
    # place, only replaced. Opened here, as pyarrow takes every name for UTF-8, whatever the
    # system's encoding of names is.
    with path.open("rb") as opened:
        mapped = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    with pq.ParquetFile(pa.BufferReader(pa.py_buffer(mapped))) as file:
        return file.read(columns=columns, use_threads=False)


def glyphs_of(table: pa.Table) -> list[Glyph]:
    """The rows of a shard file, of format 1 too.

    Raises:
        ValueError, KeyError: It is no such table.
    """
    is_first_format = table.schema.field("codepoint").type == pa.int32()
    found = list(map(chr, codepoints(table))) if is_first_format else syllables(table)
    columns = [table[name].to_pylist() for name in ("advance", "outline_sha256")]
    return [Glyph(*row) for row in zip(found, png_files(table), *columns, strict=True)]


def read_pngs(path: Path) -> dict[str, bytes]:
    """The PNG file of each syllable in a shard file.

    Raises:
        OSError, ValueError: The file is broken or not there.
    """
    table = read_table(path, ["syllable", "image"])
    return dict(zip(syllables(table), png_files(table), strict=True))


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
