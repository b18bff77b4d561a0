"""Draw a finished font back, compare it with its images, and let the jamo reader read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fontmaker.outline import BOTTOM, UNITS
from fontmaker.reading import Reading, joined, read_glyphs
from fontmaker.shapes import Traced
from hangeul_bench.base.images import SIZE, Glyphs
from hangeul_bench.base.progress import Progress
from hangeul_bench.fonts.freetype import FreeTypeFace

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader

_SCALE_16_16 = round(64 * (1 << 16) / UNITS)  # 1/64 pixels a font unit
_AT_ONCE = 256  # glyphs; a font's images need not be in memory twice


@dataclass(frozen=True)
class Verification:
    """How a font compares with the images it was made from.

    Attributes:
        ssim: (N,) float64, of each syllable drawn back with its image, [-1, 1].
        ssim_as_drawn: The same with what the model drew, whose edges may be softer than any
            outline's; see :mod:`fontmaker.edges`.
        reading: Of the glyphs drawn back.
    """

    ssim: NDArray[np.float64]
    ssim_as_drawn: NDArray[np.float64]
    reading: Reading

    @property
    def jamo_error(self) -> float:
        """Share of jamo that read otherwise than asked, [0, 1]."""
        return float(self.reading.wrong_jamo.mean() / 3)


def verify(
    font: bytes,
    images: Glyphs,
    traced: Traced,
    *,
    as_drawn: Glyphs,
    reader: "JamoReader",
    progress: Progress,
) -> Verification:
    """Draw every syllable of a font back, compare it with its image and read it.

    Args:
        font: The finished TrueType font.
        images: (N, 128, 128) uint8, with crisp edges: what the font should show.
        traced: Its syllables, in the order of the images, and where their images stand.
        as_drawn: (N, 128, 128) uint8: what ``traced`` was traced from.
        reader: Who reads.
        progress: Counts glyphs.
    """
    import torch

    from hangeul_bench.metrics.ssim import ssim_scores

    syllables = tuple(traced.shapes)
    ssim: list[NDArray[np.float64]] = []
    soft: list[NDArray[np.float64]] = []
    readings = []
    face = FreeTypeFace(font, "the font")
    for start in range(0, len(syllables), _AT_ONCE):
        part = syllables[start : start + _AT_ONCE]
        back = draw_back(face, part, traced)
        for scores, own in ((ssim, images), (soft, as_drawn)):
            image = torch.from_numpy(own[start : start + _AT_ONCE])
            scores.append(ssim_scores(torch.from_numpy(back), image).numpy())
        readings.append(read_glyphs(reader, back, part))
        progress.advance(len(part))
    face.close()
    return Verification(np.concatenate(ssim), np.concatenate(soft), joined(readings))


def draw_back(face: FreeTypeFace, syllables: Sequence[str], traced: Traced) -> Glyphs:
    """Draw syllables on the images that they were traced from: (N, 128, 128) uint8."""
    images = np.zeros((len(syllables), SIZE, SIZE), np.uint8)
    found = {i: face.outline(face.glyph_index(ord(s))) for i, s in enumerate(syllables)}
    drawn = {i: outline for i, outline in found.items() if outline is not None}
    origins = [(_pixels(-traced.offsets[syllables[i]]), _pixels(-BOTTOM)) for i in drawn]
    face.draw(drawn, scale=_SCALE_16_16, origins=origins, images=images)
    return np.invert(images, out=images)


def _pixels(units: int) -> int:
    return round(units * 64 / UNITS)
