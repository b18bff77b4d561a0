"""Photographed sheets by number: pens, hands, light, apps, and boxes that are no references."""

import io
import os
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from fontmaker.sheet.layout import SYLLABLES, Box, boxes
from fontmaker.sheet.template import write_template
from support.sheet_photos import DOTS, photograph_sheet

HANDS = ("gamja-flower-regular", "hi-melody-regular", "yeon-sung-regular", "single-day-regular")
SHEETS = (SYLLABLES[:8], SYLLABLES[:8], SYLLABLES[:3], SYLLABLES[:15], SYLLABLES)
_PHONE = (1500, 2000)
_OTHERS = "가예뜯족이밥말흰길곰"  # written in place of what was asked
_PENS = {
    "black": (28, 28, 34),
    "blue": (35, 55, 150),
    "red": (200, 30, 40),
    "green": (30, 110, 60),
    "pencil": (110, 110, 114),
}
APPS = ("none", "none", "grey", "stretch", "gamma", "threshold", "sharpen")
_CROSSES = ("x", "slash", "scribble", "bars")


@dataclass(frozen=True)
class Case:
    """A sheet and what is true of it.

    Attributes:
        syllables: What its boxes ask for.
        deeds: Syllable to ``good``, ``over`` (good, but beyond the frame), ``empty``, ``other`` or
            ``crossed``.
        pen: Colour of the ink.
        app: What was done to the photograph.
        hand: The font.
        photo: The JPEG file.
    """

    syllables: str
    deeds: dict[str, str]
    pen: str
    app: str
    hand: str
    photo: bytes


def make_case(number: int, seed: str, fonts: Path) -> Case:
    """The sheet of a number; the same for the same seed on any machine.

    Args:
        number: Which case.
        seed: Of the run.
        fonts: Folder that holds the hands and the label's font.
    """
    chance = random.Random(f"sheets {seed} {number}")
    syllables, hand = chance.choice(SHEETS), chance.choice(HANDS)
    pen, app = chance.choice((*_PENS, "black", "black")), chance.choice(APPS)
    deeds = {s: _deed(chance) for s in syllables}
    page = _blank_sheet(syllables, fonts).copy()
    ink = np.zeros(page.shape[:2], np.float32)
    weight = chance.choice((0.0, 0.0, 0.15, 0.4, 0.8))  # millimetres that the pen is wider
    face = next(fonts.rglob(f"{hand}.*"))
    for box in boxes(syllables):
        _write(ink, box, deeds[box.syllable], face, round(weight * DOTS), chance)
    if pen == "pencil":
        grain = np.random.default_rng(number).normal(1, 0.25, ink.shape).astype(np.float32)
        ink = (ink * ndimage.gaussian_filter(grain, 0.7).clip(0.4, 1.3)).clip(0, 1)
    page += ink[..., None] * (np.array(_PENS[pen], np.float32) - page)
    shot = _photograph(page, chance, number)
    return Case(syllables, deeds, pen, app, hand, _save(_APPS[app](shot), chance))


def _deed(chance: random.Random) -> str:
    return chance.choices(("good", "over", "empty", "other", "crossed"), (76, 6, 6, 6, 6))[0]


@cache
def _blank_sheet(syllables: str, fonts: Path) -> NDArray[np.float32]:
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"hangeul-sheet-{os.getpid()}.png"
    write_template(path, syllables, korean_font=next(fonts.rglob("noto-sans-kr-regular.*")))
    page = np.asarray(Image.open(path).convert("RGB"), np.float32)
    path.unlink()
    return page


def _write(
    ink: NDArray[np.float32],
    box: Box,
    deed: str,
    font: Path,
    weight: int,
    chance: random.Random,
) -> None:
    if deed == "empty":
        return
    shown = box.syllable
    if deed == "other":
        shown = chance.choice([s for s in _OTHERS if s != box.syllable])
    layer = Image.new("L", (ink.shape[1], ink.shape[0]))
    draw = ImageDraw.Draw(layer)
    face = ImageFont.truetype(font, round(chance.uniform(0.55, 0.78) * box.side * DOTS))
    x, y = (m + chance.uniform(-0.05, 0.05) * box.side for m in _middle(box))
    if deed == "over":
        left, _, right, _ = (edge / DOTS for edge in face.getbbox(shown, anchor="mm"))
        # Three millimetres over the frame: the next box is five away.
        x = box.left + box.side + 3 - right if chance.random() < 0.5 else box.left - 3 - left
    at = x * DOTS, y * DOTS
    draw.text(at, shown, 255, face, anchor="mm", stroke_width=weight)
    if deed == "crossed":
        _cross(
            draw,
            face.getbbox(shown, anchor="mm"),
            at,
            max(3, round(0.012 * box.side * DOTS)),
            chance,
        )
    np.maximum(ink, np.asarray(layer, np.float32) / 255, out=ink)


def _middle(box: Box) -> tuple[float, float]:
    return box.left + box.side / 2, box.top + box.side / 2


def _cross(
    draw: ImageDraw.ImageDraw,
    glyph: tuple[float, ...],
    at: tuple[float, float],
    width: int,
    chance: random.Random,
) -> None:
    """Strike out what is written, as people do."""
    left, top, right, bottom = (edge + at[i % 2] for i, edge in enumerate(glyph))
    wide, high = right - left, bottom - top

    def spot(x: float, y: float) -> tuple[float, float]:
        wobble = 0.04 * max(wide, high)
        return (
            left + x * wide + chance.uniform(-wobble, wobble),
            top + y * high + chance.uniform(-wobble, wobble),
        )

    match chance.choice(_CROSSES):
        case "x":
            lines = [[(-0.05, -0.05), (1.05, 1.05)], [(1.05, -0.05), (-0.05, 1.05)]]
        case "slash":
            lines = [[(-0.1, 1.1), (1.1, -0.1)], [(-0.1, 0.9), (1.1, -0.3)]]
        case "bars":
            lines = [[(-0.1, y), (1.1, y)] for y in (0.35, 0.5, 0.65)]
        case _:
            lines = [[(x, i % 2) for i, x in enumerate(np.linspace(-0.05, 1.05, 12).tolist())]]
    for line in lines:
        draw.line([spot(x, y) for x, y in line], 255, width, joint="curve")


def _photograph(page: NDArray[np.float32], chance: random.Random, seed: int) -> NDArray[np.float32]:
    file = io.BytesIO()
    photograph_sheet(
        Image.fromarray(np.rint(page.clip(0, 255)).astype(np.uint8)),
        file,
        degrees=chance.uniform(-6, 6),
        tilt=chance.uniform(0, 0.18),
        shadow=chance.choice((0, 0.2, 0.4, 0.55)),
        slant=chance.uniform(0, 0.45),
        noise=chance.choice((1.0, 3.0, 5.0)),
        size=_PHONE,
        turned=chance.choice((0, 0, 0, 1, 2, 3)),
        quality=95,
        seed=seed,
    )
    shot = np.asarray(Image.open(file), np.float32)
    return _glare(shot, chance) if chance.random() < 0.2 else shot


def _glare(shot: NDArray[np.float32], chance: random.Random) -> NDArray[np.float32]:
    """A lamp that the paper mirrors."""
    height, width = shot.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    at = chance.uniform(0.25, 0.75) * height, chance.uniform(0.25, 0.75) * width
    spread = chance.uniform(0.03, 0.09) * height
    light = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * spread**2))[..., None]
    return shot + chance.uniform(0.3, 0.8) * light * (255 - shot)


def _grey(shot: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(shot.clip(0, 255).astype(np.uint8)).convert("L"), np.float32)


def _flattened(shot: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light evened, as apps do: (H, W) in [0, 1]."""
    grey = _grey(shot)
    small = np.asarray(
        Image.fromarray(grey).resize((grey.shape[1] // 8, grey.shape[0] // 8)), np.float32
    )
    paper = Image.fromarray(ndimage.gaussian_filter(ndimage.maximum_filter(small, 9), 4))
    light = np.asarray(paper.resize((grey.shape[1], grey.shape[0])), np.float32)
    return (grey / np.maximum(light, 1)).clip(0, 1)


def _stretch(shot: NDArray[np.float32]) -> NDArray[np.float32]:
    low, high = np.percentile(shot, (2, 90))
    return (shot - low) * (255 / max(high - low, 1))


def _threshold(shot: NDArray[np.float32]) -> NDArray[np.float32]:
    """Darker than its surroundings is black: thick strokes become hollow."""
    grey = ndimage.gaussian_filter(_grey(shot), 0.8)
    return np.where(grey < ndimage.uniform_filter(grey, 31) - 9, 0.0, 255.0).astype(np.float32)


def _sharpen(shot: NDArray[np.float32]) -> NDArray[np.float32]:
    return shot + 1.5 * (shot - ndimage.gaussian_filter(shot, (2, 2, 0)))


_APPS = {
    "none": lambda shot: shot,
    "grey": _grey,
    "stretch": _stretch,
    "gamma": lambda shot: 255 * _flattened(shot) ** 2.5,
    "threshold": _threshold,
    "sharpen": _sharpen,
}


def _save(shot: NDArray[np.float32], chance: random.Random) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(np.rint(shot.clip(0, 255)).astype(np.uint8))
    image.save(file, "JPEG", quality=chance.choice((35, 60, 80, 92)))
    return file.getvalue()
