"""Predicted and true glyphs to scores: a row a glyph, and features for the distances of sets."""

import hashlib
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.adapter import Glyphs
from hangeul_bench.atomic import write_bytes
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.metrics import METRICS, load_metric
from hangeul_bench.protocol import FontTask
from hangeul_bench.weights import MissingWeights

Values = NDArray[np.float64]
_CHUNK = 256  # glyphs handed to a metric at once: bounds its memory, changes no score


@dataclass(frozen=True)
class FontScores:
    """The scores of one font.

    Attributes:
        task: The font and its N syllables.
        columns: Metric -> (N,) float64.
        read: N strings: what the jamo reader saw; empty where it saw none.
        features: Metric -> ((N, D) of the predictions, (N, D) of the truth).
    """

    task: FontTask
    columns: dict[str, Values]
    read: tuple[str, ...]
    features: dict[str, tuple[Values, Values]] = field(default_factory=dict)


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
        metrics: Mapping[str, Any],
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
    ) -> "Scorer":
        """Load metrics by name, or all whose weights are there.

        Raises:
            UserError: A metric asked for by name is unknown or its weights are absent.
        """
        loaded: dict[str, Any] = {}
        missing: dict[str, str] = {}
        by_class: dict[str, Any] = {}
        for name in dict.fromkeys(names or METRICS):
            try:
                target = METRICS.get(name, name)
                if target not in by_class:
                    by_class[target] = load_metric(name, weights=weights, device=device)
                loaded[name] = by_class[target]
            except MissingWeights:
                if names is not None:
                    raise
                # Where this machine looked for them is nothing to publish in a result.
                missing[name] = "its weights were not at hand"
        return cls(dataset, loaded, missing=missing, cache=feature_cache())

    def signatures(self) -> dict[str, str]:
        """Metric -> definition, version and hash of weights."""
        return {name: metric.signature() for name, metric in self.metrics.items()}

    def score_font(self, task: FontTask, images: Glyphs) -> FontScores:
        """Score one font's predictions.

        Args:
            task: The font and its N syllables.
            images: (N, 128, 128) uint8 predictions in that order.
        """
        truth = self.dataset.images(task.font_id, task.characters)
        columns: dict[str, Values] = {}
        features: dict[str, tuple[Values, Values]] = {}
        read: tuple[str, ...] = ("",) * len(task.characters)
        for metric, names in self._by_metric():
            if not metric.per_glyph:
                target = self._target_features(names[0], metric, task, truth)
                features[names[0]] = (_features(metric, images), target)
                continue
            scores = _glyph_scores(metric, images, truth, task.characters)
            columns |= {name: np.asarray(scores[name], np.float64) for name in names}
            read = tuple(scores.get("read", read))
        return FontScores(task, columns, read, features)

    def _by_metric(self) -> Iterator[tuple[Any, list[str]]]:
        """Each metric once, with the columns that it fills."""
        names: dict[int, list[str]] = {}
        for name, metric in self.metrics.items():
            names.setdefault(id(metric), []).append(name)
        for members in names.values():
            yield self.metrics[members[0]], members

    def _target_features(self, name: str, metric: Any, task: FontTask, truth: Glyphs) -> Values:
        if self.cache is None:
            return _features(metric, truth)
        fingerprint = self.dataset.benchmark_fingerprint or self.dataset.fingerprint
        asked = f"{metric.signature()} {task.font_id} {''.join(task.characters)}"
        key = hashlib.sha256(asked.encode()).hexdigest()
        path = self.cache / fingerprint[:16] / f"{name}-{key[:32]}.npy"
        kept = _read_array(path, len(truth))
        if kept is None:
            kept = _features(metric, truth)
            buffer = io.BytesIO()
            np.save(buffer, kept)
            write_bytes(path, buffer.getvalue())
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


def glyph_table(scored: Sequence[FontScores]) -> bytes:
    """Every glyph's scores as the bytes of a Parquet file, by font and code point.

    Columns: ``font_id``, ``codepoint``, ``cell``, ``category``, ``layout``, one a metric, ``read``.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from hangeul_bench.phonetics import layout

    tables = []
    for font in scored:
        task, n = font.task, len(font.task.characters)
        columns = {
            "font_id": pa.array([task.font_id] * n, pa.string()),
            "codepoint": pa.array([ord(c) for c in task.characters], pa.int32()),
            "cell": pa.array(task.cells, pa.string()),
            "category": pa.array([task.category] * n, pa.string()),
            "layout": pa.array([layout(c) for c in task.characters], pa.string()),
        }
        columns |= {name: pa.array(values) for name, values in font.columns.items()}
        tables.append(pa.table(columns | {"read": pa.array(font.read, pa.string())}))
    buffer = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), buffer, compression="zstd")
    return buffer.getvalue()


def _glyph_scores(
    metric: Any, images: Glyphs, truth: Glyphs, characters: Sequence[str]
) -> dict[str, Any]:
    """Column -> (N,) of a metric; the metrics of the reader take the syllables as well."""
    parts: dict[str, list[Any]] = {}
    for start in range(0, len(images), _CHUNK):
        part = slice(start, start + _CHUNK)
        pair = _tensor(images[part]), _tensor(truth[part])
        if metric.name == "jer":
            scores = dict(metric.scores(*pair, syllables=list(characters[part])))
        else:
            scores = {metric.name: metric.scores(*pair)}
        for name, values in scores.items():
            parts.setdefault(name, []).extend(values if name == "read" else _numpy(values))
    return parts


def _features(metric: Any, images: Glyphs) -> Values:
    chunks = range(0, len(images), _CHUNK)
    rows = [_numpy(metric.features(_tensor(images[i : i + _CHUNK]))) for i in chunks]
    return np.concatenate(rows) if rows else np.zeros((0, 1))


def _tensor(images: Glyphs) -> Any:
    import torch

    return torch.from_numpy(np.ascontiguousarray(images))


def _numpy(values: Any) -> Values:
    array: Values = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    return array


def _read_array(path: Path, rows: int) -> Values | None:
    try:
        array: Values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return array if len(array) == rows else None
