"""The references that a font continues: pictures and fonts, and what is known beside the glyph."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from fontmaker.choice import FIRST, covering, learned
from fontmaker.ink_boxes import InkBox, ink_boxes, overlap, place, several_syllables, usual_ink_box
from fontmaker.outline import IMAGE_UNITS, UNITS
from fontmaker.photograph import clean_picture
from fontmaker.reading import read_glyphs
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import SIZE
from hangeul_bench.base.pictures import decode_picture, read_picture_file
from hangeul_bench.fonts import FontFace, Rasterizer
from hangeul_bench.fonts.faces import open_face
from hangeul_bench.fonts.placement import blank_frame
from hangeul_bench.fonts.sfnt import FONT_SUFFIXES
from hangeul_bench.hangeul import (
    Jamo,
    codepoint_name,
    compose,
    decompose,
    is_syllable,
    ksx1001,
    layout,
)
from hangeul_bench.hangeul.charset import all_syllables, parse_codepoint_name

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

Kind = Literal["fixed", "proportional"]
_VARIES = 0.5  # pixels; a font whose advances vary by more is proportional
_FONT_MAGIC = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")
_DOUBT = 0.05  # chance of a jamo below which the reader is taken to see another
_MIN_OVERLAP = 0.3  # with the usual ink box; small handwriting in its font has less than half
MOST_REFERENCES = 8  # references that are given one by one
_SAMPLE = 24  # one in so many of the 2,350 tells how a font advances


@dataclass(frozen=True)
class Advance:
    """How far a syllable moves the pen.

    Attributes:
        kind: One advance for all, or each glyph's ink and the same space beside it.
        units: Font units: the advance if fixed, the space on both sides together if proportional.
        why: Where it comes from, a few words.
    """

    kind: Kind
    units: int
    why: str

    def place(self, left: float, right: float) -> tuple[int, int]:
        """Where an image stands that has ink from ``left`` to ``right``, in pixels.

        Returns:
            Font units from the glyph's origin to the image's left edge, and the advance.
        """
        if self.kind == "fixed" or right <= left:
            return (self.units - IMAGE_UNITS) // 2, self.units
        advance = round((right - left) * UNITS) + self.units
        return self.units // 2 - round(left * UNITS), advance


def measured_advance(advances: Sequence[float], widths: Sequence[float]) -> Advance:
    """How a font advances.

    Args:
        advances: Of some of its syllables, pixels.
        widths: Of their ink, pixels.
    """
    if float(np.std(advances)) < _VARIES:
        units = round(float(np.median(advances)) * UNITS)
        return Advance("fixed", units, "the advance of the reference's font")
    space = float(np.median(np.subtract(advances, widths)))
    return Advance("proportional", round(space * UNITS), "the spacing of the reference's font")


@dataclass(frozen=True)
class Reference:
    """A reference glyph and where it comes from.

    Attributes:
        image: (128, 128) uint8, 0 = ink, 255 = paper.
        character: The syllable that it shows.
        name: The file's name.
        sha256: Hash of the file.
        notes: What was done to the picture, one sentence each.
        family: Of a font, which reserves this name; empty for a picture.
        handwritten: What a font says of itself; True for a picture.
        advance: Of a font; None for a picture.
        read_as: The syllable that the jamo reader plainly reads in its place, where it was asked;
            else empty.
    """

    image: NDArray[np.uint8]
    character: str
    name: str
    sha256: str
    notes: tuple[str, ...] = ()
    family: str = ""
    handwritten: bool = True
    advance: Advance | None = None
    read_as: str = ""


def load_references(
    paths: Sequence[Path], characters: Sequence[str], *, face: str = "", instance: str = ""
) -> tuple[Reference, ...]:
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
    if not 1 <= len(paths) <= MOST_REFERENCES:
        raise UserError(
            f"Expected 1 to {MOST_REFERENCES} times --reference, but found {len(paths)}."
        )
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
    return tuple(
        load_reference(path, character, face=face, instance=instance)
        for path, character in zip(paths, wanted, strict=True)
    )


def load_reference(path: Path, character: str, *, face: str = "", instance: str = "") -> Reference:
    """Read a reference glyph from a picture or a font file.

    A font gives its own glyph at its own placement. A picture is cleaned (light, polarity,
    contrast, specks), and its ink is scaled and set to where fonts usually have it.

    Args:
        path: A picture (PNG, JPEG, ...) or a font file (TTF, OTF, TTC, WOFF, WOFF2).
        character: The syllable that the picture shows, or that is taken from the font.
        face: Which face of a collection, as :func:`hangeul_bench.fonts.faces.open_face` reads it.
        instance: Where a variable font is taken, likewise.

    Raises:
        UserError: ``character`` is no syllable, or ``path`` is absent, neither picture nor font,
            too large, blank, all ink, a font that lacks the syllable, the face or the instance, or
            a picture for which a face or an instance is named.
    """
    decompose(character)
    if not path.is_file():
        found = (
            "a folder" if path.is_dir() else "a pipe or a device" if path.exists() else "nothing"
        )
        raise UserError(
            f"Expected the reference to be a picture or a font file, but found {found} at {path}."
        )
    if is_font_file(path):
        return _from_font(path, character, face, instance)
    if face or instance:
        raise UserError(f"Expected a font file for --face and --instance, but {path} is none.")
    return _from_picture(read_picture_file(path), path, character)


def is_font_file(path: Path) -> bool:
    """Whether a file is there and begins as fonts do."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in _FONT_MAGIC


def references_from_font(
    path: Path, *, face: str = "", instance: str = "", most: int = MOST_REFERENCES
) -> tuple[tuple[Reference, ...], int]:
    """The glyphs of a font that cover jamo and layouts, and how many syllables it draws.

    Args:
        path: A font file.
        face: Which face of a collection, as :func:`hangeul_bench.fonts.faces.open_face` reads it.
        instance: Where a variable font is taken, likewise.
        most: How many at most; the first ones are as good a choice of fewer.

    Raises:
        UserError: The font is broken, or has no syllable, no such face or no such instance.
    """
    opened = open_face(path, face=face, instance=instance)
    with Rasterizer(opened, SIZE) as rasterizer:
        drawn = set(all_syllables()) - rasterizer.missing(all_syllables())
        chosen = covering(learned(drawn), most)
        return _glyphs_of(opened, rasterizer, chosen), len(drawn)


def reference_from_picture(data: bytes, name: str, character: str) -> Reference:
    """Read a reference glyph from a picture's bytes, never from a font.

    Args:
        data: A picture file.
        name: What it is called.
        character: The syllable that it shows.

    Raises:
        UserError: ``character`` is no syllable, or ``data`` is no picture, too large, blank, or
            all ink.
    """
    decompose(character)
    return replace(_from_picture(data, Path(name), character), name=name)


def doubt(reference: Reference) -> str:
    """One sentence if the jamo reader plainly reads another syllable, else an empty string.

    Plainly means that it gives one of the three jamo hardly a chance. Without the reader's weights
    nothing is doubted.
    """
    from hangeul_bench.reader import SHIPPED_WEIGHTS, JamoReader  # loads torch

    return _doubt(reference, JamoReader.load()) if SHIPPED_WEIGHTS.is_file() else ""


def examine(
    references: Sequence[Reference], reader: "JamoReader", *, accept: bool = False
) -> tuple[str, ...]:
    """Look whether references show what they should.

    Args:
        references: What a font's glyph shows is said by its cmap, so that it is doubted at most.
        reader: Who reads.
        accept: Whether pictures that read as other syllables are taken all the same.

    Returns:
        One sentence for each reference that shows another syllable.

    Raises:
        UserError: Pictures show several syllables, another one or none.
    """
    warnings, wrong = [], []
    images = np.stack([reference.image for reference in references])
    seen = read_glyphs(reader, images, [reference.character for reference in references]).read
    for reference, read in zip(references, seen, strict=True):
        if reference.advance is not None:
            if warning := _doubt(reference, reader):
                warnings.append(f"{reference.name}: {warning}")
        elif read != reference.character:
            wrong.append(f"{reference.name} {_shown(reference, read)}, not {reference.character}")
    if wrong and not accept:
        raise UserError(
            f"Expected each reference to show its syllable, but {'; '.join(wrong)}; say with "
            "--reference-character what it shows, or take it all the same with --accept."
        )
    return (*warnings, *(f"Accepted: {sentence}." for sentence in wrong))


def check_single(reference: Reference, reader: "JamoReader") -> None:
    """Raise UserError if a reference shows several syllables."""
    read = read_glyphs(reader, reference.image[None], (reference.character,))
    if not read.right[0] and several_syllables(reference.image):
        raise UserError(
            f"Expected one syllable in each reference, but {reference.name} shows several; crop "
            f"the picture to {reference.character}.",
            reason="several",
        )


def seen_instead(reference: Reference, reader: "JamoReader") -> str:
    """The syllable that the reader plainly reads in place of the reference's own, or nothing."""
    parts = decompose(reference.character)
    chances = [row.softmax(1)[0] for row in reader.logits(reference.image[None])]
    doubted = [float(chance[part]) < _DOUBT for chance, part in zip(chances, parts, strict=True)]
    if not any(doubted):
        return ""
    return compose(Jamo(*(int(chance.argmax()) for chance in chances)))


def named_syllable(path: Path) -> str:
    """The syllable that a file's name says, or an empty string."""
    stem = normalize("NFC", path.stem)
    if is_syllable(stem):
        return stem
    try:
        return parse_codepoint_name(stem.upper())
    except UserError:
        return ""


def _from_picture(data: bytes, path: Path, character: str) -> Reference:
    picture = decode_picture(data, path, expected="the reference to be a picture or a font file")
    usual = usual_ink_box(layout(character))
    if _is_normal(picture.grey, usual):
        image = np.rint(picture.grey).astype(np.uint8)
        done = [f"left as it is: {SIZE} x {SIZE}, black on white, ink in its usual place"]
    else:
        cleaned = clean_picture(picture.grey, str(path))
        image, placed = place(cleaned, usual, str(path))
        done = [*cleaned.notes, *placed]
    sha256 = hashlib.sha256(data).hexdigest()
    return Reference(image, character, path.name, sha256, (*picture.notes, *done))


def _from_font(path: Path, character: str, face: str, instance: str) -> Reference:
    opened = open_face(path, face=face, instance=instance)
    with Rasterizer(opened, SIZE) as rasterizer:
        if rasterizer.missing([character]):
            raise UserError(
                f"Font {path} does not draw {character} ({codepoint_name(character)}); choose "
                "another --reference-character or another font."
            )
        return _glyphs_of(opened, rasterizer, (character,))[0]


def _glyphs_of(
    opened: FontFace, rasterizer: Rasterizer, characters: Sequence[str]
) -> tuple[Reference, ...]:
    """Glyphs that a font draws, as references."""
    if not characters:
        return ()
    advance = _advance(rasterizer, characters[0])
    # The 2,350 always count in the placement; the syllables themselves may be none of them.
    rasterizer.fit(characters)
    sha256 = hashlib.sha256(opened.path.read_bytes()).hexdigest()
    return tuple(
        Reference(
            image,
            character,
            opened.path.name,
            sha256,
            tuple(
                filter(
                    None, (f"{character} taken from the font as its dataset would", opened.choice)
                )
            ),
            family=opened.family,
            handwritten=opened.category != "printed",
            advance=advance,
        )
        for character, image in zip(characters, rasterizer.render_many(characters), strict=True)
    )


def _advance(rasterizer: Rasterizer, character: str) -> Advance:
    """How a font advances, by some of its syllables, or by the one that a small font has."""
    known = set(ksx1001()) - rasterizer.missing(ksx1001())
    sample = [s for s in ksx1001()[::_SAMPLE] if s in known] or [character]
    outlines = [rasterizer.outline(s) for s in sample]
    scale = rasterizer.fit([] if known else [character]).scale
    return measured_advance(
        [outline.advance * scale for outline in outlines],
        [(outline.box[2] - outline.box[0]) * scale for outline in outlines],
    )


def _doubt(reference: Reference, reader: "JamoReader") -> str:
    read = seen_instead(reference, reader)
    if not read:
        return ""
    return (
        f"Warning: the reference does not look like {reference.character}; the jamo reader reads "
        f"{read}. If that is right, give --reference-character {read}."
    )


def _shown(reference: Reference, read: str) -> str:
    if several_syllables(reference.image):
        return "shows several syllables"
    return f"reads as {read}" if read else "shows nothing that can be read"


def _is_normal(grey: NDArray[np.float32], usual: InkBox) -> bool:
    """Whether a picture is as a dataset's raster would have drawn it."""
    if grey.shape != (SIZE, SIZE) or grey.min() > 32:
        return False
    if (grey[blank_frame(SIZE, SIZE)] < 255).any() or (grey == 255).mean() < 0.2:
        return False
    return overlap(InkBox(*ink_boxes(grey[None])[0].tolist()), usual) >= _MIN_OVERLAP
