"""One font of a dataset as one Parquet file: made from the font, written whole or not at all.

The images are PNG files in the struct that Hugging Face ``datasets`` reads as an Image. The file's
footer says from what it was made, so that a build knows after a crash which files are right.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hangeul_bench.charset import codepoint_name
from hangeul_bench.dataset_format import (
    FORMAT,
    canonical_json,
    file_sha256,
    sha256_of,
    write_whole,
)
from hangeul_bench.png import blank_rows, encode_rows, pixel_checksum
from hangeul_bench.raster import Rasterizer
from hangeul_bench.raster_freetype import freetype_version

if TYPE_CHECKING:
    from hangeul_bench.fonts import FontFace

_FOOTER = b"hangeul_bench"
_BATCH = 128  # glyphs drawn at once: 2 MB, which the processor's cache holds

_IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_SCHEMA = pa.schema(
    [
        ("codepoint", pa.int32()),
        ("image", _IMAGE),
        ("font_id", pa.string()),  # shards are loaded together, too
        ("advance", pa.int32()),  # font units
        ("outline_sha256", pa.string()),
    ]
)
# What `datasets` writes into the files it saves; with it, it reads the struct as an Image.
_HUGGING_FACE = canonical_json(
    {
        "info": {
            "features": {
                "codepoint": {"dtype": "int32", "_type": "Value"},
                "image": {"_type": "Image"},
                "font_id": {"dtype": "string", "_type": "Value"},
                "advance": {"dtype": "int32", "_type": "Value"},
                "outline_sha256": {"dtype": "string", "_type": "Value"},
            }
        }
    }
)


@dataclass(frozen=True)
class ShardJob:
    """What one shard is made from, and where it goes."""

    face: "FontFace"
    characters: tuple[str, ...]
    size: int
    path: Path

    @property
    def key(self) -> str:
        """SHA-256 of everything that the shard's content depends on."""
        face = self.face
        content = {
            "format": FORMAT,
            "columns": _SCHEMA.names,
            "font_id": face.font_id,
            "font_sha256": face.sha256,
            "face_index": face.face_index,
            "instance": dict(face.instance) if face.instance else None,
            "characters": "".join(self.characters),
            "size": self.size,
            "freetype": freetype_version(),
        }
        return hashlib.sha256(canonical_json(content).encode()).hexdigest()


@dataclass(frozen=True)
class ShardInfo:
    """What a shard holds; stored in its footer.

    Attributes:
        key: :attr:`ShardJob.key` of what it was made from.
        scale: Pixels a font unit.
        baseline: Distance of the baseline from the upper edge, pixels.
        outline_sha256: Over code points, advances and outlines.
        bitmap_sha256: Over code points and the pixels' checksums.
        n_glyphs: Number of rows.
        missing: Code-point name of each missing syllable, and the reason.
    """

    key: str
    scale: float
    baseline: float
    outline_sha256: str
    bitmap_sha256: str
    n_glyphs: int
    missing: Mapping[str, str]


class Glyph(NamedTuple):
    """A row of a shard: a syllable, its PNG file, its advance in font units, its outline's hash."""

    syllable: str
    png: bytes
    advance: int
    outline_sha256: str


@dataclass(frozen=True)
class Shard:
    """A finished shard: its font, what it holds, and the SHA-256 of its file."""

    font_id: str
    info: ShardInfo
    sha256: str


def make_shard(job: ShardJob) -> Shard:
    """Draw a font and write its shard.

    Raises:
        UserError: The font cannot be drawn.
        OSError: The file cannot be written; nothing is left of it.
    """
    with Rasterizer(job.face, job.size) as rasterizer:
        placement = rasterizer.fit(job.characters)
        missing = rasterizer.missing_reasons(job.characters)
        drawn = [syllable for syllable in job.characters if syllable not in missing]
        glyphs = list(_draw(rasterizer, drawn))
    info = ShardInfo(
        key=job.key,
        scale=placement.scale,
        baseline=placement.baseline,
        outline_sha256=outline_sha256(glyphs),
        bitmap_sha256=bitmap_sha256(glyphs),
        n_glyphs=len(glyphs),
        missing={codepoint_name(syllable): why for syllable, why in missing.items()},
    )
    data = _parquet(glyphs, job.face.font_id, info)
    write_whole(job.path, data)
    return Shard(job.face.font_id, info, sha256_of(data))


def read_shard(job: ShardJob, sha256: str | None) -> Shard | None:
    """The shard that is there already, if it is right.

    Args:
        job: What it should be made from.
        sha256: What a finished build wrote down for it, if one did.
    """
    info = read_shard_info(job.path)
    if info is None or info.key != job.key:
        return None
    found = file_sha256(job.path)
    return Shard(job.face.font_id, info, found) if sha256 in (None, found) else None


def find_missing(job: ShardJob) -> tuple[str, list[str]]:
    """Font id, and the names of the syllables that the font does not draw; writes nothing."""
    with Rasterizer(job.face, job.size) as rasterizer:
        missing = sorted(rasterizer.missing(job.characters))
    return job.face.font_id, [codepoint_name(syllable) for syllable in missing]


def outline_sha256(glyphs: Iterable[Glyph]) -> str:
    """SHA-256 over code points, advances and outlines."""
    digest = hashlib.sha256()
    for glyph in glyphs:
        line = f"{codepoint_name(glyph.syllable)} {glyph.advance} {glyph.outline_sha256}\n"
        digest.update(line.encode("ascii"))
    return digest.hexdigest()


def bitmap_sha256(glyphs: Iterable[Glyph]) -> str:
    """SHA-256 over code points and the checksums of the pixels."""
    digest = hashlib.sha256()
    for glyph in glyphs:
        digest.update(ord(glyph.syllable).to_bytes(4, "big") + pixel_checksum(glyph.png))
    return digest.hexdigest()


def read_shard_info(path: Path) -> ShardInfo | None:
    """What a shard's footer says; None if there is no whole shard of ours."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        return ShardInfo(**json.loads(metadata[_FOOTER]))
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None


def read_glyphs(path: Path) -> list[Glyph]:
    """All rows of a shard.

    Raises:
        OSError, ValueError, KeyError: The shard is broken or not there.
    """
    table = pq.read_table(path, use_threads=False)
    columns = [table[name].to_pylist() for name in ("advance", "outline_sha256")]
    rows = zip(_syllables(table), _png_files(table), *columns, strict=True)
    return [Glyph(*row) for row in rows]


def read_pngs(path: Path) -> dict[str, bytes]:
    """The PNG file of each syllable in a shard.

    Raises:
        OSError, ValueError, KeyError: The shard is broken or not there.
    """
    table = pq.read_table(path, columns=["codepoint", "image"], use_threads=False)
    return dict(zip(_syllables(table), _png_files(table), strict=True))


def _syllables(table: pa.Table) -> list[str]:
    return [chr(codepoint) for codepoint in table["codepoint"].to_pylist()]


def _png_files(table: pa.Table) -> list[bytes]:
    files: list[bytes] = table["image"].combine_chunks().field("bytes").to_pylist()
    return files


def _draw(rasterizer: Rasterizer, drawn: Sequence[str]) -> Iterator[Glyph]:
    for start in range(0, len(drawn), _BATCH):
        batch = drawn[start : start + _BATCH]
        rows = blank_rows(len(batch), rasterizer.size)
        rasterizer.draw_ink(batch, rows[:, :, 1:])
        rows ^= 255  # coverage to grey, 255 = paper
        rows[:, :, 0] = 0
        for syllable, png in zip(batch, encode_rows(rows), strict=True):
            outline = rasterizer.outline(syllable)
            yield Glyph(syllable, png, outline.advance, outline.sha256)


def _parquet(glyphs: Sequence[Glyph], font_id: str, info: ShardInfo) -> memoryview:
    names = [f"{codepoint_name(glyph.syllable)}.png".encode() for glyph in glyphs]
    images = [_binary([glyph.png for glyph in glyphs], pa.binary()), _binary(names, pa.string())]
    columns = [
        _integers([ord(glyph.syllable) for glyph in glyphs]),
        pa.StructArray.from_arrays(images, fields=list(_IMAGE)),
        _binary([font_id.encode()] * len(glyphs), pa.string()),
        _integers([glyph.advance for glyph in glyphs]),
        _binary([glyph.outline_sha256.encode() for glyph in glyphs], pa.string()),
    ]
    metadata = {_FOOTER: canonical_json(asdict(info)), b"huggingface": _HUGGING_FACE}
    table = pa.Table.from_arrays(columns, schema=_SCHEMA.with_metadata(metadata))
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=max(len(table), 1),
        compression="NONE",  # PNG is compressed already
        use_dictionary=["font_id"],
        write_statistics=["codepoint"],
    )
    return memoryview(sink.getvalue())


# pyarrow.array() would do, but it imports pandas first: half a second in every process.


def _integers(values: Sequence[int]) -> pa.Array:
    data = np.array(values, dtype=np.int32)
    return pa.Array.from_buffers(pa.int32(), len(data), [None, pa.py_buffer(data)])


def _binary(values: Sequence[bytes], kind: pa.DataType) -> pa.Array:
    ends = np.cumsum([0, *map(len, values)], dtype=np.int32)
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(b"".join(values))]
    return pa.Array.from_buffers(kind, len(values), buffers)
