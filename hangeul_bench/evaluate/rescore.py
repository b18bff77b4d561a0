"""Results that are there already: more columns, from the stored predictions, without drawing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.provenance import git_revision, versions
from hangeul_bench.base.tables import one_line
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate.agreement import SAME_GLYPHS, disagreements
from hangeul_bench.evaluate.glyph_table import add_columns
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.evaluate.stored import Scored, hash_stored, score_stored
from hangeul_bench.evaluate.summary import summarize
from hangeul_bench.metrics.columns import BY_NAME, COLUMNS
from hangeul_bench.results.beside import glyphs_path, predictions_of, tasks_of
from hangeul_bench.results.file import Result, Score, find_score, read_result, write_result
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


def _witness(result: Result, scorer: Scorer) -> list[str]:
    """A column that the result has, the surest to come out the same everywhere first."""
    same = [n for n, text in scorer.signatures().items() if result["signatures"].get(n) == text]
    same.sort(key=lambda n: (SAME_GLYPHS[BY_NAME[n].needs], BY_NAME[n].scope != "glyph"))
    return same[:1]


def check_dataset(path: Path, result: Result, dataset: GlyphDataset) -> None:
    """Refuse a result of other evaluation fonts; raises UserError."""
    made_on = result["dataset"]["benchmark_fingerprint"] or result["dataset"]["fingerprint"]
    found = dataset.track_fingerprint(result["track"])
    if made_on != found:
        raise UserError(
            f"Result {path} was scored on dataset {made_on[:12]}, but {dataset.path} is "
            f"{found[:12]}; name the other with --data."
        )


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
