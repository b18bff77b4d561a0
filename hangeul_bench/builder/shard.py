"""One font of a dataset: drawn, or taken over from files of before, and written part by part.

Each file is written whole or not at all. Its footer says what it was made from, so that a build
knows after a crash which files are right.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hangeul_bench.base.files import canonical_json, file_sha256, sha256_of, write_whole
from hangeul_bench.base.images import (
    ENCODER,
    PAPER,
    blank_rows,
    decode,
    encode_rows,
    is_intact,
)
from hangeul_bench.builder.parquet import shard_file
from hangeul_bench.dataset.format import FORMAT, IMAGES, Part, part_path
from hangeul_bench.dataset.shards import (
    SCHEMA,
    Glyph,
    ShardInfo,
    bitmap_sha256,
    glyphs_of,
    outline_sha256,
    read_shard_info,
    read_table,
)
from hangeul_bench.fonts.freetype import freetype_version, outline_hashes
from hangeul_bench.fonts.placement import RULE
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import codepoint_name

if TYPE_CHECKING:
    from hangeul_bench.fonts.faces import FontFace

_BATCH = 64  # glyphs drawn at once: 1 MB, which the processor's cache holds

# How the first format named itself and its columns: part of the key of images that stay right.
_FIRST_FORMAT = {
    "format": 1,
    "columns": ["codepoint", "image", "font_id", "advance", "outline_sha256"],
}


@dataclass(frozen=True)
class ShardJob:
    """What one shard is made from, and where it goes.

    Attributes:
        face: The font.
        characters: All syllables, in code-point order.
        size: Width and height of an image in pixels.
        out: The folder of the dataset.
        parts: The files that the syllables go into.
    """

    face: "FontFace"
    characters: tuple[str, ...]
    size: int
    out: Path
    parts: tuple[Part, ...]

    @property
    def key(self) -> str:
        """SHA-256 of everything that the glyphs depend on."""
        return _key({**self._content(), "encoder": ENCODER, "placement": RULE})

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a shard that is right: :attr:`key`, and those of the same pixels before.

        Until the encoder became part of the key, ISA-L deflated the images; until the placement
        rule did, it was the first.
        """
        before = self._content(), {**self._content(), "encoder": ENCODER}
        return self.key, *(map(_key, before) if RULE == 1 else ())

    @property
    def layout(self) -> str:
        """SHA-256 of what beside the glyphs decides the files."""
        category = self.face.category
        content = {"format": FORMAT, "columns": SCHEMA.names, "category": category}
        return _key({**content, "parts": [[p.folder, "".join(p.syllables)] for p in self.parts]})

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, relative to the dataset, in the order of :attr:`parts`."""
        return tuple(part_path(part.folder, self.face.font_id) for part in self.parts)

    def _content(self) -> dict[str, object]:
        face = self.face
        return {
            **_FIRST_FORMAT,
            "font_id": face.font_id,
            "font_sha256": face.sha256,
            "face_index": face.face_index,
            "instance": dict(face.instance) if face.instance else None,
            "characters": "".join(self.characters),
            "size": self.size,
            "freetype": freetype_version(),
        }


def _key(content: Mapping[str, object]) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


@dataclass(frozen=True)
class Shard:
    """A finished shard.

    Attributes:
        font_id: Its font.
        info: What it holds.
        files: SHA-256 of each of its files, by the path in the dataset.
        drawn: Whether its glyphs were drawn just now.
    """

    font_id: str
    info: ShardInfo
    files: Mapping[str, str]
    drawn: bool = False


def make_shard(job: ShardJob) -> Shard:
    """Write a font's files; draw it only if no files of before hold the same glyphs.

    Raises:
        UserError: The font cannot be drawn.
        OSError: A file cannot be written; nothing is left of it.
    """
    found = _kept_glyphs(job)
    info, glyphs = found or _drawn(job)
    info = replace(info, layout=job.layout)
    by_syllable = {glyph.syllable: glyph for glyph in glyphs}
    font_id, files = job.face.font_id, {}
    for part, path in zip(job.parts, job.paths, strict=True):
        there = [by_syllable[s] for s in part.syllables if s in by_syllable]
        data = shard_file(there, info, font_id=font_id, category=job.face.category or "")
        write_whole(job.out / path, data)
        files[path] = sha256_of(data)
    return Shard(font_id, info, files, drawn=found is None)


def read_shard(job: ShardJob, recorded: Mapping[str, str]) -> Shard | None:
    """The shard that is there already, if it is right.

    Args:
        job: What it should be made from.
        recorded: What a finished build wrote down as the SHA-256 of files, by their paths.
    """
    infos = [read_shard_info(job.out / path) for path in job.paths]
    info = infos[0]
    if info is None or info.key not in job.keys or info.layout != job.layout:
        return None
    if any(other != info for other in infos):
        return None
    files = {path: file_sha256(job.out / path) for path in job.paths}
    if any(recorded.get(path, sha256) != sha256 for path, sha256 in files.items()):
        return None
    return Shard(job.face.font_id, info, files)


def find_missing(job: ShardJob) -> tuple[str, list[str]]:
    """Font id, and the names of the syllables that the font does not draw; writes nothing."""
    with Rasterizer(job.face, job.size) as rasterizer:
        missing = sorted(rasterizer.missing(job.characters))
    return job.face.font_id, [codepoint_name(syllable) for syllable in missing]


def _drawn(job: ShardJob) -> tuple[ShardInfo, list[Glyph]]:
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
    return info, glyphs


def _draw(rasterizer: Rasterizer, drawn: Sequence[str]) -> Iterator[Glyph]:
    images = blank_rows(_BATCH, rasterizer.size)
    coverage_to_grey = np.full_like(images[0], PAPER)
    coverage_to_grey[:, 0] = 0  # PNG's filter bytes stay as they are
    for start in range(0, len(drawn), _BATCH):
        batch = drawn[start : start + _BATCH]
        rows = images[: len(batch)]
        rows.fill(0)
        rasterizer.draw_ink(batch, rows[:, :, 1:])
        rows ^= coverage_to_grey
        outlines = [rasterizer.outline(syllable) for syllable in batch]
        hashes = outline_hashes(outlines)
        for syllable, png, outline, sha256 in zip(
            batch, encode_rows(rows), outlines, hashes, strict=True
        ):
            yield Glyph(syllable, png, outline.advance, sha256)


def _kept_glyphs(job: ShardJob) -> tuple[ShardInfo, list[Glyph]] | None:
    """The same glyphs in files of before: those of format 1, or of other splits."""
    name = Path(job.paths[0]).name
    images = job.out / IMAGES
    paths = sorted(path for path in (images / name, *images.glob(f"*/{name}")) if path.is_file())
    infos = {path: read_shard_info(path) for path in paths}
    for key in job.keys:
        same = {path: info for path, info in infos.items() if info and info.key == key}
        if same:
            info = next(iter(same.values()))
            glyphs = _read_together(list(same), job.size)
            if glyphs is not None and _are_whole(glyphs, info):
                return info, glyphs
    return None


def _read_together(paths: Sequence[Path], size: int) -> list[Glyph] | None:
    """The glyphs of some files in code-point order; None if one is broken."""
    found: dict[str, Glyph] = {}
    try:
        for path in paths:
            found |= {glyph.syllable: glyph for glyph in glyphs_of(read_table(path))}
        pngs = [glyph.png for glyph in found.values()]
        decode(pngs, size)  # checks the pixels' own checksums
    except (OSError, ValueError, KeyError):
        return None
    return [found[s] for s in sorted(found)] if all(map(is_intact, pngs)) else None


def _are_whole(glyphs: Sequence[Glyph], info: ShardInfo) -> bool:
    hashes = outline_sha256(glyphs), bitmap_sha256(glyphs)
    return hashes == (info.outline_sha256, info.bitmap_sha256)
