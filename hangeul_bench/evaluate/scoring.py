"""Stored predictions to scores: a row a glyph, and features for the distances of sets.

A metric that fails is left out with the reason: no finished drawing is thrown away.
"""

import hashlib
import io
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

from hangeul_bench.adapter.predictions import FontPredictions, PredictionFolder
from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.base.errors import system_error_sentence
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import progress
from hangeul_bench.base.tables import one_line
from hangeul_bench.base.weights import MissingWeights
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.splits.lists import TRACKS
from hangeul_bench.hangeul.charset import codepoint_name
from hangeul_bench.metrics import METRICS, load_metric
from hangeul_bench.metrics.columns import BY_DEFAULT, BY_NAME

if TYPE_CHECKING:
    from torch import Tensor

    from hangeul_bench.metrics.base import (
        AnyMetric,
        DistributionMetric,
        GlyphMetric,
        GlyphPair,
        Reader,
        Side,
    )


Values = NDArray[np.float64]
Features = NDArray[np.floating]
_CHUNK = 256  # glyphs handed to a metric at once: bounds its memory, changes no score


@dataclass(frozen=True)
class FontScores:
    """The scores of one font.

    Attributes:
        task: The font and its N syllables.
        columns: Metric -> (N,) float64.
        read: N strings: what the jamo reader saw; empty where it saw none.
        features: Metric -> ((N, D) of the predictions, (N, D) of the truth).
        failed: Metric -> why it has neither.
    """

    task: FontTask
    columns: dict[str, Values]
    read: tuple[str, ...]
    features: dict[str, tuple[Features, Features]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def without(self, names: Collection[str]) -> "FontScores":
        """The same without some metrics."""
        columns = {name: values for name, values in self.columns.items() if name not in names}
        features = {name: pair for name, pair in self.features.items() if name not in names}
        return replace(self, columns=columns, features=features)


class Scorer:
    """Scores a font at a time; the truth's features are kept for the next model.

    Args:
        dataset: The truth.
        metrics: Column -> metric; the parts of the jamo error rate share one.
        missing: Column -> why it was left out.
        cache: Where features of the truth are kept; None keeps none.
    """

    def __init__(
        self,
        dataset: GlyphDataset,
        metrics: "Mapping[str, AnyMetric]",
        *,
        missing: Mapping[str, str] | None = None,
        cache: Path | None = None,
    ) -> None:
        self.dataset = dataset
        self.metrics = dict(metrics)
        self.missing = dict(missing or {})
        self.cache = cache

    @classmethod
    def open(
        cls,
        dataset: GlyphDataset,
        names: Sequence[str] | None,
        *,
        weights: Path | None = None,
        device: str = "cpu",
        required: bool = True,
    ) -> "Scorer":
        """Load metrics by name, or the usual ones whose weights are there.

        Args:
            dataset: The truth.
            names: Columns; None takes :data:`BY_DEFAULT`.
            weights: Folder of weights; None looks where they belong.
            device: Where networks run.
            required: Whether all that are named must be available; else the others are left out.

        Raises:
            UserError: A metric asked for by name is unknown or its weights are absent.
        """
        from hangeul_bench.metrics.networks import jamo_reader

        loaded: dict[str, AnyMetric] = {}
        missing: dict[str, str] = {}
        by_class: dict[str, AnyMetric] = {}
        reader: Reader | None = None
        for name in dict.fromkeys(names or BY_DEFAULT):
            if reader is None and name in BY_NAME and BY_NAME[name].needs == "reader":
                reader = jamo_reader(device)
            try:
                target = METRICS.get(name, name)
                if target not in by_class:
                    by_class[target] = load_metric(
                        name, weights=weights, reader=reader, device=device
                    )
                loaded[name] = by_class[target]
            except MissingWeights:
                if names is not None and required:
                    raise
                # Where this machine looked for them is nothing to publish in a result.
                missing[name] = "its weights were not at hand"
        return cls(dataset, loaded, missing=missing, cache=feature_cache())

    def only(self, names: Sequence[str]) -> "Scorer":
        """The same networks and the same truth for some of the columns, in the same order."""
        kept = {name: metric for name, metric in self.metrics.items() if name in names}
        return Scorer(self.dataset, kept, missing=self.missing, cache=self.cache)

    def signatures(self) -> dict[str, str]:
        """Metric -> definition, version and hash of weights."""
        return {name: metric.signature() for name, metric in self.metrics.items()}

    def score_font(self, task: FontTask, images: Glyphs) -> FontScores:
        """Score one font's predictions; a metric that fails is left out with the reason.

        Args:
            task: The font and its N syllables.
            images: (N, 128, 128) uint8 predictions in that order.
        """
        from hangeul_bench.metrics.base import GlyphPair

        truth = self.dataset.images(task.font_id, task.characters)
        pairs = [
            GlyphPair(_tensor(images[part]), _tensor(truth[part]), task.characters[part])
            for part in (slice(i, i + _CHUNK) for i in range(0, len(images), _CHUNK))
        ]
        columns: dict[str, Values] = {}
        features: dict[str, tuple[Features, Features]] = {}
        failed: dict[str, str] = {}
        for metric, names in self._by_metric():
            try:
                if BY_NAME[names[0]].scope == "glyph":
                    columns |= _columns(cast("GlyphMetric", metric), names, task, pairs)
                else:
                    sides = self._features(cast("DistributionMetric", metric), task, pairs)
                    features |= dict.fromkeys(names, sides)
            except Exception as error:  # hours of drawing are worth more than one column
                failed |= dict.fromkeys(names, reason_of(error))
        read = tuple(syllable for pair in pairs for syllable in pair.read or ())
        return FontScores(task, columns, read or ("",) * len(images), features, failed)

    def _by_metric(self) -> "Iterator[tuple[AnyMetric, list[str]]]":
        """Each metric once, with the columns that it fills."""
        names: dict[int, list[str]] = {}
        for name, metric in self.metrics.items():
            names.setdefault(id(metric), []).append(name)
        for members in names.values():
            yield self.metrics[members[0]], members

    def _features(
        self, metric: "DistributionMetric", task: FontTask, pairs: "Sequence[GlyphPair]"
    ) -> tuple[Features, Features]:
        """Of the predictions and of the truth."""
        sides = _features(metric, pairs, "pred"), self._target_features(metric, task, pairs)
        for side in sides:
            check_finite(side, task.characters, task.font_id)
        return sides

    def _target_features(
        self, metric: "DistributionMetric", task: FontTask, pairs: "Sequence[GlyphPair]"
    ) -> Features:
        if self.cache is None:
            return _features(metric, pairs, "target")
        tracks = (t for t in TRACKS.values() if task.font_id in t.fonts(self.dataset.splits))
        fingerprint = self.dataset.track_fingerprint(next(tracks, TRACKS["full"]).name)
        asked = f"{metric.signature()} {task.font_id} {''.join(task.characters)}"
        key = hashlib.sha256(asked.encode()).hexdigest()
        path = self.cache / fingerprint[:16] / f"{metric.name}-{key[:32]}.npy"
        kept = _read_array(path, len(task.characters))
        if kept is None:
            kept = _features(metric, pairs, "target")
            buffer = io.BytesIO()
            np.save(buffer, kept)
            write_whole(path, buffer.getvalue())
        return kept


def feature_cache() -> Path | None:
    """The user's folder for features of true glyphs; None where it cannot be written."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(root) / "hangeul-bench" / "features"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        # A cache saves time and nothing else: without one the features are computed again.
        return None
    return folder if os.access(folder, os.W_OK) else None


MAX_REASON = 200  # characters; a library's message may be a page long


def reason_of(error: Exception) -> str:
    """Why a metric failed, as a clause for a result.

    Raises:
        Exception: The error itself where the system refuses (memory, disk): the metric is not to
            blame, and the same command goes on once there is space.
    """
    if system_error_sentence(error) is not None:
        raise error
    text = one_line(str(error).strip().partition("\n")[0]).rstrip(".")
    return f"it failed ({type(error).__name__}{f': {text}' if text else ''})"[:MAX_REASON]


def check_finite(
    values: npt.NDArray[np.floating[Any]], characters: Sequence[str], font_id: str
) -> None:
    """Refuse NaN and infinity.

    Args:
        values: (N,) or (N, D), a row a glyph.
        characters: The N syllables.
        font_id: Their font.

    Raises:
        ArithmeticError: Names the first glyph and counts the others.
    """
    odd = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
    if len(odd):
        first = characters[odd[0]]
        more = f" and {len(odd) - 1} more glyphs" if len(odd) > 1 else ""
        raise ArithmeticError(
            f"no finite number for {first} ({codepoint_name(first)}){more} of font {font_id}"
        )


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


def _columns(
    metric: "GlyphMetric", names: Sequence[str], task: FontTask, pairs: "Sequence[GlyphPair]"
) -> dict[str, Values]:
    parts = [metric.score(pair) for pair in pairs]
    values = {n: np.concatenate([np.zeros(0), *(p[n].cpu().numpy() for p in parts)]) for n in names}
    for column in values.values():
        check_finite(column, task.characters, task.font_id)
    return values


def _features(metric: "DistributionMetric", pairs: "Sequence[GlyphPair]", side: "Side") -> Features:
    # In the metric's own type: half the bytes where it needs no more.
    rows = [metric.features_of(pair, side).cpu().numpy() for pair in pairs]
    return np.concatenate(rows) if rows else np.zeros((0, 1))


def _tensor(images: Glyphs) -> "Tensor":
    import torch

    return torch.from_numpy(np.ascontiguousarray(images))


def _read_array(path: Path, rows: int) -> Features | None:
    try:
        array: Features = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array if len(array) == rows else None
