"""The pen of a drawn skeleton, and the strokes of each consonant in a unit square."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

Point = tuple[float, float]
Stroke = list[Point]  # a polyline in the unit square of its jamo; y grows downwards
Box = tuple[float, float, float, float]  # left, top, right, bottom
Segment = tuple[float, float, float, float, float]  # (x0, y0, x1, y1, half width)

CIRCLE = 13  # points on a circle, the first one twice


@dataclass
class Pen:
    """The habits of one drawn glyph, and its segments so far: (x0, y0, x1, y1, half width)."""

    random: np.random.Generator
    segments: list[Segment]
    upright: float  # half width of vertical strokes, of a page's side
    level: float  # and of horizontal ones
    shake: float
    overshoot: float
    dot: float  # 0, or the radius of the dots that stand for short strokes

    def chance(self, p: float) -> bool:
        """True with probability ``p``."""
        return bool(self.random.random() < p)

    def between(self, low: float, high: float) -> float:
        """A number drawn evenly from a range."""
        return float(self.random.uniform(low, high))

    def stroke(self, points: Stroke, box: Box, *, shake: float = 1.0) -> None:
        """Add a polyline of the unit square, shaken and overshot, as it lies in ``box``."""
        left, top, right, bottom = box
        spread = self.shake * shake
        shaken = np.array(points) + self.random.normal(0, spread, (len(points), 2))
        line = shaken * (right - left, bottom - top) + (left, top)
        for end, inner in ((0, 1), (-1, -2)):
            line[end] += (line[end] - line[inner]) * self.overshoot * self.between(-0.3, 1)
        for (x0, y0), (x1, y1) in zip(line, line[1:], strict=False):
            length = math.hypot(x1 - x0, y1 - y0) + 1e-6
            width = self.level * abs(x1 - x0) + self.upright * abs(y1 - y0)
            self.segments.append((x0, y0, x1, y1, width / length))

    def short(self, points: Stroke, box: Box) -> None:
        """A vowel's short stroke, the first point at the long one."""
        if not self.dot:
            self.stroke(points, box, shake=0.5)
            return
        (x0, y0), (x1, y1) = points[0], points[-1]
        far = self.between(0.5, 0.75)
        x = box[0] + (x0 + far * (x1 - x0)) * (box[2] - box[0])
        y = box[1] + (y0 + far * (y1 - y0)) * (box[3] - box[1])
        self.segments.append((x, y, x, y, self.dot))


def consonant_strokes(pen: Pen, letter: str) -> list[Stroke]:
    """The strokes of one of the 14 basic consonants, in one of the ways it is written."""
    return _CONSONANTS[letter](pen)


def _giyeok(pen: Pen) -> list[Stroke]:
    return [_hook(pen)]


def _kieuk(pen: Pen) -> list[Stroke]:
    bar = pen.between(0.4, 0.55)
    return [_hook(pen), [(0.0, bar), (0.9, bar)]]


def _nieun(pen: Pen) -> list[Stroke]:
    return [[(0, 0), (0, 1), (1, 1 - pen.between(0, 0.35) * pen.chance(0.4))]]


def _digeut(pen: Pen, *, barred: bool = False) -> list[Stroke]:
    rise = pen.between(0, 0.25) * pen.chance(0.3)
    wall = pen.between(0, 0.35) * pen.chance(0.3)  # the lid reaches beyond the upright
    strokes: list[Stroke] = [[(0, 0), (1, 0)], [(wall, 0), (wall, 1), (1, 1 - rise)]]
    if barred:
        bar = pen.between(0.4, 0.55)
        strokes.append([(wall, bar), (1, bar - 0.1 * rise)])
    return strokes


def _rieul(pen: Pen) -> list[Stroke]:
    middle = pen.between(0.42, 0.56)
    if pen.chance(0.25):  # written in one stroke, as a 2
        return [[(0, 0.08), (0.6, 0), (1, 0.18), (0.75, middle), (0.1, 0.85), (0.25, 1), (1, 1)]]
    return [[(0, 0), (1, 0), (1, middle), (0, middle), (0, 1), (1, 1)]]


def _mieum(pen: Pen) -> list[Stroke]:
    pinch = pen.between(0, 0.3) * pen.chance(0.4)
    horn = pen.between(0, 0.3) * pen.chance(0.3)  # the left side begins above the lid
    tail = pen.between(0, 0.2) * pen.chance(0.3)  # and ends below the floor
    return [
        [(0, -horn), (pinch, 1 + tail)],
        [(0, pen.between(0, 0.15)), (1, 0), (1 - pinch, 1 - tail)],
        [(pinch, 1), (1 - pinch, 1 - tail)],
    ]


def _bieup(pen: Pen) -> list[Stroke]:
    bar = pen.between(0.3, 0.55)
    return [[(0, 0), (0, 1)], [(1, 0), (1, 1)], [(0, bar), (1, bar)], [(0, 1), (1, 1)]]


def _pieup(pen: Pen) -> list[Stroke]:
    a, b = pen.between(0.2, 0.38), pen.between(0.62, 0.8)
    inward = pen.between(0, 0.1)
    posts: list[Stroke] = [[(a, 0), (a + inward, 1)], [(b, 0), (b - inward, 1)]]
    return [[(0, 0), (1, 0)], [(0, 1), (1, 1)], *posts]


def _ieung(pen: Pen) -> list[Stroke]:
    return [_circle(pen, 0.0)]


def _hieut(pen: Pen) -> list[Stroke]:
    cap = pen.between(0.22, 0.34)
    return [_tick(pen, cap), [(0, cap), (1, cap)], _circle(pen, cap + pen.between(0.08, 0.16))]


def _siot(pen: Pen) -> list[Stroke]:
    return _legs(pen, 0.0)


def _jieut(pen: Pen, top: float = 0.0) -> list[Stroke]:
    legs = _legs(pen, top)
    lid: Stroke = [(pen.between(0, 0.12), top), (pen.between(0.88, 1), top)]
    return [lid, *legs]


def _chieut(pen: Pen) -> list[Stroke]:
    top = pen.between(0.2, 0.32)
    body = _jieut(pen, top)
    return [_tick(pen, top), *body]


def _hook(pen: Pen) -> Stroke:
    foot = pen.between(0.0, 1.0)
    if pen.chance(0.5):
        return [(0, 0), (1, 0), (foot, 1)]
    return [(0, 0), (1, 0), (0.75 + 0.25 * foot, 0.45), (0.4 + 0.6 * foot, 0.75), (foot, 1)]


def _legs(pen: Pen, top: float) -> list[Stroke]:
    peak = pen.between(0.4, 0.6)
    joint = pen.between(0.0, 0.5)  # how far down the first leg the second one begins
    return [
        [(peak, top), (0, 1)],
        [(peak * (1 - joint), top + joint * (1 - top)), (1, 1)],
    ]


def _tick(pen: Pen, bar: float) -> Stroke:
    """The short stroke over ㅊ and ㅎ: upright, level or slanted."""
    if pen.chance(0.5):
        lean = pen.between(-0.15, 0.15) * pen.chance(0.5)
        return [(0.5 + lean, -pen.between(0, 0.15)), (0.5 - lean, bar)]
    half = pen.between(0.12, 0.3)
    return [(0.5 - half, pen.between(0, 0.08)), (0.5 + half, pen.between(0, 0.08))]


def _circle(pen: Pen, top: float) -> Stroke:
    turns = np.linspace(0, 2 * math.pi, CIRCLE) + pen.between(0, 6.3)
    wide = pen.between(0.36, 0.5)
    middle, half = (1 + top) / 2, (1 - top) / 2
    return [(0.5 + wide * math.cos(a), middle + half * math.sin(a)) for a in turns]


_CONSONANTS: dict[str, Callable[[Pen], list[Stroke]]] = {
    "ㄱ": _giyeok,
    "ㄴ": _nieun,
    "ㄷ": _digeut,
    "ㄹ": _rieul,
    "ㅁ": _mieum,
    "ㅂ": _bieup,
    "ㅅ": _siot,
    "ㅇ": _ieung,
    "ㅈ": _jieut,
    "ㅊ": _chieut,
    "ㅋ": _kieuk,
    "ㅌ": partial(_digeut, barred=True),
    "ㅍ": _pieup,
    "ㅎ": _hieut,
}
