"""Results with what boards read beyond their files: intervals by one rule, and the composite."""

from collections.abc import Sequence

from hangeul_bench.metrics.columns import BY_NAME
from hangeul_bench.results.composite import Key, Reference, pinned, reference_of, with_composite
from hangeul_bench.results.file import Estimate, Result, Score, font_scores
from hangeul_bench.results.intervals import RULE, Sample, lineages_of


def completed(results: Sequence[Result]) -> list[Result]:
    """The results, each with intervals by today's rule and, where it can be made, its composite.

    Nothing of what is given is changed. No interval ends beyond what its column's values can be.
    One of an older rule is made anew from the scores of single fonts, where the file has them; else
    there is none. The composite is relative to the pinned reference of its dataset; without one, to
    the row of `nearest-font` among the results.
    """
    own = [reference for result in results if (reference := reference_of(result)) is not None]
    references: dict[Key, Reference] = {}
    for reference in (*pinned(), *own):
        references.setdefault(reference.key, reference)
    return [with_composite(_with_intervals(result), references) for result in results]


def _with_intervals(result: Result) -> Result:
    made = result.get("intervals", {})
    scores: list[Score] = [
        {
            **score,
            "metrics": {
                name: _in_range(
                    name, estimate if made.get(name) == RULE else _by_rule(result, score, name)
                )
                for name, estimate in score["metrics"].items()
            },
        }
        for score in result["scores"]
    ]
    names = {name for score in scores for name in score["metrics"]}
    whole: Result = {**result, "scores": scores, "intervals": dict.fromkeys(sorted(names), RULE)}
    return whole


def _in_range(name: str, estimate: Estimate) -> Estimate:
    """The estimate with no end of its interval beyond the values that its column can have."""
    low, high = estimate["low"], estimate["high"]
    column = BY_NAME.get(name)
    if column is None or low is None or high is None:
        return estimate
    return {**estimate, "low": max(low, column.low), "high": min(high, column.high)}


def _by_rule(result: Result, score: Score, name: str) -> Estimate:
    """The estimate of a whole cell with the interval of its fonts; a pooled distance keeps its."""
    estimate, column = score["metrics"][name], BY_NAME.get(name)
    if score["group"] != "all":  # what it is made of is not in the file
        return {**estimate, "low": None, "high": None}
    if estimate["value"] is None or column is None or column.scope == "pool":
        return estimate
    fonts = font_scores(result, cell=score["cell"], category=score["category"])
    values = {font: one["metrics"].get(name) for font, one in fonts.items()}
    known = {f: v["value"] for f, v in values.items() if v is not None and v["value"] is not None}
    if not known or len(known) < len(fonts):
        return {**estimate, "low": None, "high": None}
    glyphs = [fonts[font]["n_glyphs"] if column.scope == "glyph" else 1 for font in known]
    mean = Sample(lineages_of(list(known), result), weights=glyphs).mean(list(known.values()))
    found = mean.interval()
    return {"value": estimate["value"], "low": found.low, "high": found.high}
