"""Read any picture file as grey levels: the one reader, bounded in bytes, pixels, frames and time.

References, photographs and folders of glyphs all come through here. What a file says of itself is
checked before it is decoded, and what was done to its pixels is said.
"""

import io
import stat
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from hangeul_bench.base.errors import UserError

Grey = NDArray[np.float32]
Light = Literal["white", "red", "green"]

MAX_PIXELS = 40_000_000  # a camera's picture; more is a decompression bomb or a poster
MAX_BYTES = 64 << 20  # 40 megapixels of a photograph, as PNG without loss, stay below it
MAX_SECONDS = 8.0  # of this thread's processor; 40 megapixels take one or two
# Pillow also reads formats that run other programs (EPS starts Ghostscript); these do not.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm", ".pbm"}
)
# ISO/IEC 23008-12: what a file of HEVC images begins with, behind its length and "ftyp".
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_MAX_HEAD_BYTES = 16 << 20  # profiles and previews; a list of 4 million strips is as long
_WORKING_SIDE = 2048  # pixels; a glyph a tenth as large still has more than 128
_BLOCK = 16 << 10  # bytes that a decoder gets at once: after each of them the time is looked at
_EXIF_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A picture as grey levels.

    Attributes:
        grey: (H, W) float32 in [0, 255], upright, at most 2,048 pixels a side.
        notes: One sentence for each thing that was done to the file's pixels.
    """

    grey: Grey
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Header:
    """What a picture file says of itself: pixels, and Pillow's name for the kind of pixel."""

    width: int
    height: int
    mode: str


def read_picture_file(path: Path) -> bytes:
    """The bytes of a picture file.

    Raises:
        UserError: It is no regular file (a folder, a pipe, a device), or has more than 64 MB.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise UserError(f"Expected a picture at {path}, but it is no regular file; remove it.")
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UserError(
            f"Expected a picture of at most {MAX_BYTES >> 20} MB, but {path} has more; "
            "save it smaller."
        )
    return data


def read_picture(path: Path, *, expected: str = "a picture", light: Light = "white") -> Picture:
    """Read a picture: upright, on an opaque ground, as grey levels.

    Args:
        path: A PNG, JPEG, WebP, TIFF, BMP, GIF or PPM file; HEIC where pillow-heif is there.
        expected: What the file should have been, for the message.
        light: In which light: in red, red print vanishes, and black and blue ink do not.

    Raises:
        UserError: The file is no such picture, is broken or cut short, or goes over a bound.
    """
    return decode_picture(read_picture_file(path), path, expected=expected, light=light)


def decode_picture(
    data: bytes, path: Path, *, expected: str = "a picture", light: Light = "white"
) -> Picture:
    """As :func:`read_picture`, of a file's bytes; ``path`` is for the message.

    Raises:
        UserError: The file is no such picture, is broken or cut short, or goes over a bound.
    """
    with _pillow(data, path, expected) as image:
        small, notes = _load(image, path)
    grey, note = _grey_levels(_in_light(small, light))
    return Picture(grey, (*notes, note) if note else tuple(notes))


def read_header(data: bytes, path: Path, *, expected: str = "a picture") -> Header:
    """Size and mode of a picture file, without decoding it.

    Raises:
        UserError: The file is no picture that this program reads, or is too large.
    """
    with _pillow(data, path, expected) as image:
        return Header(*image.size, image.mode)


def shrink(grey: Grey, side: int) -> Grey:
    """Area-average a picture until its longer side has at most ``side`` pixels.

    Args:
        grey: (H, W) float32.
        side: Pixels.
    """
    return np.asarray(_shrunk(Image.fromarray(grey), side), np.float32)


class _BoundedFile(io.BytesIO):
    """A file in memory that stops being read when its decoder has had too much or taken too long.

    Decoders of every format come back for more bytes: a flood of chunks, of comments, of scans or
    of strips is met here, whichever it is.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.opened = False
        self._start = time.thread_time()
        self._n_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        if time.thread_time() - self._start > MAX_SECONDS:
            raise _OverBoundError(f"takes longer than {MAX_SECONDS:.0f} seconds to decode")
        data = super().read(size)
        if not self.opened and size is not None and size >= 0:  # WebP is read at once, to decode
            self._n_read += len(data)
            if self._n_read > _MAX_HEAD_BYTES:
                raise _OverBoundError(f"holds over {_MAX_HEAD_BYTES >> 20} MB before its pixels")
        return data


class _OverBoundError(Exception):
    """A bound was met while Pillow read a file; the message continues "Picture ... "."""


@contextmanager
def _pillow(data: bytes, path: Path, expected: str) -> Iterator[ImageFile]:
    """The picture opened and its size checked; whatever Pillow raises becomes one sentence."""
    formats = (*FORMATS, *_heic_format(data, path))
    try:
        with warnings.catch_warnings():
            # Pillow warns of bombs at 89 megapixels and of odd metadata; ours are errors.
            warnings.simplefilter("ignore")
            file = _BoundedFile(data)
            with Image.open(file, formats=formats) as image:
                file.opened = True
                _check_size(image, path)
                image.decodermaxblock = _BLOCK
                yield image
    except UserError:
        raise
    except Image.DecompressionBombError:
        raise UserError(
            f"Expected a picture of at most {MAX_PIXELS // 1_000_000} megapixels, but {path} "
            "claims far more; it is a decompression bomb or needs to be made smaller.",
            reason="large",
        ) from None
    except _OverBoundError as error:
        raise UserError(
            f"Picture {path} {error}; save it again as a plain PNG.", reason="broken"
        ) from None
    except UnidentifiedImageError:
        raise UserError(
            f"Expected {expected}, but {path} is none ({', '.join(FORMATS)} are read); convert it "
            "to PNG.",
            reason="no-picture",
        ) from None
    except Exception as error:
        # Pillow's decoders raise nearly every built-in error on a broken file.
        what = str(error) or type(error).__name__
        raise UserError(
            f"Picture {path} is broken ({what}); save it again as PNG.", reason="broken"
        ) from None


def _heic_format(data: bytes, path: Path) -> tuple[str, ...]:
    """Pillow's name of the format of a HEIC file; empty if it is none."""
    if data[4:8] != b"ftyp" or data[8:12] not in _HEIC_BRANDS:
        return ()
    if not _reads_heic():
        raise UserError(
            f"Picture {path} is HEIC, as phones store photographs; save it as JPEG or PNG, or "
            "install what reads it: pip install 'hangeul-bench[heic]'.",
            reason="heic",
        )
    return ("HEIF",)


@cache
def _reads_heic() -> bool:
    """Whether pillow-heif is there; Pillow knows it then."""
    try:
        import pillow_heif
    except ImportError:
        return False
    pillow_heif.register_heif_opener()
    return True


def _check_size(image: Image.Image, path: Path) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UserError(
            f"Expected a picture of at most {MAX_PIXELS // 1_000_000} megapixels, but {path} "
            f"has {width} x {height}; make it smaller or crop it to the syllable.",
            reason="large",
        )


def _load(image: Image.Image, path: Path) -> tuple[Image.Image, list[str]]:
    """The first frame, upright, at most 2,048 pixels a side, in mode L, F, LA, RGB or RGBA."""
    notes = []
    # Not n_frames, for which Pillow walks through every page of a TIFF.
    if getattr(image, "is_animated", False):
        notes.append("several pages or frames: the first one is used")
    if image.getexif().get(_EXIF_ORIENTATION, 1) in _TURNS:
        notes.append("turned upright as the camera noted (EXIF)")
    image.load()
    turn = _TURNS.get(image.getexif().get(_EXIF_ORIENTATION, 1))  # loading has turned a TIFF
    plain = _plain(image, path)
    if plain.mode == "RGB":
        notes.append("colour taken as grey")
    small = _shrunk(plain, _WORKING_SIDE)
    if small is not plain:
        before, after = (f"{width} x {height}" for width, height in (plain.size, small.size))
        notes.append(f"made smaller: {before} to {after} pixels")
    return small if turn is None else small.transpose(turn), notes


def _plain(image: Image.Image, path: Path) -> Image.Image:
    """One of five modes, none of which has a palette or more than 8 bits, but for F: [0, 255]."""
    if image.mode.startswith("I") or image.mode == "F":
        return _deep(image, path)
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _deep(image: Image.Image, path: Path) -> Image.Image:
    """Grey levels of more than 8 bits."""
    values = np.asarray(image, np.float32)
    if image.mode == "F":
        return Image.fromarray(_from_floats(np.nan_to_num(values)))
    if image.mode == "I" and image.format == "TIFF":
        raise UserError(
            f"Expected at most 16 bits a pixel in {path}, but found 32, of which nothing says what "
            "is white; save it as an 8-bit PNG."
        )
    levels = (values / 257).clip(0, 255)
    transparent = image.info.get("transparency")
    if not isinstance(transparent, int):
        return Image.fromarray(levels)
    alpha = np.where(values == transparent, 0, 255).astype(np.uint8)
    grey = np.rint(levels).astype(np.uint8)
    return Image.merge("LA", (Image.fromarray(grey), Image.fromarray(alpha)))


def _from_floats(values: Grey) -> Grey:
    """[0, 1] and [0, 255] are taken as what they are; any other range is stretched."""
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 255:
        return values * np.float32(255 if high <= 1 else 1)
    return ((values - low) * (255 / max(high - low, 1e-12))).astype(np.float32)


def _grey_levels(image: Image.Image) -> tuple[Grey, str]:
    """(H, W) float32 in [0, 255], and what was done to transparency.

    A transparent picture is put on the ground that its opaque pixels stand out from.
    """
    if image.mode not in ("LA", "RGBA"):
        return np.array(image if image.mode == "F" else image.convert("L"), np.float32), ""
    # An alpha channel is dropped by way of its own colours, not mixed with any ground.
    opaque = image.convert("RGB" if image.mode == "RGBA" else "L").convert("L")
    grey = np.asarray(opaque, np.float32)
    alpha = np.asarray(image.getchannel("A"), np.float32) / 255
    light = float((grey * alpha).sum() / max(float(alpha.sum()), 1e-6)) > 127.5
    ground = 0.0 if light and float(alpha.mean()) < 0.99 else 255.0
    flat = (grey * alpha + ground * (1 - alpha)).astype(np.float32)
    return flat, f"transparent ground filled with {'white' if ground else 'black'}"


def _in_light(image: Image.Image, light: Light) -> Image.Image:
    if light == "white" or image.mode not in ("RGB", "RGBA"):
        return image
    channel = image.getchannel("R" if light == "red" else "G")
    return Image.merge("LA", (channel, image.getchannel("A"))) if image.mode == "RGBA" else channel


def _shrunk(image: Image.Image, side: int) -> Image.Image:
    factor = side / max(image.size)
    if factor >= 1:
        return image
    width, height = (max(1, round(edge * factor)) for edge in image.size)
    return image.resize((width, height), Image.Resampling.BOX)
