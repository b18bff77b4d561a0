"""Turn a picture or a font file into the reference glyph that a model continues."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fontmaker.ink_boxes import INK_LEVEL, InkBox, ink_boxes, usual_ink_box
from fontmaker.photograph import CleanedPage, clean_page
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import SIZE
from hangeul_bench.base.pictures import decode_picture, read_picture_file
from hangeul_bench.fonts.placement import MARGIN, blank_frame
from hangeul_bench.hangeul import Jamo, codepoint_name, compose, decompose, layout

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

_FONT_MAGIC = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf", b"wOFF", b"wOF2")
_MIN_INK_SIDE = 16  # pixels; with fewer, strokes of a syllable run together
_MAX_COVERAGE = 0.95  # of the ink box; the heaviest font of the corpus inks 0.91 of its own
_DOUBT = 0.05  # chance of a jamo below which the reader is taken to see another
_MIN_OVERLAP = 0.3  # with the usual ink box; small handwriting in its font has less than half


@dataclass(frozen=True)
class Reference:
    """A reference glyph.

    Attributes:
        image: (128, 128) uint8, 0 = ink, 255 = paper.
        character: The syllable that it shows.
        notes: What was done to the picture, one sentence each.
    """

    image: NDArray[np.uint8]
    character: str
    notes: tuple[str, ...]


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
    with path.open("rb") as file:
        magic = file.read(4)
    if magic in _FONT_MAGIC:
        return _from_font(path, character, face, instance)
    if face or instance:
        raise UserError(f"Expected a font file for --face and --instance, but {path} is none.")
    return reference_from_picture(read_picture_file(path), path, character)


def reference_from_picture(data: bytes, path: Path, character: str) -> Reference:
    """Read a reference glyph from a picture's bytes, never from a font.

    Args:
        data: A picture file.
        path: Its name, for messages.
        character: The syllable that it shows.

    Raises:
        UserError: ``character`` is no syllable, or ``data`` is no picture, too large, blank, or
            all ink.
    """
    decompose(character)
    picture = decode_picture(data, path, expected="the reference to be a picture or a font file")
    usual = usual_ink_box(layout(character))
    if _is_normal(picture.grey, usual):
        note = f"left as it is: {SIZE} x {SIZE}, black on white, ink in its usual place"
        return Reference(np.rint(picture.grey).astype(np.uint8), character, (*picture.notes, note))
    page = clean_page(picture.grey, str(path))
    image, placed = place(page, usual, str(path))
    return Reference(image, character, (*picture.notes, *page.notes, *placed))


def doubt(reference: Reference) -> str:
    """One sentence if the jamo reader plainly reads another syllable, else an empty string.

    Plainly means that it gives one of the three jamo hardly a chance. Without the reader's weights
    nothing is doubted.
    """
    if not (files("hangeul_bench.reader") / "weights/reader.safetensors").is_file():
        return ""
    from hangeul_bench.reader import JamoReader  # loads torch

    read = seen_instead(reference, JamoReader.load())
    if not read:
        return ""
    return (
        f"Warning: the reference does not look like {reference.character}; the jamo reader reads "
        f"{read}. If that is right, give --reference-character {read}."
    )


def seen_instead(reference: Reference, reader: "JamoReader") -> str:
    """The syllable that the reader plainly reads in place of the reference's own, or nothing."""
    parts = decompose(reference.character)
    chances = [row.softmax(1)[0] for row in reader.logits(reference.image[None])]
    doubted = [float(chance[part]) < _DOUBT for chance, part in zip(chances, parts, strict=True)]
    if not any(doubted):
        return ""
    return compose(Jamo(*(int(chance.argmax()) for chance in chances)))


def _from_font(path: Path, character: str, face: str, instance: str) -> Reference:
    from hangeul_bench.fonts import Rasterizer
    from hangeul_bench.fonts.faces import open_face

    opened = open_face(path, face=face, instance=instance)
    with Rasterizer(opened, SIZE) as rasterizer:
        if rasterizer.missing([character]):
            raise UserError(
                f"Font {path} does not draw {character} ({codepoint_name(character)}); choose "
                "another --reference-character or another font."
            )
        # The 2,350 always count in the placement; the syllable itself may be none of them.
        rasterizer.fit([character])
        image = rasterizer.render(character)
    notes = f"{character} taken from the font as its dataset would", opened.choice
    return Reference(image, character, tuple(filter(None, notes)))


def _is_normal(grey: NDArray[np.float32], usual: InkBox) -> bool:
    """Whether a picture is as a dataset's raster would have drawn it."""
    if grey.shape != (SIZE, SIZE) or grey.min() > 32:
        return False
    if (grey[blank_frame(SIZE, SIZE)] < 255).any() or (grey == 255).mean() < 0.2:
        return False
    return overlap(InkBox(*ink_boxes(grey[None])[0].tolist()), usual) >= _MIN_OVERLAP


def overlap(one: InkBox, other: InkBox) -> float:
    """Intersection over union of two boxes, in [0, 1]."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (one.width * one.height + other.width * other.height - shared)


def place(
    page: CleanedPage, usual: InkBox, where: str, *, scale: float | None = None
) -> tuple[NDArray[np.uint8], list[str]]:
    """Scale a page's ink to the usual size and set it to the usual place.

    The ink keeps its proportions: its box gets the usual box's area, and its centre.

    Args:
        page: A cleaned page.
        usual: Where fonts have this syllable's ink.
        where: The file's name, for messages.
        scale: For several glyphs of one hand, the scale that they share; see :func:`usual_scale`.

    Returns:
        (128, 128) uint8, 0 = ink, 255 = paper, and what was done.

    Raises:
        UserError: The ink is too small to have a style, or fills its box.
    """
    box = InkBox(*ink_boxes(page.grey[None])[0].tolist())
    _check_ink(page, box, where)
    scale = usual_scale(page, usual) if scale is None else scale
    scale = min(scale, (SIZE - 4 * MARGIN) / max(box.width, box.height))
    centre = _clamped_centre(usual, box, scale)
    image = _resample(page.grey, box, scale, centre)
    notes = [
        f"ink box of {box.width:.0f} x {box.height:.0f} pixels scaled {scale:.2f}x and centred "
        f"at ({centre[0]:.0f}, {centre[1]:.0f}), the usual place of such a syllable"
    ]
    if scale > 2:
        notes.append("the ink is small in the picture, so that its edges are soft")
    return image, notes


def usual_scale(page: CleanedPage, usual: InkBox) -> float:
    """The scale that gives the box of a page's ink the usual box's area."""
    box = InkBox(*ink_boxes(page.grey[None])[0].tolist())
    return float((usual.width * usual.height / (box.width * box.height)) ** 0.5)


def _check_ink(page: CleanedPage, box: InkBox, where: str) -> None:
    if max(box.width, box.height) < _MIN_INK_SIDE:
        raise UserError(
            f"Expected a syllable of at least {_MIN_INK_SIDE} pixels in the reference, but the "
            f"ink in {where} is {box.width:.0f} x {box.height:.0f}; give a larger picture.",
            reason="small",
        )
    left, top, right, bottom = (int(edge) for edge in box)
    covered = float((page.grey[top:bottom, left:right] < INK_LEVEL).mean())
    if covered > _MAX_COVERAGE:
        raise UserError(
            f"Expected one syllable in the reference, but {where} is {covered:.0%} ink within "
            "its box; crop the picture to paper and syllable.",
            reason="all-ink",
        )


def _clamped_centre(usual: InkBox, box: InkBox, scale: float) -> tuple[float, float]:
    """The usual centre, moved if the ink would come too near the raster's edge."""
    half_width, half_height = box.width * scale / 2, box.height * scale / 2
    x, y = (usual.left + usual.right) / 2, (usual.top + usual.bottom) / 2
    low, high = 1.5 * MARGIN, SIZE - 1.5 * MARGIN
    return (
        float(np.clip(x, low + half_width, high - half_width)),
        float(np.clip(y, low + half_height, high - half_height)),
    )


def _resample(
    grey: NDArray[np.float32], box: InkBox, scale: float, centre: tuple[float, float]
) -> NDArray[np.uint8]:
    """Draw the part of ``grey`` that fills the raster when the box's centre is at ``centre``."""
    side = SIZE / scale  # source pixels across the raster
    left = (box.left + box.right) / 2 - centre[0] / scale
    top = (box.top + box.bottom) / 2 - centre[1] / scale
    pad = int(np.ceil(side))
    padded = np.pad(grey, pad, constant_values=255)
    source = (left + pad, top + pad, left + pad + side, top + pad + side)
    resized = Image.fromarray(padded).resize((SIZE, SIZE), Image.Resampling.BICUBIC, box=source)
    image: NDArray[np.uint8] = np.rint(np.asarray(resized).clip(0, 255)).astype(np.uint8)
    return image
