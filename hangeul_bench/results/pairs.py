"""Every pair of a board's rows: on how many fonts each wins, by how much, and whether by chance."""

from collections.abc import Iterator, Sequence
from itertools import combinations, groupby

from hangeul_bench.base.tables import csv_text, fixed, markdown
from hangeul_bench.metrics.columns import BY_NAME
from hangeul_bench.results.board import heading
from hangeul_bench.results.intervals import holm
from hangeul_bench.results.paired import Difference
from hangeul_bench.results.ranking import difference
from hangeul_bench.results.rows import Row

_KEYS = ("track", "cell", "category", "shots", "metric", "first", "second")
_NUMBERS = ("wins", "n_fonts", "difference", "low", "high", "p", "verdict")
_SAME = "not told apart"
_LEGEND = (
    "Fonts on which the row's model is better than the column's, and its value less the column's "
    "with the 95 % interval. **Bold**: told apart, by Holm's rule over all pairs of the table, "
    "those of controls among them.\n"
)
# First, second, their difference, and who is better or that they are not told apart.
_Pair = tuple[Row, Row, Difference, str]


def pairs_csv(rows: Sequence[Row]) -> str:
    """A line a pair of rows of one table, controls among them, by the metric that ranks.

    The p value is of the pair alone; the verdict is Holm's over all pairs of the table, which is
    stricter than the ranks, where controls are in no pair. Rows without the metric are left out.
    """
    lines = [_line(pair) for _, group in _tables(rows) for pair in _pairs(group)]
    return csv_text((*_KEYS, *_NUMBERS), lines)


def pairs_markdown(rows: Sequence[Row], digits: int) -> str:
    """A table of wins for each table of the board; a pair stands once, above the diagonal."""
    parts = []
    for title, group in _tables(rows):
        cells = {
            (id(first), id(second)): _shown(found, verdict, digits)
            for first, second, found, verdict in _pairs(group)
        }
        names = [markdown(row.label) for row in group]
        lines = [["", *names[1:]], ["---"] * len(names)]
        for name, row in zip(names[:-1], group, strict=False):
            lines.append([name, *(cells.get((id(row), id(other)), "") for other in group[1:])])
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts.append(f"### {title}, {BY_NAME[group[0].ranked_by].title}\n\n{table}\n")
    return "\n".join([*parts, _LEGEND])


def _tables(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    for (title, *_), group in groupby(
        rows, key=lambda row: (heading(row), row.fingerprint, row.signature(row.ranked_by))
    ):
        kept = [row for row in group if row.value(row.ranked_by) is not None]
        if len(kept) > 1:
            yield title, kept


def _pairs(rows: Sequence[Row]) -> Iterator[_Pair]:
    metric = rows[0].ranked_by
    found = [(a, b, difference(a, b, metric)) for a, b in combinations(rows, 2)]
    known = [(a, b, one) for a, b, one in found if one is not None]
    told = holm([one.mean.p_value() for *_, one in known])
    for (a, b, one), apart in zip(known, told, strict=True):
        better = a.model if one.better_value == "first" else b.model
        yield a, b, one, better if apart else _SAME


def _line(pair: _Pair) -> tuple[object, ...]:
    first, second, found, verdict = pair
    ends = found.interval.low, found.interval.high
    return (
        *(first.result["track"], first.cell, first.category, first.result["shots"]),
        *(first.ranked_by, first.model, second.model, found.wins, found.n_fonts),
        *("" if value is None else fixed(value, 6) for value in (found.mean.value, *ends)),
        f"{found.mean.p_value():.2g}",
        verdict,
    )


def _shown(found: Difference, verdict: str, digits: int) -> str:
    ends = [fixed(e, digits) for e in (found.interval.low, found.interval.high) if e is not None]
    interval = f" [{', '.join(ends)}]" if ends else ""
    text = f"{found.wins} of {found.n_fonts}: {fixed(found.mean.value, digits)}{interval}"
    return text if verdict == _SAME else f"**{text}**"
