"""How far a font's style is from the target font's: its pen, contour, terminals and layout."""

import hashlib
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hangeul_bench.metrics.base import DistributionMetric, GlyphPair
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
CAP = 3.0  # of each measure, in scales: what is that far off is simply another style
BY_SYLLABLE = "layout"  # compared syllable by syllable, the others over all of a font's together


class StyleDistance(DistributionMetric):
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

    name = "style_distance"

    def signature(self) -> str:
        """Definition, version, scales, and the rule that thins the ink."""
        numbers = sorted(scale.items() for scale in SCALES.values())
        scales = hashlib.sha256(repr(numbers).encode()).hexdigest()[:8]
        return (
            f"style_distance[v1|{len(HISTOGRAMS)} measures|w1|cap:{CAP:g}|scales:{scales}"
            f"|skeletonize-zhang:{skeleton_rule()}|per-font|mean-font]"
        )

    def distance(
        self, features_pred: npt.ArrayLike, features_target: npt.ArrayLike
    ) -> dict[str, float]:
        """Each of its columns of one font.

        Args:
            features_pred: (N, D) of :meth:`features`.
            features_target: (N, D), the true glyphs of the same syllables in the same order.
        """
        pred, target = np.asarray(features_pred), np.asarray(features_target)
        has_pred, has_target = pred.any(axis=1), target.any(axis=1)
        known, both = int((has_pred | has_target).sum()), has_pred & has_target
        missing = int((has_pred ^ has_target).sum()) / known if known else 0.0
        zero = dict.fromkeys(HISTOGRAMS, 0.0)
        distances = measure_distances(pred[both], target[both]) if both.any() else zero
        columns = {}
        for column, scales in SCALES.items():
            parts = [min(distances[name] / scale, CAP) for name, scale in scales.items()]
            columns[column] = (1 - missing) * sum(parts) / len(parts) + missing * CAP
        return {self.name: sum(columns.values()) / len(columns), **columns}

    def update(self, pred: Tensor, target: Tensor) -> None:
        """Add glyphs of a font.

        Args:
            pred: (N, H, W) uint8, 0 = ink, 255 = paper.
            target: (N, H, W) uint8, the same syllables in the true font.

        Raises:
            UserError: The two are not uint8 tensors of one shape (N, H, W).
        """
        GlyphPair(pred, target)  # refuses what is no pair
        super().update(pred, target)

    def _features(self, images: Tensor) -> Tensor:
        """(N, D) float32 histograms, 0 where the glyph is missing."""
        rows = [glyph_row(page).astype(np.float32) for page in images.cpu().numpy()]
        return torch.from_numpy(np.stack(rows) if rows else np.zeros((0, N_FEATURES), np.float32))


def measure_distances(
    pred: npt.NDArray[np.floating], target: npt.NDArray[np.floating]
) -> dict[str, float]:
    """Each measure of one font in its own unit, before scales; infinite if one side alone has it.

    Args:
        pred: (N, D) features of one or more glyphs.
        target: (N, D) features of the same syllables.
    """
    sums = [side.sum(axis=0, dtype=np.float64) for side in (pred, target)]
    distances = {}
    for name, (axis, _) in HISTOGRAMS.items():
        by_syllable = name == BY_SYLLABLE
        sides = [histograms(x, name) for x in ((pred, target) if by_syllable else sums)]
        filled = [side.any(axis=-1).all() for side in sides]
        if by_syllable or all(filled):
            distances[name] = float(axis.distance(*sides).mean(axis=-1).mean())
        else:  # as the ends of strokes in a font of closed loops
            distances[name] = float("inf") if any(filled) else 0.0
    return distances
