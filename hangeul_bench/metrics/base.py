"""What all metrics share: their input, and numbers that merge across processes."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.torchvision import ensure_torchvision
from hangeul_bench.metrics.columns import BY_NAME, COLUMNS, FAR

# torchmetrics imports torchvision, and fails where that fails; so this cannot wait for a call.
ensure_torchvision()

from torchmetrics import Metric  # noqa: E402
from torchmetrics.utilities import dim_zero_cat  # noqa: E402

__all__ = [
    "NETWORK_BATCH",
    "AnyMetric",
    "Array",
    "DistributionMetric",
    "GlyphMetric",
    "GlyphPair",
    "Metric",
    "Reader",
    "Side",
    "check_images",
    "in_chunks",
]

Array = npt.NDArray[np.float64]
Side = Literal["pred", "target"]
_T = TypeVar("_T")

# Networks see always this many glyphs, the last batch filled up with paper: a convolution's last
# bits depend on the size of its batch, and a score may not.
NETWORK_BATCH = 8


class Reader(Protocol):
    """What the metrics need of :class:`hangeul_bench.reader.JamoReader`."""

    sha256: str

    def read(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 => (N, 3) int64 jamo indices, -1 for a page without ink."""

    def embed(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 => (N, D)."""

    def features_and_embedding(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """(N, H, W) uint8, N > 0 => feature maps (N, C, h, w) and the same (N, D)."""


class GlyphPair:
    """Drawn glyphs beside the true ones; what several metrics need of them is computed once.

    Args:
        pred: (N, H, W) uint8, 0 = ink, 255 = paper.
        target: (N, H, W) uint8, the same glyphs in the true font.
        syllables: The N syllables that were asked for; only a reader looks at them.

    Attributes:
        known: What metrics have left for others, by name.
        read: The N syllables that the jamo reader saw, empty for a page without ink; None before.

    Raises:
        UserError: The two are not uint8 tensors of one shape (N, H, W).
    """

    def __init__(self, pred: Tensor, target: Tensor, syllables: Sequence[str] = ()) -> None:
        check_images(pred, "pred")
        check_images(target, "target")
        if pred.shape != target.shape:
            raise UserError(
                f"Expected pred and target of one shape, but got {tuple(pred.shape)} and "
                f"{tuple(target.shape)}."
            )
        self.pred, self.target, self.syllables = pred, target, syllables
        self.known: dict[str, Any] = {}
        self.read: tuple[str, ...] | None = None

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What is known by this name; else it is made, and known from then on."""
        if name not in self.known:
            self.known[name] = make()
        found: _T = self.known[name]
        return found


class _DeclaredMetric(Metric):
    """A metric that states its name; the rows of its class in the table of columns say the rest.

    Attributes:
        name: Its column in results, the first one if it fills several.
        columns: All columns that it fills.
        unit_range: Its least and greatest possible value.
    """

    full_state_update = False
    is_differentiable = False
    name: str
    columns: tuple[str, ...]
    unit_range: tuple[float, float]

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        name = getattr(cls, "name", None)
        if name is None:
            return
        cls.columns = (name,)
        if row := BY_NAME.get(name):
            cls.higher_is_better = row.higher_is_better
            cls.unit_range = (row.low, float("inf") if row.high == FAR else row.high)
            cls.columns = tuple(column.name for column in COLUMNS if column.target == row.target)

    @abstractmethod
    def signature(self) -> str:
        """Definition, version and weights; only equal signatures are comparable."""

    def _no_glyphs(self) -> UserError:
        return UserError(f"Expected glyphs for {self.name}, but got none; call update() first.")


class GlyphMetric(_DeclaredMetric):
    """A metric with a score a glyph, whose value is the mean over the glyphs.

    Attributes: as in every metric: ``name``, ``columns``, ``unit_range``.
    """

    def __init__(self) -> None:
        super().__init__()
        # States of a metric's own: torchmetrics.MetricCollection takes metrics for one whose
        # states have the same names, and the same values after the first batch.
        self._total, self._count = f"{self.name}_total", f"{self.name}_count"
        totals = torch.zeros(len(self.columns), dtype=torch.float64)
        self.add_state(self._total, default=totals, dist_reduce_fx="sum")
        self.add_state(self._count, default=torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    @abstractmethod
    def score(self, pair: GlyphPair) -> dict[str, Tensor]:
        """Each of its columns -> (N,) float64, of one or more glyphs."""

    def scores(self, pred: Tensor, target: Tensor, *, syllables: Sequence[str] = ()) -> Tensor:
        """The score of each glyph.

        Args:
            pred: (N, H, W) uint8, 0 = ink, 255 = paper.
            target: (N, H, W) uint8, the same glyphs in the true font.
            syllables: The N syllables that were asked for; only a reader looks at them.

        Returns:
            (N,) float64.

        Raises:
            UserError: The two are not uint8 tensors of one shape (N, H, W).
        """
        pair = GlyphPair(pred, target, syllables)
        if not len(pred):
            return torch.zeros(0, dtype=torch.float64, device=pred.device)
        return self.score(pair)[self.name]

    def update(self, pred: Tensor, target: Tensor, *, syllables: Sequence[str] = ()) -> None:
        """Add glyphs; the arguments of :meth:`scores`."""
        pair = GlyphPair(pred, target, syllables)
        if len(pred):
            scores, total = self.score(pair), getattr(self, self._total)
            sums = torch.stack([scores[name].sum() for name in self.columns])
            setattr(self, self._total, total + sums.to(total.device))
            setattr(self, self._count, getattr(self, self._count) + len(pred))

    def compute(self) -> Any:
        """The mean over all glyphs so far: a float64 scalar, or one for each of several columns.

        Raises:
            UserError: There was no glyph.
        """
        count = getattr(self, self._count)
        if not count:
            raise self._no_glyphs()
        means: Tensor = getattr(self, self._total) / count
        return means[0] if len(means) == 1 else dict(zip(self.columns, means, strict=True))


class DistributionMetric(_DeclaredMetric):
    """A distance of two sets of glyphs, from the features of each.

    Attributes: as in every metric: ``name``, ``columns``, ``unit_range``.
    """

    def __init__(self) -> None:
        super().__init__()
        for side in ("pred", "target"):  # names of a metric's own, as in GlyphMetric
            self.add_state(f"{self.name}_{side}", default=[], dist_reduce_fx="cat")

    @abstractmethod
    def distance(
        self, features_pred: npt.ArrayLike, features_target: npt.ArrayLike
    ) -> float | dict[str, float]:
        """The distance of features (N, D) and (M, D), or one for each of several columns."""

    def features(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8, 0 = ink, 255 = paper => (N, D), a row a glyph.

        Raises:
            UserError: ``images`` is not a uint8 tensor (N, H, W).
        """
        check_images(images, "images")
        return self._features(images)

    def features_of(self, pair: GlyphPair, side: Side) -> Tensor:
        """:meth:`features` of one side of a pair."""
        return self._features(getattr(pair, side))

    def update(self, pred: Tensor, target: Tensor) -> None:
        """Add glyphs to both sets; they need not be paired, nor as many.

        Args:
            pred: (N, H, W) uint8, 0 = ink, 255 = paper.
            target: (M, H, W) uint8.

        Raises:
            UserError: One is not a uint8 tensor (N, H, W).
        """
        for side, images in (("pred", pred), ("target", target)):
            check_images(images, side)
            getattr(self, f"{self.name}_{side}").append(self._features(images))

    def compute(self) -> Any:
        """The distance of the glyphs so far: a float64 scalar, or one for each of several columns.

        Raises:
            UserError: There were too few glyphs.
        """
        states = [getattr(self, f"{self.name}_{side}") for side in ("pred", "target")]
        if any(len(state) == 0 for state in states):
            raise self._no_glyphs()
        found = self.distance(*(dim_zero_cat(state).cpu().numpy() for state in states))
        if isinstance(found, dict):
            return {k: torch.tensor(v, dtype=torch.float64) for k, v in found.items()}
        return torch.tensor(found, dtype=torch.float64)

    @abstractmethod
    def _features(self, images: Tensor) -> Tensor:
        """:meth:`features` of checked images."""


AnyMetric = GlyphMetric | DistributionMetric


def check_images(images: Tensor, what: str) -> None:
    """Refuse what is not (N, H, W) uint8: the rule of every metric, which converts nothing.

    Raises:
        UserError: Says what was expected, what ``what`` is instead, and how to make one of it.
    """
    expected = f"Expected {what} as (N, H, W) uint8 tensor, 0 = ink, 255 = paper, but got"
    if not isinstance(images, Tensor):
        raise UserError(f"{expected} {type(images).__name__}.")
    if images.dtype != torch.uint8:
        floating = images.is_floating_point()
        nan = " with NaN" if floating and bool(images.isnan().any()) else ""
        advice = "; multiply [0, 1] by 255 and round" if floating and not nan else ""
        raise UserError(f"{expected} {str(images.dtype).removeprefix('torch.')}{nan}{advice}.")
    if images.ndim != 3 or 0 in images.shape[1:]:
        channel = "; take the grey channel, as in images[:, 0]" if images.ndim == 4 else ""
        raise UserError(f"{expected} shape {tuple(images.shape)}{channel}.")


def in_chunks(
    score: Callable[..., Tensor], *images: Tensor, size: int, fill_up: bool = False
) -> Tensor:
    """Call ``score`` on ``size`` images at a time and join the results; memory stays flat.

    Args:
        score: Takes as many tensors (n, H, W) uint8 as ``images`` has; returns (n, ...).
        images: Tensors (N, H, W) uint8.
        size: Number of images in a chunk.
        fill_up: Fill the last chunk up with paper, and drop what came of it.
    """
    n = len(images[0])
    parts = []
    for start in range(0, max(n, 1), size):
        chunk = [x[start : start + size] for x in images]
        real = len(chunk[0])
        if fill_up and real < size:
            chunk = [torch.cat([x, x.new_full((size - real, *x.shape[1:]), 255)]) for x in chunk]
        parts.append(score(*chunk)[:real])
    return torch.cat(parts)
