"""Read any picture file as grey levels: its size is checked first, and what was done is said."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from hangeul_bench.errors import UserError

MAX_PIXELS = 40_000_000  # a camera's picture; more is a decompression bomb or a poster
# Pillow also reads formats that run other programs (EPS starts Ghostscript); these do not.
FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
_WORKING_SIDE = 2048  # pixels; a glyph a tenth as large still has more than 128
_EXIF_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Picture:
    """A picture as grey levels.

    Attributes:
        grey: (H, W) float32 in [0, 255], upright, at most 2,048 pixels a side.
        notes: One sentence for each thing that was done to the file's pixels.
    """

    grey: NDArray[np.float32]
    notes: tuple[str, ...]


def read_picture(path: Path) -> Picture:
    """Read a picture: upright, on an opaque ground, as grey levels.

    Args:
        path: A PNG, JPEG, WebP, TIFF, BMP, GIF or PPM file of at most 40 megapixels.

    Raises:
        UserError: The file is no such picture, is cut short, or is larger.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns of a bomb at 89 megapixels; ours is an error and comes earlier.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                _check_size(image, path)
                return _to_grey(image)
    except Image.DecompressionBombError:
        raise UserError(
            f"Reference {path} is a decompression bomb; give a small picture."
        ) from None
    except UnidentifiedImageError:
        raise UserError(
            f"Expected the reference to be a picture ({', '.join(FORMATS)}) or a font file, "
            f"but {path} is neither; convert it to PNG."
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the disk's or the permissions' fault, not the picture's
        raise UserError(f"Picture {path} is broken ({error}); save it again as PNG.") from None


def _check_size(image: Image.Image, path: Path) -> None:
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UserError(
            f"Expected a reference of at most {MAX_PIXELS // 1_000_000} megapixels, but {path} "
            f"has {width} x {height}; make it smaller or crop it to the syllable."
        )


def _to_grey(image: Image.Image) -> Picture:
    notes = []
    if getattr(image, "n_frames", 1) > 1:
        notes.append("several pages or frames: the first one is used")
    upright = image.getexif().get(_EXIF_ORIENTATION, 1) in range(2, 9)
    image = ImageOps.exif_transpose(image)
    if upright:
        notes.append("turned upright as the camera noted (EXIF)")
    if image.has_transparency_data:
        grey, note = _flatten(image.convert("RGBA"))
        notes.append(note)
    else:
        grey = _grey_levels(image)
        if image.mode not in ("1", "L") and not image.mode.startswith(("I", "F")):
            notes.append("colour taken as grey")
    height, width = grey.shape
    if max(height, width) > _WORKING_SIDE:
        grey = shrink(grey, _WORKING_SIDE)
        notes.append(
            f"made smaller: {width} x {height} to {grey.shape[1]} x {grey.shape[0]} pixels"
        )
    return Picture(grey, tuple(notes))


def _flatten(image: Image.Image) -> tuple[NDArray[np.float32], str]:
    """Put a transparent picture on the ground that its opaque pixels stand out from."""
    grey = np.asarray(image.convert("RGB").convert("L"), np.float32)
    alpha = np.asarray(image.getchannel("A"), np.float32) / 255
    light = float((grey * alpha).sum() / max(float(alpha.sum()), 1e-6)) > 127.5
    ground = 0.0 if light and float(alpha.mean()) < 0.99 else 255.0
    flat = grey * alpha + ground * (1 - alpha)
    return flat.astype(
        np.float32
    ), f"transparent ground filled with {'white' if ground else 'black'}"


def _grey_levels(image: Image.Image) -> NDArray[np.float32]:
    if image.mode.startswith("I"):  # 16 bits a pixel, whatever the container's width
        return (np.asarray(image, np.float32) / 257).clip(0, 255)
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image, np.float32))
        low, high = float(values.min()), float(values.max())
        return ((values - low) * (255 / max(high - low, 1e-12))).astype(np.float32)
    if image.mode not in ("1", "L"):
        image = image.convert("RGB")
    return np.array(image.convert("L"), np.float32)


def shrink(grey: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Area-average a picture until its longer side has at most ``side`` pixels.

    Args:
        grey: (H, W) float32.
        side: Pixels.
    """
    height, width = grey.shape
    factor = side / max(height, width)
    if factor >= 1:
        return grey
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX), np.float32)
