"""Result files to ranked rows: who is best in each track, cell and category, and who ties."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hangeul_bench.adapter.protocols import PROTOCOLS, Protocol, protocol_named
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.splits.lists import CELLS, SCORED_CATEGORIES, TRACKS
from hangeul_bench.fonts.table import CATEGORIES
from hangeul_bench.metrics import METRICS, higher_is_better
from hangeul_bench.metrics.columns import HEADLINE
from hangeul_bench.results.beside import rules_of
from hangeul_bench.results.file import Estimate, Result, find_score
from hangeul_bench.results.paired import font_difference
from hangeul_bench.results.seeds import by_seed, spreads

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
        seeds: With which seeds the model drew; the numbers are the first one's.
        spreads: Metric -> largest less smallest value over the seeds; empty for one seed.
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
    seeds: tuple[int, ...] = (0,)
    spreads: dict[str, float] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The model's name."""
        name: str = self.result["model"]["name"]
        return name

    @property
    def protocol(self) -> Protocol:
        """The rules that the model was trained by."""
        return _protocol(self.result)

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

    Rows are compared only where protocol, track, fingerprint, number of references and the
    metric's signature agree. A row shares the rank of the row that heads its group when the 95 %
    interval of their paired difference, resampled over lineages, includes zero. Controls stand
    among the models but take no rank. Of results that differ by their seed alone the smallest
    seed's has a row, which says how far the others are off.

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
    rows = [row for result, others in by_seed(results) for row in _rows_of(result, others)]
    if rows and all(row.value(rank_by) is None for row in rows):
        raise UserError(f"No result has the metric {rank_by}; evaluate with --metrics {rank_by}.")
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(_comparable(row, rank_by), []).append(row)
    ranked = [row for key in sorted(groups) for row in _ranked(groups[key], rank_by)]
    truths = {_measured(row): row.value(HEADLINE) for row in rows if row.model == TRUTH}
    return [
        replace(row, jer_excess=_excess(row.value(HEADLINE), truths.get(_measured(row))))
        for row in ranked
    ]


def tied(first: Row, second: Row, metric: str) -> bool:
    """Whether the paired difference of two rows may be zero.

    Lineages are the unit: the 95 % interval comes from resampling those of the fonts that both
    rows have.
    """
    difference = font_difference(
        first.result, second.result, metric, cell=first.cell, category=first.category
    )
    if difference is None:
        return first.value(metric) == second.value(metric)
    return not difference.interval.excludes_zero


def standing(rows: Sequence[Row], metric: str) -> list[str]:
    """Of each row ``best``, ``tied`` with the best by :func:`tied`, or empty.

    Only rows that may rank stand for it, and only those that measure the same; where rows of
    several kinds lie side by side, each kind has its best.
    """
    places = [""] * len(rows)
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, row in enumerate(rows):
        barred = row.result["model"]["kind"] == "control" or row.cell in row.result["unrankable"]
        if not barred and row.value(metric) is not None:
            groups.setdefault(_comparable(row, metric), []).append(index)
    for members in groups.values():
        head = min((rows[index] for index in members), key=lambda row: _order(row, metric))
        for index in members:
            if rows[index].value(metric) == head.value(metric):
                places[index] = "best"
            elif tied(head, rows[index], metric):
                places[index] = "tied"
    return places


def _rows_of(result: Result, others: Sequence[Result]) -> list[Row]:
    """A result's rows; ``others`` were drawn with other seeds."""
    rows = []
    seeds = tuple(one["seed"] for one in (result, *others))
    protocol = _protocol(result)
    for cell in protocol.cells:
        for category in CATEGORIES if protocol.one_category else SCORED_CATEGORIES:
            score = find_score(result, cell=cell, category=category)
            if score is not None and score["n_glyphs"]:
                counts = score["n_fonts"], score["n_glyphs"]
                row = Row(result, cell, category, *counts, metrics=score["metrics"], seeds=seeds)
                spread = spreads(result, others, cell=cell, category=category)
                rows.append(replace(row, spreads=spread))
    return rows


def _protocol(result: Result) -> Protocol:
    rules = rules_of(result)
    return protocol_named(rules["protocol"], rules["category"])


def _comparable(row: Row, metric: str) -> tuple[Any, ...]:
    """What two rows must share to be compared; sorts tracks, cells and categories as listed."""
    return (
        [*PROTOCOLS].index(row.protocol.name),
        TRACKS.index(row.result["track"]),
        CELLS.index(row.cell),
        SCORED_CATEGORIES.index(row.category),
        row.result["shots"],
        row.fingerprint,
        row.result["signatures"].get(metric, ""),
    )


def _measured(row: Row) -> tuple[Any, ...]:
    """What two jamo error rates must share to be subtracted; the truth needs no reference."""
    result = row.result
    signature = result["signatures"].get(HEADLINE, "")
    shared = row.protocol.name, result["track"], result["limit"]
    return *shared, row.cell, row.category, row.fingerprint, signature


def _ranked(rows: list[Row], metric: str) -> list[Row]:
    rows = sorted(rows, key=lambda row: _order(row, metric))
    reasons = [_why_unranked(row, metric) for row in rows]
    ranks = iter(_ranks([r for r, why in zip(rows, reasons, strict=True) if not why], metric))
    return [
        replace(
            row,
            rank=None if why else next(ranks),
            why_unranked=why,
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
