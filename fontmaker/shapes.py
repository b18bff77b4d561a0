"""Glyphs on their way into a font: integer outlines in font units, and what is done to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontmaker.outline import TOP, UNITS, Outline, trace
from fontmaker.reference import Advance
from fontmaker.rings import Rings
from fontmaker.spacing import ink_spans
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress

_SHARPEST = 4.0  # times the offset that a tip may move, as in FreeType's emboldening


@dataclass(frozen=True)
class Shape:
    """A glyph.

    Attributes:
        advance: Font units.
        points: (P, 2) int64, y upwards, font units.
        on_curve: (P,) bool.
        ends: Index of each contour's last point.
    """

    advance: int
    points: NDArray[np.int64]
    on_curve: NDArray[np.bool_]
    ends: tuple[int, ...]

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x_min, y_min, x_max, y_max of all points; zeros if there are none."""
        if not len(self.points):
            return 0, 0, 0, 0
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def to_glyph(self) -> Any:
        """The glyph of fontTools' ``glyf`` table."""
        from array import array

        from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphCoordinates
        from fontTools.ttLib.tables.ttProgram import Program

        glyph = Glyph()
        glyph.numberOfContours = len(self.ends)
        if self.ends:
            glyph.coordinates = GlyphCoordinates(self.points.tolist())
            glyph.flags = array("B", self.on_curve.astype(np.uint8).tobytes())
            glyph.endPtsOfContours = list(self.ends)
            glyph.program = Program()
            glyph.program.fromBytecode(b"")
            glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax = self.box
        return glyph


@dataclass(frozen=True)
class Traced:
    """Syllables as shapes.

    Attributes:
        shapes: Syllable to shape, in code-point order.
        offsets: Syllable to where its image's left edge stands, font units from the origin.
    """

    shapes: Mapping[str, Shape]
    offsets: Mapping[str, int]

    def with_others(self, others: "Traced") -> "Traced":
        """The same with other shapes for some syllables."""
        return Traced({**self.shapes, **others.shapes}, {**self.offsets, **others.offsets})


def trace_syllables(
    images: Glyphs, syllables: Sequence[str], advance: Advance, *, progress: Progress
) -> Traced:
    """Trace syllables and space them.

    Args:
        images: (N, 128, 128) uint8, 0 = ink, 255 = paper.
        syllables: (N) which they are, in code-point order.
        advance: How far they move the pen.
        progress: Counts glyphs.
    """
    shapes, offsets = {}, {}
    spans = ink_spans(images)
    for syllable, outline, span in zip(syllables, trace(images), spans, strict=True):
        offset, width = advance.place(*(float(edge) for edge in span))
        shapes[syllable] = from_outline(outline, offset, width)
        offsets[syllable] = offset
        progress.advance()
    return Traced(shapes, offsets)


def blank(advance: int) -> Shape:
    """A glyph without ink."""
    return Shape(advance, np.empty((0, 2), np.int64), np.empty(0, bool), ())


def rectangles(advance: int, boxes: tuple[tuple[int, int, int, int], ...]) -> Shape:
    """Boxes (left, bottom, right, top), each the other way round than the one before it."""
    corners = []
    for number, (left, bottom, right, top) in enumerate(boxes):
        ring = [(left, bottom), (left, top), (right, top), (right, bottom)]
        corners += ring if number % 2 == 0 else ring[::-1]
    ends = tuple(range(3, 4 * len(boxes), 4))
    return Shape(advance, np.array(corners, np.int64), np.ones(len(corners), bool), ends)


def from_outline(outline: Outline, offset: int, advance: int) -> Shape:
    """An outline traced from an image, which stands ``offset`` units right of the origin."""
    points = outline.points * (UNITS, -UNITS) + (offset, TOP)
    whole = np.rint(points).astype(np.int64)
    return _without_doubles(Shape(advance, whole, outline.on_curve, outline.ends))


def transformed(shape: Shape, *, scale: float, bolder: float) -> Shape:
    """A shape scaled about its origin, its strokes then ``bolder`` units thicker.

    A point moves along the bisector of its sides, as far as both sides move outwards.
    """
    points = shape.points.astype(np.float64) * scale
    advance = round(shape.advance * scale + bolder)
    if bolder and len(points):
        points = points + _outwards(shape, points) * (bolder / 2) + (bolder / 2, 0)
    moved = Shape(advance, np.rint(points).astype(np.int64), shape.on_curve, shape.ends)
    return _without_doubles(moved)


def _outwards(shape: Shape, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(P, 2) how points move when every side moves by 1 to its left, out of the ink."""
    lengths = np.diff(shape.ends, prepend=-1)
    rings = Rings(points, np.repeat(np.arange(len(lengths)), lengths), np.zeros(len(lengths), int))
    sides = points[rings.after] - points
    length = np.hypot(sides[:, 0], sides[:, 1])[:, None]
    ahead = sides / np.maximum(length, 1e-9)
    back = ahead[rings.before]
    bisector = (ahead + back) @ np.array([[0.0, 1.0], [-1.0, 0.0]])  # to the left: (-y, x)
    square = np.square(bisector).sum(axis=1, keepdims=True)
    move: NDArray[np.float64] = 2 * bisector / np.maximum(square, 4 / _SHARPEST**2)
    return move


def _without_doubles(shape: Shape) -> Shape:
    """Leave out points that rounding put on the one before, and contours of less than three."""
    if not shape.ends:
        return shape
    lengths = np.diff(shape.ends, prepend=-1)
    ring = np.repeat(np.arange(len(lengths)), lengths)
    rings = Rings(shape.points.astype(np.float64), ring, np.zeros(len(lengths), np.int64))
    same = (shape.points == shape.points[rings.before]).all(axis=1)
    # Of two that fell together the one on the curve stays; a ring's first point always is.
    first = np.zeros(len(ring), bool)
    first[rings.bounds[:-1]] = True
    keep = ~(same & ~first)
    counts = np.bincount(ring[keep], minlength=len(lengths))
    keep &= (counts >= 3)[ring]
    ends = np.cumsum(counts[counts >= 3]) - 1
    return Shape(shape.advance, shape.points[keep], shape.on_curve[keep], tuple(ends.tolist()))
