"""References that are not perfect: photographed, tilted, thin, specked, or one of them wrong.

Each perturbation is the same in every run: its random numbers hang on its name, the font and the
syllable alone. What is to be drawn, and scored, stays the clean glyph.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import PAPER, Glyphs

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

Random = np.random.Generator
_SPECKS = 0.02  # of the pixels
_QUALITY = 50  # of JPEG
_SOFT = 0.8  # pixels, sigma of a photograph's blur
_DARKEST = 0.7  # light in the darkest corner, as a share
_ANGLES = (4.0, 8.0)  # degrees
_LEAN = 0.0004  # of an image's perspective, a pixel


@dataclass(frozen=True)
class Perturbation:
    """One way in which references fall short.

    Attributes:
        summary: What it does, in a clause.
        change: Makes another image of one.
    """

    summary: str
    change: Callable[[Glyphs, Random], Glyphs]


def perturbation_named(name: str, shots: int) -> None:
    """Check that there is such a perturbation and that it can be done to so many references.

    Raises:
        UserError: There is none, or one wrong reference would be all.
    """
    if name not in NAMES:
        raise UserError(f"Expected --perturb {' or '.join(NAMES)}, but found {name!r}.")
    if name == WRONG and shots < 2:
        raise UserError(
            f"--perturb {WRONG} makes one of several references show another syllable, but there "
            f"is only {shots}; ask for more, as with --shots 8."
        )


def perturbed_references(
    dataset: "GlyphDataset", font_id: str, characters: Sequence[str], name: str
) -> Glyphs:
    """(K, H, W) uint8 references of a font as a perturbation leaves them.

    Args:
        dataset: Where the font's glyphs come from.
        font_id: The font.
        characters: The K syllables that they show, or are said to show.
        name: One of :data:`NAMES`.
    """
    if name == WRONG:
        return dataset.images(font_id, _with_one_wrong(dataset, font_id, characters))
    change = PERTURBATIONS[name].change
    clean = dataset.images(font_id, characters)
    images = [
        change(image, np.random.default_rng(_seed(name, font_id, character)))
        for image, character in zip(clean, characters, strict=True)
    ]
    return np.stack(images)


def _with_one_wrong(
    dataset: "GlyphDataset", font_id: str, characters: Sequence[str]
) -> tuple[str, ...]:
    """The syllables with one replaced by another that trains and that the font draws."""

    def place(syllable: str) -> int:
        return _seed(WRONG, font_id, syllable)

    barred = {*dataset.splits.references, *dataset.missing(font_id)}
    others = [c for c in dataset.splits.seen_characters if c not in barred]
    if not others:
        raise UserError(f"Font {font_id} draws no syllable that could stand for a reference.")
    replaced, stand_in = min(characters, key=place), min(others, key=place)
    return tuple(stand_in if c == replaced else c for c in characters)


def _photographed(image: Glyphs, random: Random) -> Glyphs:
    """Grain of paper, light from one side, a soft lens, and JPEG."""
    from PIL import Image
    from scipy.ndimage import gaussian_filter

    height, width = image.shape
    grain = gaussian_filter(random.normal(size=image.shape), 1.5)
    grain = 8 * grain / grain.std()
    angle = random.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    along = (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(2)  # [-1, 1]
    light = (1 + _DARKEST) / 2 + (1 - _DARKEST) / 2 * along
    ink = gaussian_filter(image.astype(np.float64), _SOFT, mode="nearest")
    # Ink is not black and paper not white.
    grey = (30 + ink * (230 - 30) / PAPER + grain) * light
    file = io.BytesIO()
    Image.fromarray(_pixels(grey)).save(file, "JPEG", quality=_QUALITY)
    return np.array(Image.open(file))


def _tilted(image: Glyphs, random: Random) -> Glyphs:
    """Turned by 4 to 8 degrees to either side, and seen from aside."""
    from PIL import Image

    height, width = image.shape
    angle = np.radians(random.uniform(*_ANGLES) * random.choice((-1, 1)))
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = (width - 1) / 2, (height - 1) / 2
    turn = np.array([[cos, -sin, x - x * cos + y * sin], [sin, cos, y - x * sin - y * cos]])
    lean = random.uniform(-_LEAN, _LEAN, size=2)
    # Seen from the middle of the image, so that the glyph's place stays.
    view = np.array([*lean, 1 - lean @ (x, y)])
    rows = np.vstack([turn, view]) / view[2]
    turned = Image.fromarray(image).transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        rows.ravel()[:8].tolist(),
        Image.Resampling.BILINEAR,
        fillcolor=PAPER,
    )
    return np.array(turned)


def _thinned(image: Glyphs, random: Random) -> Glyphs:
    """Strokes one pixel thinner; what is one pixel wide is gone, but never all of it."""
    from scipy.ndimage import maximum_filter

    del random
    thin: Glyphs = maximum_filter(image, size=2, mode="constant", cval=PAPER)
    return thin if (thin < PAPER // 2).any() else image


def _specked(image: Glyphs, random: Random) -> Glyphs:
    """Salt and pepper: one pixel in fifty is black or white."""
    hit = random.random(image.shape) < _SPECKS
    specks = random.choice((0, PAPER), size=image.shape)
    noisy: Glyphs = np.where(hit, specks, image).astype(np.uint8)
    return noisy


def _pixels(grey: NDArray[np.float64]) -> Glyphs:
    pixels: Glyphs = np.rint(grey.clip(0, PAPER)).astype(np.uint8)
    return pixels


def _seed(name: str, font_id: str, syllable: str) -> int:
    digest = hashlib.sha256(f"{name}:{font_id}:{syllable}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


PERTURBATIONS = {
    "photo": Perturbation("grain, uneven light, blur and JPEG", _photographed),
    "tilt": Perturbation("turned by 4 to 8 degrees and seen from aside", _tilted),
    "thin": Perturbation("strokes one pixel thinner", _thinned),
    "noise": Perturbation("one pixel in fifty black or white", _specked),
}
WRONG = "wrong"  # one of several references shows another syllable
NAMES = (*PERTURBATIONS, WRONG)
