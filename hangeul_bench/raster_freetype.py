"""The few FreeType calls that drawing needs, through ctypes straight into a numpy array.

The object layer of freetype-py copies a bitmap pixel by pixel (1,270 us a glyph); a numpy array as
the bitmap's buffer costs nothing.
"""

import ctypes
import hashlib
from dataclasses import dataclass
from typing import Any

import freetype.raw as ft
import numpy as np
import numpy.typing as npt

from hangeul_bench.errors import UserError

_NO_SCALE = 1  # FT_LOAD_NO_SCALE: font units; implies no hinting and no embedded bitmaps
_GRAY = 2  # FT_PIXEL_MODE_GRAY
_UNICODE = 0x756E6963  # FT_ENCODING_UNICODE, "unic"
_BYTES = ctypes.POINTER(ctypes.c_ubyte)
_POS: Any = np.dtype(ctypes.c_long)
_VECTOR_BYTES = ctypes.sizeof(ft.FT_Vector)
# Bits 0 and 1 of a point's tag say on or off the curve, quadratic or cubic; the others are hints.
_KIND_OF_POINT = bytes(tag & 3 for tag in range(256))

# freetype-py leaves these two unbound.
_translate = ft._lib.FT_Outline_Translate
_transform = ft._lib.FT_Outline_Transform
_translate.argtypes = [ctypes.c_void_p, ctypes.c_long, ctypes.c_long]
_translate.restype = None
_get_bitmap = ft._lib.FT_Outline_Get_Bitmap
_get_char_index = ft._lib.FT_Get_Char_Index
_get_char_index.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
_get_char_index.restype = ctypes.c_uint


@dataclass(frozen=True, slots=True)
class Outline:
    """What a glyph draws, in font units.

    Attributes:
        glyph: Glyph index.
        advance: Advance width.
        box: Ink box: x_min, y_min, x_max, y_max.
        sha256: Hash of points, their kinds and the contours; the advance is not in it.
    """

    glyph: int
    advance: int
    box: tuple[int, int, int, int]
    sha256: str


def freetype_version() -> str:
    """The version of the FreeType library in use, e.g. ``2.13.2``."""
    import freetype

    return ".".join(str(part) for part in freetype.version())


class Canvas:
    """A stack of pages that FreeType draws on, one at a time.

    Args:
        pages: (N, H, W) uint8, C-contiguous, zeros; receives coverage, 255 = ink.
    """

    def __init__(self, pages: npt.NDArray[np.uint8]) -> None:
        self._pages = pages  # the pointer below is valid as long as this lives
        self._start = pages.ctypes.data
        self._bitmap = ft.FT_Bitmap()
        self._bitmap.rows, self._bitmap.width = pages.shape[1:]
        self._bitmap.pitch = pages.shape[2]
        self._bitmap.num_grays = 256
        self._bitmap.pixel_mode = _GRAY
        self.pointer = ctypes.byref(self._bitmap)

    def turn_to(self, page: int) -> None:
        """Draw on this page from now on."""
        address = self._start + page * self._pages.strides[0]
        self._bitmap.buffer = ctypes.cast(address, _BYTES)


class FreeTypeFace:
    """One open font; not for use by two threads at a time.

    Args:
        data: A plain sfnt (TrueType or OpenType/CFF).
        name: What messages call it.

    Raises:
        UserError: FreeType cannot read it, or it holds no outlines or no Unicode cmap.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._data = data  # FreeType reads from it as long as the face lives
        self._library = ft.FT_Library()
        self._face = ft.FT_Face()
        _check(ft.FT_Init_FreeType(ctypes.byref(self._library)), "FreeType did not start")
        error = ft.FT_New_Memory_Face(
            self._library, data, len(data), 0, ctypes.byref(self._face)
        ) or ft.FT_Select_Charmap(self._face, _UNICODE)
        if error:
            self.close()
            raise UserError(
                f"Expected a font with a Unicode cmap, but FreeType cannot read {name} "
                f"(error {error}); remove the file or get it again."
            )
        self._slot = self._face.contents.glyph
        self._outline = self._slot.contents.outline  # a view: it follows each load
        self._outline_pointer = ctypes.byref(self._outline)
        self._metrics = self._slot.contents.metrics
        self._box = ft.FT_BBox()
        self._box_pointer = ctypes.byref(self._box)
        self._matrix = ft.FT_Matrix(0, 0, 0, 0)
        self._matrix_pointer = ctypes.byref(self._matrix)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Free the face and its library; the object is of no use afterwards."""
        if self._library:
            ft.FT_Done_FreeType(self._library)  # frees the face, too
            self._library = ft.FT_Library()
            self._face = ft.FT_Face()

    def glyph_index(self, codepoint: int) -> int:
        """The glyph that the cmap gives, 0 if none."""
        index: int = _get_char_index(self._face, codepoint)
        return index

    def outline(self, glyph: int) -> Outline | None:
        """The outline of a glyph, None if it draws nothing."""
        self._load(glyph)
        outline = self._outline
        n_points = outline.n_points
        if n_points == 0:
            return None
        ft.FT_Outline_Get_BBox(self._outline_pointer, self._box_pointer)
        box = self._box.xMin, self._box.yMin, self._box.xMax, self._box.yMax
        if box[0] >= box[2] or box[1] >= box[3]:
            return None  # a line or a point encloses no ink
        return Outline(glyph, self._metrics.horiAdvance, box, self._hash(n_points))

    def _hash(self, n_points: int) -> str:
        # FT_Pos is as wide as the machine's long: hash 32 bits, little-endian, everywhere.
        outline = self._outline
        points = ctypes.string_at(outline.points, n_points * _VECTOR_BYTES)
        contours = ctypes.string_at(outline.contours, 2 * outline.n_contours)
        parts = (
            np.frombuffer(contours, dtype=np.int16).astype("<i2", copy=False).tobytes(),
            ctypes.string_at(outline.tags, n_points).translate(_KIND_OF_POINT),
            np.frombuffer(points, dtype=_POS).astype("<i4").tobytes(),
        )
        return hashlib.sha256(b"".join(parts)).hexdigest()

    def draw(self, glyph: int, scale: int, origin: tuple[int, int], canvas: "Canvas") -> None:
        """Put a glyph's ink on a canvas.

        Args:
            glyph: Glyph index.
            scale: 1/64 pixels a font unit, 16.16.
            origin: Where the glyph's origin stands: x from the left, y above the lower edge, 1/64
                pixels.
            canvas: Where the ink goes; blank before.
        """
        self._load(glyph)
        self._matrix.xx = self._matrix.yy = scale
        _transform(self._outline_pointer, self._matrix_pointer)
        _translate(self._outline_pointer, *origin)
        self._require(_get_bitmap(self._library, self._outline_pointer, canvas.pointer), glyph)

    def _load(self, glyph: int) -> None:
        self._require(ft.FT_Load_Glyph(self._face, glyph, _NO_SCALE), glyph)

    def _require(self, error: int, glyph: int) -> None:
        if error:
            raise UserError(
                f"FreeType cannot draw glyph {glyph} of {self._name} (error {error}); the file is "
                "broken: remove it or get it again."
            )


def _check(error: int, message: str) -> None:
    if error:
        raise RuntimeError(f"{message} (error {error})")
