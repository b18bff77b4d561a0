"""What the report calls a metric, a cell and a category, and how it prints their numbers."""

import math
from dataclasses import dataclass

from hangeul_bench.dataset.splits.lists import UNSEEN_FONTS
from hangeul_bench.fonts.table import CATEGORIES as _FONT_CATEGORIES
from hangeul_bench.metrics.columns import COLUMNS, DERIVED, HEADLINE, RETIRED, Column

CELLS = {
    UNSEEN_FONTS: "unseen fonts × all characters (UFSC + UFUC)",
    "ufsc": "unseen fonts × seen characters",
    "ufuc": "unseen fonts × unseen characters",
    "sfsc": "seen fonts × seen characters",
    "sfuc": "seen fonts × unseen characters",
}
CATEGORIES = ("all", *_FONT_CATEGORIES)
HEADLINE_CELL = UNSEEN_FONTS


@dataclass(frozen=True)
class Metric:
    """How one metric is shown.

    Attributes:
        name: Its key in a result file.
        label: Its column head.
        meaning: One line for the legend.
        percent: Whether the value is a share, printed in percent.
        higher_is_better: Which way is good; what is no metric of ours is an error or distance.
    """

    name: str
    label: str
    meaning: str
    percent: bool = False
    higher_is_better: bool = False

    @property
    def arrow(self) -> str:
        """The direction in which the metric is better, as in the paper's Table II."""
        return "↑" if self.higher_is_better else "↓"

    def text(self, value: float | None) -> str:
        """A value as it is printed; a dash where there is none."""
        if value is None or not math.isfinite(value):
            return "–"
        shown = value * 100 if self.percent else value
        decimals = (1 if self.percent else 2) if abs(shown) >= 10 else (2 if self.percent else 3)
        # Adding zero turns a rounded -0.0, which prints its sign, into 0.0.
        return f"{round(shown, decimals) + 0.0:.{decimals}f}".replace("-", "−")

    def interval(self, low: float | None, high: float | None) -> str:
        """A 95 % interval as it is printed; empty where there is none."""
        if low is None or high is None:
            return ""
        return f"{self.text(low)}–{self.text(high)}"


# The headline, what the paper has, then the others in the order of the columns.
_ORDER = sorted(COLUMNS, key=lambda c: (c.name != HEADLINE, not c.in_paper))


def _metric_of(column: Column) -> Metric:
    shown = column.name, column.label, column.meaning, column.percent
    return Metric(*shown, higher_is_better=column.higher_is_better)


_OWN = [_metric_of(column) for column in _ORDER]
# The ranking's own number, made of two results.
_EXCESS = Metric(
    "jer_excess", "JER excess %", "jamo error rate above the ground truth's own", percent=True
)
METRICS = (*map(_metric_of, DERIVED), _OWN[0], _EXCESS, *_OWN[1:])
_BY_NAME = {metric.name: metric for metric in METRICS}


def metric(name: str) -> Metric:
    """How the metric of a name is shown; one that is not listed is shown by its name."""
    return _BY_NAME.get(name, Metric(name, name.replace("_", " "), ""))


def in_order(names: set[str]) -> list[Metric]:
    """The metrics of these names, in the order of the columns; unlisted ones come last.

    What older results call by a name that is no more is left out.
    """
    names = names - RETIRED.keys()
    listed = [entry for entry in METRICS if entry.name in names]
    return listed + [metric(name) for name in sorted(names - set(_BY_NAME))]
