"""What all metrics share: the check of their input and float64 sums that merge across processes."""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.torchvision import ensure_torchvision

# torchmetrics imports torchvision, and fails where that fails; so this cannot wait for a call.
ensure_torchvision()

from torchmetrics import Metric  # noqa: E402

__all__ = [
    "NETWORK_BATCH",
    "Array",
    "DistributionMetric",
    "GlyphColumns",
    "GlyphMetric",
    "Metric",
    "Reader",
    "check_images",
    "check_pair",
    "in_chunks",
]

Array = npt.NDArray[np.float64]
_SUM: Any = {"dist_reduce_fx": "sum"}

# Networks see always this many glyphs, the last batch filled up with paper: a convolution's last
# bits depend on the size of its batch, and a score may not.
NETWORK_BATCH = 8


class Reader(Protocol):
    """What the metrics need of :class:`hangeul_bench.reader.JamoReader`."""

    sha256: str

    def read(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 => (N, 3) int64 jamo indices, -1 for a page without ink."""

    def features(self, images: Tensor) -> list[Tensor]:
        """(N, H, W) uint8 => feature maps (N, C, h, w)."""

    def embed(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8 => (N, D)."""


class GlyphColumns(NamedTuple):
    """What a metric says of N glyphs: column -> (N,) float64, and N syllables if it read them."""

    values: dict[str, Tensor]
    read: tuple[str, ...] | None = None


class GlyphMetric(Metric):
    """A metric with one score a glyph, whose value is the mean over the glyphs.

    Attributes:
        name: Its column in results.
        unit_range: Its least and greatest possible value.
        needs: Weights it cannot do without: ``alexnet``, ``inception``, ``reader`` or None.
        per_glyph: Whether single glyphs have a score.
    """

    full_state_update = False
    is_differentiable = False
    name: str
    unit_range: tuple[float, float]
    needs: str | None = None
    per_glyph: Literal[True] = True

    def __init__(self) -> None:
        super().__init__()
        # States of a metric's own: torchmetrics.MetricCollection takes metrics for one whose
        # states have the same names, and the same values after the first batch.
        self._total, self._count = f"{self.name}_total", f"{self.name}_count"
        zero = torch.zeros((), dtype=torch.float64)
        self.add_state(self._total, default=zero, dist_reduce_fx="sum")
        self.add_state(self._count, default=zero.long(), dist_reduce_fx="sum")

    @abstractmethod
    def signature(self) -> str:
        """Definition, version and weights; only equal signatures are comparable."""

    def scores(self, pred: Tensor, target: Tensor) -> Tensor:
        """The score of each glyph.

        Args:
            pred: (N, H, W) uint8, 0 = ink, 255 = paper.
            target: (N, H, W) uint8, the same glyphs in the true font.

        Returns:
            (N,) float64.

        Raises:
            UserError: The two are not uint8 tensors of one shape (N, H, W).
        """
        check_pair(pred, target)
        if not len(pred):
            return torch.zeros(0, dtype=torch.float64, device=pred.device)
        return self._scores(pred, target)

    def update(self, pred: Tensor, target: Tensor) -> None:
        """Add glyphs: ``pred`` and ``target`` as in :meth:`scores`."""
        scores = self.scores(pred, target)
        total = getattr(self, self._total)
        setattr(self, self._total, total + scores.sum().to(total.device))
        setattr(self, self._count, getattr(self, self._count) + len(scores))

    def compute(self) -> Tensor:
        """The mean over all glyphs so far, a float64 scalar.

        Raises:
            UserError: There was no glyph.
        """
        total, count = getattr(self, self._total), getattr(self, self._count)
        if not count:
            raise UserError(f"Expected glyphs for {self.name}, but got none; call update() first.")
        mean: Tensor = total / count
        return mean

    def columns(
        self,
        pred: Tensor,
        target: Tensor,
        syllables: Sequence[str],
        *,
        known: Mapping[str, Tensor] | None = None,
    ) -> GlyphColumns:
        """What a result says of each glyph.

        Args:
            pred: As in :meth:`scores`.
            target: As in :meth:`scores`.
            syllables: The N syllables that were asked for; only readers look at them.
            known: Columns of the same glyphs, (N,) float64 each, that need not be scored again.

        Raises:
            UserError: As :meth:`scores`.
        """
        del syllables, known
        return GlyphColumns({self.name: self.scores(pred, target)})

    @abstractmethod
    def _scores(self, pred: Tensor, target: Tensor) -> Tensor:
        """:meth:`scores` of one or more checked pairs."""


class DistributionMetric(Metric):
    """A distance of two sets of glyphs, from the mean and covariance of their features.

    Attributes: as in :class:`GlyphMetric`.
    """

    full_state_update = False
    is_differentiable = False
    name: str
    unit_range: tuple[float, float] = (0.0, float("inf"))
    needs: str | None = None
    per_glyph: Literal[False] = False

    def __init__(self, n_features: int) -> None:
        super().__init__()
        total = torch.zeros(n_features, dtype=torch.float64)
        products = torch.zeros(n_features, n_features, dtype=torch.float64)
        for side in ("pred", "target"):
            n, sums, squares = self._states(side)
            self.add_state(n, default=torch.zeros((), dtype=torch.long), **_SUM)
            self.add_state(sums, default=total, **_SUM)
            self.add_state(squares, default=products, **_SUM)

    @abstractmethod
    def signature(self) -> str:
        """Definition, version and weights; only equal signatures are comparable."""

    def features(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8, 0 = ink, 255 = paper => (N, D) float64.

        Raises:
            UserError: ``images`` is not a uint8 tensor (N, H, W).
        """
        check_images(images, "images")
        return self._features(images)

    @abstractmethod
    def distance(self, features_pred: npt.ArrayLike, features_target: npt.ArrayLike) -> float:
        """The distance of two sets of features, (N, D) and (M, D)."""

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
            n, sums, squares = self._states(side)
            x = self._features(images).to(getattr(self, sums).device)
            setattr(self, n, getattr(self, n) + len(x))
            setattr(self, sums, getattr(self, sums) + x.sum(0))
            setattr(self, squares, getattr(self, squares) + x.T @ x)

    def compute(self) -> Tensor:
        """The distance of the glyphs so far, a float64 scalar.

        Raises:
            UserError: There were too few glyphs.
        """
        value = self._distance(self._moments("pred"), self._moments("target"))
        return torch.tensor(value, dtype=torch.float64)

    def _states(self, side: str) -> tuple[str, str, str]:
        # Names of a metric's own, as in GlyphMetric.
        return f"{self.name}_{side}_n", f"{self.name}_{side}_total", f"{self.name}_{side}_products"

    def _moments(self, side: str) -> tuple[int, Array, Array]:
        count, sums, squares = self._states(side)
        n = int(getattr(self, count))
        if not n:
            raise UserError(f"Expected glyphs for {self.name}, but got none; call update() first.")
        return n, getattr(self, sums).cpu().numpy(), getattr(self, squares).cpu().numpy()

    @abstractmethod
    def _features(self, images: Tensor) -> Tensor:
        """:meth:`features` of checked images."""

    @abstractmethod
    def _distance(self, pred: tuple[int, Array, Array], target: tuple[int, Array, Array]) -> float:
        """The distance from each side's count, sum and sum of outer products of features."""


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


def check_pair(pred: Tensor, target: Tensor) -> None:
    """Refuse a pair that is not twice the same (N, H, W) uint8.

    Raises:
        UserError: Says what was expected and what was found.
    """
    check_images(pred, "pred")
    check_images(target, "target")
    if pred.shape != target.shape:
        raise UserError(
            f"Expected pred and target of one shape, but got {tuple(pred.shape)} and "
            f"{tuple(target.shape)}."
        )


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
