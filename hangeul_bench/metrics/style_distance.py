"""How far a font's style is from the target font's: its pen, contour, terminals and layout."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hangeul_bench.base.errors import UserError
from hangeul_bench.metrics.base import Array, Metric, check_images, check_pair
from hangeul_bench.metrics.style.glyph import HISTOGRAMS, N_FEATURES, glyph_row, histograms
from hangeul_bench.metrics.style.skeleton import skeleton_rule

# Column -> histogram -> its scale: the mean distance of two training fonts of different lineage,
# over 311 open fonts and 60 seen syllables: experiments/style_scales.py wrote
# leaderboards/style-scales.json.
SCALES: Mapping[str, Mapping[str, float]] = {
    "pen_error": {
        "radius": 0.898,  # log2
        "ratio": 0.131,  # log2
        "ratio_level": 0.141,  # log2
        "ratio_upright": 0.213,  # log2
        "width_taper": 0.263,  # median diameters
    },
    "contour_error": {
        "turning_near": 3.57,  # degrees
        "turning_wide": 8.86,  # degrees
        "orientation": 8.08,  # degrees
    },
    "terminal_error": {
        "width_tip": 0.22,  # median diameters
        "width_shoulder": 0.195,  # median diameters
        "lopsided": 0.0941,  # median diameters
    },
    "layout_error": {"layout": 0.108},  # half the longer side of the skeleton's frame
}
COLUMNS = ("style_distance", *SCALES)
CAP = 3.0  # of each measure, in scales: what is that far off is simply another style
BY_SYLLABLE = "layout"  # compared syllable by syllable, the others over all of a font's together


class StyleDistance(Metric):
    """Distance of two fonts in pen, contour, terminals and layout; 1 is a typical pair of fonts.

    Each glyph is a row of histograms, see :mod:`hangeul_bench.metrics.style.glyph`, with lengths
    in median radii of its own pen (rho) unless said otherwise:

    - pen: the radius along the skeleton, in log2 pixels; in log2 rho; the same where strokes lie
      within 20 degrees of the horizontal, and beyond 70; the width 2.2, 3 and 4 rho behind the
      tip of a stroke;
    - contour: how far it turns over 2 pixels to either side, and over 6; its direction;
    - terminals: the width .2 and .4 rho behind the tip, and .7, 1.1 and 1.6; left less right of
      the stroke's axis at these five;
    - layout: the skeleton within its own frame, along both sides and both diagonals.

    The histograms of a font's glyphs are summed, and two fonts lie as far apart as the
    1-Wasserstein distance of the sums; the layout is compared syllable by syllable. Each measure
    is divided by its scale in :data:`SCALES` and capped at 3, as is one that only one side has; a
    column is the mean of its measures, ``style_distance`` the mean of the four columns. A glyph
    is missing if it has fewer than 20 pixels of ink, 10 points of skeleton or no closed contour.
    With the share m of syllables that one side alone lacks, a column is (1 - m) d + 3 m; what
    both lack says nothing.

    Range [0, 3]; 0 for the truth; lower is better. All glyphs given are taken as one font: score
    fonts one by one and take the mean over fonts. It does not move with the place of the glyph,
    and hardly with its size, which ``geometry_error`` sees.

    Source: own definition; skeleton: Zhang and Suen (1984).
    """

    full_state_update = False
    is_differentiable = False
    name = "style_distance"
    higher_is_better = False
    unit_range = (0.0, CAP)
    needs = None
    per_glyph: Literal[False] = False
    style_pred: Tensor
    style_target: Tensor
    style_by_syllable: Tensor
    style_counts: Tensor

    def __init__(self) -> None:
        super().__init__()
        zeros = torch.zeros(N_FEATURES, dtype=torch.float64)
        self.add_state("style_pred", default=zeros, dist_reduce_fx="sum")
        self.add_state("style_target", default=zeros.clone(), dist_reduce_fx="sum")
        self.add_state("style_by_syllable", default=zeros[0].clone(), dist_reduce_fx="sum")
        self.add_state("style_counts", default=torch.zeros(3).long(), dist_reduce_fx="sum")

    def signature(self) -> str:
        """Definition, version, scales, and the rule that thins the ink."""
        numbers = sorted(scale.items() for scale in SCALES.values())
        scales = hashlib.sha256(repr(numbers).encode()).hexdigest()[:8]
        return (
            f"style_distance[v1|{len(HISTOGRAMS)} measures|w1|cap:{CAP:g}|scales:{scales}"
            f"|skeletonize-zhang:{skeleton_rule()}|per-font|mean-font]"
        )

    def features(self, images: Tensor) -> Tensor:
        """(N, H, W) uint8, 0 = ink, 255 = paper => (N, D) float32 histograms, 0 where missing.

        Raises:
            UserError: ``images`` is not a uint8 tensor (N, H, W).
        """
        check_images(images, "images")
        rows = [glyph_row(page).astype(np.float32) for page in images.cpu().numpy()]
        return torch.from_numpy(np.stack(rows) if rows else np.zeros((0, N_FEATURES), np.float32))

    def distance(
        self, features_pred: npt.ArrayLike, features_target: npt.ArrayLike
    ) -> dict[str, float]:
        """Each of :data:`COLUMNS` of one font.

        Args:
            features_pred: (N, D) of :meth:`features`.
            features_target: (N, D), the true glyphs of the same syllables in the same order.
        """
        return _columns(_compare(np.asarray(features_pred), np.asarray(features_target)))

    def update(self, pred: Tensor, target: Tensor) -> None:
        """Add glyphs of a font.

        Args:
            pred: (N, H, W) uint8, 0 = ink, 255 = paper.
            target: (N, H, W) uint8, the same syllables in the true font.

        Raises:
            UserError: The two are not uint8 tensors of one shape (N, H, W).
        """
        check_pair(pred, target)
        sums = _compare(self.features(pred).numpy(), self.features(target).numpy())
        device = self.style_pred.device
        self.style_pred += torch.from_numpy(sums.pred).to(device)
        self.style_target += torch.from_numpy(sums.target).to(device)
        self.style_by_syllable += sums.by_syllable
        self.style_counts += torch.tensor([sums.compared, sums.missing, len(pred)]).to(device)

    def compute(self) -> dict[str, Tensor]:
        """Each of :data:`COLUMNS` over all glyphs so far, float64 scalars.

        Raises:
            UserError: There was no glyph.
        """
        compared, missing, n = self.style_counts.tolist()
        if not n:
            raise UserError(f"Expected glyphs for {self.name}, but got none; call update() first.")
        pred, target = self.style_pred.cpu().numpy(), self.style_target.cpu().numpy()
        sums = _Sums(pred, target, float(self.style_by_syllable), compared, missing)
        return {k: torch.tensor(v, dtype=torch.float64) for k, v in _columns(sums).items()}


@dataclass(frozen=True)
class _Sums:
    """What of a font's glyphs adds up.

    Attributes:
        pred: (D) histograms of the glyphs that both sides have.
        target: (D) the same of the truth.
        by_syllable: Sum of the distances that are taken syllable by syllable.
        compared: Number of glyphs that both sides have.
        missing: Number of those that one side alone has.
    """

    pred: Array
    target: Array
    by_syllable: float
    compared: int
    missing: int


def measure_distances(pred: npt.ArrayLike, target: npt.ArrayLike) -> dict[str, float]:
    """Each measure of one font in its own unit, before scales; infinite if one side alone has it.

    Args:
        pred: (N, D) features.
        target: (N, D) features of the same syllables, of which both sides have one at least.
    """
    return _measured(_compare(np.asarray(pred), np.asarray(target)))


def _compare(pred: npt.NDArray[np.floating], target: npt.NDArray[np.floating]) -> _Sums:
    has_pred, has_target = pred.any(axis=1), target.any(axis=1)
    both = has_pred & has_target
    sides = (pred[both], target[both])
    first, second = (histograms(side, BY_SYLLABLE) for side in sides)
    apart = HISTOGRAMS[BY_SYLLABLE][0].distance(first, second).mean(axis=-1)
    sums = [side.sum(axis=0, dtype=np.float64) for side in sides]
    missing = int((has_pred ^ has_target).sum())
    return _Sums(sums[0], sums[1], float(apart.sum()), int(both.sum()), missing)


def _columns(sums: _Sums) -> dict[str, float]:
    known = sums.compared + sums.missing
    missing = sums.missing / known if known else 0.0
    distances = _measured(sums) if sums.compared else dict.fromkeys(HISTOGRAMS, 0.0)
    columns = {}
    for column, scales in SCALES.items():
        parts = [min(distances[name] / scale, CAP) for name, scale in scales.items()]
        columns[column] = (1 - missing) * sum(parts) / len(parts) + missing * CAP
    return {"style_distance": sum(columns.values()) / len(columns), **columns}


def _measured(sums: _Sums) -> dict[str, float]:
    distances = {}
    for name, (axis, _) in HISTOGRAMS.items():
        if name == BY_SYLLABLE:
            distances[name] = sums.by_syllable / sums.compared
            continue
        pred, target = (histograms(side, name) for side in (sums.pred, sums.target))
        filled = [side.any(axis=-1).all() for side in (pred, target)]
        if all(filled):
            distances[name] = float(axis.distance(pred, target).mean())
        else:  # as the ends of strokes in a font of closed loops
            distances[name] = float("inf") if any(filled) else 0.0
    return distances
