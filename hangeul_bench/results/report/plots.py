"""Dot-and-whisker plots: a value and its 95 % interval a row, laid out here, drawn as SVG."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hangeul_bench.results.file import Estimate, font_scores
from hangeul_bench.results.report.labels import CATEGORIES, HEADLINE_CELL, Metric, metric
from hangeul_bench.results.report.runs import Run, measured

# In SVG units, which are CSS pixels: a plot is as wide as a phone's column.
WIDTH = 352
_LEFT, _RIGHT = 124, 222  # the plotting area; labels stand before it, numbers after it
_VALUE = 274  # where the value ends; its interval ends at the right edge
_TITLE, _HEAD, _ROW, _GAP, _FOOT = 22, 22, 18, 10, 22
_LABEL_CHARACTERS = 20
# In this order the first ones that a result holds are drawn.
PLOTTED = ("jer", "ssim", "rmse", "lpips", "style_distance", "glyph_lpips")
MAX_PLOTS = 3
_GROUPS = (
    (HEADLINE_CELL, "Unseen fonts"),
    ("sfuc", "Seen fonts, unseen characters"),
    ("sfsc", "Seen fonts, seen characters"),
)


@dataclass(frozen=True)
class Dot:
    """One row of a plot; ``x``, ``low`` and ``high`` are SVG positions."""

    label: str
    full_label: str
    y: float
    x: float
    low: float | None
    high: float | None
    text: str
    interval: str


@dataclass(frozen=True)
class Plot:
    """A laid-out plot: group heads (y, text), dots, axis ticks (x, text)."""

    metric: Metric
    heads: tuple[tuple[float, str], ...]
    dots: tuple[Dot, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float
    left: int = _LEFT
    right: int = _RIGHT
    value: int = _VALUE
    width: int = WIDTH


Rows = Sequence[tuple[str, Estimate]]  # label, value with its interval
Place = Callable[[float], float]  # a value's x in SVG units


def font_plots(run: Run, runs: Sequence[Run], font_names: Mapping[str, str]) -> tuple[Plot, ...]:
    """A run's plots with one row a font; their axes are the same for all ``runs``."""
    return tuple(
        lay_out(metric(name), _font_groups(run, name, font_names), _span(runs, name, "font:"))
        for name in plotted(runs)
    )


def model_plots(runs: Sequence[Run]) -> tuple[Plot, ...]:
    """Plots with one row a run in the headline's cell, by category."""
    return tuple(
        lay_out(metric(name), _model_groups(runs, name), _span(runs, name, "all"))
        for name in plotted(runs)
    )


def plotted(runs: Sequence[Run]) -> tuple[str, ...]:
    """The metrics that are plotted: the first of :data:`PLOTTED` that any run holds."""
    held = measured(runs)
    return tuple(name for name in PLOTTED if name in held)[:MAX_PLOTS]


def lay_out(column: Metric, groups: Sequence[tuple[str, Rows]], span: tuple[float, float]) -> Plot:
    """Place the rows of each group below its head on an axis that covers ``span``."""
    ticks = _ticks(*span)
    first, last = ticks[0], ticks[-1]
    scale = (_RIGHT - _LEFT) / ((last - first) or 1)

    def place(value: float) -> float:
        return round(_LEFT + (value - first) * scale, 1)

    heads: list[tuple[float, str]] = []
    dots: list[Dot] = []
    y = float(_TITLE)
    for head, rows in groups:
        if not rows:
            continue
        y += _HEAD
        heads.append((y - 8, head))
        for label, entry in rows:
            y += _ROW
            dots.append(_dot(column, label, entry, place, y - _ROW / 2))
        y += _GAP
    marks = tuple((place(tick), _tick_text(column, tick, ticks)) for tick in ticks)
    return Plot(column, tuple(heads), tuple(dots), marks, y + _FOOT)


def _dot(column: Metric, label: str, entry: Estimate, place: Place, y: float) -> Dot:
    short = label if len(label) <= _LABEL_CHARACTERS else label[: _LABEL_CHARACTERS - 1] + "…"
    value, low, high = entry["value"] or 0.0, entry["low"], entry["high"]
    return Dot(
        label=short,
        full_label=label,
        y=y,
        x=place(value),
        low=None if low is None else place(low),
        high=None if high is None else place(high),
        text=column.text(value),
        interval=column.interval(low, high),
    )


def _model_groups(runs: Sequence[Run], name: str) -> list[tuple[str, Rows]]:
    groups: list[tuple[str, Rows]] = []
    for category in (*CATEGORIES[1:], CATEGORIES[0]):
        scores = [(run.label, run.score(name, category=category)) for run in runs]
        rows = [(label, entry) for label, entry in scores if entry is not None]
        groups.append((category.capitalize(), rows))
    return groups


def _font_groups(run: Run, name: str, names: Mapping[str, str]) -> list[tuple[str, Rows]]:
    groups: list[tuple[str, Rows]] = []
    for cell, head in _GROUPS:
        for category in CATEGORIES[1:]:
            fonts = font_scores(run.full, cell=cell, category=category)
            entries = [(font_id, score["metrics"].get(name)) for font_id, score in fonts.items()]
            rows = [
                (names.get(font_id, font_id), entry)
                for font_id, entry in entries
                if entry is not None and entry["value"] is not None
            ]
            groups.append((f"{head}, {category}", sorted(rows, key=lambda row: row[0])))
    return groups


def _span(runs: Sequence[Run], name: str, group: str) -> tuple[float, float]:
    """From the lowest low to the highest high; 0 is on the axis of whatever is best at 0."""
    ends = [
        end
        for run in runs
        for row in run.full["scores"]
        if row["group"].startswith(group)
        if (entry := row["metrics"].get(name))
        for end in (entry["value"], entry["low"], entry["high"])
        if end is not None
    ]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    return (low, high) if metric(name).higher_is_better else (min(low, 0.0), high)


def _ticks(low: float, high: float) -> list[float]:
    """Two to six round numbers that enclose ``low`` and ``high``."""
    width = max(high - low, 1e-3)
    power = 10.0 ** math.floor(math.log10(width / 3))
    step = next(power * factor for factor in (1, 2, 5, 10) if width / (power * factor) <= 4)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [index * step for index in range(first, last + 1)]


def _tick_text(column: Metric, tick: float, ticks: Sequence[float]) -> str:
    factor = 100 if column.percent else 1
    step = (ticks[1] - ticks[0]) * factor
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{tick * factor:.{decimals}f}"
