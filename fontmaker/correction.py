"""Bring drawings to the stroke width and the size that their references have."""

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontmaker.ink_boxes import ink_boxes
from fontmaker.outline import crisp, level_set
from fontmaker.weight import spread, thickened
from hangeul_bench.base.images import PAPER, SIZE, Glyphs

Values = NDArray[np.float64]
_LEAST_WEIGHT = 0.1  # pixels at either side of a stroke; less is within what one glyph tells
_LEAST_SCALE, _LEAST_SHIFT = 0.03, 1.0  # times, pixels
_THINNEST, _WIDEST = -0.4, 1.0  # of a stroke's half width: what may be taken away and added
_SMALLEST, _LARGEST = 0.75, 1.33  # times
_FITS = 3  # of the weight, as corners and junctions gain otherwise than strokes
_CENTRE = (SIZE - 1) / 2


@dataclass(frozen=True)
class Correction:
    """What takes drawings to the references' stroke width, size and place.

    Attributes:
        weight: Pixels added at either side of each stroke; below 0 they are taken away.
        scale: Times, about the image's centre; the same across and down, for otherwise a pen of
            one width would get two.
        shift: Pixels after that, to the right and down.
        before: Half the stroke width of the drawn references, pixels.
        wanted: Half the stroke width of the references, pixels; the median of theirs.
        spread: The range of the middle half of their widths over that median; where it is large,
            the references contradict each other.
    """

    weight: float = 0.0
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    before: float = 0.0
    wanted: float = 0.0
    spread: float = 0.0

    @property
    def needed(self) -> bool:
        """Whether it changes anything."""
        return self.weight != 0 or self.scale != 1 or self.shift != (0, 0)

    def __call__(self, images: Glyphs) -> Glyphs:
        """(N, 128, 128) uint8 images to corrected ones with crisp edges."""
        if not self.needed or not len(images):
            return images
        return np.stack([self._corrected(image) for image in crisp(images)])

    def to_json(self) -> dict[str, Any]:
        """What a record says of it."""
        said = asdict(self)
        return {name: np.round(value, 3).tolist() for name, value in said.items()}

    def _corrected(self, image: Glyphs) -> Glyphs:
        from scipy.ndimage import affine_transform

        if self.scale != 1 or self.shift != (0, 0):
            inverse = np.full(2, 1 / self.scale)
            at = _CENTRE - inverse * (_CENTRE + np.array(self.shift[::-1]))  # rows come first
            moved = affine_transform(
                image.astype(np.float64), inverse, at, order=1, mode="constant", cval=PAPER
            )
            image = crisp(np.rint(moved).clip(0, PAPER).astype(np.uint8)[None])[0]
        if self.weight == 0 or (image > PAPER / 2).all():
            return image
        corrected: Glyphs = thickened(image[None], self.weight)[0]
        return corrected


def half_widths(images: Glyphs) -> Values:
    """(N,) half the stroke width of (N, 128, 128) uint8 images, in pixels; NaN without ink.

    The ink's area over its contour's length, which is half the width of a long stroke.
    """
    rings = level_set(images)
    step = rings.points[rings.after] - rings.points
    length = np.bincount(rings.ring, np.hypot(step[:, 0], step[:, 1]), len(rings.image))
    around = np.bincount(rings.image, length, len(images))
    area = np.abs(np.bincount(rings.image, rings.areas(), len(images)))
    widths: Values = area / np.where(around > 0, around, np.nan)
    return widths


def between(drawn: Glyphs, references: Glyphs) -> Correction:
    """The correction from drawings of syllables to the references of the same ones.

    Of the difference in size and place the share K / (K + 1) of K glyphs is made up for: a part of
    it is the glyphs' own and not the font's. The stroke width is the same in all of a font's
    glyphs, and their median is taken.

    Args:
        drawn: (K, 128, 128) uint8.
        references: (K, 128, 128) uint8.
    """
    drawn, references = crisp(drawn), crisp(references)
    inked = ((drawn < PAPER / 2).any((1, 2))) & ((references < PAPER / 2).any((1, 2)))
    if not inked.any():
        return Correction()
    drawn, references = drawn[inked], references[inked]
    correction = _placed(drawn, references)
    widths = half_widths(references)
    wanted, before = float(np.median(widths)), float(np.median(half_widths(drawn)))
    correction = replace(correction, before=before, wanted=wanted, spread=spread(widths))
    start = float(np.median(half_widths(correction(drawn))))
    weight = 0.0
    for _ in range(_FITS):
        reached = float(np.nanmedian(half_widths(replace(correction, weight=weight)(drawn))))
        weight += wanted - (reached if np.isfinite(reached) else start)
        weight = float(np.clip(weight, _THINNEST * start, _WIDEST * start))
    return replace(correction, weight=weight if abs(weight) >= _LEAST_WEIGHT else 0.0)


def _placed(drawn: Glyphs, references: Glyphs) -> Correction:
    """The change of size and place alone."""
    own, wanted = (ink_boxes(images).astype(np.float64) for images in (drawn, references))
    share = len(drawn) / (len(drawn) + 1)
    sides = [(box[:, 2:] - box[:, :2]).clip(1) for box in (own, wanted)]
    ratio = float(np.exp(share * np.median(np.log(sides[1] / sides[0]).mean(1))))
    scale = float(np.clip(ratio, _SMALLEST, _LARGEST)) if abs(ratio - 1) >= _LEAST_SCALE else 1.0
    middles = [(box[:, :2] + box[:, 2:] - 1) / 2 - _CENTRE for box in (own, wanted)]
    right, down = share * np.median(middles[1] - scale * middles[0], axis=0)
    shift = tuple(float(pixels) if abs(pixels) >= _LEAST_SHIFT else 0.0 for pixels in (right, down))
    return Correction(scale=scale, shift=(shift[0], shift[1]))
