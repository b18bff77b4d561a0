"""Draw a finished font back, compare it with its pages, and let the jamo reader read it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fontmaker.font_file import Traced
from fontmaker.spacing import BOTTOM, PAGE, UNITS
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress
from hangeul_bench.fonts.freetype import FreeTypeFace
from hangeul_bench.hangeul import Jamo, compose, decompose

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader


_SCALE_16_16 = round(64 * (1 << 16) / UNITS)  # 1/64 pixels a font unit
_AT_ONCE = 256  # glyphs; a font's pages need not be in memory twice


@dataclass(frozen=True)
class Reading:
    """What the jamo reader makes of glyphs.

    Attributes:
        right: (N,) bool, whether all three jamo are those asked for.
        wrong_jamo: (N,) int64, how many of the three are not.
        confidence: (N,) float64, log of the chance of the jamo asked for; the higher the better.
        read: The syllables read; empty where there is no ink.
    """

    right: NDArray[np.bool_]
    wrong_jamo: NDArray[np.int64]
    confidence: NDArray[np.float64]
    read: tuple[str, ...]


@dataclass(frozen=True)
class Proof:
    """How a font compares with the pages it was made from.

    Attributes:
        ssim: (N,) float64, of each syllable drawn back with its page, [-1, 1].
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


def read_pages(reader: "JamoReader", pages: Glyphs, syllables: Sequence[str]) -> Reading:
    """Let the reader read pages.

    Args:
        reader: Who reads.
        pages: (N, 128, 128) uint8, 0 = ink, 255 = paper.
        syllables: (N) which syllables they should show.
    """
    import torch

    if not len(pages):
        nothing = np.zeros(0)
        return Reading(nothing > 0, nothing.astype(np.int64), nothing, ())
    asked = torch.tensor([decompose(syllable) for syllable in syllables])  # (N, 3)
    logits = reader.logits(pages)
    read = torch.stack([position.argmax(1) for position in logits], 1).numpy()  # (N, 3)
    chances = [
        position.log_softmax(1).gather(1, asked[:, i, None])[:, 0]
        for i, position in enumerate(logits)
    ]
    confidence = torch.stack(chances).double().sum(0).numpy()
    blank: NDArray[np.bool_] = np.asarray((pages >= 128).all(axis=(1, 2)))
    wrong = (read != asked.numpy()).sum(axis=1)
    wrong[blank], confidence[blank] = 3, -np.inf
    names = tuple(
        "" if b else compose(Jamo(*map(int, j))) for j, b in zip(read, blank, strict=True)
    )
    return Reading(wrong == 0, wrong, confidence, names)


def prove(
    font: bytes,
    pages: Glyphs,
    traced: Traced,
    *,
    as_drawn: Glyphs,
    reader: "JamoReader",
    progress: Progress,
) -> Proof:
    """Draw every syllable of a font back, compare it with its page and read it.

    Args:
        font: The finished TrueType font.
        pages: (N, 128, 128) uint8, with crisp edges: what the font should show.
        traced: Its syllables, in the order of the pages, and where their pages stand.
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
        for scores, own in ((ssim, pages), (soft, as_drawn)):
            page = torch.from_numpy(own[start : start + _AT_ONCE])
            scores.append(ssim_scores(torch.from_numpy(back), page).numpy())
        readings.append(read_pages(reader, back, part))
        progress.advance(len(part))
    face.close()
    return Proof(np.concatenate(ssim), np.concatenate(soft), joined(readings))


def draw_back(face: FreeTypeFace, syllables: Sequence[str], traced: Traced) -> Glyphs:
    """Draw syllables on the pages that they were traced from: (N, 128, 128) uint8."""
    pages = np.zeros((len(syllables), PAGE, PAGE), np.uint8)
    found = {i: face.outline(face.glyph_index(ord(s))) for i, s in enumerate(syllables)}
    drawn = {i: outline for i, outline in found.items() if outline is not None}
    origins = [(_pixels(-traced.offsets[syllables[i]]), _pixels(-BOTTOM)) for i in drawn]
    face.draw(drawn, scale=_SCALE_16_16, origins=origins, pages=pages)
    return np.invert(pages, out=pages)


def _pixels(units: int) -> int:
    return round(units * 64 / UNITS)


def joined(readings: Sequence[Reading]) -> Reading:
    """Readings of parts, in their order, as one."""
    return Reading(
        np.concatenate([reading.right for reading in readings]),
        np.concatenate([reading.wrong_jamo for reading in readings]),
        np.concatenate([reading.confidence for reading in readings]),
        tuple(name for reading in readings for name in reading.read),
    )
