"""What a board shows to people: headings, numbers, the best in each column and its equals.

The formats are in :mod:`hangeul_bench.results.tables`; nothing here knows of markup.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from hangeul_bench.adapter.questions import OPEN, shots_text
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import fixed
from hangeul_bench.metrics.columns import BY_NAME, HEADLINE, ON_BOARD, RANKED_BY
from hangeul_bench.results.file import undelivered_text, verified_on
from hangeul_bench.results.intervals import Interval
from hangeul_bench.results.ranking import BLUR, BLUR_GATE, GATE, standing
from hangeul_bench.results.rows import Row

# What a page shows; the CSV has every metric.
PAGE_METRICS = tuple(column.name for column in ON_BOARD if column.on_page)
# What cells show that stand side by side.
_SIDE_BY_SIDE = (RANKED_BY, HEADLINE, "ssim", "style_distance")
_DIGITS = 4
_MARKS = (
    "the best of those that may rank; {mark}: not told apart from it, as the 95 % "
    "interval of the paired difference over fonts includes zero."
)
_SPREAD = " Spread: the largest less the smallest value over the seeds that a model drew with."


@dataclass(frozen=True)
class View:
    """What a table for people shows.

    Attributes:
        metrics: These columns and no other number; None shows those of a page, the jamo error rate
            above the truth's, and seconds a glyph.
        digits: Decimals of a metric.
        intervals: Whether a number has its 95 % interval beside it, and its spread over seeds.
        side_by_side: Cells that one table shows beside each other; empty is a table a cell.

    Raises:
        UserError: There is no such metric.
    """

    metrics: tuple[str, ...] | None = None
    digits: int = _DIGITS
    intervals: bool = True
    side_by_side: tuple[str, ...] = ()

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
        like_best: Whether it is not told apart from the best.
    """

    text: str
    interval: str = ""
    best: bool = False
    like_best: bool = False


@dataclass(frozen=True)
class Table:
    """The rows of one track, cell, category and number of references; the first holds the heads."""

    heading: str
    rows: tuple[tuple[Cell, ...], ...]


def board_tables(rows: Sequence[Row], view: View) -> Iterator[Table]:
    """One table a track, cell, category and number of references, in the order of the rows."""
    if view.side_by_side:
        yield from _tables_of_cells(rows, view)
        return
    for title, group in groupby(rows, key=heading):
        yield Table(title, _table(list(group), view))


def legend(rows: Sequence[Row], view: View) -> str:
    """What ranks and what the marks mean, in sentences; ``{mark}`` stands for that of an equal."""
    ranked_by = rows[0].ranked_by if rows else RANKED_BY
    rank = (
        f"Rank: 1 and how many models are better in {BY_NAME[ranked_by].title} by more than chance "
        "(paired over fonts, Holm's rule over all pairs)"
    )
    gate = (
        f"; to rank, {HEADLINE} less the truth's must be at most {GATE:g} and {BLUR} at most "
        f"{BLUR_GATE:g} pixels, with 95 % confidence."
    )
    if ranked_by != RANKED_BY:
        gate = "; no gate was asked, as they are for the composite alone."
    spread = view.intervals and any(row.spreads for row in rows)
    return f"{_MARKS} {rank}{gate}{_SPREAD * spread}"


def heading(row: Row, cells: str = "") -> str:
    """What a table is of; ``cells`` stands for the row's own cell."""
    result = row.result
    shots = shots_text(result["shots"])
    shots += f" ({row.perturb})" if row.perturb else ""
    rules = "" if row.protocol == OPEN else f"{row.protocol.name} protocol, "
    return f"{rules}{result['track']} track, {cells or row.cell}, {row.category}, {shots}"


def _tables_of_cells(rows: Sequence[Row], view: View) -> Iterator[Table]:
    """A table a track, category and number of references: a model a line, its cells beside."""
    names = " and ".join(view.side_by_side)
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.cell in view.side_by_side:
            groups.setdefault(heading(row, names), []).append(row)
    for title, group in groups.items():
        lines: dict[int, dict[str, Row]] = {}
        for row in group:
            lines.setdefault(id(row.result), {})[row.cell] = row
        yield Table(title, _beside(list(lines.values()), view))


def _beside(lines: Sequence[Mapping[str, Row]], view: View) -> tuple[tuple[Cell, ...], ...]:
    """The lines of a table of several cells, in the order of the first one's."""
    columns = [_column("model", [next(iter(line.values())).label for line in lines])]
    for cell in view.side_by_side:
        own = [line.get(cell) for line in lines]
        columns.append(_column(f"rank {cell}", ["" if row is None else _rank(row) for row in own]))
    for metric in view.metrics or [name for name in _SIDE_BY_SIDE if name in BY_NAME]:
        for cell in view.side_by_side:
            kept = [line[cell] for line in lines if cell in line]
            if view.metrics is None and all(row.value(metric) is None for row in kept):
                continue
            head, *numbers = _metric_column(metric, kept, view)
            found = iter(numbers)
            filled = [next(found) if cell in line else Cell("") for line in lines]
            columns.append([Cell(f"{head.text} {cell}"), *filled])
    columns.append(_column("note", [_notes(line) for line in lines]))
    return tuple(zip(*columns, strict=True))


def _notes(line: Mapping[str, Row]) -> str:
    notes: dict[str, list[str]] = {}
    for cell, row in line.items():
        if note := _note(row):
            notes.setdefault(note, []).append(cell)
    everywhere = {
        note: "" if len(cells) == len(line) else f"{', '.join(cells)}: "
        for note, cells in notes.items()
    }
    return "; ".join(f"{where}{note}" for note, where in everywhere.items())


def _rank(row: Row) -> str:
    return "" if row.rank is None else str(row.rank)


def _note(row: Row) -> str:
    return "; ".join(filter(None, (row.why_unranked, row.note, undelivered_text(row.result))))


def _table(rows: list[Row], view: View) -> tuple[tuple[Cell, ...], ...]:
    chosen = view.metrics or PAGE_METRICS
    metrics = [m for m in chosen if view.metrics or any(row.value(m) is not None for row in rows)]
    columns = [
        _column("rank", [_rank(row) for row in rows]),
        _column("model", [row.label for row in rows]),
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


def _column(head: str, texts: Sequence[str]) -> list[Cell]:
    return [Cell(head), *map(Cell, texts)]


def _metric_column(metric: str, rows: Sequence[Row], view: View) -> list[Cell]:
    column = BY_NAME[metric]
    places = standing(rows, metric)
    cells = [
        Cell(
            *_estimate(row, metric, view), best=place == "best", like_best=place == "not told apart"
        )
        for row, place in zip(rows, places, strict=True)
    ]
    return [Cell(f"{column.title} {'↑' if column.higher_is_better else '↓'}"), *cells]


def _other_numbers(rows: Sequence[Row], view: View) -> list[list[Cell]]:
    excess = ["" if row.jer_excess is None else fixed(row.jer_excess, view.digits) for row in rows]
    at_most = [row.jer_excess_upper for row in rows]
    to_best = [_interval(row.to_best, view) for row in rows]
    seconds = [row.result["seconds_per_glyph"] for row in rows]
    return [
        [Cell("less the best"), *(Cell(*one) for one in to_best)],
        _column("JER - truth", excess),
        _column("at most", ["" if one is None else fixed(one, view.digits) for one in at_most]),
        _column("s/glyph", ["" if s is None else f"{s:.3g}" for s in seconds]),
    ]


def _interval(interval: Interval | None, view: View) -> tuple[str, str]:
    """A difference and its interval as texts; empty where there is none."""
    if interval is None:
        return "", ""
    text = fixed(interval.value, view.digits)
    if not view.intervals or interval.low is None or interval.high is None:
        return text, ""
    return text, f"[{fixed(interval.low, view.digits)}, {fixed(interval.high, view.digits)}]"


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
