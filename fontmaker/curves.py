"""From grey images to outlines as designers draw them: few points, and one at every extremum.

An outline is cut at its corners and where it turns back in x or y. Each part between two cuts
becomes a line or cubic curves whose control points stay within the box of the curve's ends, so
that no curve has an extremum but at its ends.

Source of the fit: P. Schneider, "An algorithm for automatically fitting digitized curves",
Graphics Gems, 1990.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fontmaker.outline import smooth_rings
from fontmaker.rings import Mask, Points, Values
from hangeul_bench.base.images import Glyphs

Point = tuple[float, float]
# Control points, if any, and where it ends; it begins where the one before ends.
Segment = tuple[Point, ...]
Contour = tuple[Segment, ...]  # closed: it begins where its last segment ends
TOLERANCES = (0.2, 0.35, 0.6, 1.0, 1.7)  # pixels that a curve may leave the image's outline
_BATCH = 16  # images traced at once
_LEAST_TURN = 0.3  # pixels; an outline that turns back by less has an extremum by chance
_FLAT = 0.05  # pixels; of an extremum as flat as this the middle is taken
_STRAIGHT = 0.7  # of the tolerance that the points of a line may leave it
_FITS = 3  # of a curve, each from better places along it than the one before
_QUADRATIC = 0.5  # of the tolerance that quadratic curves may leave the cubic one
_ACROSS, _ALONG = (1.0, 0.0), (0.0, 1.0)


@dataclass(frozen=True)
class Curves:
    """What one image draws.

    Attributes:
        contours: In pixels of the image, y downwards; seen on the image, those around ink run
            counter-clockwise.
        fine: The same as near to the image as curves come, cubic.
    """

    contours: tuple[Contour, ...]
    fine: tuple[Contour, ...]


def count_points(contours: Sequence[Contour]) -> int:
    """Points of an outline, on and off the curve, as a font's file has them."""
    return sum(len(segment) for contour in contours for segment in contour)


def draw_contours(contours: Sequence[Contour], pen: Any, *, quadratic: bool) -> None:
    """Draw contours with a segment pen."""
    for contour in contours:
        pen.moveTo(contour[-1][-1])
        for number, segment in enumerate(contour):
            if len(segment) > 1:
                (pen.qCurveTo if quadratic else pen.curveTo)(*segment)
            elif number < len(contour) - 1:  # closing draws the last line
                pen.lineTo(segment[0])
        pen.closePath()


def trace_curves(
    images: Glyphs, *, quadratic: bool, most_points: float = float("inf")
) -> Iterator[Curves]:
    """Trace images, one after the other.

    Args:
        images: (N, H, W) uint8, 0 = ink, 255 = paper.
        quadratic: Whether curves are quadratic, as in TrueType, or cubic.
        most_points: A glyph with more is traced less closely, as far as :data:`TOLERANCES` go.
    """
    for start in range(0, len(images), _BATCH):
        batch = images[start : start + _BATCH]
        rings, corner = smooth_rings(batch)
        parts = [slice(a, b) for a, b in pairwise(rings.bounds.tolist())]
        for number in range(len(batch)):
            own = [parts[ring] for ring in np.flatnonzero(rings.image == number).tolist()]
            outline = [(rings.points[part], corner[part]) for part in own]
            yield _within(outline, quadratic=quadratic, most_points=most_points)


def _within(outline: list[tuple[Points, Mask]], *, quadratic: bool, most_points: float) -> Curves:
    fine: tuple[Contour, ...] | None = None
    for tolerance in TOLERANCES:
        cubic = tuple(filter(None, (_contour(*ring, tolerance) for ring in outline)))
        fine = cubic if fine is None else fine
        contours = tuple(_quadratic(c, tolerance) for c in cubic) if quadratic else cubic
        if count_points(contours) <= most_points:
            break
    return Curves(contours, fine or ())


def _contour(points: Points, corner: Mask, tolerance: float) -> Contour:
    """One ring as lines and cubic curves."""
    if not corner.any():
        first = _middle(points[:, 0].tolist(), int(points[:, 0].argmax()))
        points, corner = np.roll(points, -first, axis=0), np.roll(corner, -first)
    closed = np.concatenate([points, points[:1]])
    cuts = _cuts(closed, corner, tolerance)
    segments: list[Segment] = []
    for (start, into), (end, out) in pairwise(cuts):
        part = closed[start : end + 1]
        segments += _fitted(part, _inwards(part, into), _inwards(part[::-1], out), tolerance)
    return tuple(segments) if len(segments) > 1 else ()


_Cut = tuple[int, Point | None]  # index of a point, and the direction of the outline there


def _cuts(closed: Points, corner: Mask, tolerance: float) -> list[_Cut]:
    """Corners, whose direction is open, and extrema."""
    at: list[int] = [*np.flatnonzero(corner).tolist(), len(closed) - 1]
    kind: dict[int, Point | None] = dict.fromkeys(at)
    if at[0] != 0:  # a ring without corners begins where x is largest
        at.insert(0, 0)
        kind |= {0: _ALONG, len(closed) - 1: _ALONG}
    least = max(_LEAST_TURN, tolerance / 2)
    for start, end in pairwise(at):
        for axis, direction in ((0, _ALONG), (1, _ACROSS)):
            values = closed[start : end + 1, axis].tolist()
            for index in _turning_points(values, least):
                kind.setdefault(start + index, direction)
    return _apart(sorted(kind.items()), fixed=frozenset(at), steps=2 + round(2 * tolerance))


def _apart(cuts: list[_Cut], *, fixed: frozenset[int], steps: int) -> list[_Cut]:
    """Without extrema that stand too near to a cut before or to a corner behind."""
    kept: list[_Cut] = []
    following = [at for at, _ in cuts if at in fixed]
    for at, direction in cuts:
        behind = next((other for other in following if other >= at), at)
        near = kept and at - kept[-1][0] < steps or 0 < behind - at < steps
        if at in fixed or not near:
            kept.append((at, direction))
    return kept


def _turning_points(values: list[float], least: float) -> list[int]:
    """Where values turn back by at least so much, the ends left out."""
    found: list[int] = []
    low = high = way = 0
    for index, value in enumerate(values):
        low = index if value < values[low] else low
        high = index if value > values[high] else high
        if way >= 0 and values[high] - value >= least:
            found += [high] if way else []
            way, low = -1, index
        elif way <= 0 and value - values[low] >= least:
            found += [low] if way else []
            way, high = 1, index
    return [_middle(values, index) for index in found]


def _middle(values: list[float], index: int) -> int:
    """The middle of the flat place around an extremum."""
    first = last = index
    while first > 1 and abs(values[first - 1] - values[index]) <= _FLAT:
        first -= 1
    while last < len(values) - 2 and abs(values[last + 1] - values[index]) <= _FLAT:
        last += 1
    return (first + last) // 2


def _inwards(part: Points, direction: Point | None) -> Values:
    """Unit vector from the first point into a part; no coordinate of it turns back."""
    chord = part[-1] - part[0]
    if direction is None:
        ahead = part[min(3, len(part) - 1)] - part[0]
    else:
        ahead = np.array(direction) * np.sign(chord)
    return _unit(np.where(ahead * chord > 0, ahead, 0.0), chord)


def _unit(vector: Values, other: Values) -> Values:
    length = float(np.hypot(*vector))
    if length < 1e-9:
        vector, length = other, max(float(np.hypot(*other)), 1e-9)
    unit: Values = vector / length
    return unit


def _fitted(part: Points, into: Values, back: Values, tolerance: float) -> list[Segment]:
    """A part without extrema as a line, a curve, or several."""
    start, end = part[0], part[-1]
    chord = end - start
    length = float(np.hypot(*chord))
    if length < 1e-6 and len(part) < 4:
        return []
    away = np.abs((part - start) @ np.array([-chord[1], chord[0]])) / max(length, 1e-9)
    if len(part) < 4 or (length > 1e-6 and float(away.max()) <= _STRAIGHT * tolerance):
        return [(_pair(end),)]
    controls, errors = _curve(part, into, back)
    worst = int(errors.argmax())
    if float(errors[worst]) <= tolerance:
        return [(*map(_pair, controls), _pair(end))]
    worst = min(max(worst, 1), len(part) - 2)
    around = part[min(worst + 2, len(part) - 1)] - part[max(worst - 2, 0)]
    first, second = part[: worst + 1], part[worst:]
    back_there = _clipped(-around, first[0] - first[-1])
    on_there = _clipped(around, second[-1] - second[0])
    return [
        *_fitted(first, _clipped(into, first[-1] - first[0]), back_there, tolerance),
        *_fitted(second, on_there, _clipped(back, second[0] - second[-1]), tolerance),
    ]


def _clipped(direction: Values, chord: Values) -> Values:
    return _unit(np.where(direction * chord > 0, direction, 0.0), chord)


def _curve(part: Points, into: Values, back: Values) -> tuple[tuple[Values, Values], Values]:
    """The control points of the nearest cubic curve, and how far each point is from it."""
    start, end = part[0], part[-1]
    steps = np.hypot(*np.diff(part, axis=0).T)
    place = np.concatenate([[0.0], np.cumsum(steps)]) / max(float(steps.sum()), 1e-9)
    for _ in range(_FITS):
        reach = _reaches(part, place, into, back)
        controls = start + into * reach[0], end + back * reach[1]
        corners = np.stack([start, *controls, end])
        errors: Values = np.hypot(*(_bezier(corners, place) - part).T)
        place = _nearer(corners, place, part)
    return controls, errors


def _reaches(part: Points, u: Values, into: Values, back: Values) -> tuple[float, float]:
    """How far the control points stand from the ends, within the box of the ends."""
    start, end = part[0], part[-1]
    first, second = 3 * u * (1 - u) ** 2, 3 * u**2 * (1 - u)
    rest = part - start[None] * ((1 - u) ** 3 + first)[:, None]
    rest = rest - end[None] * (u**3 + second)[:, None]
    a, b = into[None] * first[:, None], back[None] * second[:, None]
    aa, ab, bb = float((a * a).sum()), float((a * b).sum()), float((b * b).sum())
    ra, rb = float((a * rest).sum()), float((b * rest).sum())
    length = float(np.hypot(*(end - start)))
    determinant = aa * bb - ab * ab
    one = other = length / 3
    if determinant > 1e-9 * max(aa * bb, 1e-12):
        one, other = (ra * bb - rb * ab) / determinant, (rb * aa - ra * ab) / determinant
    least = length / 20
    return (
        min(max(one, least), _room(end - start, into)),
        min(max(other, least), _room(start - end, back)),
    )


def _room(chord: Values, direction: Values) -> float:
    """How far one can go in a direction and stay in the box that a chord spans."""
    rooms = [float(c / d) for c, d in zip(chord, direction, strict=True) if abs(d) > 1e-9]
    return max(0.0, min(rooms, default=0.0))


def _bezier(corners: Points, u: Values) -> Points:
    v = 1 - u
    weights = np.stack([v**3, 3 * u * v**2, 3 * u**2 * v, u**3], axis=1)
    points: Points = weights @ corners
    return points


def _nearer(corners: Points, u: Values, part: Points) -> Values:
    """One step of Newton's method towards the places nearest to the points."""
    v = 1 - u
    sides, bends = 3 * np.diff(corners, axis=0), 6 * np.diff(corners, 2, axis=0)
    away = _bezier(corners, u) - part
    speed = np.stack([v**2, 2 * u * v, u**2], axis=1) @ sides
    turn = np.stack([v, u], axis=1) @ bends
    slope = (speed * speed).sum(axis=1) + (away * turn).sum(axis=1)
    step = (away * speed).sum(axis=1) / np.where(np.abs(slope) > 1e-9, slope, 1.0)
    moved: NDArray[np.float64] = np.where(np.abs(slope) > 1e-9, u - step, u).clip(0, 1)
    return moved


def _quadratic(contour: Contour, tolerance: float) -> Contour:
    """The same with quadratic curves; their control points do not turn back, either."""
    from fontTools.cu2qu import curve_to_quadratic

    start, segments = contour[-1][-1], []
    for segment in contour:
        if len(segment) == 3:
            spline = curve_to_quadratic((start, *segment), _QUADRATIC * tolerance)
            controls = _onwards(np.array(spline[1:-1]), start, segment[-1])
            segments.append((*map(_pair, controls), segment[-1]))
        else:
            segments.append(segment)
        start = segment[-1]
    return tuple(segments)


def _onwards(controls: Points, start: Point, end: Point) -> Points:
    """Control points moved so that no coordinate leaves the ends' box or turns back."""
    signs = np.where(np.array(end) >= np.array(start), 1.0, -1.0)
    low, high = np.array(start) * signs, np.array(end) * signs
    onwards: Points = np.maximum.accumulate((controls * signs).clip(low, high), axis=0) * signs
    return onwards


def _pair(point: Values) -> Point:
    return float(point[0]), float(point[1])
