"""Results measured again from their stored predictions: more columns, and whether numbers agree."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.provenance import git_revision, versions
from hangeul_bench.base.tables import one_line
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate.glyph_table import add_columns
from hangeul_bench.evaluate.scoring import Scored, Scorer, hash_stored, score_stored
from hangeul_bench.evaluate.summary import summarize
from hangeul_bench.metrics.columns import BY_NAME, COLUMNS
from hangeul_bench.results.file import (
    Estimate,
    Result,
    Score,
    find_score,
    font_scores,
    glyphs_path,
    predictions_of,
    read_result,
    tasks_of,
    write_result,
)
from hangeul_bench.results.intervals import RULE

_AGAIN = "draw them again with `hangeul-bench evaluate`"
# Columns that need no network and hardly any time: one of them sees whether predictions changed.
WITNESSES = tuple(c.name for c in COLUMNS if c.needs == "nothing" and c.scope == "glyph")


def rescore(
    path: Path, scorer: Scorer, *, named: Sequence[str] | None = None, out: Path | None = None
) -> tuple[str, ...]:
    """Score a result's predictions again and add the columns that it lacks.

    A column that the result has under the same signature keeps its number; under another it is
    replaced. One that it has already is scored beside the new ones, to see that these are the
    predictions that the result is of. Without anything to add the file stays as it is.

    Args:
        path: The result file.
        scorer: Has the dataset, the metrics to add and, best, :data:`WITNESSES`.
        named: Add these alone; score them even if the result has them, and compare.
        out: The folder that ``evaluate`` wrote the predictions to; None is that of ``path``.

    Returns:
        The columns that were added.

    Raises:
        UserError: The result is of another dataset, or its predictions are absent or others.
    """
    result, signatures = read_result(path), scorer.signatures()
    asked = named or tuple(signatures)
    lacking = [n for n in asked if result["signatures"].get(n) != signatures[n]]
    wanted = scorer.only([*lacking, *(named or ()), *_witness(result, scorer)])
    if not lacking and named is None:
        return ()
    scored = score_predictions(path, result, wanted, out=out)
    fresh = summarize(scored.fonts, wanted.metrics)
    for problem in disagreements(result, fresh, tolerance=SAME_GLYPHS, skip=lacking):
        raise UserError(f"{path} says {problem} by its predictions; they were changed: {_AGAIN}.")
    if lacking:
        added = wanted.only(lacking)
        table = glyphs_path(path)
        if table.is_file():
            write_whole(table, add_columns(table, scored.fonts, added.metrics))
        updated = _with_columns(result, fresh, added)
        write_result(path, {**updated, "predictions_sha256": scored.sha256})
    return tuple(lacking)


def score_predictions(
    path: Path, result: Result, scorer: Scorer, *, out: Path | None = None
) -> Scored:
    """Score the predictions of a result, which must be those that it was made from.

    Raises:
        UserError: The result is of another dataset, or its predictions are absent or others.
    """
    folder = check_predictions(path, result, scorer.dataset, out=out)
    tasks = tasks_of(result, scorer.dataset)
    delivered, sha256 = hash_stored(tasks, folder)  # before minutes go into their scores
    if (delivered, sha256) != (result["n_delivered"], result.get("predictions_sha256", sha256)):
        raise UserError(f"Predictions in {folder.path} are not those of {path}; {_AGAIN}.")
    scored = score_stored(tasks, folder, scorer, title=f"{path.stem}: scoring")
    for name, why in scored.failed.items():
        raise UserError(f"{path} cannot get the metric {name}: {why}; name others with --metrics.")
    return scored


def check_predictions(
    path: Path, result: Result, dataset: GlyphDataset, *, out: Path | None = None
) -> PredictionFolder:
    """The folder of a result's predictions, which is complete and says that it is of this run.

    Raises:
        UserError: The result is of another dataset, or its predictions are absent or others.
    """
    check_dataset(path, result, dataset)
    folder = predictions_of(path, result, out=out)
    _check_claim(path, result, folder)
    _check_fonts(path, folder, tasks_of(result, dataset))
    return folder


def check_dataset(path: Path, result: Result, dataset: GlyphDataset) -> None:
    """Refuse a result of other evaluation fonts; raises UserError."""
    made_on = result["dataset"]["benchmark_fingerprint"] or result["dataset"]["fingerprint"]
    found = dataset.track_fingerprint(result["track"])
    if made_on != found:
        raise UserError(
            f"Result {path} was scored on dataset {made_on[:12]}, but {dataset.path} is "
            f"{found[:12]}; name the other with --data."
        )


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
        claimed = _own_score(result, score)
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


def _witness(result: Result, scorer: Scorer) -> list[str]:
    """A column that the result has, the surest to come out the same everywhere first."""
    same = [n for n, text in scorer.signatures().items() if result["signatures"].get(n) == text]
    same.sort(key=lambda n: (SAME_GLYPHS[BY_NAME[n].needs], BY_NAME[n].scope != "glyph"))
    return same[:1]


def _check_claim(path: Path, result: Result, folder: PredictionFolder) -> None:
    claim = folder.settings()
    if claim is None:
        raise UserError(
            f"Expected the predictions of {path} in {folder.path}, but there are none; {_AGAIN}, "
            "or say with --predictions which folder it wrote to."
        )
    model, dataset = result["model"], result["dataset"]
    own: Mapping[str, Any] = {
        "dataset": dataset["benchmark_fingerprint"] or dataset["fingerprint"],
        **{key: model[key] for key in ("checkpoint_sha256", "options", "details")},
        **{key: result[key] for key in ("seed", "shots")},
        "perturb": result.get("perturb"),
    }
    for key, value in own.items():
        if claim.get(key) != value:
            found, expected = (one_line(str(v))[:80] for v in (claim.get(key), value))
            raise UserError(
                f"Predictions in {folder.path} were made with {key} {found}, but {path} has "
                f"{expected}; {_AGAIN}."
            )


def _check_fonts(path: Path, folder: PredictionFolder, tasks: Sequence[FontTask]) -> None:
    for task in tasks:
        if not folder.has(task.font_id, task.characters):
            raise UserError(
                f"Expected the predictions of {path} in {folder.path}, but font {task.font_id} is "
                f"absent or of other syllables; {_AGAIN}."
            )


def _with_columns(result: Result, fresh: Sequence[Score], scorer: Scorer) -> Result:
    """The result with the scorer's columns, in the order of the tables."""
    signatures = {**result["signatures"], **scorer.signatures()}
    note = {
        "metrics": list(scorer.metrics),
        "versions": versions(),
        "git_revision": git_revision(),
    }
    updated: Result = {
        **result,
        "signatures": _ordered(signatures),
        "missing_metrics": {
            name: why for name, why in result["missing_metrics"].items() if name not in signatures
        },
        "intervals": {**result.get("intervals", {}), **dict.fromkeys(scorer.metrics, RULE)},
        "rescored": [*result.get("rescored", []), note],
    }
    updated["scores"] = [_merged(result, score, scorer) for score in fresh]
    return updated


def _merged(result: Result, score: Score, scorer: Scorer) -> Score:
    old = _own_score(result, score)
    if old is None or old["n_glyphs"] != score["n_glyphs"]:
        raise UserError(
            f"The result has other glyphs in {score['cell']}, {score['category']}, "
            f"{score['group']} than the dataset; write it again with `hangeul-bench evaluate`."
        )
    added = {name: score["metrics"][name] for name in scorer.metrics}
    return {**old, "metrics": _ordered({**old["metrics"], **added})}


def _own_score(result: Result, score: Score) -> Score | None:
    return find_score(result, cell=score["cell"], category=score["category"], group=score["group"])


def _ordered(by_metric: Mapping[str, Any]) -> dict[str, Any]:
    """By the order of the tables; what a newer program added stands last."""
    place = {column.name: number for number, column in enumerate(COLUMNS)}
    return dict(sorted(by_metric.items(), key=lambda item: place.get(item[0], len(place))))


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
