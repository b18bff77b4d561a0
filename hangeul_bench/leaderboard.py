"""Result files to ranked rows: who is best in each track, cell and category, and who ties."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from hangeul_bench.errors import UserError
from hangeul_bench.intervals import bootstrap
from hangeul_bench.metrics import METRICS, higher_is_better
from hangeul_bench.protocol import CATEGORIES, TRACKS
from hangeul_bench.results import Estimate, Result, find_score, font_scores
from hangeul_bench.splits import CELLS

HEADLINE = "jer"
TRUTH = "ground-truth"  # the control whose jamo error rate is the reader's own


@dataclass(frozen=True)
class Row:
    """One model in one track, cell and category.

    Attributes:
        result: The result file that it comes from.
        cell: ``sfsc``, ``sfuc``, ``ufsc``, ``ufuc`` or ``paper``.
        category: ``handwritten``, ``printed`` or ``all``.
        n_fonts: Fonts scored.
        n_glyphs: Glyphs scored.
        metrics: Metric -> value and 95 % interval.
        rank: 1 is best; tied rows share it; None for a row that takes none.
        why_unranked: Why it takes none.
        jer_excess: ``jer`` above the reader's own error on ground truth; None without that row.
    """

    result: Result
    cell: str
    category: str
    n_fonts: int
    n_glyphs: int
    metrics: dict[str, Estimate] = field(default_factory=dict)
    rank: int | None = None
    why_unranked: str = ""
    jer_excess: float | None = None

    @property
    def model(self) -> str:
        """The model's name."""
        name: str = self.result["model"]["name"]
        return name

    @property
    def fingerprint(self) -> str:
        """What was scored against: the pinned evaluation fonts, or else the whole dataset."""
        dataset = self.result["dataset"]
        fingerprint: str = dataset["benchmark_fingerprint"] or dataset["fingerprint"]
        return fingerprint

    def value(self, metric: str) -> float | None:
        """A metric's value, None where it was not computed."""
        return self.metrics[metric]["value"] if metric in self.metrics else None


def rank_results(results: Sequence[Result], *, rank_by: str = HEADLINE) -> list[Row]:
    """Rows by track, cell and category, best first; the same for any order of ``results``.

    Rows are compared only where track, fingerprint, number of references and the metric's
    signature agree. A row shares the rank of the row that heads its group when the 95 % interval
    of their paired difference, resampled over fonts, includes zero. Controls stand among the
    models but take no rank.

    Args:
        results: Checked results.
        rank_by: The metric to rank by.

    Raises:
        UserError: There is no such metric, or no result has it.
    """
    if rank_by not in METRICS:
        raise UserError(
            f"Expected --rank-by one of {', '.join(sorted(METRICS))}, but found {rank_by!r}."
        )
    rows = [row for result in results for row in _rows_of(result)]
    if rows and all(row.value(rank_by) is None for row in rows):
        raise UserError(f"No result has the metric {rank_by}; evaluate with --metrics {rank_by}.")
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(_comparable(row, rank_by), []).append(row)
    return [row for key in sorted(groups) for row in _ranked(groups[key], rank_by)]


def tied(first: Row, second: Row, metric: str) -> bool:
    """Whether the paired difference of two rows may be zero.

    Fonts are the unit: the 95 % interval comes from resampling the fonts that both rows have.
    """
    mine, theirs = _font_values(first, metric), _font_values(second, metric)
    fonts = sorted(mine.keys() & theirs.keys())
    if not fonts:
        return first.value(metric) == second.value(metric)
    difference = np.array([mine[font] - theirs[font] for font in fonts])
    return not bootstrap(difference, fonts).excludes_zero


def _rows_of(result: Result) -> list[Row]:
    rows = []
    for cell in CELLS:
        for category in CATEGORIES:
            score = find_score(result, cell=cell, category=category)
            if score is not None and score["n_glyphs"]:
                counts = score["n_fonts"], score["n_glyphs"]
                rows.append(Row(result, cell, category, *counts, metrics=score["metrics"]))
    return rows


def _comparable(row: Row, metric: str) -> tuple[Any, ...]:
    """What two rows must share to be compared; sorts tracks, cells and categories as listed."""
    return (
        TRACKS.index(row.result["track"]),
        CELLS.index(row.cell),
        CATEGORIES.index(row.category),
        row.fingerprint,
        row.result["shots"],
        row.result["signatures"].get(metric, ""),
    )


def _ranked(rows: list[Row], metric: str) -> list[Row]:
    rows = sorted(rows, key=lambda row: _order(row, metric))
    truth = next((row.value(HEADLINE) for row in rows if row.model == TRUTH), None)
    reasons = [_why_unranked(row, metric) for row in rows]
    ranks = iter(_ranks([r for r, why in zip(rows, reasons, strict=True) if not why], metric))
    return [
        replace(
            row,
            rank=None if why else next(ranks),
            why_unranked=why,
            jer_excess=_excess(row.value(HEADLINE), truth),
        )
        for row, why in zip(rows, reasons, strict=True)
    ]


def _ranks(rows: Sequence[Row], metric: str) -> list[int]:
    """The ranks of sorted rows; the first row of each group of ties lends the group its place."""
    ranks: list[int] = []
    head = 0
    for position, row in enumerate(rows):
        if position and not tied(rows[head], row, metric):
            head = position
        ranks.append(head + 1)
    return ranks


def _order(row: Row, metric: str) -> tuple[Any, ...]:
    value = row.value(metric)
    signed = 0.0 if value is None else -value if higher_is_better(metric) else value
    model = row.result["model"]
    return (
        value is None,
        signed,
        row.model,
        row.result["seed"],
        model["checkpoint_sha256"] or "",
        json.dumps(model["options"], sort_keys=True),
    )


def _why_unranked(row: Row, metric: str) -> str:
    if row.result["model"]["kind"] == "control":
        return "control"
    if row.value(metric) is None:
        return row.result["missing_metrics"].get(metric, f"no {metric}")
    return row.result["unrankable"].get(row.cell, "")


def _excess(jer: float | None, truth: float | None) -> float | None:
    return None if jer is None or truth is None else jer - truth


def _font_values(row: Row, metric: str) -> dict[str, float]:
    """Font -> mean over its glyphs."""
    scores = font_scores(row.result, cell=row.cell, category=row.category)
    estimates = {font: score["metrics"].get(metric) for font, score in scores.items()}
    return {
        font: estimate["value"]
        for font, estimate in estimates.items()
        if estimate is not None and estimate["value"] is not None
    }
