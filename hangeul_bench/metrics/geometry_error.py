"""How far a font's geometry (stroke, density, slant, box) is from that of the target font."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from hangeul_bench.base.images import INK_BELOW
from hangeul_bench.metrics.base import Array, DistributionMetric, in_chunks

_CHUNK = 64
_Whole = npt.NDArray[np.unsignedinteger]

# What is measured of a glyph -> its scale: the standard deviation, between the 125 training fonts
# of the open corpus, of a font's mean over the 60 seen syllables of the lite track at 128 pixels.
SCALES = {
    "stroke_width": 3.61,  # pixels
    "stroke_contrast": 0.0222,  # ratio
    "ink_density": 0.0894,  # share of the page
    "slant": 0.0219,  # tangent
    "box_width": 0.0823,  # share of the page's width
    "box_height": 0.0588,  # share of the page's height
}


class GeometryError(DistributionMetric):
    """Distance of two fonts in six plain measures, in units of the spread between fonts.

    It sees neither the pen nor the ends of strokes: a plain font made as heavy and as large as
    the target has a low one. Style is what ``style_distance`` measures.

    Of each glyph are measured, with ink where the value is below 128:

    - stroke_width: 4 x mean(r), where r is the distance of an ink pixel to the nearest paper
      (Euclidean distance transform - 0.5; outside the page is paper): the width of a straight
      stroke, in pixels; in a glyph of several widths their mean by area;
    - stroke_contrast: sqrt(3 mean(r^2)) / (2 mean(r)): 1 for one width, more for thick and thin;
    - ink_density: mean of 1 - value / 255 over the page;
    - slant: sum(gx gy) / sum(gx^2) over the pixels where |gx| > |gy|, g the Sobel gradient of the
      values: the tangent by which stems lean from the vertical;
    - box_width, box_height: of the ink's bounding box, as shares of the page.

    A page without ink has no stroke, density, slant or box (all 0).

    Of each measure, the glyphs of a font have a mean m and a population standard deviation s. The
    error is the mean over the six measures of

        sqrt((m_pred - m_target)^2 + (s_pred - s_target)^2) / scale,

    the Frechet distance of the measure in the two fonts, divided by :data:`SCALES`: 1 is the
    difference of two fonts taken at random, roughly. It is dimensionless, 0 for the truth, has no
    upper bound; lower is better. All glyphs given are taken as one font: score fonts one by one
    and take the mean over fonts.

    Source: own definition.
    """

    name = "geometry_error"

    def signature(self) -> str:
        """Definition and version; v1 was ``style_error``, which had the box's centre, too."""
        return f"geometry_error[v2|{len(SCALES)} measures|mean+std|per-font|mean-font]"

    def distance(self, features_pred: npt.ArrayLike, features_target: npt.ArrayLike) -> float:
        """The geometry error of one font.

        Args:
            features_pred: (N, 6) of :meth:`features`.
            features_target: (M, 6), the true glyphs.
        """
        pred, target = (np.asarray(x, dtype=np.float64) for x in (features_pred, features_target))
        each = np.hypot(pred.mean(0) - target.mean(0), pred.std(0) - target.std(0))
        return float((each / np.array(list(SCALES.values()))).mean())

    def _features(self, images: Tensor) -> Tensor:
        return in_chunks(lambda x: torch.from_numpy(measure(x.cpu().numpy())), images, size=_CHUNK)


def measure(images: npt.NDArray[np.uint8]) -> Array:
    """The six measures of :data:`SCALES` of glyphs (N, H, W) uint8: (N, 6) float64."""
    ink = images < INK_BELOW
    width, contrast = _strokes(ink)
    density = 1 - images.mean(axis=(1, 2), dtype=np.float64) / 255
    box_width, box_height = _extent(np.any(ink, axis=1)), _extent(np.any(ink, axis=2))
    columns = (width, contrast, density, _slant(images), box_width, box_height)
    return np.stack(columns, axis=1)


def _strokes(ink: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """Width and contrast of the strokes on pages (N, H, W): (N,) each."""
    # A frame of paper, each page's upper and the right one left to what follows.
    framed = np.pad(ink, ((0, 0), (1, 0), (1, 1)))
    distance = np.sqrt(squared_distances(framed), dtype=np.float64) - 0.5
    radius = np.where(framed, distance, 0.0).reshape(len(ink), -1)
    n_ink = np.maximum(ink.sum(axis=(1, 2)), 1)
    mean, squares = radius.sum(1) / n_ink, np.square(radius).sum(1) / n_ink
    contrast = np.divide(np.sqrt(3 * squares), 2 * mean, out=np.zeros(len(ink)), where=mean > 0)
    return 4 * mean, contrast


def squared_distances(ink: npt.NDArray[np.bool_]) -> _Whole:
    """Squared distance of each ink pixel to the nearest paper, in pixels: (N, H, W).

    Columns first, then the least over the columns beside, as far as any stroke reaches.

    Args:
        ink: (N, H, W), the first and last column of paper; above and below the page is paper.

    Source: Saito and Toriwaki, New algorithms for Euclidean distance transformation (1994).
    """
    height, width = ink.shape[1:]
    # Two squares of half a page's side are added at most.
    whole = np.uint16 if max(height, width) <= 256 else np.uint32
    up: _Whole = ink.astype(whole)
    down: _Whole = up.copy()
    for y in range(1, height):
        up[:, y] *= up[:, y - 1] + 1
        down[:, -1 - y] *= down[:, -y] + 1
    columns: _Whole = np.square(np.minimum(up, down))
    nearest = columns.copy()
    for x in range(1, width):
        if x * x >= nearest.max(initial=0):
            break
        beside = columns + whole(x * x)
        np.minimum(nearest[:, :, x:], beside[:, :, :-x], out=nearest[:, :, x:])
        np.minimum(nearest[:, :, :-x], beside[:, :, x:], out=nearest[:, :, :-x])
    return nearest


def _slant(images: npt.NDArray[np.uint8]) -> Array:
    """Tangent of the lean of stems on pages (N, H, W): (N,)."""
    x = images.astype(np.float32)
    # Sobel: a difference in one direction of what is smoothed (1, 2, 1) in the other.
    columns = x[:, :, 2:] - x[:, :, :-2]
    rows = x[:, 2:] - x[:, :-2]
    gx = columns[:, 2:] + 2 * columns[:, 1:-1] + columns[:, :-2]
    gy = rows[:, :, 2:] + 2 * rows[:, :, 1:-1] + rows[:, :, :-2]
    gx[np.abs(gx) <= np.abs(gy)] = 0
    # Sums row by row in float64 keep the answer free of the size of the batch.
    along = (gx * gy).sum(axis=2, dtype=np.float64).sum(axis=1)
    across = np.square(gx).sum(axis=2, dtype=np.float64).sum(axis=1)
    slant: Array = np.divide(along, across, out=np.zeros(len(x)), where=across > 0)
    return slant


def _extent(inked: npt.NDArray[np.bool_]) -> Array:
    """Length of the inked stretch of rows or columns (N, L), as a share of L."""
    size = inked.shape[1]
    first, last = inked.argmax(axis=1), size - inked[:, ::-1].argmax(axis=1)
    return np.where(inked.any(axis=1), (last - first) / size, 0.0)
