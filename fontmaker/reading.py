"""What the jamo reader reads in glyphs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.base.images import Glyphs
from hangeul_bench.hangeul import Jamo, compose, decompose

if TYPE_CHECKING:
    from hangeul_bench.reader import JamoReader


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


def read_glyphs(reader: "JamoReader", images: Glyphs, syllables: Sequence[str]) -> Reading:
    """Let the reader read images.

    Args:
        reader: Who reads.
        images: (N, 128, 128) uint8, 0 = ink, 255 = paper.
        syllables: (N) which syllables they should show.
    """
    import torch

    if not len(images):
        nothing = np.zeros(0)
        return Reading(nothing > 0, nothing.astype(np.int64), nothing, ())
    asked = torch.tensor([decompose(syllable) for syllable in syllables])  # (N, 3)
    logits = reader.logits(images)
    read = torch.stack([position.argmax(1) for position in logits], 1).numpy()  # (N, 3)
    chances = [
        position.log_softmax(1).gather(1, asked[:, i, None])[:, 0]
        for i, position in enumerate(logits)
    ]
    confidence = torch.stack(chances).double().sum(0).numpy()
    blank: NDArray[np.bool_] = np.asarray((images >= 128).all(axis=(1, 2)))
    wrong = (read != asked.numpy()).sum(axis=1)
    wrong[blank], confidence[blank] = 3, -np.inf
    names = tuple(
        "" if b else compose(Jamo(*map(int, j))) for j, b in zip(read, blank, strict=True)
    )
    return Reading(wrong == 0, wrong, confidence, names)


def joined(readings: Sequence[Reading]) -> Reading:
    """Readings of parts, in their order, as one."""
    return Reading(
        np.concatenate([reading.right for reading in readings]),
        np.concatenate([reading.wrong_jamo for reading in readings]),
        np.concatenate([reading.confidence for reading in readings]),
        tuple(name for reading in readings for name in reading.read),
    )
