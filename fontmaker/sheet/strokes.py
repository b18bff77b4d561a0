"""Tell whose ink is whose on a sheet: connected strokes, and the box that most of each lies in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fontmaker.photograph import Grey, Mask
from fontmaker.sheet.layout import Box, label

Owners = NDArray[np.int16]  # (H, W): a box's number, or -1
Place = tuple[float, float, float, float]  # left, top, right, bottom in millimetres

_SURE = 0.25  # how much darker than paper some of each stroke is; a soft pencil has 0.3
_FAINT = 0.14, 0.4  # how dark the rest of it is: at least, and as a part of the box's ink
_RIM = 0.4  # millimetres around a stroke that hold its soft edge
_SPECK = 0.035  # of a box's side; the smallest tick is longer
_STROKE = 0.15  # of a box's side; every syllable has one at least as long
_SLIT = 0.2  # of a stroke's width; the counter of a small ring is wider
_OVER = 7.0  # millimetres beyond a box that its strokes are followed; the code is 8 away
_SHARED = 0.3  # of a stroke in a second box: the ink of two boxes is joined


@dataclass(frozen=True)
class Written:
    """The ink of one box.

    Attributes:
        grey: (H, W) float32, 0 = ink, 255 = paper: the box and what its strokes reach beyond it.
        mask: (H, W) bool, where ink is.
        notes: What is odd about it, one phrase each.
    """

    grey: Grey
    mask: Mask
    notes: tuple[str, ...]


def written_in(depth: Grey, boxes: Sequence[Box], dots: float) -> dict[str, Written | None]:
    """What is written in each box; None where nothing is.

    Args:
        depth: (H, W) float32, 0 = paper, 1 = black: a sheet laid flat, without guides.
        boxes: Its boxes.
        dots: Pixels a millimetre.
    """
    strokes = _Strokes(depth, boxes, dots)
    return {box.syllable: strokes.of(number, box) for number, box in enumerate(boxes)}


def _frame(box: Box) -> Place:
    return box.left, box.top, box.left + box.side, box.top + box.side


def _nearest_box(shape: tuple[int, ...], boxes: Sequence[Box], dots: float) -> Owners:
    """(H, W): the number of the nearest box, or -1 where none is near."""
    y, x = (np.arange(side)[:, None] / dots for side in shape[:2])
    nearest = np.full(shape, -1, np.int16)
    least = np.full(shape, np.inf, np.float32)
    for number, box in enumerate(boxes):
        across = np.maximum(box.left - x, x - box.left - box.side)[:, 0]
        down = np.maximum(box.top - y, y - box.top - box.side)[:, 0]
        away = np.maximum(down[:, None], across[None]).astype(np.float32)
        closer = (away < least) & (away <= _OVER)
        nearest[closer], least = number, np.minimum(least, away)
    return nearest


def _numbered(places: Sequence[Place], shape: tuple[int, ...], dots: float) -> Owners:
    """(H, W): the number of the place that a pixel lies in, or -1."""
    numbers = np.full(shape, -1, np.int16)
    for number, edges in enumerate(places):
        left, top, right, bottom = (round(edge * dots) for edge in edges)
        numbers[top:bottom, left:right] = number
    return numbers


def _ink(depth: Grey, nearest: Owners, framed: Owners, count: int) -> Mask:
    """Where ink is, each box by its own darkness."""
    level = np.full(count + 1, 1.0, np.float32)  # the last one is for what is near no box
    for number in range(count):
        dark = depth[(framed == number) & (depth > _SURE)]
        level[number] = np.percentile(dark, 75) if dark.size else 1.0
    least, part = _FAINT
    mask: Mask = (depth > np.maximum(least, part * level)[nearest]) & (nearest >= 0)
    return mask


class _Strokes:
    """Connected ink of a sheet, numbered from 1, and how much of each lies where."""

    def __init__(self, depth: Grey, boxes: Sequence[Box], dots: float) -> None:
        self._depth, self._boxes, self._dots = depth, boxes, dots
        self._nearest = _nearest_box(depth.shape, boxes, dots)
        framed = _numbered([_frame(box) for box in boxes], depth.shape, dots)
        printed = _numbered([label(box) for box in boxes], depth.shape, dots)
        ink = _ink(depth, self._nearest, framed, len(boxes))
        self._labels, count = ndimage.label(ink, structure=np.ones((3, 3)))
        around, print_ = (self._counted(owners, count) for owners in (self._nearest, printed))
        total = np.maximum(around.sum(axis=1), 1)
        self._owner = around.argmax(axis=1)
        self._shared = around >= _SHARED * total[:, None]  # (count + 1, boxes)
        self._shared &= (self._shared.sum(axis=1) > 1)[:, None]
        self._long = np.zeros(count + 1)
        for number, (rows, columns) in enumerate(ndimage.find_objects(self._labels), start=1):
            self._long[number] = max(rows.stop - rows.start, columns.stop - columns.start)
        self._kept = print_.sum(axis=1) < total / 2
        self._kept &= np.isin(np.arange(count + 1), self._labels[depth > _SURE])
        self._kept[0] = False

    def of(self, number: int, box: Box) -> Written | None:
        """The ink of one box."""
        side = box.side * self._dots
        mine = self._kept & (self._long >= _SPECK * side)
        shared = mine & self._shared[:, number]
        whole = mine & (self._owner == number) & ~shared
        if not (self._long[whole | shared] >= _STROKE * side).any():
            return None
        window = self._window(box)
        labels = self._labels[window]
        mask = _filled(whole[labels] | (shared[labels] & (self._nearest[window] == number)))
        notes = self._notes(box, mask, window, shared)
        return Written(self._image(mask, window), mask, notes)

    def _counted(self, owners: Owners, count: int) -> NDArray[np.int64]:
        """(count + 1, boxes): pixels of each stroke by owner."""
        width = len(self._boxes) + 1
        both = self._labels.ravel().astype(np.int64) * width + (owners.ravel() + 1)
        return np.bincount(both, minlength=(count + 1) * width).reshape(-1, width)[:, 1:]

    def _window(self, box: Box) -> tuple[slice, slice]:
        over = 2 * _OVER
        low = [max(0, round((at - over) * self._dots)) for at in (box.top, box.left)]
        high = [round((at + box.side + over) * self._dots) for at in (box.top, box.left)]
        return slice(low[0], high[0]), slice(low[1], high[1])

    def _notes(
        self, box: Box, mask: Mask, window: tuple[slice, slice], shared: NDArray[np.bool_]
    ) -> tuple[str, ...]:
        notes = []
        if shared.any():
            notes.append("its ink is joined to that of the next box")
        left, top, right, bottom = (round(edge * self._dots) for edge in label(box))
        y, x = window[0].start, window[1].start
        if mask[max(top - y, 0) : bottom - y, left - x : right - x].any():
            notes.append("its ink meets what is printed above the box")
        rim = ndimage.binary_dilation(mask) & (self._nearest[window] < 0)
        if rim.any():
            notes.append("its ink goes on too far beyond the box")
        return tuple(notes)

    def _image(self, mask: Mask, window: tuple[slice, slice]) -> Grey:
        """Ink black and paper white, grey levels at the edges kept."""
        depth = self._depth[window]
        black = float(np.median(depth[mask & (depth >= np.median(depth[mask]))]))
        near = ndimage.binary_dilation(mask, iterations=round(_RIM * self._dots))
        slits = ndimage.binary_dilation(mask & (self._labels[window] == 0), iterations=3)
        depth = np.where(slits & mask, np.maximum(depth, black), depth)
        others = (self._labels[window] > 0) & ~mask
        rim = near & ~ndimage.binary_dilation(others & near)
        paper = depth[~near & (self._nearest[window] >= 0) & (self._labels[window] == 0)]
        white = min(float(np.percentile(paper, 90)) if paper.size else 0.0, black / 3)
        ink = ((depth - white) / (black - white)).clip(0, 1)
        image: Grey = np.where(mask | rim, 255 * (1 - ink), 255).astype(np.float32)
        return image


def _filled(mask: Mask) -> Mask:
    """The same strokes without the slits that an app which sharpens leaves in their middle."""
    inside = ndimage.distance_transform_edt(mask)
    width = 2 * float(np.percentile(inside[mask], 90))
    labels, count = ndimage.label(~mask)
    if count < 2:
        return mask
    reach = ndimage.maximum(ndimage.distance_transform_edt(~mask), labels, np.arange(count + 1))
    slit = 2 * np.asarray(reach) <= max(_SLIT * width, 2)
    slit[0] = False
    filled: Mask = mask | slit[labels]
    return filled
