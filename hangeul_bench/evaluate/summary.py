"""Scores of glyphs to scores of cells, categories, fonts and layouts, with 95 % intervals."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.dataset.splits.lists import CELLS, SCORED_CATEGORIES, cells_of
from hangeul_bench.evaluate.scoring import MAX_REASON, FontScores, reason_of
from hangeul_bench.hangeul.phonetics import LAYOUTS, layout
from hangeul_bench.metrics.columns import BY_NAME, COLUMNS
from hangeul_bench.results.file import Estimate, Score, value_problem
from hangeul_bench.results.intervals import Sample

if TYPE_CHECKING:
    from hangeul_bench.metrics.base import AnyMetric, DistributionMetric

# A font and the rows of its glyphs that belong to a group.
_Member = tuple[FontScores, NDArray[np.int64]]


def summarize(scored: Sequence[FontScores], metrics: "Mapping[str, AnyMetric]") -> list[Score]:
    """Every metric of every cell and category: as a whole, a font and a jamo layout.

    The mean of a metric of single glyphs has an interval over lineages and syllables, which are
    crossed; a mean over fonts, one over lineages. A distance between pooled sets (``fid``,
    ``glyph_fid``) has one that leaves out each lineage in turn, and none within a layout. A single
    lineage has none.

    Args:
        scored: One entry a font.
        metrics: Column -> metric, for the distances between sets.
    """
    return [
        _score(cell, category, group, members, metrics)
        for cell in CELLS
        for category in SCORED_CATEGORIES
        for group, members in _groups(_members(scored, cell, category), category)
        if members
    ]


def summarize_known(
    scored: Sequence[FontScores], metrics: "Mapping[str, AnyMetric]"
) -> tuple[list[Score], dict[str, str]]:
    """The summary of the metrics that have one, and why the others have none.

    Args:
        scored: One entry a font.
        metrics: Column -> metric.
    """
    failed: dict[str, str] = {}
    try:
        scores = summarize(scored, metrics)
    except Exception as error:  # whatever a metric or linear algebra raises
        reason_of(error)
        scores, failed = _one_by_one(scored, metrics)
    for score in scores:
        for name, estimate in score["metrics"].items():
            if problem := value_problem(name, estimate):
                where = f"{score['cell']}, {score['category']}, {score['group']}"
                failed.setdefault(name, f"in {where}, {problem}"[:MAX_REASON])
    for score in scores:
        score["metrics"] = {k: v for k, v in score["metrics"].items() if k not in failed}
    return scores, failed


def _one_by_one(
    scored: Sequence[FontScores], metrics: "Mapping[str, AnyMetric]"
) -> tuple[list[Score], dict[str, str]]:
    scores = summarize(scored, {})
    failed: dict[str, str] = {}
    for name, metric in metrics.items():
        try:
            own = summarize(scored, {name: metric})
        except Exception as error:
            failed[name] = reason_of(error)
            continue
        for score, added in zip(scores, own, strict=True):
            score["metrics"] |= added["metrics"]
    return scores, failed


def _members(scored: Iterable[FontScores], cell: str, category: str) -> list[_Member]:
    members = []
    for font in scored:
        if category in ("all", font.task.category):
            rows = np.flatnonzero([cell in cells_of(own) for own in font.task.cells])
            members.append((font, rows))
    return [(font, rows) for font, rows in members if len(rows)]


def _groups(members: list[_Member], category: str) -> Iterator[tuple[str, list[_Member]]]:
    yield "all", members
    if category != "all":  # a font stands once, under its own category
        for member in members:
            yield f"font:{member[0].task.font_id}", [member]
    for name in LAYOUTS:
        yield f"layout:{name}", [m for m in (_of_layout(m, name) for m in members) if len(m[1])]


def _of_layout(member: _Member, name: str) -> _Member:
    font, rows = member
    return font, np.array([r for r in rows if layout(font.task.characters[r]) == name], np.int64)


def _score(
    cell: str, category: str, group: str, members: list[_Member], metrics: "Mapping[str, AnyMetric]"
) -> Score:
    lineages = [font.task.lineage for font, rows in members for _ in rows]
    sample = Sample(lineages, [font.task.characters[r] for font, rows in members for r in rows])
    estimates: dict[str, Estimate] = {}
    for name in (column.name for column in COLUMNS if column.name in metrics):
        if name in members[0][0].columns:
            values = np.concatenate([font.columns[name][rows] for font, rows in members])
            estimates[name] = sample.mean(values).estimate()
        else:
            metric = cast("DistributionMetric", metrics[name])
            estimates[name] = _distance(name, members, metric, whole=group == "all")
    return {
        "cell": cell,
        "category": category,
        "group": group,
        "n_fonts": len(members),
        "n_glyphs": len(lineages),
        "metrics": estimates,
    }


def _distance(
    name: str, members: list[_Member], metric: "DistributionMetric", *, whole: bool
) -> Estimate:
    if BY_NAME[name].scope == "font":  # a distance of two fonts: pooling fonts would mean nothing
        return _mean_over_fonts(name, members, metric)
    value = _pooled(name, members, metric)
    lineages = sorted({font.task.lineage for font, _ in members})
    if not whole or value is None or len(lineages) < 2:
        return {"value": value, "low": None, "high": None}
    left_out = [
        _pooled(name, [m for m in members if m[0].task.lineage != lineage], metric)
        for lineage in lineages
    ]
    known = [v for v in left_out if v is not None]
    if len(known) < len(left_out):  # what is left of some has less than two glyphs
        return {"value": value, "low": None, "high": None}
    half = _jackknife_half_width(known)
    return {"value": value, "low": value - half, "high": value + half}


def _mean_over_fonts(name: str, members: list[_Member], metric: "DistributionMetric") -> Estimate:
    values = [(font.task.lineage, _pooled(name, [(font, rows)], metric)) for font, rows in members]
    known = [(lineage, value) for lineage, value in values if value is not None]
    if not known:
        return {"value": None, "low": None, "high": None}
    return Sample([lineage for lineage, _ in known]).mean([v for _, v in known]).estimate()


def _pooled(name: str, members: list[_Member], metric: "DistributionMetric") -> float | None:
    """The distance of all members' glyphs together; None for less than two glyphs."""
    pairs = [(f.features[name][0][rows], f.features[name][1][rows]) for f, rows in members]
    predicted, target = (np.concatenate(side) for side in zip(*pairs, strict=True))
    if len(predicted) < 2:
        return None
    distance = metric.distance(predicted, target)
    return distance[name] if isinstance(distance, dict) else distance


def _jackknife_half_width(values: Sequence[float]) -> float:
    """Half of the 95 % interval from the values with each of n fonts left out.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), equation 11.5, with
    Student's t of n - 1 degrees.
    """
    from scipy.stats import t

    n = len(values)
    error = np.sqrt((n - 1) / n * np.square(np.array(values) - np.mean(values)).sum())
    return float(error * t.ppf(0.975, n - 1))
