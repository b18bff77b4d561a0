"""Half-finished fonts, tiny and made by code, and images that a model may have drawn."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from fontmaker.completion.glyphs import new_glyphs
from fontmaker.completion.half import open_half
from fontmaker.completion.hers import measure
from support.fontmaker import make_font
from support.fontmaker_stubs import Bar

HERS = "가나다라각난달한글빛"
# Each as wide as its place says, of several boxes, so that a median of points is there.
BOXES = {
    s: [(60, 0, 160, 780), (300 + 20 * i, 100, 900, 220), (300, 300, 880, 420 + 10 * i)]
    for i, s in enumerate(HERS)
}


def half_font(path: Path, **changes) -> Path:
    """A font of ten syllables; see :func:`support.fontmaker.make_font`."""
    return make_font(path, {**BOXES, "A": [(100, 0, 500, 700)]}, **{"advance": 940} | changes)


def drawing(number: int = 0):
    """(128, 128) uint8: a ring, a bar and a wedge, round and straight."""
    large = Image.new("L", (1024, 1024), 255)
    pen = ImageDraw.Draw(large)
    pen.ellipse((200, 160 + 10 * number, 800, 760), outline=0, width=90)
    pen.rectangle((480, 60, 560, 480), fill=0)
    pen.polygon([(140, 900), (300, 800), (760, 930)], fill=0)
    return np.asarray(large.resize((128, 128), Image.Resampling.BOX))


def added(path: Path, syllables: str = "갸냐"):
    """A half font, what is measured of it, and glyphs drawn for it."""
    half = open_half(path)
    hers = measure(half)
    images = np.stack([drawing(number) for number in range(len(syllables))])
    glyphs = new_glyphs(images, syllables, hers, quadratic=half.quadratic, progress=Bar())
    return half, hers, dict(zip(syllables, glyphs, strict=True))
