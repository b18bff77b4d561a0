"""The rows of a board: one model in one track, cell and category, with all that is known of it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hangeul_bench.adapter.questions import Protocol, protocol_named
from hangeul_bench.adapter.registry import label_of
from hangeul_bench.dataset.splits.lists import SCORED_CATEGORIES
from hangeul_bench.fonts.table import CATEGORIES
from hangeul_bench.metrics.columns import RANKED_BY
from hangeul_bench.results.composite import completed
from hangeul_bench.results.file import Estimate, Result, barred, find_score, gallery_note, rules_of
from hangeul_bench.results.intervals import Interval


@dataclass(frozen=True)
class Row:
    """One model in one track, cell and category.

    Attributes:
        result: The result file that it comes from.
        full: The same with what boards add: see :func:`hangeul_bench.results.composite.completed`.
        cell: ``sfsc``, ``sfuc``, ``ufsc``, ``ufuc`` or ``uf``.
        category: ``handwritten``, ``printed`` or ``all``.
        n_fonts: Fonts scored.
        n_glyphs: Glyphs scored.
        metrics: Metric -> value and 95 % interval.
        ranked_by: The metric that ranks.
        rank: 1 and how many rows are significantly better; None for a row that takes none.
        why_unranked: Why it takes none.
        note: What a reader must know beside.
        to_best: The difference from the best row that ranks, with its 95 % interval.
        jer_excess: ``jer`` above the reader's own error on ground truth; None without that row.
        jer_excess_upper: Its one-sided 95 % upper bound.
        seeds: With which seeds the model drew; the numbers are the first one's.
        spreads: Metric -> largest less smallest value over the seeds; empty for one seed.
    """

    result: Result
    full: Result
    cell: str
    category: str
    n_fonts: int
    n_glyphs: int
    metrics: dict[str, Estimate] = field(default_factory=dict)
    ranked_by: str = RANKED_BY
    rank: int | None = None
    why_unranked: str = ""
    note: str = ""
    to_best: Interval | None = None
    jer_excess: float | None = None
    jer_excess_upper: float | None = None
    seeds: tuple[int, ...] = (0,)
    spreads: dict[str, float] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The model's name."""
        name: str = self.result["model"]["name"]
        return name

    @property
    def label(self) -> str:
        """What tables for readers call the model; its name where it has no label."""
        return label_of(self.model, self.result["model"]["details"])

    @property
    def perturb(self) -> str:
        """How the references were spoiled; empty where they were not."""
        spoiled: str = self.result.get("perturb", "")
        return spoiled

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

    @property
    def barred(self) -> str:
        """Why it takes no rank whatever its numbers are; empty where it may."""
        if self.result["model"]["kind"] == "control":
            return "control"
        return barred(self.result, self.cell)

    def value(self, metric: str) -> float | None:
        """A metric's value, None where it was not computed."""
        return self.metrics[metric]["value"] if metric in self.metrics else None

    def signature(self, metric: str) -> str:
        """A metric's definition; empty where it was not computed."""
        return self.full["signatures"].get(metric, "")

    def measured(self, metric: str) -> tuple[Any, ...]:
        """What two values of a metric must share to be subtracted, but for the references shown."""
        result = self.result
        shared = self.protocol.name, result["track"], result["limit"]
        return *shared, self.cell, self.category, self.fingerprint, self.signature(metric)


def rows_of(results: Sequence[Result]) -> list[Row]:
    """The rows of all results, in no order; of those that differ by their seed alone, the first's.

    Args:
        results: Checked results.
    """
    full = {id(given): whole for given, whole in zip(results, completed(results), strict=True)}
    rows = []
    for result, others in by_seed(results):
        rows += _rows_of(result, full[id(result)], [full[id(other)] for other in others])
    return rows


def by_seed(results: Sequence[Result]) -> Iterator[tuple[Result, tuple[Result, ...]]]:
    """Each result with those drawn like it with greater seeds, which do not come by themselves.

    Results that share everything and the seed, too, are kept apart.
    """
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(_all_but_the_seed(result), []).append(result)
    for group in groups.values():
        group = sorted(group, key=lambda result: result["seed"])
        if len({result["seed"] for result in group}) < len(group):
            yield from ((result, ()) for result in group)
        else:
            yield group[0], tuple(group[1:])


def spreads(
    result: Result, others: Sequence[Result], *, cell: str, category: str
) -> dict[str, float]:
    """Metric to its largest less its smallest value over the seeds.

    A metric that some seed lacks, or that was measured otherwise there, has none.

    Args:
        result: One seed's.
        others: The other seeds'; with none there is no spread.
        cell: Which cell.
        category: Which category.
    """
    values: dict[str, list[float]] = {}
    for one in (result, *others):
        score = find_score(one, cell=cell, category=category)
        for name, estimate in (score["metrics"] if score else {}).items():
            same = one["signatures"].get(name) == result["signatures"].get(name)
            if same and estimate["value"] is not None:
                values.setdefault(name, []).append(estimate["value"])
    count = len(others) + 1
    full = {name: known for name, known in values.items() if len(known) == count > 1}
    return {name: max(known) - min(known) for name, known in full.items()}


def _rows_of(result: Result, full: Result, others: Sequence[Result]) -> list[Row]:
    """A result's rows; ``others`` were drawn with other seeds."""
    rows = []
    seeds = tuple(one["seed"] for one in (result, *others))
    protocol = _protocol(result)
    for cell in protocol.cells:
        for category in CATEGORIES if protocol.one_category else SCORED_CATEGORIES:
            score = find_score(full, cell=cell, category=category)
            if score is not None and score["n_glyphs"]:
                counts = score["n_fonts"], score["n_glyphs"]
                row = Row(result, full, cell, category, *counts, score["metrics"], seeds=seeds)
                spread = spreads(full, others, cell=cell, category=category)
                rows.append(replace(row, spreads=spread, note=gallery_note(result, cell)))
    return rows


def _protocol(result: Result) -> Protocol:
    rules = rules_of(result)
    return protocol_named(rules["protocol"], rules["category"])


def _all_but_the_seed(result: Result) -> str:
    model = result["model"]
    shared: list[Any] = [model[key] for key in ("name", "checkpoint_sha256", "options")]
    shared += [result[key] for key in ("track", "shots", "limit")]
    shared += [result["dataset"]["fingerprint"], result.get("perturb"), rules_of(result)]
    return json.dumps(shared, sort_keys=True)
