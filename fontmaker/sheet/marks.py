"""Find the four finder marks of a sheet in a photograph, and the way from millimetres to pixels."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fontmaker.photograph import Grey
from fontmaker.sheet.layout import marks

Points = NDArray[np.float64]  # (N, 2): x, y

_DARK = 0.55  # of its surrounding paper's brightness; a print's black has 0.1 to 0.35
_AROUND = 1 / 18  # of the picture's longer side: how far off paper is looked for
_SMALLEST = 5  # pixels a side of a mark's core
_OTHERS = 8  # likely marks among which the four are chosen


def paper_share(grey: Grey) -> Grey:
    """Brightness of each pixel as a part of the paper's around it: (H, W) in [0, 1]."""
    step = max(1, max(grey.shape) // 512)
    height, width = (side // step * step for side in grey.shape)
    blocks = grey[:height, :width].reshape(height // step, step, width // step, step)
    small = blocks.mean(axis=(1, 3))
    paper = paper_around(small, 2 * round(_AROUND * max(small.shape) / 2) + 1)
    zoomed = ndimage.zoom(paper, step, order=1) if step > 1 else paper
    rows, columns = (s - z for s, z in zip(grey.shape, zoomed.shape, strict=True))
    paper = np.pad(zoomed, ((0, max(rows, 0)), (0, max(columns, 0))), mode="edge")
    paper = paper[: grey.shape[0], : grey.shape[1]]
    share: Grey = (grey / np.maximum(paper, 1)).clip(0, 1).astype(np.float32)
    return share


def paper_around(grey: Grey, reach: int) -> Grey:
    """The brightness of paper where ink narrower than ``reach`` pixels covers it.

    A closing fills strokes and leaves a shadow's edge where it is, as a mean would not.
    """
    calm = ndimage.gaussian_filter(grey, 1.0, mode="nearest")  # noise would count as paper
    paper: Grey = ndimage.grey_closing(calm, size=(reach, reach), mode="nearest")
    return paper


def find_marks(share: Grey) -> Points:
    """The middles of finder marks, the likeliest first: (N, 2) x and y in pixels.

    A mark is a dark ring around a dark square three sevenths as wide, with one middle.

    Args:
        share: (H, W) float32 from :func:`paper_share`.
    """
    labels, count = ndimage.label(share < _DARK, structure=np.ones((3, 3)))
    if not count:
        return np.empty((0, 2))
    areas = np.bincount(labels.ravel(), minlength=count + 1)[1:].astype(np.float64)
    slices = ndimage.find_objects(labels)
    edges = np.array([(s[0].start, s[0].stop, s[1].start, s[1].stop) for s in slices], np.float64)
    size = np.stack([edges[:, 3] - edges[:, 2], edges[:, 1] - edges[:, 0]], axis=1)  # width, height
    middle = np.stack([edges[:, 2] + edges[:, 3], edges[:, 0] + edges[:, 1]], axis=1) / 2
    core = (size.min(axis=1) >= _SMALLEST) & (areas > 0.4 * size.prod(axis=1))
    found = []
    for inner in np.flatnonzero(core):
        ratio = size / size[inner]
        near = np.abs(middle - middle[inner]) < 0.25 * size[inner]
        ring = (np.abs(ratio - 7 / 3) < 0.6).all(axis=1) & near.all(axis=1)
        ring &= np.abs(areas / areas[inner] - 24 / 9) < 1.2
        for outer in np.flatnonzero(ring):
            where = slices[outer]
            both = (labels[where] == outer + 1) | (labels[where] == inner + 1)
            y, x = ndimage.center_of_mass(both)
            found.append((areas[outer], where[1].start + x + 0.5, where[0].start + y + 0.5))
    found.sort(reverse=True)
    return np.array([(x, y) for _, x, y in found]).reshape(-1, 2)


def corners(found: Points) -> Points | None:
    """The four marks that span most, clockwise as seen from above; None if there are fewer.

    Args:
        found: (N, 2) from :func:`find_marks`.
    """
    if len(found) < 4:
        return None
    best = max(combinations(range(min(len(found), _OTHERS)), 4), key=lambda c: _area(found[[*c]]))
    return _clockwise(found[[*best]])


def homography(there: Points) -> NDArray[np.float64]:
    """(3, 3) from millimetres of the sheet to pixels, by its four marks.

    Args:
        there: (4, 2) the middles of the marks in pixels, in the order of :func:`layout.marks`.
    """
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(marks(), there, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, -u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, -v])
    matrix: NDArray[np.float64] = np.linalg.svd(np.array(rows))[2][-1].reshape(3, 3)
    return matrix


def to_pixels(matrix: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 2) millimetres to (..., 2) pixels."""
    projected = np.concatenate([places, np.ones((*places.shape[:-1], 1))], axis=-1) @ matrix.T
    pixels: NDArray[np.float64] = projected[..., :2] / projected[..., 2:]
    return pixels


def _clockwise(points: Points) -> Points:
    away = points - points.mean(axis=0)
    return points[np.argsort(np.arctan2(away[:, 1], away[:, 0]))]  # y points downwards


def _area(points: Points) -> float:
    ring = _clockwise(points)
    x, y = ring.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2
