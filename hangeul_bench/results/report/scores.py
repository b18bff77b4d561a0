"""The report's table: one row a result, cell and category, each number with its interval."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hangeul_bench.hangeul.phonetics import LAYOUTS
from hangeul_bench.metrics.columns import HEADLINE, RANKED_BY
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.report.labels import (
    CATEGORIES,
    CELLS,
    HEADLINE_CELL,
    Metric,
    in_order,
    metric,
)
from hangeul_bench.results.report.runs import Run, measured
from hangeul_bench.results.rows import Row as RankedRow


@dataclass(frozen=True)
class Number:
    """A value and its 95 % interval: as a number to sort by, and as printed."""

    value: float | None
    text: str
    interval: str


@dataclass(frozen=True)
class Row:
    """One result in one cell and category; ``numbers`` are in the order of the columns."""

    run: Run
    place: RankedRow
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class Table:
    """The score table and which metrics it leaves out, with the reason."""

    columns: tuple[Metric, ...]
    rows: tuple[Row, ...]
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class LayoutRow:
    """A result's headline for each syllable layout; ``heat`` in [0, 1] shades the cell."""

    run: Run
    numbers: tuple[tuple[Number, float], ...]


def score_table(runs: Sequence[Run]) -> Table:
    """Every row over all fonts, ranked as on the leaderboard, unseen fonts first."""
    results = [run.result for run in runs]
    places = rank_results(results)
    if all(place.value(RANKED_BY) is None for place in places):
        leading = next(iter(in_order(measured(runs))), metric(HEADLINE)).name
        places = rank_results(results, rank_by=leading)
    places.sort(key=lambda place: (_order(CELLS, place.cell), _order(CATEGORIES, place.category)))
    entries = [dict(place.metrics) | {"jer_excess": _excess(place)} for place in places]
    names = {name for entry in entries for name, number in entry.items() if _known(number)}
    columns = tuple(in_order(names))
    rows = [
        Row(
            run=next(run for run in runs if run.result is place.result),
            place=place,
            numbers=tuple(number(entry, column) for column in columns),
        )
        for place, entry in zip(places, entries, strict=True)
    ]
    return Table(columns, tuple(rows), _missing_metrics(runs))


def layout_rows(runs: Sequence[Run]) -> tuple[LayoutRow, ...]:
    """The headline for each layout in the headline's cell; results without layouts are left out."""
    found = {}
    for run in runs:
        for row in run.full["scores"]:
            kind, _, name = row["group"].partition(":")
            if kind == "layout" and (row["cell"], row["category"]) == (HEADLINE_CELL, "all"):
                found[run.key, name] = number(row["metrics"], metric(HEADLINE))
    highest = max((entry.value or 0 for entry in found.values()), default=0) or 1
    nothing = number({}, metric(HEADLINE))
    rows = []
    for run in runs:
        numbers = [found.get((run.key, name), nothing) for name in LAYOUTS]
        if any(entry.value is not None for entry in numbers):
            rows.append(LayoutRow(run, tuple((n, (n.value or 0) / highest) for n in numbers)))
    return tuple(rows)


def number(metrics: Mapping[str, Mapping[str, Any]], column: Metric) -> Number:
    """A metric's number in a score row; empty if the row lacks it."""
    entry = metrics.get(column.name, {})
    value = entry.get("value")
    interval = column.interval(entry.get("low"), entry.get("high"))
    return Number(value, column.text(value), interval)


def _excess(place: RankedRow) -> dict[str, float | None]:
    return {"value": place.jer_excess, "low": None, "high": None}


def _known(number: Mapping[str, Any]) -> bool:
    return number["value"] is not None


def _order(names: Iterable[str], name: str) -> int:
    return list(names).index(name)


def _missing_metrics(runs: Sequence[Run]) -> tuple[tuple[str, str], ...]:
    reasons: dict[str, list[str]] = {}
    for run in runs:
        for name, reason in run.result["missing_metrics"].items():
            reasons.setdefault(f"{metric(name).label}: {reason}", []).append(run.label)
    everyone = len(runs)
    return tuple(
        (text, "" if len(labels) == everyone else ", ".join(labels))
        for text, labels in sorted(reasons.items())
    )
