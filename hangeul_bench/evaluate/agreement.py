"""Do two measurements of a result agree: number by number, and each whole with its fonts."""

from collections.abc import Iterator, Mapping, Sequence

from hangeul_bench.metrics.columns import BY_NAME
from hangeul_bench.results.file import Estimate, Result, Score, find_score, font_scores
from hangeul_bench.results.intervals import RULE

# By which two numbers of the same glyphs may differ, of the larger or of 1: a network's float32
# sums differ between machines, and results keep seven digits.
SAME_GLYPHS = {"nothing": 1e-5, "reader": 1e-2, "imagenet": 1e-2, "package": 1e-2}
# The same where the glyphs were drawn again: another machine moves some pixels by a grey level. On
# one of them four fonts of retrieval-font and four of DK-Font were off by 2e-5 at most.
DRAWN_AGAIN = {**dict.fromkeys(SAME_GLYPHS, 1e-2), "nothing": 1e-3}


def disagreements(
    result: Result,
    fresh: Sequence[Score],
    *,
    tolerance: Mapping[str, float],
    skip: Sequence[str] = (),
    intervals: bool = False,
) -> Iterator[str]:
    """What of a result comes out otherwise now, a clause each.

    Args:
        result: What is claimed.
        fresh: What was measured now; what the result lacks is passed over.
        tolerance: Of each kind of network (a column's ``needs``).
        skip: Columns that may differ.
        intervals: Whether the ends of the intervals must agree, too, where they are of one rule.
    """
    for score in fresh:
        claimed = find_score(
            result, cell=score["cell"], category=score["category"], group=score["group"]
        )
        if claimed is None:
            continue
        where = f"{score['cell']}, {score['category']}, {score['group']}"
        if claimed["n_glyphs"] != score["n_glyphs"]:
            yield f"{claimed['n_glyphs']} glyphs in {where}, but there are {score['n_glyphs']}"
        for name in score["metrics"].keys() & claimed["metrics"].keys() - set(skip):
            old, new = claimed["metrics"][name], score["metrics"][name]
            far = tolerance[BY_NAME[name].needs]
            ends = intervals and result.get("intervals", {}).get(name) == RULE
            for key in ("value", "low", "high") if ends else ("value",):
                if not _near(_number(old, key), _number(new, key), far):
                    yield f"{name} {_number(old, key)} in {where}, but it is {_number(new, key)}"


def contradictions(result: Result) -> Iterator[str]:
    """Which whole of a result is not the mean of its fonts, a clause each.

    A metric of single glyphs weighs fonts by their glyphs, one of fonts alike; distances between
    pooled sets have no such mean.
    """
    for score in result["scores"]:
        if score["group"] != "all":
            continue
        fonts = font_scores(result, cell=score["cell"], category=score["category"]).values()
        for name, estimate in score["metrics"].items():
            column = BY_NAME.get(name)
            parts = [(font["n_glyphs"], font["metrics"].get(name)) for font in fonts]
            if column is None or column.scope == "pool" or not parts:
                continue
            mean = _mean([(n if column.scope == "glyph" else 1, part) for n, part in parts])
            if not _near(estimate["value"], mean, SAME_GLYPHS["nothing"]):
                where = f"{score['cell']}, {score['category']}"
                yield f"{name} {estimate['value']} in {where}, but its fonts have {mean} together"


def _mean(parts: Sequence[tuple[int, Estimate | None]]) -> float | None:
    known = [(n, part["value"]) for n, part in parts if part is not None]
    if any(value is None for _, value in known) or len(known) < len(parts):
        return None
    return sum(n * value for n, value in known if value is not None) / sum(n for n, _ in known)


def _number(estimate: Estimate, key: str) -> float | None:
    number: float | None = estimate[key]  # type: ignore[literal-required]
    return None if number is None else float(f"{number:.7g}")


def _near(old: float | None, new: float | None, tolerance: float) -> bool:
    if old is None or new is None:
        return old is new
    return abs(old - new) <= tolerance * max(1.0, abs(old), abs(new))
