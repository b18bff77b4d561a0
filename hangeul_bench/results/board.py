"""What a board shows to people: headings, numbers, the best in each column and what ties with it.

The formats are in :mod:`hangeul_bench.results.tables`; nothing here knows of markup.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from hangeul_bench.adapter.protocols import OPEN
from hangeul_bench.adapter.questions import shots_text
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import fixed
from hangeul_bench.metrics.columns import BY_NAME, COLUMNS
from hangeul_bench.results.file import undelivered_text
from hangeul_bench.results.ranking import Row, standing
from hangeul_bench.results.verified import verified_on

# What a page shows; the CSV has every metric.
PAGE_METRICS = tuple(column.name for column in COLUMNS if column.on_page)
_DIGITS = 4


@dataclass(frozen=True)
class View:
    """What a table for people shows.

    Attributes:
        metrics: These columns and no other number; None shows those of a page, the jamo error rate
            above the truth's, and seconds a glyph.
        digits: Decimals of a metric.
        intervals: Whether a number has its 95 % interval beside it, and its spread over seeds.

    Raises:
        UserError: There is no such metric.
    """

    metrics: tuple[str, ...] | None = None
    digits: int = _DIGITS
    intervals: bool = True

    def __post_init__(self) -> None:
        unknown = [name for name in self.metrics or () if name not in BY_NAME]
        if unknown:
            raise UserError(
                f"Expected metrics among {', '.join(BY_NAME)}, but found {unknown[0]!r}."
            )


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: The number or name; may hold anything, as names come from files.
        interval: ``[low, high]``, ``[low, high] spread s`` where there are several seeds, or empty.
        best: Whether no row that may rank has a better number.
        tied: Whether it cannot be told from the best.
    """

    text: str
    interval: str = ""
    best: bool = False
    tied: bool = False


@dataclass(frozen=True)
class Table:
    """The rows of one track, cell, category and number of references; the first holds the heads."""

    heading: str
    rows: tuple[tuple[Cell, ...], ...]


def board_tables(rows: Sequence[Row], view: View) -> Iterator[Table]:
    """One table a track, cell, category and number of references, in the order of the rows."""
    for heading, group in groupby(rows, key=_heading):
        yield Table(heading, _table(list(group), view))


def _heading(row: Row) -> str:
    result = row.result
    shots = shots_text(result["shots"])
    shots += f" ({result['perturb']})" if "perturb" in result else ""
    rules = "" if row.protocol == OPEN else f"{row.protocol.name} protocol, "
    return f"{rules}{result['track']} track, {row.cell}, {row.category}, {shots}"


def _table(rows: list[Row], view: View) -> tuple[tuple[Cell, ...], ...]:
    chosen = view.metrics or PAGE_METRICS
    metrics = [m for m in chosen if view.metrics or any(row.value(m) is not None for row in rows)]
    columns = [
        _column("rank", ["" if row.rank is None else str(row.rank) for row in rows]),
        _column("model", [row.model for row in rows]),
        *(_metric_column(metric, rows, view) for metric in metrics),
        *([] if view.metrics else _other_numbers(rows, view)),
        _column("verified", [verified_on(row.result) for row in rows]),
        _column("note", [_note(row) for row in rows]),
    ]
    asked = 2 + len(metrics) if view.metrics else 0  # columns that stay even if they are empty
    filled = [
        column
        for number, column in enumerate(columns)
        if any(cell.text for cell in column[1:]) or 2 <= number < asked
    ]
    return tuple(zip(*filled, strict=True))


def _note(row: Row) -> str:
    return "; ".join(filter(None, (row.why_unranked, undelivered_text(row.result))))


def _column(head: str, texts: Sequence[str]) -> list[Cell]:
    return [Cell(head), *map(Cell, texts)]


def _metric_column(metric: str, rows: Sequence[Row], view: View) -> list[Cell]:
    column = BY_NAME[metric]
    places = standing(rows, metric)
    cells = [
        Cell(*_estimate(row, metric, view), best=place == "best", tied=place == "tied")
        for row, place in zip(rows, places, strict=True)
    ]
    return [Cell(f"{column.title} {'↑' if column.higher_is_better else '↓'}"), *cells]


def _other_numbers(rows: Sequence[Row], view: View) -> list[list[Cell]]:
    excess = ["" if row.jer_excess is None else fixed(row.jer_excess, view.digits) for row in rows]
    seconds = [row.result["seconds_per_glyph"] for row in rows]
    return [
        _column("JER - truth", excess),
        _column("s/glyph", ["" if s is None else f"{s:.3g}" for s in seconds]),
    ]


def _estimate(row: Row, metric: str, view: View) -> tuple[str, str]:
    """A value and its interval as texts; empty where there is none."""
    estimate = row.metrics.get(metric)
    if estimate is None or estimate["value"] is None:
        return "", ""
    text = fixed(estimate["value"], view.digits)
    low, high = estimate["low"], estimate["high"]
    if not view.intervals or low is None or high is None:
        return text, ""
    spread = row.spreads.get(metric)
    over = "" if spread is None else f" spread {fixed(spread, view.digits)}"
    return text, f"[{fixed(low, view.digits)}, {fixed(high, view.digits)}]{over}"
