"""Made-up photographs of a filled-in sheet, written with a real handwriting font."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from fontmaker.sheet.layout import HEIGHT, WIDTH, boxes

DOTS = 200 / 25.4  # pixels a millimetre of the sheet's PNG


def fill_in(
    sheet: Path,
    syllables: str,
    font: Path,
    *,
    empty: str = "",
    other: dict[str, str] | None = None,
    ink: tuple[int, int, int] = (30, 32, 60),
    over: dict[str, float] | None = None,
) -> Image.Image:
    """The sheet with syllables written into its boxes, none of them quite in the middle.

    Those of ``over`` end so many millimetres to the right of their box.
    """
    page = Image.open(sheet).convert("RGB")
    pen = ImageDraw.Draw(page)
    random = np.random.default_rng(3)
    for box in boxes(syllables):
        if box.syllable in empty:
            continue
        shown = (other or {}).get(box.syllable, box.syllable)
        face = ImageFont.truetype(font, round(0.72 * box.side * DOTS))
        middle = np.array([box.left + box.side / 2, box.top + box.side / 2])
        at = (middle + random.uniform(-0.05, 0.05, 2) * box.side) * DOTS
        if box.syllable in (over or {}):
            right = face.getbbox(shown, anchor="mm")[2]
            at[0] = (box.left + box.side + over[box.syllable]) * DOTS - right
        pen.text(tuple(at), shown, ink, face, anchor="mm")
    return page


def cross_out(
    page: Image.Image,
    syllables: str,
    syllable: str,
    lines: Sequence[tuple[float, float, float, float]],
) -> None:
    """Draw lines over a box, from 0 to 1 over three quarters of its side."""
    (box,) = (box for box in boxes(syllables) if box.syllable == syllable)
    draw = ImageDraw.Draw(page)
    corner, side = np.array([box.left, box.top]) + 0.12 * box.side, 0.76 * box.side
    for line in np.array(lines).reshape(-1, 2, 2):
        ends = (corner + line * side) * DOTS
        draw.line([tuple(end) for end in ends], (30, 32, 60), round(0.8 * DOTS))


def photograph_sheet(
    page: Image.Image,
    path: Path | io.BytesIO,
    *,
    degrees: float = 4.0,
    tilt: float = 0.12,
    shadow: float = 0.4,
    slant: float = 0.35,
    noise: float = 4.0,
    size: tuple[int, int] = (3000, 4000),
    turned: int = 0,
    quality: int = 80,
    seed: int = 5,
) -> Path | io.BytesIO:
    """A phone's photograph of a sheet on a table, as JPEG.

    Args:
        page: The sheet.
        path: File to write, or one in memory.
        degrees: How far askew it lies.
        tilt: By which part its far end is narrower.
        shadow: Part of the light that a shadow with an edge takes.
        slant: Part of the light that is lost from one corner to the other.
        noise: Standard deviation in grey levels.
        size: Width and height in pixels.
        turned: Quarter turns.
        quality: Of the JPEG.
        seed: Of the noise.
    """
    width, height = size
    scale = 0.86 * min(width / WIDTH, height / HEIGHT)
    corners = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]) - (WIDTH / 2, HEIGHT / 2)
    corners[:2, 0] *= 1 - tilt
    corners[:2, 1] *= 1 - tilt / 2
    turn = np.radians(degrees)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    there = corners * scale @ rotation + (width / 2, height / 2)
    here = np.array([(0, 0), (page.width, 0), (page.width, page.height), (0, page.height)])
    coefficients = _perspective(there, here)
    table = (112, 92, 74)
    photo = page.transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC, fillcolor=table
    )
    levels = np.asarray(photo, np.float32)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    light = 1 - slant * (0.4 * x + 0.6 * y)
    edge = ndimage.gaussian_filter((0.9 * x + y > 1.05).astype(np.float32), 12)
    light *= 1 - shadow * edge
    levels *= light[..., None] * np.array((1.0, 0.97, 0.9), np.float32)  # a warm lamp
    levels = ndimage.gaussian_filter(levels, (1.0, 1.0, 0))
    levels += np.random.default_rng(seed).normal(0, noise, levels.shape)
    image = Image.fromarray(np.rint(levels.clip(0, 255)).astype(np.uint8))
    image.rotate(90 * turned, expand=True).save(path, "JPEG", quality=quality)
    return path


def _perspective(there: NDArray, here: NDArray) -> tuple[float, ...]:
    rows, right = [], []
    for (u, v), (x, y) in zip(there, here, strict=True):
        rows += [(u, v, 1, 0, 0, 0, -x * u, -x * v), (0, 0, 0, u, v, 1, -y * u, -y * v)]
        right += [x, y]
    return tuple(np.linalg.solve(np.array(rows), np.array(right)))
