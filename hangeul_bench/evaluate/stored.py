"""Predictions on disk to scores: every font is read once, hashed and scored."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hangeul_bench.adapter.predictions import FontPredictions, PredictionFolder
from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.base.progress import progress
from hangeul_bench.evaluate.scoring import FontScores, Scorer


@dataclass(frozen=True)
class Scored:
    """The scores of a run's predictions.

    Attributes:
        fonts: One entry a font.
        seconds: Time the model took for all delivered glyphs.
        delivered: Number of glyphs it delivered.
        sha256: Hash over the pixels of all glyphs and which of them were delivered; whatever
            program packed the PNGs.
        failed: Metric -> why no font has it; those that failed for one font.
        undelivered: Font -> number of glyphs that it did not deliver; without fonts that lack none.
    """

    fonts: tuple[FontScores, ...]
    seconds: float
    delivered: int
    sha256: str
    undelivered: Mapping[str, int]
    failed: Mapping[str, str]


def score_stored(
    tasks: Sequence[FontTask], folder: PredictionFolder, scorer: Scorer, *, title: str
) -> Scored:
    """Score what a model has drawn.

    Args:
        tasks: The fonts and their syllables.
        folder: The predictions; what is not there counts as a blank page.
        scorer: Has the truth and the metrics.
        title: Head of the bar of progress.

    Raises:
        UserError: A file of predictions cannot be read.
    """
    fonts, seconds, pixels = [], 0.0, _Pixels()
    with progress(title, sum(len(task.characters) for task in tasks), "glyphs") as bar:
        for task in tasks:
            predictions = folder.read(task.font_id, task.characters)
            pixels.add(task, predictions)
            fonts.append(scorer.score_font(task, predictions.images))
            seconds += predictions.seconds
            bar.advance(len(task.characters))
    failed = {name: why for font in reversed(fonts) for name, why in font.failed.items()}
    return Scored(
        tuple(font.without(failed) for font in fonts),
        seconds,
        pixels.delivered,
        pixels.sha256,
        pixels.undelivered,
        failed,
    )


def hash_stored(tasks: Sequence[FontTask], folder: PredictionFolder) -> tuple[int, str]:
    """Number of glyphs that a model delivered and the hash of all, as in :class:`Scored`.

    Raises:
        UserError: A file of predictions cannot be read.
    """
    pixels = _Pixels()
    for task in tasks:
        pixels.add(task, folder.read(task.font_id, task.characters))
    return pixels.delivered, pixels.sha256


class _Pixels:
    """The hash over a run's predictions and how many were delivered, font by font."""

    def __init__(self) -> None:
        self.delivered = 0
        self.undelivered: dict[str, int] = {}
        self._digest = hashlib.sha256()

    def add(self, task: FontTask, predictions: FontPredictions) -> None:
        self._digest.update(f"{task.font_id} {''.join(task.characters)}\n".encode())
        self._digest.update(predictions.delivered.tobytes() + predictions.images.tobytes())
        count = int(predictions.delivered.sum())
        self.delivered += count
        if count < len(task.characters):
            self.undelivered[task.font_id] = len(task.characters) - count

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
