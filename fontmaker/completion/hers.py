"""What a half-finished font tells of new glyphs: their size, their spacing, their points."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from fontmaker.completion.half import HalfFont, no_hangeul
from hangeul_bench.base.images import SIZE, Glyphs
from hangeul_bench.fonts import Rasterizer
from hangeul_bench.fonts.placement import Placement
from hangeul_bench.hangeul import layout
from hangeul_bench.hangeul.charset import all_syllables

POINTS = 1.5  # times the median number of points of her syllables that a new one may have
_FIXED = 0.8  # of her syllables that have one advance, from which on all new ones get it
_FEWEST = 3  # syllables of a layout from which its own spacing is taken


@dataclass(frozen=True)
class Spacing:
    """How new glyphs are spaced, in units of her font.

    Attributes:
        advance: The advance of all; None where it follows the ink.
        beside: Layout to the space at the left and at the right of the ink; under "" that of all.
    """

    advance: int | None
    beside: Mapping[str, tuple[float, float]]

    def place(self, syllable: str, left: float, right: float, middle: float) -> tuple[float, int]:
        """Where a drawn image stands.

        Args:
            syllable: What it shows.
            left: Where its ink begins, units from the image's left edge.
            right: Where it ends.
            middle: The middle of the image.

        Returns:
            Units from the glyph's origin to the image's left edge, and the advance.
        """
        if self.advance is not None:
            return self.advance / 2 - middle, self.advance
        before, behind = self.beside.get(layout(syllable), self.beside[""])
        return before - left, max(1, round(before + right - left + behind))


@dataclass(frozen=True)
class Hers:
    """What she has.

    Attributes:
        syllables: (N) the syllables that her font draws, in code-point order.
        images: (N, 128, 128) uint8, 0 = ink, 255 = paper.
        placement: How her glyphs stand on the images.
        spacing: How her glyphs are spaced.
        median_points: Of her syllables, on and off the curve.
    """

    syllables: tuple[str, ...]
    images: Glyphs
    placement: Placement
    spacing: Spacing
    median_points: float

    @property
    def most_points(self) -> float:
        """How many points a new glyph may have."""
        return POINTS * self.median_points


def measure(half: HalfFont) -> Hers:
    """Draw and measure all syllables of a half-finished font.

    Raises:
        UserError: It draws none, or a glyph is broken.
    """
    with TemporaryDirectory() as folder:
        copy = Path(folder) / half.path.name
        copy.write_bytes(half.sfnt)
        with Rasterizer(copy, SIZE) as rasterizer:
            missing = rasterizer.missing(all_syllables())
            syllables = tuple(s for s in all_syllables() if s not in missing)
            if not syllables:
                raise no_hangeul(half.path)
            placement = rasterizer.fit(syllables)
            outlines = [rasterizer.outline(syllable) for syllable in syllables]
            images = rasterizer.render_many(syllables)
    advances = [outline.advance for outline in outlines]
    sides = [(o.box[0], o.advance - o.box[2]) for o in outlines]
    points = float(np.median([len(outline.tags) for outline in outlines]))
    return Hers(syllables, images, placement, spacing_of(syllables, advances, sides), points)


def spacing_of(
    syllables: Sequence[str], advances: Sequence[int], sides: Sequence[tuple[int, int]]
) -> Spacing:
    """How a font spaces its syllables.

    Args:
        syllables: (N) which.
        advances: (N) font units.
        sides: (N) space at the left and at the right of each one's ink.
    """
    usual, count = Counter(advances).most_common(1)[0]
    if count >= _FIXED * len(advances):
        return Spacing(usual, {})
    beside = {"": _medians(sides)}
    for name in sorted({layout(syllable) for syllable in syllables}):
        own = [s for s, syllable in zip(sides, syllables, strict=True) if layout(syllable) == name]
        if len(own) >= _FEWEST:
            beside[name] = _medians(own)
    return Spacing(None, beside)


def _medians(sides: Sequence[tuple[int, int]]) -> tuple[float, float]:
    left, right = np.median(np.array(sides, np.float64), axis=0).tolist()
    return left, right
