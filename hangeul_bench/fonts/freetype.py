"""The few FreeType calls that drawing needs, through ctypes straight into a numpy array.

The object layer of freetype-py copies a bitmap pixel by pixel (1,270 us a glyph); a numpy array as
the bitmap's buffer costs nothing. Outlines are read once, in font units, and scaled by numpy.
"""

import ctypes
import hashlib
import weakref
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import freetype
import freetype.raw as ft
import numpy as np
import numpy.typing as npt

from hangeul_bench.base.errors import UserError

_NO_SCALE = 1  # FT_LOAD_NO_SCALE: font units; implies no hinting and no embedded bitmaps
_GRAY = 2  # FT_PIXEL_MODE_GRAY
_UNICODE = 0x756E6963  # FT_ENCODING_UNICODE, "unic"
_HALF = 1 << 15  # 0.5 in 16.16
# FT_Pos is a long, which has 32 or 64 bits by platform.
_POS: Any = np.dtype(ctypes.c_long)
_VECTOR_BYTES = 2 * _POS.itemsize
# Bits 0 and 1 of a point's tag say on or off the curve, quadratic or cubic; the others are hints.
_KIND_OF_POINT = bytes(tag & 3 for tag in range(256))

# What freetype-py leaves unbound or untyped.
_get_bitmap = ft._lib.FT_Outline_Get_Bitmap
_get_char_index = ft._lib.FT_Get_Char_Index
_get_char_index.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
_get_char_index.restype = ctypes.c_uint


class _Shape(ctypes.Structure):
    """FT_Outline with plain addresses, which ctypes sets ten times faster than pointers."""

    _fields_ = (
        ("n_contours", ctypes.c_short),
        ("n_points", ctypes.c_short),
        ("points", ctypes.c_void_p),
        ("tags", ctypes.c_void_p),
        ("contours", ctypes.c_void_p),
        ("flags", ctypes.c_int),
    )


class _Bitmap(ctypes.Structure):
    """The fields of FT_Bitmap that an outline is drawn into; its palette is never read."""

    _fields_ = (
        ("rows", ctypes.c_uint),
        ("width", ctypes.c_uint),
        ("pitch", ctypes.c_int),
        ("buffer", ctypes.c_void_p),
        ("num_grays", ctypes.c_ushort),
        ("pixel_mode", ctypes.c_ubyte),
        ("palette_mode", ctypes.c_ubyte),
        ("palette", ctypes.c_void_p),
    )


class Outline(NamedTuple):
    """What a glyph draws, in font units.

    Attributes:
        advance: Advance width.
        box: Ink box: x_min, y_min, x_max, y_max.
        points: Coordinates, x and y in turn, as C longs.
        tags: What kind of point each is: on or off the curve, quadratic or cubic.
        contours: Index of each contour's last point, as C shorts.
        flags: FreeType's flags, such as the fill rule.
    """

    advance: int
    box: tuple[int, int, int, int]
    points: bytes
    tags: bytes
    contours: bytes
    flags: int

    def same_shape(self, other: "Outline") -> bool:
        """Whether both draw the same, whatever their advance widths."""
        return self.points == other.points and self.contours == other.contours

    @property
    def sha256(self) -> str:
        """Hash of contours, kinds of points and points; the advance is not in it."""
        return outline_hashes((self,))[0]


def outline_hashes(outlines: Sequence[Outline]) -> list[str]:
    """:attr:`Outline.sha256` of each; together they take half the time."""
    # 16 and 32 bits, little-endian, on every machine.
    contours = _joined(outlines, "contours").view(np.int16).astype("<i2", copy=False).tobytes()
    points = _joined(outlines, "points").view(_POS).astype("<i4").tobytes()
    hashes, contour, point = [], 0, 0
    for outline in outlines:
        next_contour = contour + len(outline.contours)
        next_point = point + 8 * len(outline.tags)
        parts = contours[contour:next_contour], outline.tags, points[point:next_point]
        hashes.append(hashlib.sha256(b"".join(parts)).hexdigest())
        contour, point = next_contour, next_point
    return hashes


def freetype_version() -> str:
    """The version of the FreeType library in use, e.g. ``2.13.2``."""
    return ".".join(str(part) for part in freetype.version())


class FreeTypeFace:
    """One open font; not for use by two threads at a time.

    Args:
        data: A plain sfnt (TrueType or OpenType/CFF).
        name: What messages call it.

    Raises:
        UserError: FreeType cannot read it, or it has no Unicode cmap.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._data = data  # FreeType reads from it as long as the face lives
        self._library = ft.FT_Library()
        self._face = ft.FT_Face()
        if ft.FT_Init_FreeType(ctypes.byref(self._library)):
            raise MemoryError("FreeType did not start")
        # Called at the latest when the interpreter begins to end; __del__ would come when the
        # modules that it needs are gone.
        self._free = weakref.finalize(self, _free_library, self._library)
        error = ft.FT_New_Memory_Face(
            self._library, data, len(data), 0, ctypes.byref(self._face)
        ) or ft.FT_Select_Charmap(self._face, _UNICODE)
        if error:
            self.close()
            raise UserError(
                f"Expected a font with a Unicode cmap, but FreeType cannot read {name} "
                f"(error {error}); remove the file or get it again."
            )
        slot = self._face.contents.glyph.contents
        self._outline, self._metrics = slot.outline, slot.metrics  # views: they follow each load
        self._outline_pointer = ctypes.byref(self._outline)
        self._box = ft.FT_BBox()
        self._box_pointer = ctypes.byref(self._box)

    def close(self) -> None:
        """Free the face and its library; the object is of no use afterwards."""
        self._free()
        self._library = ft.FT_Library()
        self._face = ft.FT_Face()

    def glyph_index(self, codepoint: int) -> int:
        """The glyph that the cmap gives, 0 if none."""
        index: int = _get_char_index(self._face, codepoint)
        return index

    def outline(self, glyph: int) -> Outline | None:
        """The outline of a glyph, None if it draws nothing.

        Raises:
            UserError: The glyph is broken.
        """
        error = ft.FT_Load_Glyph(self._face, glyph, _NO_SCALE)
        if error:
            raise UserError(
                f"FreeType cannot read glyph {glyph} of {self._name} (error {error}); the file is "
                "broken: remove it or get it again."
            )
        outline = self._outline
        n_points = outline.n_points
        if n_points == 0:
            return None
        ft.FT_Outline_Get_BBox(self._outline_pointer, self._box_pointer)
        box = self._box.xMin, self._box.yMin, self._box.xMax, self._box.yMax
        if box[0] >= box[2] or box[1] >= box[3]:
            return None  # a line or a point encloses no ink
        return Outline(
            advance=self._metrics.horiAdvance,
            box=box,
            points=ctypes.string_at(outline.points, n_points * _VECTOR_BYTES),
            tags=ctypes.string_at(outline.tags, n_points).translate(_KIND_OF_POINT),
            contours=ctypes.string_at(outline.contours, 2 * outline.n_contours),
            flags=outline.flags,
        )

    def draw(
        self,
        outlines: Mapping[int, Outline],
        *,
        scale: int,
        origins: Sequence[tuple[int, int]],
        images: npt.NDArray[np.uint8],
    ) -> None:
        """Put the ink of each outline into its image.

        Args:
            outlines: Number of an image to its outline.
            scale: 1/64 pixels a font unit, 16.16.
            origins: Where each glyph's origin stands, in the order of ``outlines``: x from the left
                edge, y above the lower edge, 1/64 pixels.
            images: (N, H, W) uint8, zeros; receives coverage, 255 = ink. Rows may stand apart.
        """
        if not outlines:
            return
        n_points = [len(outline.tags) for outline in outlines.values()]
        shifts = np.repeat(np.array(origins, dtype=np.int64), n_points, axis=0)
        points = _joined(outlines.values(), "points").view(_POS).astype(np.int64).reshape(-1, 2)
        points = (((points * scale + _HALF) >> 16) + shifts).astype(_POS)
        tags, contours = (_joined(outlines.values(), part) for part in ("tags", "contours"))
        shape = _Shape(0, 0, points.ctypes.data, tags.ctypes.data, contours.ctypes.data, 0)
        bitmap = _Bitmap(*images.shape[1:], images.strides[1], None, 256, _GRAY)
        shape_pointer, bitmap_pointer = ctypes.byref(shape), ctypes.byref(bitmap)
        first = images.ctypes.data
        for row, outline in outlines.items():
            shape.n_points = len(outline.tags)
            shape.n_contours = len(outline.contours) // 2
            shape.flags = outline.flags
            bitmap.buffer = first + row * images.strides[0]
            if _get_bitmap(self._library, shape_pointer, bitmap_pointer):
                raise UserError(f"FreeType cannot draw a glyph of {self._name}; remove the file.")
            shape.points += len(outline.points)
            shape.tags += len(outline.tags)
            shape.contours += len(outline.contours)


def _free_library(library: Any) -> None:
    ft.FT_Done_FreeType(library)  # frees the face, too


def _joined(outlines: Iterable[Outline], part: str) -> npt.NDArray[np.uint8]:
    joined = b"".join([getattr(outline, part) for outline in outlines])
    return np.frombuffer(joined, dtype=np.uint8)
