"""New glyphs for a half-finished font, in its own units."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fontmaker.completion.hers import Hers
from fontmaker.curves import Contour, Point, Segment, count_points, trace_curves
from fontmaker.spacing import ink_spans
from hangeul_bench.base.images import SIZE, Glyphs
from hangeul_bench.base.progress import Progress

_Move = Callable[[Point], Point]


@dataclass(frozen=True)
class NewGlyph:
    """A glyph that was drawn.

    Attributes:
        advance: Font units.
        contours: Whole font units, y upwards; around ink they run clockwise if they are quadratic,
            else counter-clockwise, as TrueType and PostScript have it.
        fine: The same as near to the drawn image as curves come, cubic.
        left: From the origin to the left edge of its image, font units.
    """

    advance: int
    contours: tuple[Contour, ...]
    fine: tuple[Contour, ...]
    left: float

    @property
    def box(self) -> tuple[int, int, int, int]:
        """x_min, y_min, x_max, y_max; its curves have their extrema at points of the outline."""
        ends = [segment[-1] for contour in self.contours for segment in contour]
        xs, ys = [int(x) for x, _ in ends], [int(y) for _, y in ends]
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def n_points(self) -> int:
        """Points on and off the curve."""
        return count_points(self.contours)


def new_glyphs(
    images: Glyphs, syllables: Sequence[str], hers: Hers, *, quadratic: bool, progress: Progress
) -> Iterator[NewGlyph]:
    """Trace drawn syllables into her font's units.

    Args:
        images: (N, 128, 128) uint8, 0 = ink, 255 = paper; each has ink.
        syllables: (N) which they are.
        hers: What her font tells of size, spacing and points.
        quadratic: Whether her curves are.
        progress: Counts glyphs.
    """
    scale, baseline = hers.placement.scale, hers.placement.baseline
    traced = trace_curves(images, quadratic=quadratic, most_points=hers.most_points)
    rows = zip(syllables, traced, ink_spans(images).tolist(), strict=True)
    for syllable, curves, (left, right) in rows:
        ink = left / scale, right / scale
        offset, advance = hers.spacing.place(syllable, *ink, SIZE / 2 / scale)

        def moved(point: Point, offset: float = offset) -> Point:
            return float(round(point[0] / scale + offset)), float(
                round((baseline - point[1]) / scale)
            )

        contours = _contours(curves.contours, moved, turned=quadratic)
        fine = _contours(curves.fine, moved, turned=False)
        yield NewGlyph(advance, contours, fine, offset)
        progress.advance()


def _contours(contours: Sequence[Contour], moved: _Move, *, turned: bool) -> tuple[Contour, ...]:
    whole = (_whole(contour, moved) for contour in contours)
    kept = (contour for contour in whole if len(contour) > 1)
    return tuple(_turned(contour) if turned else contour for contour in kept)


def _whole(contour: Contour, moved: _Move) -> Contour:
    """In whole units, without what rounding left no length."""
    start, segments = moved(contour[-1][-1]), []
    for segment in contour:
        rounded: Segment = tuple(moved(point) for point in segment)
        if any(point != start for point in rounded):
            segments.append(rounded)
        start = rounded[-1]
    return tuple(segments)


def _turned(contour: Contour) -> Contour:
    """The other way round."""
    starts = [contour[-1][-1], *(segment[-1] for segment in contour[:-1])]
    return tuple(
        (*segment[-2::-1], start)
        for segment, start in zip(contour[::-1], starts[::-1], strict=True)
    )
