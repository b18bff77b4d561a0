"""Glyphs of one font as a Parquet file that Hugging Face ``datasets`` reads as images."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from hangeul_bench.base.files import canonical_json
from hangeul_bench.dataset.shards import (
    FOOTER,
    IMAGE,
    SCHEMA,
    Glyph,
    ShardInfo,
    binary,
    fixed_columns,
    integers,
    texts,
)
from hangeul_bench.hangeul.charset import codepoint_name

# Columns of few values.
_REPEATED = ("initial", "medial", "final", "font_id", "category")


def shard_file(
    glyphs: Sequence[Glyph], info: ShardInfo, *, font_id: str, category: str
) -> memoryview:
    """The bytes of a shard file.

    Args:
        glyphs: Its rows.
        info: What the font's footers say.
        font_id: The font.
        category: ``handwritten`` or ``printed``.
    """
    syllables = tuple(glyph.syllable for glyph in glyphs)
    same_for_all = _syllable_columns(syllables)
    columns = same_for_all | {
        "font_id": texts([font_id] * len(glyphs)),
        "category": texts([category] * len(glyphs)),
        "image": _images(glyphs),
        "advance": integers([glyph.advance for glyph in glyphs]),
        "outline_sha256": texts([glyph.outline_sha256 for glyph in glyphs]),
    }
    metadata = {FOOTER: canonical_json(asdict(info)), b"huggingface": _hugging_face()}
    schema = SCHEMA.with_metadata(metadata)
    table = pa.Table.from_arrays([columns[name] for name in SCHEMA.names], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=max(len(table), 1),
        compression="NONE",  # PNG is compressed already
        use_dictionary=list(_REPEATED),
        write_statistics=["syllable", "codepoint"],
    )
    return memoryview(sink.getvalue())


@lru_cache(maxsize=8)
def _syllable_columns(syllables: tuple[str, ...]) -> dict[str, pa.Array]:
    """The columns that are the same in every font; most fonts have the same syllables."""
    columns = fixed_columns(syllables, font_id="", category="")
    return {name: texts(values) for name, values in columns.items()}


def _images(glyphs: Sequence[Glyph]) -> pa.StructArray:
    names = [f"{codepoint_name(glyph.syllable)}.png" for glyph in glyphs]
    arrays = [binary([glyph.png for glyph in glyphs]), texts(names)]
    return pa.StructArray.from_arrays(arrays, fields=list(IMAGE))


def _hugging_face() -> str:
    """What ``datasets`` writes into its files; with it, it reads the struct as an Image."""
    features = {
        field.name: {"_type": "Image"}
        if field.type == IMAGE
        else {"dtype": str(field.type), "_type": "Value"}
        for field in SCHEMA
    }
    return canonical_json({"info": {"features": features}})
