"""Many closed polygons as one array, so that numpy works on all of them at once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]  # (P, 2): x to the right, y downwards, pixels of the image
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]
Values = NDArray[np.float64]

_EXACT = 2.0**24  # sums of a million values below 512 have their 53 bits


@dataclass(frozen=True)
class Rings:
    """Closed polygons one after the other.

    Attributes:
        points: (P, 2) float64.
        ring: (P,) which ring each point belongs to, ascending from 0.
        image: (R,) which image each ring belongs to, ascending.
    """

    points: Points
    ring: Index
    image: Index

    @cached_property
    def bounds(self) -> Index:
        """(R + 1,) index of each ring's first point, and the number of all points."""
        return np.searchsorted(self.ring, np.arange(len(self.image) + 1))

    @cached_property
    def before(self) -> Index:
        """(P,) index of the point before, around each ring."""
        before = np.arange(-1, len(self.points) - 1)
        before[self.bounds[:-1]] = self.bounds[1:] - 1
        return before

    @cached_property
    def after(self) -> Index:
        """(P,) index of the point after, around each ring."""
        after = np.arange(1, len(self.points) + 1)
        after[self.bounds[1:] - 1] = self.bounds[:-1]
        return after

    def walk(self, at: Index, steps: int) -> tuple[Index, Index]:
        """The points ``steps`` before and after those ``at``."""
        back = ahead = at
        for _ in range(steps):
            back, ahead = self.before[back], self.after[ahead]
        return back, ahead

    def with_points(self, points: Points) -> "Rings":
        """The same rings through other points."""
        moved = Rings(points, self.ring, self.image)
        for known in ("bounds", "before", "after"):
            if known in self.__dict__:
                moved.__dict__[known] = self.__dict__[known]
        return moved

    def keep(self, mask: Mask) -> "Rings":
        """Only the points in ``mask``; rings without any are left out."""
        good = np.bincount(self.ring[mask], minlength=len(self.image)) > 0
        number = np.cumsum(good) - 1
        return Rings(self.points[mask], number[self.ring[mask]], self.image[good])

    def areas(self) -> Values:
        """(R,) area of each ring, its sign by the way round."""
        products = cross(self.points, self.points[self.after])
        return np.bincount(self.ring, products, minlength=len(self.image)) / 2

    def evenly(self, step: float) -> "Rings":
        """The same rings with a point each ``step`` pixels."""
        length = exact(np.hypot(*(self.points[self.after] - self.points).T))
        way = np.append(0.0, np.cumsum(length))
        around = way[self.bounds[1:]] - way[self.bounds[:-1]]
        counts = np.maximum(np.rint(around / step).astype(np.int64), 4)
        ring = np.repeat(np.arange(len(counts)), counts)
        nth = np.arange(len(ring)) - (np.cumsum(counts) - counts)[ring]
        at = way[self.bounds[:-1]][ring] + exact(nth * (around / counts)[ring])
        side = np.searchsorted(way, at, side="right") - 1
        side = side.clip(self.bounds[:-1][ring], self.bounds[1:][ring] - 1)
        share = ((at - way[side]) / np.maximum(length[side], 1e-12))[:, None]
        points = self.points[side] * (1 - share) + self.points[self.after[side]] * share
        return Rings(points, ring, self.image)

    def from_first(self, mask: Mask) -> Index:
        """(P,) order of the points in which each ring starts with its first one in ``mask``."""
        at = np.flatnonzero(mask)
        rings, first = np.unique(self.ring[at], return_index=True)
        shift = np.zeros(len(self.image), np.int64)
        shift[rings] = at[first] - self.bounds[rings]
        start, count = self.bounds[:-1][self.ring], np.diff(self.bounds)[self.ring]
        return start + (np.arange(len(self.ring)) - start + shift[self.ring]) % count

    def turns(self, arm: int) -> Values:
        """(P,) cosine of the angle between the ``arm`` steps before and after each point."""
        back, ahead = self.walk(np.arange(len(self.points)), arm)
        into, out = self.points - self.points[back], self.points[ahead] - self.points
        lengths = np.hypot(into[:, 0], into[:, 1]) * np.hypot(out[:, 0], out[:, 1])
        cosines: Values = (into * out).sum(axis=1) / np.maximum(lengths, 1e-12)
        return cosines

    def averaged(self, values: Values, reach: int) -> Values:
        """(P,) mean over the ``reach`` points before and after each."""
        total = values.copy()
        back = ahead = np.arange(len(values))
        for _ in range(reach):
            back, ahead = self.before[back], self.after[ahead]
            total += values[back] + values[ahead]
        return total / (2 * reach + 1)

    def widened(self, mask: Mask, reach: int) -> Mask:
        """``mask`` and the ``reach`` points at either side of it."""
        for _ in range(reach):
            mask = mask | mask[self.before] | mask[self.after]
        return mask


def exact(values: Values) -> Values:
    """Values whose sums are exact, so that none depends on what else was added up."""
    rounded: Values = np.rint(values * _EXACT) / _EXACT
    return rounded


def cross(one: Points, other: Points) -> Values:
    """Cross product of vectors, (..., 2) each."""
    product: Values = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return product
