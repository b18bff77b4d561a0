"""Two results side by side: the difference of each metric, paired over the fonts that both have."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import UNSEEN_FONTS
from hangeul_bench.metrics.columns import BY_NAME, ON_BOARD
from hangeul_bench.results.composite import completed
from hangeul_bench.results.file import Result, font_values, rules_of
from hangeul_bench.results.intervals import Interval, Mean, Sample, lineages_of


@dataclass(frozen=True)
class Difference:
    """How two results differ in a metric.

    Attributes:
        metric: Its column.
        first: Mean over the fonts of the first result.
        second: Of the second result.
        mean: ``first - second``, a mean over the fonts that both have.
        wins: On how many of them the first is better.
        n_fonts: Number of fonts that both have.
    """

    metric: str
    first: float
    second: float
    mean: Mean
    wins: int
    n_fonts: int

    @property
    def interval(self) -> Interval:
        """``first - second`` with its 95 % interval."""
        return self.mean.interval()

    @property
    def better(self) -> str:
        """``first``, ``second``, or empty where the two cannot be told apart."""
        return self.better_value if self.interval.excludes_zero else ""

    @property
    def better_value(self) -> str:
        """``first`` or ``second``: whose mean is better, by however little."""
        first_is_larger = self.mean.value > 0
        return "first" if first_is_larger == BY_NAME[self.metric].higher_is_better else "second"


def compare(
    first: Result,
    second: Result,
    *,
    cell: str = UNSEEN_FONTS,
    category: str = "all",
    metrics: Sequence[str] | None = None,
) -> list[Difference]:
    """Every metric that both results measured in the same way, in the order of the tables.

    Args:
        first: A checked result.
        second: Another on the same track of the same dataset; its references may be more or fewer.
        cell: ``sfsc``, ``sfuc``, ``ufsc``, ``ufuc`` or ``uf``.
        category: ``handwritten``, ``printed`` or ``all``.
        metrics: Only these; None takes all.

    Raises:
        UserError: The two are of other protocols or were asked other glyphs, there is no such
            metric, or none in common.
    """
    _check_same_glyphs(first, second)
    first, second = completed([first, second])
    for name in metrics or ():
        if name not in BY_NAME:
            raise UserError(f"Expected metrics among {', '.join(BY_NAME)}, but found {name!r}.")
    found = [
        font_difference(first, second, column.name, cell=cell, category=category)
        for column in ON_BOARD
        if metrics is None or column.name in metrics
        if _signature(first, column.name) == _signature(second, column.name) is not None
    ]
    differences = [difference for difference in found if difference is not None]
    if not differences:
        raise UserError(
            f"The two results have no metric of one signature in {cell}, {category}; "
            "fill the columns that are lacking with `hangeul-bench score`."
        )
    return differences


def font_difference(
    first: Result, second: Result, metric: str, *, cell: str, category: str
) -> Difference | None:
    """The mean of ``first - second`` over the fonts that both have; None where they share none.

    Lineages are the sample: its interval and its p value are over them.
    """
    mine, theirs = (font_values(r, metric, cell=cell, category=category) for r in (first, second))
    fonts = sorted(mine.keys() & theirs.keys())
    if not fonts:
        return None
    a, b = (np.array([values[font] for font in fonts]) for values in (mine, theirs))
    mean = Sample(lineages_of(fonts, first, second)).mean(a - b)
    wins = int(((a > b) if BY_NAME[metric].higher_is_better else (a < b)).sum())
    return Difference(metric, float(a.mean()), float(b.mean()), mean, wins, len(fonts))


def _rules(result: Result) -> tuple[str | None, ...]:
    rules = rules_of(result)
    return rules["protocol"], rules["category"]


def _signature(result: Result, metric: str) -> str | None:
    return result["signatures"].get(metric)


def _check_same_glyphs(first: Result, second: Result) -> None:
    for rule, *found in zip(("protocol", "category"), _rules(first), _rules(second), strict=True):
        if found[0] != found[1]:
            raise UserError(
                f"Expected two results of one {rule}, but found {found[0]} and {found[1]}."
            )
    for what in ("track", "limit"):
        if first[what] != second[what]:
            raise UserError(
                f"Expected two results of one {what}, but found {first[what]} and {second[what]}."
            )
    mine, theirs = (
        result["dataset"]["benchmark_fingerprint"] or result["dataset"]["fingerprint"]
        for result in (first, second)
    )
    if mine != theirs:
        raise UserError(
            f"Expected two results on one dataset, but found {mine[:12]} and {theirs[:12]}."
        )
