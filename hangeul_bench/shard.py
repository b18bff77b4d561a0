"""One font of a dataset as one Parquet file: made from the font, written whole or not at all.

The images are PNG files in the struct that Hugging Face ``datasets`` reads as an Image. The file's
footer says from what it was made, so that a build knows after a crash which files are right.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
        outlines = [rasterizer.outline(syllable) for syllable in drawn]
        hashes = [outline.sha256 for outline in outlines]
        pngs = _draw(rasterizer, drawn)
        info = ShardInfo(
            key=job.key,
            scale=placement.scale,
            baseline=placement.baseline,
            outline_sha256=outline_sha256(
                (s, o.advance, h) for s, o, h in zip(drawn, outlines, hashes, strict=True)
            ),
            bitmap_sha256=bitmap_sha256(zip(drawn, pngs, strict=True)),
            n_glyphs=len(drawn),
            missing={codepoint_name(syllable): why for syllable, why in missing.items()},
        )
        columns = _columns(drawn, pngs, hashes, job.face.font_id)
    data = _parquet(columns, info)
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


def outline_sha256(glyphs: Iterable[tuple[str, int, str]]) -> str:
    """SHA-256 over (syllable, advance in font units, SHA-256 of the outline)."""
    digest = hashlib.sha256()
    for syllable, advance, sha256 in glyphs:
        digest.update(f"{codepoint_name(syllable)} {advance} {sha256}\n".encode("ascii"))
    return digest.hexdigest()


def bitmap_sha256(glyphs: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256 over code point and pixel checksum of (syllable, PNG) pairs."""
    digest = hashlib.sha256()
    for syllable, png in glyphs:
        digest.update(ord(syllable).to_bytes(4, "big") + pixel_checksum(png))
    return digest.hexdigest()


def read_shard_info(path: Path) -> ShardInfo | None:
    """What a shard's footer says; None if there is no whole shard of ours."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        return ShardInfo(**json.loads(metadata[_FOOTER]))
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None


def read_pngs(path: Path) -> dict[str, bytes]:
    """The PNG file of each syllable in a shard.

    Raises:
        OSError, ValueError: The shard is broken or not there.
    """
    table = pq.read_table(path, columns=["codepoint", "image"], use_threads=False)
    pngs = table["image"].combine_chunks().field("bytes").to_pylist()
    return dict(zip(map(chr, table["codepoint"].to_pylist()), pngs, strict=True))


def _draw(rasterizer: Rasterizer, drawn: list[str]) -> list[bytes]:
    pngs: list[bytes] = []
    for start in range(0, len(drawn), _BATCH):
        batch = drawn[start : start + _BATCH]
        rows = blank_rows(len(batch), rasterizer.size)
        rasterizer.draw_ink(batch, rows[:, :, 1:])
        rows ^= 255  # coverage to grey, 255 = paper
        rows[:, :, 0] = 0
        pngs += encode_rows(rows)
    return pngs


def _columns(
    drawn: list[str], pngs: list[bytes], hashes: list[str], font_id: str
) -> list[pa.Array]:
    names = [f"{codepoint_name(syllable)}.png" for syllable in drawn]
    return [
        pa.array([ord(syllable) for syllable in drawn], pa.int32()),
        pa.StructArray.from_arrays(
            [pa.array(pngs, pa.binary()), pa.array(names, pa.string())], fields=list(_IMAGE)
        ),
        pa.array([font_id] * len(drawn), pa.string()),
        pa.array(hashes, pa.string()),
    ]


def _parquet(columns: list[pa.Array], info: ShardInfo) -> memoryview:
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
