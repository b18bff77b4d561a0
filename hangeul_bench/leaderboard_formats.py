"""A leaderboard's rows as CSV, Markdown or HTML; the same bytes for the same rows."""

import csv
import html
import io
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from hangeul_bench.leaderboard import HEADLINE, Row
from hangeul_bench.metrics import METRICS

# What a page shows; the CSV has every metric. The headline leads, the paper's four follow.
PAGE_METRICS = (
    "jer",
    "syllable_error",
    "shuffle_rate",
    "ssim",
    "rmse",
    "lpips",
    "fid",
    "ssim_aligned",
    "ink_iou",
    "style_error",
)
_DIGITS = 4


def to_csv(rows: Sequence[Row]) -> str:
    """Every row with every metric and its interval, one header line, LF line ends."""
    metrics = list(METRICS)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    bounds = [name for metric in metrics for name in (metric, f"{metric}_low", f"{metric}_high")]
    writer.writerow((*_KEYS, *bounds, *_PROVENANCE))
    for row in rows:
        values = [row.metrics.get(metric) for metric in metrics]
        cells = [v[key] if v else None for v in values for key in ("value", "low", "high")]
        writer.writerow((*_key_cells(row), *map(_plain, cells), *_provenance_cells(row)))
    return buffer.getvalue()


def to_markdown(rows: Sequence[Row]) -> str:
    """One table a track, cell and category, each under its heading."""
    parts = []
    for heading, group in _tables(rows):
        header, *body = _page_cells(group, with_interval=PAGE_METRICS)
        lines = [f"### {heading}", "", _line(header), _line(["---"] * len(header))]
        parts.append("\n".join([*lines, *(_line(cells) for cells in body)]) + "\n")
    return "\n".join(parts)


def to_html(rows: Sequence[Row]) -> str:
    """One offline page with a table a track, cell and category."""
    tables = []
    for heading, group in _tables(rows):
        header, *body = _page_cells(group, with_interval=PAGE_METRICS)
        lines = [_html_row(header, "th"), *(_html_row(cells, "td") for cells in body)]
        inner = "\n".join(lines)
        tables.append(f"<h2>{html.escape(heading)}</h2>\n<table>\n{inner}\n</table>\n")
    return _PAGE.replace("<!-- tables -->", "".join(tables))


def to_text(rows: Sequence[Row]) -> str:
    """One table in columns a track, cell and category; intervals of the headline only."""
    parts = []
    for heading, group in _tables(rows):
        table = _page_cells(group, with_interval=(HEADLINE,))
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in table]
        parts.append("\n".join([heading, *lines]) + "\n")
    return "\n".join(parts)


FORMATS: dict[str, Callable[[Sequence[Row]], str]] = {
    "csv": to_csv,
    "md": to_markdown,
    "html": to_html,
    "text": to_text,
}

_KEYS = ("rank", "model", "kind", "track", "cell", "category", "n_fonts", "n_glyphs", "jer_excess")
_PROVENANCE = (
    "seconds_per_glyph",
    "parameters",
    "seed",
    "shots",
    "n_expected",
    "n_delivered",
    "why_unranked",
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
        _plain(row.jer_excess),
    )


def _provenance_cells(row: Row) -> tuple[object, ...]:
    result = row.result
    return (
        _plain(result["seconds_per_glyph"]),
        result["model"]["parameters"],
        result["seed"],
        result["shots"],
        result["n_expected"],
        result["n_delivered"],
        row.why_unranked,
        result["model"]["checkpoint_sha256"] or "",
        row.fingerprint,
        " ".join(f"{name}={text}" for name, text in sorted(result["signatures"].items())),
    )


def _plain(value: float | None) -> str:
    # Six decimals without exponent and no signed zero: the same text on every machine.
    return "" if value is None else f"{round(value, 6) + 0.0:.6f}"


def _tables(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    for key, group in groupby(rows, key=lambda row: (row.result["track"], row.cell, row.category)):
        track, cell, category = key
        yield f"{track} track, {cell}, {category}", list(group)


def _page_cells(rows: Sequence[Row], *, with_interval: Sequence[str]) -> list[list[str]]:
    metrics = [m for m in PAGE_METRICS if any(row.value(m) is not None for row in rows)]
    header = ["rank", "model", *metrics, "jer - truth", "s/glyph", "note"]
    table = [header, *(_page_row(row, metrics, with_interval) for row in rows)]
    filled = [any(cells[1:]) for cells in zip(*table, strict=True)]
    return [[cell for cell, keep in zip(cells, filled, strict=True) if keep] for cells in table]


def _page_row(row: Row, metrics: Sequence[str], with_interval: Sequence[str]) -> list[str]:
    seconds = row.result["seconds_per_glyph"]
    return [
        "" if row.rank is None else str(row.rank),
        row.model,
        *(_estimate(row, metric, interval=metric in with_interval) for metric in metrics),
        "" if row.jer_excess is None else f"{row.jer_excess:.{_DIGITS}f}",
        "" if seconds is None else f"{seconds:.3g}",
        row.why_unranked,
    ]


def _estimate(row: Row, metric: str, *, interval: bool) -> str:
    estimate = row.metrics.get(metric)
    if estimate is None or estimate["value"] is None:
        return ""
    text = f"{estimate['value']:.{_DIGITS}f}"
    if not interval or estimate["low"] is None or estimate["high"] is None:
        return text
    return f"{text} [{estimate['low']:.{_DIGITS}f}, {estimate['high']:.{_DIGITS}f}]"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _html_row(cells: Sequence[str], tag: str) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
