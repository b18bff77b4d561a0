"""Is a result what its model gives: a part drawn again, or all stored predictions scored again."""

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from hangeul_bench import __version__
from hangeul_bench.adapter.contract import FontModel, details_of
from hangeul_bench.adapter.generate import generate
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import canonical_json, sha256_of
from hangeul_bench.base.progress import progress
from hangeul_bench.evaluate.rescore import (
    DRAWN_AGAIN,
    SAME_GLYPHS,
    check_dataset,
    contradictions,
    disagreements,
    score_predictions,
)
from hangeul_bench.evaluate.scoring import Scorer, score_stored
from hangeul_bench.evaluate.summary import summarize
from hangeul_bench.results.file import Result, read_result, tasks_of, verification, write_result


@dataclass(frozen=True)
class Verdict:
    """What a check found.

    Attributes:
        how: What was done, in a clause.
        metrics: Columns that were measured again.
        problems: What is not so, a clause each; empty where the result holds.
    """

    how: str
    metrics: tuple[str, ...]
    problems: tuple[str, ...]


def check_drawn_again(
    path: Path, scorer: Scorer, *, model: str | None, n_fonts: int, salt: str, device: str = "cpu"
) -> Verdict:
    """Draw some fonts of a result again and compare; a result that holds is marked as verified.

    Args:
        path: The result file.
        scorer: Has the dataset and the metrics.
        model: How the model is named; None is the registered one of the result's name.
        n_fonts: How many fonts, chosen by the hash of the salt and the result.
        salt: What the author of the result could not know; the same salt gives the same fonts.
        device: Where the model runs.

    Raises:
        UserError: The result is of another dataset or model, or no metric can be measured.
    """
    result, scorer = _open(path, scorer)
    tasks = _chosen(tasks_of(result, scorer.dataset), result, n_fonts, salt)
    options = result["model"]["options"]
    name = model or result["model"]["name"]
    drawer = load_model(name, device=device, dataset=scorer.dataset, options=options)
    _check_model(path, result, drawer)
    with tempfile.TemporaryDirectory() as folder:
        predictions = PredictionFolder(Path(folder), size=scorer.dataset.size)
        n_glyphs = sum(len(task.characters) for task in tasks)
        with progress(f"{drawer.name}: drawing", n_glyphs, "glyphs") as bar:
            generate(
                drawer,
                scorer.dataset,
                tasks,
                predictions,
                seed=result["seed"],
                shots=result["shots"],
                perturb=result.get("perturb"),
                progress=bar,
            )
        scored = score_stored(tasks, predictions, scorer, title=f"{drawer.name}: scoring")
    fresh = [s for s in summarize(scored.fonts, scorer.metrics) if s["group"].startswith("font:")]
    named = ", ".join(task.font_id for task in tasks)
    how = f"{len(tasks)} fonts drawn again (salt {salt}): {named}"
    problems = [*contradictions(result), *disagreements(result, fresh, tolerance=DRAWN_AGAIN)]
    return _settle(path, result, Verdict(how, tuple(scorer.metrics), tuple(problems)))


def check_stored(path: Path, scorer: Scorer, *, out: Path | None = None) -> Verdict:
    """Score all stored predictions of a result again and compare; mark one that holds as verified.

    Args:
        path: The result file.
        scorer: Has the dataset and the metrics.
        out: The folder that ``evaluate`` wrote the predictions to; None is that of ``path``.

    Raises:
        UserError: The result is of another dataset, its predictions are absent or others, or no
            metric can be measured.
    """
    result, scorer = _open(path, scorer)
    scored = score_predictions(path, result, scorer, out=out)
    fresh = summarize(scored.fonts, scorer.metrics)
    problems = disagreements(result, fresh, tolerance=SAME_GLYPHS, intervals=True)
    verdict = Verdict("all stored predictions scored again", tuple(scorer.metrics), tuple(problems))
    return _settle(path, result, verdict)


def _open(path: Path, scorer: Scorer) -> tuple[Result, Scorer]:
    """The result, and the scorer of those of its columns that can be measured as it says."""
    result, signatures = read_result(path), scorer.signatures()
    check_dataset(path, result, scorer.dataset)
    same = [n for n, text in signatures.items() if result["signatures"].get(n) == text]
    if not same:
        raise UserError(
            f"None of the metrics of {path} can be measured here as it says; see "
            "`hangeul-bench weights check`, or evaluate it anew."
        )
    return result, scorer.only(same)


def _chosen(tasks: Sequence[FontTask], result: Result, n_fonts: int, salt: str) -> list[FontTask]:
    """Fonts that nobody could foresee: by the hash of the salt, the result and the font."""
    content = sha256_of(canonical_json({k: v for k, v in result.items() if k != "verified"}))

    def place(task: FontTask) -> bytes:
        return hashlib.sha256(f"{salt} {content} {task.font_id}".encode()).digest()

    asked = [task for task in tasks if task.characters]
    chosen = sorted(asked, key=place)[:n_fonts]
    return [task for task in asked if task in chosen]


def _check_model(path: Path, result: Result, model: FontModel) -> None:
    claimed = result["model"]
    own = {
        "name": model.name,
        "checkpoint_sha256": model.checkpoint_sha256,
        "parameters": model.parameters,
        "details": details_of(model),
    }
    for key, value in own.items():
        if canonical_json(claimed[key]) != canonical_json(value):
            raise UserError(
                f"Result {path} is of a model with {key} {str(claimed[key])[:80]!r}, but this one "
                f"has {str(value)[:80]!r}; name the other with --model."
            )


def _settle(path: Path, result: Result, verdict: Verdict) -> Verdict:
    """Mark a result that holds as verified; take the mark from one that does not."""
    marked: Result = {**result}
    marked.pop("verified", None)
    if not verdict.problems:
        date = datetime.now(UTC).date().isoformat()
        note = verification(
            result, verdict.metrics, date=date, version=__version__, how=verdict.how
        )
        marked["verified"] = note
    if marked != result:
        write_result(path, marked)
    return verdict
