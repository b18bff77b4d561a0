"""A leaderboard's rows as CSV, Markdown, HTML, LaTeX or text; the same bytes for the same rows."""

import html
from collections.abc import Callable, Sequence

from hangeul_bench.base.tables import csv_text, fixed, latex, markdown, one_line
from hangeul_bench.metrics.columns import ON_BOARD
from hangeul_bench.results.board import Cell, Table, View, board_tables, legend
from hangeul_bench.results.file import ORIGIN, Result, verified_on
from hangeul_bench.results.rows import Row

# Every metric, to four decimals, with its interval.
_ALL = View()


def to_csv(rows: Sequence[Row]) -> str:
    """Every row with every metric and its interval, one header line, LF line ends."""
    metrics = [column.name for column in ON_BOARD]
    bounds = [f"{metric}{end}" for metric in metrics for end in ("", "_low", "_high", "_spread")]
    return csv_text((*_KEYS, *bounds, *_PROVENANCE), (_csv_row(row, metrics) for row in rows))


def to_markdown(rows: Sequence[Row], view: View = _ALL) -> str:
    """One table a track, cell and category, each under its heading."""
    parts = []
    for table in board_tables(rows, view):
        header, *body = table.rows
        lines = [_line(header), _line([Cell("---")] * len(header)), *map(_line, body)]
        parts.append("\n".join([f"### {table.heading}", "", *lines]) + "\n")
    return "\n".join([*parts, "**Bold**: " + _legend(rows, view, "†") + "\n"])


def to_html(rows: Sequence[Row], view: View = _ALL) -> str:
    """One offline page with a table a track, cell and category."""
    tables = []
    for table in board_tables(rows, view):
        header, *body = table.rows
        lines = [_html_row(header, "th"), *(_html_row(cells, "td") for cells in body)]
        inner = "\n".join(lines)
        tables.append(f"<h2>{html.escape(table.heading)}</h2>\n<table>\n{inner}\n</table>\n")
    legend = f"<p><strong>Bold</strong>: {_legend(rows, view, '†')}</p>\n"
    return _PAGE.replace("<!-- tables -->", "".join(tables) + legend)


def to_text(rows: Sequence[Row], view: View = _ALL) -> str:
    """One table in columns a track, cell and category; no intervals, which would not fit."""
    parts = []
    for table in board_tables(rows, view):
        texts = [[_plain_cell(cell) for cell in cells] for cells in table.rows]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        lines = ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in texts]
        parts.append("\n".join([table.heading, *lines]) + "\n")
    return "\n".join([*parts, "*: " + _legend(rows, view, "~") + "\n"])


def to_latex(rows: Sequence[Row], view: View = _ALL) -> str:
    """One ``tabular`` a track, cell and category; needs the package ``booktabs``."""
    tables = "\n".join(_tabular(table) for table in board_tables(rows, view))
    return f"% \\usepackage{{booktabs}}\n% Bold: {_legend(rows, view, 'dagger')}\n\n{tables}"


# Formats that a view changes; the CSV is always whole.
PAGES: dict[str, Callable[[Sequence[Row], View], str]] = {
    "md": to_markdown,
    "html": to_html,
    "latex": to_latex,
    "text": to_text,
}

_KEYS = (
    *("rank", "model", "kind", "track", "cell", "category", "n_fonts", "n_glyphs"),
    *("to_best", "to_best_low", "to_best_high", "jer_excess", "jer_excess_upper"),
)
_PROVENANCE = (
    "label",
    "seconds_per_glyph",
    "parameters",
    "seed",
    "seeds",
    "shots",
    "perturb",
    "protocol",
    "n_expected",
    "n_delivered",
    "why_unranked",
    "note",
    "ranked_by",
    "verified",
    *ORIGIN,
    "checkpoint_sha256",
    "fingerprint",
    "signatures",
)
_PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Leaderboard</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid #ddd; text-align: right; }
th:nth-child(2), td:nth-child(2), td:last-child { text-align: left; }
</style>
<!-- tables --></html>
"""


def _legend(rows: Sequence[Row], view: View, mark: str) -> str:
    return legend(rows, view).format(mark=mark)


def _csv_row(row: Row, metrics: Sequence[str]) -> tuple[object, ...]:
    cells: list[float | None] = []
    for metric in metrics:
        estimate = row.metrics.get(metric)
        cells += [estimate[key] if estimate else None for key in ("value", "low", "high")]
        cells.append(row.spreads.get(metric))
    return (*_key_cells(row), *map(_plain, cells), *_provenance_cells(row))


def _key_cells(row: Row) -> tuple[object, ...]:
    return (
        row.rank if row.rank is not None else "",
        row.model,
        row.result["model"]["kind"],
        row.result["track"],
        row.cell,
        row.category,
        row.n_fonts,
        row.n_glyphs,
        *map(_plain, _to_best(row)),
        _plain(row.jer_excess),
        _plain(row.jer_excess_upper),
    )


def _to_best(row: Row) -> tuple[float | None, float | None, float | None]:
    found = row.to_best
    return (None, None, None) if found is None else (found.value, found.low, found.high)


def _provenance_cells(row: Row) -> tuple[object, ...]:
    result = row.result
    return (
        row.label,
        _plain(result["seconds_per_glyph"]),
        result["model"]["parameters"],
        result["seed"],
        " ".join(map(str, row.seeds)),
        result["shots"],
        row.perturb,
        row.protocol.name,
        result["n_expected"],
        result["n_delivered"],
        row.why_unranked,
        row.note,
        row.ranked_by,
        verified_on(result),
        *(_origin(result, key) for key in ORIGIN),
        result["model"]["checkpoint_sha256"] or "",
        row.fingerprint,
        " ".join(f"{name}={text}" for name, text in sorted(row.full["signatures"].items())),
    )


def _origin(result: Result, key: str) -> str:
    value = result.get("origin", {}).get(key)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _plain(value: float | None) -> str:
    # Six decimals without exponent: the same text on every machine.
    return "" if value is None else fixed(value, 6)


def _line(cells: Sequence[Cell]) -> str:
    return "| " + " | ".join(map(_markdown_cell, cells)) + " |"


def _markdown_cell(cell: Cell) -> str:
    text = f"**{markdown(cell.text)}**" if cell.best else markdown(cell.text)
    return " ".join(filter(None, (text + "†" * cell.like_best, cell.interval)))


def _plain_cell(cell: Cell) -> str:
    return one_line(cell.text) + "*" * cell.best + "~" * cell.like_best


def _html_row(cells: Sequence[Cell], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{_html_cell(cell)}</{tag}>" for cell in cells) + "</tr>"


def _html_cell(cell: Cell) -> str:
    text = html.escape(cell.text)
    text = f"<strong>{text}</strong>" if cell.best else text + "†" * cell.like_best
    return " ".join(filter(None, (text, cell.interval)))


def _tabular(table: Table) -> str:
    header, *body = table.rows
    n_names = [cell.text for cell in header].index("model") + 1
    note = header[-1].text == "note"
    align = "l" * n_names + "r" * (len(header) - n_names - note) + "l" * note
    return "\n".join(
        [
            f"% {table.heading}",
            f"\\begin{{tabular}}{{{align}}}",
            "\\toprule",
            _latex_row(header),
            "\\midrule",
            *map(_latex_row, body),
            "\\bottomrule",
            "\\end{tabular}\n",
        ]
    )


def _latex_row(cells: Sequence[Cell]) -> str:
    return " & ".join(map(_latex_cell, cells)) + r" \\"


def _latex_cell(cell: Cell) -> str:
    text = latex(cell.text)
    text = rf"\textbf{{{text}}}" if cell.best else text + r"$^{\dagger}$" * cell.like_best
    interval = rf"{{\scriptsize {cell.interval}}}" if cell.interval else ""
    return " ".join(filter(None, (text, interval)))
