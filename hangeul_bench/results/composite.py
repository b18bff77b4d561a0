"""The composite: a geometric mean of four families' errors relative to the nearest font's.

Within a category of a cell, the error of a metric is its mean over fonts (1 - SSIM for SSIM), and a
family's is the geometric mean of its metrics' errors, each divided by that of `nearest-font` on the
same cell. The composite is the geometric mean of the families, which weigh alike: 1 is what copying
the nearest training font gives, 0 the truth.

A font's own value is the composite times the weighted mean of the font's errors, each divided by
the model's own mean error. Their mean is the composite; their spread gives its interval, and their
differences that of two models' difference, by the delta method. A geometric mean a font would do
neither: one font without a topology error would outweigh all others.

Over both categories the composite is the mean over fonts.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from hangeul_bench.adapter.questions import OPEN
from hangeul_bench.base.files import canonical_json, sha256_of
from hangeul_bench.fonts.table import CATEGORIES
from hangeul_bench.metrics.columns import BY_NAME, DERIVED
from hangeul_bench.results.file import Estimate, Result, Score, font_scores, font_values
from hangeul_bench.results.intervals import RULE, Sample, lineages_of

NAME = DERIVED[0].name
NEAREST = "nearest-font"
FAMILIES: Mapping[str, tuple[str, ...]] = {
    "pixel": ("ssim", "rmse"),
    "perceptual": ("glyph_lpips",),
    "style": ("style_distance",),
    "structure": ("topology_error",),
}
# Of a ratio of errors: keeps the logarithm of none finite, and is taken off again at the end.
FLOOR = 1e-3
_WEIGHTS = {
    metric: 1 / len(FAMILIES) / len(metrics) for metrics in FAMILIES.values() for metric in metrics
}
PINNED = Path(__file__).with_name("composite_reference.json")


Key = tuple[str, int, str]  # track, limit or 0, fingerprint


@dataclass(frozen=True)
class Reference:
    """The errors of `nearest-font` that a composite is relative to.

    Attributes:
        track: The track.
        limit: At most this many syllables of each cell a font; None is the whole track.
        fingerprint: What was scored against.
        gallery: How many fonts it was chosen from.
        signatures: Metric -> its definition.
        errors: Cell -> category -> metric -> mean error over fonts.
    """

    track: str
    limit: int | None
    fingerprint: str
    gallery: int | None
    signatures: Mapping[str, str]
    errors: Mapping[str, Mapping[str, Mapping[str, float]]]

    @property
    def key(self) -> Key:
        """Of which results it is the reference."""
        return self.track, self.limit or 0, self.fingerprint

    def signature(self) -> str:
        """The definition of a composite relative to it."""
        families = "|".join(f"{name}:{'+'.join(metrics)}" for name, metrics in FAMILIES.items())
        digest = sha256_of(canonical_json(asdict(self)))
        return f"{NAME}[v1|{families}|{NEAREST}:{digest[:8]}|floor{FLOOR:g}|mean-font]"


@cache
def pinned() -> tuple[Reference, ...]:
    """The committed references; ``experiments/composite_reference.py`` writes them."""
    text = PINNED.read_text(encoding="utf-8")
    return tuple(Reference(**entry) for entry in json.loads(text))


def reference_of(result: Result) -> Reference | None:
    """What the row of `nearest-font` gives as a reference; None for any other row."""
    rules = result.get("protocol", OPEN.name), result["shots"]
    if result["model"]["name"] != NEAREST or rules != (OPEN.name, 1):
        return None
    errors: dict[str, dict[str, dict[str, float]]] = {}
    for cell, category in _wholes(result):
        by_metric = {name: _errors(result, name, cell, category) for name in _WEIGHTS}
        means = {
            name: _significant(float(np.mean(list(e.values()))))
            for name, e in by_metric.items()
            if e
        }
        errors.setdefault(cell, {})[category] = means
    signatures = {n: result["signatures"][n] for n in _WEIGHTS if n in result["signatures"]}
    gallery = result["model"]["details"].get("gallery")
    asked = result["track"], result["limit"], _fingerprint(result)
    return Reference(*asked, gallery, signatures, errors)


def with_composite(result: Result, references: Mapping[Key, Reference]) -> Result:
    """The result with its composite, or with the reason why it has none in ``missing_metrics``."""
    reference = references.get((result["track"], result["limit"] or 0, _fingerprint(result)))
    reason = _why_none(result, reference)
    values: dict[tuple[str, str], dict[str, float]] = {}
    if reference is not None and not reason:
        values = {place: _of_fonts(result, reference, *place) for place in _wholes(result)}
        if not all(values.values()):
            reason = f"no composite: {NEAREST} has no error in this cell, or a font lacks a number"
    if reason:
        result = {**result, "missing_metrics": {**result["missing_metrics"], NAME: reason}}
    if reference is None or not any(values.values()):
        return result
    scores = [_with(score, _estimate(result, score, values)) for score in result["scores"]]
    signatures = {NAME: reference.signature(), **result["signatures"]}
    return {**result, "scores": scores, "signatures": signatures}


def of_errors(errors: Mapping[str, float], nearest: Mapping[str, float]) -> float:
    """The composite of mean errors within a category.

    Args:
        errors: Metric of :data:`FAMILIES` -> its mean error over fonts, 1 - SSIM for SSIM.
        nearest: The same of the nearest font; none is 0.
    """
    logarithm = 0.0
    for name, weight in _WEIGHTS.items():
        logarithm += weight * np.log(max(errors[name] / nearest[name], FLOOR))
    whole = max(float(np.exp(logarithm)) - FLOOR, 0.0) / (1 - FLOOR)
    return 0.0 if whole < 1e-12 else whole


def references_json(references: Sequence[Reference]) -> str:
    """What the committed file holds, one reference an entry."""
    ordered = sorted(references, key=lambda reference: reference.key)
    return json.dumps([asdict(r) for r in ordered], ensure_ascii=False, indent=1) + "\n"


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


def _why_none(result: Result, reference: Reference | None) -> str:
    for family, metrics in FAMILIES.items():
        for metric in metrics:
            if metric not in result["signatures"]:
                return f"no composite: its {family} family lacks {metric}, which was not measured"
            if reference is None:
                continue
            if metric not in reference.signatures:
                return f"no composite: the reference's {family} family lacks {metric}"
            if reference.signatures[metric] != result["signatures"][metric]:
                return f"no composite: {metric} is of another definition than the reference's"
    if reference is None:
        return f"no composite: there is no row of {NEAREST} of this dataset and track"
    return ""


def _of_fonts(result: Result, reference: Reference, cell: str, category: str) -> dict[str, float]:
    """Font -> its composite within a category; empty where a number is lacking."""
    theirs = reference.errors.get(cell, {}).get(category, {})
    errors = {name: _errors(result, name, cell, category) for name in _WEIGHTS}
    fonts = sorted(next(iter(errors.values())))
    if not fonts or any(sorted(e) != fonts or not theirs.get(n) for n, e in errors.items()):
        return {}
    means: dict[str, float] = {}
    shares = np.zeros(len(fonts))
    for name, weight in _WEIGHTS.items():
        values = np.array([errors[name][font] for font in fonts])
        means[name] = mean = float(values.mean())
        shares += weight * (values / mean if mean > 0 else 1.0)
    whole = of_errors(means, theirs)
    return dict(zip(fonts, (whole * shares).tolist(), strict=True))


def _errors(result: Result, metric: str, cell: str, category: str) -> dict[str, float]:
    values = font_values(result, metric, cell=cell, category=category)
    column = BY_NAME.get(metric)
    if column is not None and column.higher_is_better:
        return {font: column.high - value for font, value in values.items()}
    return values


def _estimate(
    result: Result, score: Score, values: Mapping[tuple[str, str], Mapping[str, float]]
) -> Estimate | None:
    own = [c for c in CATEGORIES if score["category"] in (c, "all")]
    fonts = {f: v for c in own for f, v in values.get((score["cell"], c), {}).items()}
    kind, _, name = score["group"].partition(":")
    if kind == "font" and name in fonts:
        return {"value": fonts[name], "low": None, "high": None}
    if kind != "all" or len(fonts) != score["n_fonts"]:
        return None
    return Sample(lineages_of(list(fonts), result)).mean(list(fonts.values())).estimate()


def _with(score: Score, estimate: Estimate | None) -> Score:
    if estimate is None:
        return score
    return {**score, "metrics": {NAME: estimate, **score["metrics"]}}


def _wholes(result: Result) -> Iterator[tuple[str, str]]:
    for score in result["scores"]:
        if score["group"] == "all" and score["category"] in CATEGORIES:
            yield score["cell"], score["category"]


def _fingerprint(result: Result) -> str:
    dataset = result["dataset"]
    fingerprint: str = dataset["benchmark_fingerprint"] or dataset["fingerprint"]
    return fingerprint


def _significant(value: float) -> float:
    return float(f"{value:.7g}")


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
