"""Latin, punctuation and jamo for a font that has only syllables: an open font's, fitted to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from fontmaker.ink_boxes import ink_boxes
from fontmaker.outline import UNITS, level_set
from fontmaker.rings import Rings
from fontmaker.shapes import Shape, transformed
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs
from hangeul_bench.fonts import FontFace, scan_faces
from hangeul_bench.fonts.faces import open_face, sfnt_bytes

LICENCE = "OFL-1.1"
# The content font, which is in every set of `fonts fetch`, and the one that many people know.
_FAMILIES = ("noto-sans-kr", "nanum-gothic")
_SIZES = (0.7, 1.1)  # Latin is not made smaller or larger than this, or it would not be read
_THICKEST = 0.4  # of its stroke that a font is made bolder or lighter; beyond, counters close


@dataclass(frozen=True)
class Companion:
    """Glyphs of an open font, fitted.

    Attributes:
        family: Family name of the font that they come from; reserved.
        style: Its style.
        sha256: Hash of its file.
        copyright: What its name table says.
        glyphs: Character to shape.
        scale: Of the font's own size in ems.
        bolder: Font units by which the strokes were made thicker.
        x_height: Font units.
        cap_height: Font units.
    """

    family: str
    style: str
    sha256: str
    copyright: str
    glyphs: Mapping[str, Shape]
    scale: float
    bolder: float
    x_height: int
    cap_height: int

    def to_json(self) -> dict[str, Any]:
        """What the font's record says of it."""
        return {
            "family": self.family,
            "style": self.style,
            "licence": LICENCE,
            "copyright": self.copyright,
            "sha256": self.sha256,
            "characters": len(self.glyphs),
            "scale": round(self.scale, 4),
            "bolder_units": round(self.bolder, 1),
        }


@cache
def companion_characters() -> str:
    """Latin-1, punctuation and compatibility jamo that a companion gives, in code-point order.

    fontconfig takes a font for Korean if it has the 2,350 syllables and U+3131 to U+318E.
    """
    text = (files("fontmaker") / "companion_characters.txt").read_text("utf-8")
    return "".join(sorted({*text} - {"\n"}))


def find_companions(place: Path) -> tuple[FontFace, ...]:
    """The weights of an open font that can be a companion.

    Args:
        place: A font file, or a folder of fonts such as ``fonts fetch`` makes.

    Returns:
        Faces of one family; empty if a folder has no known one.

    Raises:
        UserError: The file is no font, or not under the SIL Open Font License.
    """
    if place.is_file():
        face = open_face(place)
        if face.licence != LICENCE:
            raise UserError(
                f"Expected a font under the SIL Open Font License for Latin and punctuation, but "
                f"{place} says {face.licence}; give another with --latin, or --latin none."
            )
        return (face,)
    if not place.is_dir():
        raise UserError(f"Expected a font or a folder of fonts, but found nothing at {place}.")
    faces = [face for face in scan_faces(place)[0] if face.licence == LICENCE]
    for family in _FAMILIES:
        found = tuple(f for f in faces if f.font_id.startswith(family) and f.path.suffix != ".otf")
        if found:
            return tuple(face for face in found if face.lineage == found[0].lineage)
    return ()


def fit_companion(
    faces: Sequence[FontFace], images: Glyphs, syllables: Sequence[str]
) -> Companion | None:
    """Take the weight nearest to the images and make size and strokes those of the images.

    Args:
        faces: Weights of one family.
        images: (N, 128, 128) uint8: some drawn syllables.
        syllables: (N) which they are.

    Returns:
        None if no face draws these syllables.
    """
    from hangeul_bench.fonts import Rasterizer

    drawn = _measure(images)
    best: tuple[float, FontFace, float, float] | None = None
    for face in faces:
        with Rasterizer(face) as rasterizer:
            if rasterizer.missing(syllables):
                continue
            own, units = _measure(rasterizer.render_many(syllables)), rasterizer.placement.scale
        size = float(np.clip(drawn.height / own.height, *_SIZES))
        thicker = drawn.stroke / (own.stroke * size)
        far = abs(float(np.log(thicker)))
        if best is None or far < best[0]:
            bolder = own.stroke * size * float(np.clip(thicker - 1, -_THICKEST, _THICKEST))
            best = far, face, units * size * UNITS, bolder * UNITS
    return None if best is None else _take(*best[1:])


@dataclass(frozen=True)
class _Measured:
    height: float  # pixels of ink, median
    stroke: float  # pixels, mean thickness


def _measure(images: Glyphs) -> _Measured:
    boxes = ink_boxes(images)
    return _Measured(float(np.median(boxes[:, 3] - boxes[:, 1])), stroke_width(images))


def stroke_width(images: Glyphs) -> float:
    """Mean thickness of the strokes on (N, H, W) uint8 images, in pixels: ink by half its edge."""
    rings = level_set(images)
    sides = rings.points[rings.after] - rings.points
    edge = float(np.hypot(sides[:, 0], sides[:, 1]).sum())
    return float(np.abs(rings.areas().sum())) / max(edge / 2, 1e-9)


def _take(face: FontFace, scale: float, bolder: float) -> Companion:
    from io import BytesIO

    from fontTools.ttLib import TTFont

    font = TTFont(BytesIO(sfnt_bytes(face)), lazy=True)
    cmap, glyph_set, os2 = font.getBestCmap(), font.getGlyphSet(), font["OS/2"]
    glyphs = {}
    for character in " " + companion_characters():
        name = cmap.get(ord(character))
        if name is not None:
            fitted = bolder if character != " " else 0.0
            glyphs[character] = transformed(_shape(glyph_set, name), scale=scale, bolder=fitted)
    return Companion(
        family=face.family,
        style=face.style,
        sha256=face.sha256,
        copyright=_sentence(font["name"].getDebugName(0) or face.family),
        glyphs=glyphs,
        scale=scale * font["head"].unitsPerEm / 1024,
        bolder=bolder,
        x_height=round(getattr(os2, "sxHeight", 0) * scale),
        cap_height=round(getattr(os2, "sCapHeight", 0) * scale),
    )


def _shape(glyph_set: Any, name: str) -> Shape:
    """A glyph with quadratic curves and without components, contours around ink clockwise."""
    from fontTools.pens.cu2quPen import Cu2QuPen
    from fontTools.pens.recordingPen import DecomposingRecordingPen
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    recording = DecomposingRecordingPen(glyph_set)
    glyph_set[name].draw(recording)
    pen = TTGlyphPen(None)
    recording.replay(Cu2QuPen(pen, max_err=0.5))
    glyph = pen.glyph()
    advance = round(glyph_set[name].width)
    if glyph.numberOfContours <= 0:
        return Shape(advance, np.empty((0, 2), np.int64), np.empty(0, bool), ())
    points = np.array(list(glyph.coordinates), np.int64)
    shape = Shape(advance, points, np.array(glyph.flags, bool), tuple(glyph.endPtsOfContours))
    return shape if _ink_is_clockwise(shape) else _turned(shape)


def _ink_is_clockwise(shape: Shape) -> bool:
    lengths = np.diff(shape.ends, prepend=-1)
    ring = np.repeat(np.arange(len(lengths)), lengths)
    areas = Rings(shape.points.astype(np.float64), ring, np.zeros(len(lengths), np.int64)).areas()
    return float(areas.sum()) <= 0  # y points upwards


def _turned(shape: Shape) -> Shape:
    lengths = np.diff(shape.ends, prepend=-1)[::-1]
    ends = tuple((np.cumsum(lengths) - 1).tolist())
    return Shape(shape.advance, shape.points[::-1], shape.on_curve[::-1], ends)


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    return line if line.endswith(".") else line + "."
