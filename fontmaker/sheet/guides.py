"""Take the guides that are printed in a sheet's boxes out of its photograph.

In a photograph they vanish in red light; a grey print, a scanner or an app that sharpens makes them
as dark as ink. Where they were printed is known, so they are looked for there, and only what goes
on at both sides of a guide is left on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from fontmaker.photograph import Grey, Mask
from fontmaker.sheet.layout import Box, Guide, guides

_REACH = 1.5  # millimetres that a guide lies off its place at most: paper bends
_SEGMENT = 8.0  # millimetres over which a bent guide is straight
_BENT = 0.6  # millimetres that a piece of a guide lies off the whole at most
_WIDEST = 1.1  # millimetres; what is wider is a stroke that lies on a guide
_USUAL = 0.45  # millimetres: half a guide's width where it is not seen
_VISIBLE = 0.12  # how dark a guide must be to be taken for ink; a red light leaves 0.03 of it
_MOST = 0.3  # of the frames; strokes hardly ever run along one
_ALONG = 65  # percentile along a guide: half of a dashed one is paper
_EDGE = 0.3  # of a guide's darkness, where it ends
_SLOPES = (-1.5, -0.75, 0.0, 0.75, 1.5)  # of strokes that cross a guide, along by across
_DARKER = 0.25  # than a guide: then it is ink that lies on it
_LEFT = 0.8  # of a spot that lies on guides: it is a rest of one


def without_guides(depth: Grey, boxes: Sequence[Box], dots: float) -> Grey:
    """The same sheet without its guides.

    Args:
        depth: (H, W) float32, 0 = paper, 1 = black: a sheet laid flat.
        boxes: Where guides are.
        dots: Pixels a millimetre.
    """
    lines = [guides(box) for box in boxes]
    found = [[_find(_profile(_strip(depth, g, dots)), dots) for g in own] for own in lines]
    frames = [place.level > 0 for own in found for place in own[:4]]
    if float(np.mean(frames)) < _MOST:
        return depth
    clean, on_guides = depth.copy(), np.zeros(depth.shape, bool)
    for own, places in zip(lines, found, strict=True):
        for guide, place in zip(own, places, strict=True):
            if not place.level:
                place = replace(place, middle=_beside_others(guide, own, places))
            _clear(_strip(clean, guide, dots), _strip(on_guides, guide, dots), place, dots)
    return _without_rests(clean, on_guides)


@dataclass(frozen=True)
class _Place:
    """Where a guide lies in its strip: middle column, half its width in pixels, how dark it is."""

    middle: int
    half: int
    level: float  # 0 if it is too faint to see, or a stroke hides it


def _beside_others(guide: Guide, own: Sequence[Guide], places: Sequence[_Place]) -> int:
    """Where a guide must lie that is not seen: as far off as those of its box that run as it."""
    middles = [
        place.middle
        for other, place in zip(own, places, strict=True)
        if other.upright == guide.upright and place.level
    ]
    return int(np.median(middles)) if middles else places[0].middle


def _without_rests(clean: Grey, on_guides: Mask) -> Grey:
    """Spots that lie on guides alone go, too."""
    labels, count = ndimage.label(clean > _VISIBLE, structure=np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    near = ndimage.binary_dilation(on_guides, iterations=2)
    inside = np.bincount(labels.ravel(), near.ravel(), count + 1)
    rest = inside >= _LEFT * np.maximum(areas, 1)
    rest[0] = False
    return np.where(rest[labels], np.float32(0), clean)


def _strip(page: NDArray[Any], guide: Guide, dots: float) -> NDArray[Any]:
    """A view (length, 2 * reach + 1) of a page along a guide, which lies in its middle column."""
    x, y = (round(value * dots) for value in guide.start)
    reach, length = _reach(dots), round(guide.length * dots)
    if guide.upright:
        return page[y : y + length, x - reach : x + reach + 1]
    return page[y - reach : y + reach + 1, x : x + length].T


def _reach(dots: float) -> int:
    """Pixels on each side of a guide: it may lie off its place, and what is beside it is needed."""
    return round((_REACH + _WIDEST) * dots)


def _profile(strip: Grey) -> NDArray[np.float64]:
    """How dark it is across a guide, of what is dark along all of it."""
    return np.percentile(strip, _ALONG, axis=0).astype(np.float64)


def _clear(strip: Grey, on_guides: Mask, place: _Place, dots: float) -> None:
    """Take one guide out of its strip, piece by piece, since paper bends."""
    pieces = max(1, round(len(strip) / (_SEGMENT * dots)))
    bounds = np.linspace(0, len(strip), pieces + 1).astype(int)
    middles = np.full(len(strip), place.middle, np.float64)
    for start, stop in zip(bounds[:-1], bounds[1:], strict=True):
        own = _find(_profile(strip[start:stop]), dots)
        if own.level > place.level / 2 and abs(own.middle - place.middle) <= _BENT * dots:
            middles[start:stop] = own.middle
    places = np.rint(ndimage.uniform_filter1d(middles, 5)).astype(np.int64)
    across = np.arange(-place.half, place.half + 1)
    on_guides[np.arange(len(strip))[:, None], places[:, None] + across] = True
    _bridge(strip, places, place)


def _find(profile: NDArray[np.float64], dots: float) -> _Place:
    """The darkest line of a profile, if it is as narrow as a guide."""
    inner = round(_WIDEST * dots)
    middle = inner + int(profile[inner:-inner].argmax())
    level = float(profile[middle])
    dark = profile > (1 - _EDGE) * float(profile.min()) + _EDGE * level
    left = middle - int(np.argmin(dark[middle::-1])) + 1
    right = middle + int(np.argmin(dark[middle:])) - 1
    if level < _VISIBLE or right - left + 1 > _WIDEST * dots:
        return _Place(len(profile) // 2, round(_USUAL * dots), 0.0)
    middle = min(max((left + right) // 2, inner), len(profile) - 1 - inner)
    return _Place(middle, min((right - left) // 2 + 1, inner - 2), level)


def _bridge(strip: Grey, places: NDArray[np.int64], place: _Place) -> None:
    """On a guide, keep what is as dark at both its sides, and half of it beside dark on one."""
    rows, before = np.arange(len(strip)), strip.copy()
    out = place.half + 1
    for across in range(-place.half, place.half + 1):
        side = out if across > 0 else -out
        found = _beside(before, rows, places, 0, side) if across else np.zeros(len(strip))
        for slope in _SLOPES:
            ahead = _beside(before, rows, places, round(slope * (out - across)), out)
            behind = _beside(before, rows, places, round(-slope * (out + across)), -out)
            found = np.maximum(found, np.minimum(ahead, behind))
        own = before[rows, places + across]
        if 0 < place.level < 1 - _DARKER:
            found = np.where(own > place.level + _DARKER, own, found)
        strip[rows, places + across] = np.minimum(own, found)


def _beside(
    strip: Grey, rows: NDArray[np.int64], places: NDArray[np.int64], along: int, across: int
) -> Grey:
    """The darker of two pixels beside a guide, ``along`` rows on and ``across`` columns off."""
    there = (rows + along).clip(0, len(strip) - 1)
    step = 1 if across > 0 else -1
    near = places[there] + across
    darker: Grey = np.maximum(strip[there, near], strip[there, near + step])
    return darker
