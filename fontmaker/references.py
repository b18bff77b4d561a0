"""What a font is continued from: pictures and fonts, and what is known of them beside the glyph."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from fontmaker.reference import (
    Reference,
    doubt,
    load_reference,
    reference_from_picture,
)
from fontmaker.several import several_syllables
from fontmaker.spacing import Advance, measured_advance
from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts import FontFace
from hangeul_bench.fonts.faces import open_face
from hangeul_bench.fonts.sfnt import FONT_SUFFIXES
from hangeul_bench.hangeul import is_syllable, ksx1001
from hangeul_bench.hangeul.charset import parse_codepoint_name

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

MOST = 8  # references that are given one by one
FIRST = "한"  # what a reference shows if nobody says more
_SAMPLE = 24  # every so-manieth of the 2,350 tells how a font advances


@dataclass(frozen=True)
class Source:
    """One reference glyph and where it comes from.

    Attributes:
        image: (128, 128) uint8, 0 = ink, 255 = paper.
        character: The syllable that it shows.
        name: The file's name.
        sha256: Hash of the file.
        notes: What was done to it, one sentence each.
        family: Of a font, which reserves this name; empty for a picture.
        handwritten: What a font says of itself; True for a picture.
        advance: Of a font; None for a picture.
    """

    image: NDArray[np.uint8]
    character: str
    name: str
    sha256: str
    notes: tuple[str, ...] = ()
    family: str = ""
    handwritten: bool = True
    advance: Advance | None = None


def load_sources(
    paths: Sequence[Path], characters: Sequence[str], *, face: str = "", instance: str = ""
) -> tuple[Source, ...]:
    """Read reference glyphs from pictures and fonts.

    Args:
        paths: One to eight files.
        characters: What each shows; one font gives all of them. Empty reads them from the files'
            names (``한.png``, ``U+D55C.png``), and takes 한 where there is one file.
        face: Which face of a collection, as :func:`hangeul_bench.fonts.faces.open_face` reads it.
        instance: Where a variable font is taken, likewise.

    Raises:
        UserError: Counts do not agree, a syllable comes twice, or a file is not usable.
    """
    if not 1 <= len(paths) <= MOST:
        raise UserError(f"Expected 1 to {MOST} times --reference, but found {len(paths)}.")
    wanted = [normalize("NFC", character) for character in characters]
    if len(paths) == 1 and len(wanted) > 1 and paths[0].suffix.lower() in FONT_SUFFIXES:
        paths = list(paths) * len(wanted)
    if not wanted:
        wanted = [named_syllable(path) or (FIRST if len(paths) == 1 else "") for path in paths]
    if len(wanted) != len(paths) or not all(wanted):
        raise UserError(
            f"Expected one --reference-character for each of {len(paths)} references, in their "
            f"order, but found {len(characters)}; or name the files 한.png, 글.png."
        )
    double = next((c for c in wanted if wanted.count(c) > 1), None)
    if double:
        raise UserError(f"Expected references of different syllables, but {double} comes twice.")
    pairs = zip(paths, wanted, strict=True)
    return tuple(_load(path, character, face, instance) for path, character in pairs)


def examine(
    sources: Sequence[Source], reader: "JamoReader", *, accept: bool = False
) -> tuple[str, ...]:
    """Look whether references show what they should.

    Args:
        sources: The references. What a font's glyph shows is said by its cmap, so that it is
            doubted at most.
        reader: Who reads.
        accept: Whether pictures that read as other syllables are taken all the same.

    Returns:
        One sentence for each reference that shows another syllable.

    Raises:
        UserError: Pictures show several syllables, another one or none.
    """
    from fontmaker.verification import read_pages  # loads torch

    warnings, wrong = [], []
    pages = np.stack([source.image for source in sources])
    seen = read_pages(reader, pages, [source.character for source in sources]).read
    for source, read in zip(sources, seen, strict=True):
        if source.advance is not None:
            if warning := doubt(Reference(source.image, source.character, ())):
                warnings.append(f"{source.name}: {warning}")
        elif read != source.character:
            wrong.append(f"{source.name} {_seen(source, read)}, not {source.character}")
    if wrong and not accept:
        raise UserError(
            f"Expected each reference to show its syllable, but {'; '.join(wrong)}; say with "
            "--reference-character what it shows, or take it all the same with --accept."
        )
    return (*warnings, *(f"Accepted: {sentence}." for sentence in wrong))


def _seen(source: Source, read: str) -> str:
    if several_syllables(source.image):
        return "shows several syllables"
    return f"reads as {read}" if read else "shows nothing that can be read"


def check_single(source: Source, reader: "JamoReader") -> None:
    """Raise UserError if a reference shows several syllables."""
    from fontmaker.verification import read_pages  # loads torch

    read = read_pages(reader, source.image[None], (source.character,))
    if not read.right[0] and several_syllables(source.image):
        raise UserError(
            f"Expected one syllable in each reference, but {source.name} shows several; crop "
            f"the picture to {source.character}.",
            reason="several",
        )


def source_from_picture(data: bytes, name: str, character: str) -> Source:
    """A reference glyph from a picture's bytes; a font is refused.

    Args:
        data: A picture file.
        name: What it is called.
        character: The syllable that it shows.

    Raises:
        UserError: ``character`` is no syllable, or ``data`` is no usable picture.
    """
    reference = reference_from_picture(data, Path(name), character)
    sha256 = hashlib.sha256(data).hexdigest()
    return Source(reference.image, character, name, sha256, reference.notes)


def _load(path: Path, character: str, face: str, instance: str) -> Source:
    reference = load_reference(path, character, face=face, instance=instance)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    source = Source(reference.image, character, path.name, sha256, reference.notes)
    if path.suffix.lower() not in FONT_SUFFIXES:
        return source
    return _with_font(source, open_face(path, face=face, instance=instance))


def _with_font(source: Source, face: FontFace) -> Source:
    from dataclasses import replace

    from hangeul_bench.fonts import Rasterizer

    with Rasterizer(face) as rasterizer:
        scale = rasterizer.placement.scale
        sample = ksx1001()[::_SAMPLE]
        lacking = rasterizer.missing(sample)
        drawn = [s for s in sample if s not in lacking] or [source.character]  # of a small font
        outlines = [rasterizer.outline(s) for s in drawn]
    advance = measured_advance(
        [outline.advance * scale for outline in outlines],
        [(outline.box[2] - outline.box[0]) * scale for outline in outlines],
    )
    handwritten = face.category != "printed"
    return replace(source, family=face.family, handwritten=handwritten, advance=advance)


def named_syllable(path: Path) -> str:
    """The syllable that a file's name says, or an empty string."""
    stem = normalize("NFC", path.stem)
    if is_syllable(stem):
        return stem
    try:
        return parse_codepoint_name(stem.upper())
    except UserError:
        return ""
