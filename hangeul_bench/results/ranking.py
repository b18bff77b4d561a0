"""Result files to ranked rows: gates of legibility and sharpness, then how many are better.

A model ranks only if it reads: the one-sided 95 % upper bound of its jamo error rate less the
truth's own is at most .01; and if its outlines are outlines, since a blur makes RMSE and topology
better: that of its edge blur is at most .25 pixels. Its rank is 1 and the number of ranked rows
whose composite is significantly better, paired over fonts, by Holm's rule over all pairs of the
table.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from hangeul_bench.adapter.questions import PROTOCOLS
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.tables import fixed
from hangeul_bench.dataset.splits.lists import CELLS, SCORED_CATEGORIES, TRACKS
from hangeul_bench.metrics import METRICS
from hangeul_bench.metrics.columns import BY_NAME, HEADLINE, RANKED_BY
from hangeul_bench.results.file import Result, font_values
from hangeul_bench.results.intervals import Sample, holm, lineages_of
from hangeul_bench.results.paired import Difference, font_difference
from hangeul_bench.results.rows import Row, rows_of

TRUTH = "ground-truth"  # the control whose jamo error rate is the reader's own
# Of jer less the truth's own. On the lite track the bounds of a plain font, DK-Font and
# FontDiffuser are -.001, .002 and .003; that of Diff-Font, which lacks unseen syllables, is .075.
GATE = 0.01
# Pixels. DK-Font, Diff-Font, FontDiffuser and DG-Font have .02 to .05 on unseen fonts, the nearest
# font .03, retrieval-font .18, and .4 the nearest font under a Gaussian of .7 pixels.
BLUR, BLUR_GATE = "edge_blur", 0.25


def rank_results(results: Sequence[Result], *, rank_by: str = RANKED_BY) -> list[Row]:
    """Rows by track, cell and category, best first; the same for any order of ``results``.

    Rows are compared only where protocol, track, fingerprint, number of references and the
    metric's signature agree. Controls stand among the models but take no rank. Of results that
    differ by their seed alone the smallest seed's has a row, which says how far the others are off.
    Rows without the metric come last, by jamo error rate.

    Args:
        results: Checked results.
        rank_by: The metric to rank by. The gates are for the composite alone.

    Raises:
        UserError: There is no such metric, or no result has it.
    """
    if rank_by not in (RANKED_BY, *METRICS):
        raise UserError(
            f"Expected --rank-by one of {', '.join(sorted((RANKED_BY, *METRICS)))}, but found "
            f"{rank_by!r}."
        )
    rows = rows_of(results)
    if rows and rank_by != RANKED_BY and all(row.value(rank_by) is None for row in rows):
        if any(rank_by in row.result["signatures"] for row in rows):
            raise UserError(
                f"The metric {rank_by} has no number in any result, as too few glyphs were "
                "scored; rank by another with --rank-by."
            )
        raise UserError(f"No result has the metric {rank_by}; evaluate with --metrics {rank_by}.")
    truths = {row.measured(HEADLINE): row for row in rows if row.model == TRUTH}
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        row = replace(_with_excess(row, truths), ranked_by=rank_by)
        groups.setdefault(_comparable(row, rank_by), []).append(row)
    # Rows without the metric have no signature of it; they come after those that they are like.
    order = sorted(groups, key=lambda key: (key[:-1], key[-1] == "", key[-1]))
    return [row for key in order for row in _ranked(groups[key], rank_by)]


def difference(first: Row, second: Row, metric: str) -> Difference | None:
    """``first - second``, paired over the fonts that both rows have; None where they share none."""
    return font_difference(
        first.full, second.full, metric, cell=first.cell, category=first.category
    )


def told_apart(first: Row, second: Row, metric: str) -> bool:
    """Whether the 95 % interval of the paired difference of two rows excludes zero."""
    found = difference(first, second, metric)
    if found is None:
        return first.value(metric) != second.value(metric)
    return found.interval.excludes_zero


def standing(rows: Sequence[Row], metric: str) -> list[str]:
    """Of each row ``best``, ``not told apart`` from the best by :func:`told_apart`, or empty.

    Only rows that may rank stand for it, and only those that measure the same; where rows of
    several kinds lie side by side, each kind has its best.
    """
    places = [""] * len(rows)
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, row in enumerate(rows):
        if not row.barred and row.value(metric) is not None:
            groups.setdefault(_comparable(row, metric), []).append(index)
    for members in groups.values():
        head = min((rows[index] for index in members), key=lambda row: _order(row, metric))
        for index in members:
            if rows[index].value(metric) == head.value(metric):
                places[index] = "best"
            elif not told_apart(head, rows[index], metric):
                places[index] = "not told apart"
    return places


def better_pairs(rows: Sequence[Row], metric: str) -> dict[tuple[int, int], Difference]:
    """Which rows are significantly better than which, by Holm's rule over all their pairs.

    Args:
        rows: Rows that may be compared.
        metric: By which.

    Returns:
        (better, worse), places in ``rows`` -> their difference.
    """
    pairs = list(combinations(range(len(rows)), 2))
    found = [difference(rows[i], rows[j], metric) for i, j in pairs]
    p_values = [1.0 if one is None else one.mean.p_value() for one in found]
    better = {}
    for (i, j), one, rejected in zip(pairs, found, holm(p_values), strict=True):
        if rejected and one is not None:
            better[(i, j) if one.better_value == "first" else (j, i)] = one
    return better


def _with_excess(row: Row, truths: Mapping[tuple[Any, ...], Row]) -> Row:
    truth = truths.get(row.measured(HEADLINE))
    value = row.value(HEADLINE)
    own = None if truth is None else truth.value(HEADLINE)
    if truth is None or value is None or own is None:
        return row
    found = difference(row, truth, HEADLINE)
    upper = None if found is None else found.mean.upper()
    return replace(row, jer_excess=value - own, jer_excess_upper=upper)


def _comparable(row: Row, metric: str) -> tuple[Any, ...]:
    """What two rows must share to be compared; sorts tracks, cells and categories as listed."""
    return (
        [*PROTOCOLS].index(row.protocol.name),
        [*TRACKS].index(row.result["track"]),
        CELLS.index(row.cell),
        SCORED_CATEGORIES.index(row.category),
        row.result["shots"],
        row.result.get("perturb", ""),
        row.fingerprint,
        row.signature(metric),
    )


def _ranked(rows: list[Row], metric: str) -> list[Row]:
    rows = sorted(rows, key=lambda row: _order(row, metric))
    rows = [replace(row, why_unranked=_why_unranked(row, metric)) for row in rows]
    racing = [row for row in rows if not row.why_unranked]
    better = better_pairs(racing, metric)
    ranks = iter([1 + sum(j == place for _, j in better) for place in range(len(racing))])
    rows = [row if row.why_unranked else replace(row, rank=next(ranks)) for row in rows]
    if not racing:
        return rows
    return [replace(row, to_best=_to_best(row, racing[0], metric)) for row in rows]


def _to_best(row: Row, best: Row, metric: str) -> Any:
    if row.value(metric) is None or row.full is best.full:
        return None
    found = difference(row, best, metric)
    return None if found is None else found.interval


def _order(row: Row, metric: str) -> tuple[Any, ...]:
    value, legible = row.value(metric), row.value(HEADLINE)
    signed = 0.0 if value is None else -value if BY_NAME[metric].higher_is_better else value
    model = row.result["model"]
    return (
        value is None,
        signed,
        legible is None,
        legible or 0.0,
        row.model,
        row.result["seed"],
        model["checkpoint_sha256"] or "",
        json.dumps(model["options"], sort_keys=True),
    )


def _why_unranked(row: Row, metric: str) -> str:
    if row.barred:
        return row.barred
    if row.value(metric) is None:
        return row.full["missing_metrics"].get(metric, f"no {metric}")
    return _below_gate(row) if metric == RANKED_BY else ""


def _below_gate(row: Row) -> str:
    """Why a row does not pass the gates; empty where it does."""
    if row.value(HEADLINE) is None:
        return f"no {HEADLINE}, so its legibility is not known"
    if row.jer_excess is None:
        return f"no row of {TRUTH} to hold its legibility against"
    if row.jer_excess_upper is None:
        return "fonts of two lineages are needed to bound its legibility"
    if row.jer_excess_upper > GATE:
        upper = fixed(row.jer_excess_upper, 3)
        return f"below the legibility gate (jer - truth at most {upper}, asked {GATE:g})"
    return _too_soft(row)


def _too_soft(row: Row) -> str:
    values = font_values(row.full, BLUR, cell=row.cell, category=row.category)
    if not values:
        return f"no {BLUR}, so its sharpness is not known"
    upper = Sample(lineages_of(list(values), row.full)).mean(list(values.values())).upper()
    if upper is None or upper > BLUR_GATE:
        shown = "unknown" if upper is None else fixed(upper, 2)
        return f"below the sharpness gate ({BLUR} at most {shown} pixels, asked {BLUR_GATE:g})"
    return ""
