"""What a result says before anything is drawn: model, dataset, settings and program."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hangeul_bench.adapter.contract import FontModel, details_of
from hangeul_bench.adapter.questions import OPEN, FontTask, unrankable_cells
from hangeul_bench.base.provenance import git_revision, versions
from hangeul_bench.evaluate.scoring import Scorer
from hangeul_bench.results.file import SCHEMA_VERSION, Result

if TYPE_CHECKING:
    from hangeul_bench.evaluate.run import Settings


def result_head(
    model: FontModel, scorer: Scorer, tasks: Sequence[FontTask], settings: "Settings"
) -> Result:
    """A result before anything is drawn: whatever the model and the settings say.

    Args:
        model: What draws.
        scorer: Has the dataset and the metrics that are computed.
        tasks: The fonts and their syllables.
        settings: Of the run.
    """
    dataset = scorer.dataset
    result: Result = {
        "schema": SCHEMA_VERSION,
        "model": _describe(model, settings),
        "seed": settings.seed,
        "shots": settings.shots,
        "track": settings.track,
        "limit": settings.limit,
        "dataset": {
            "name": dataset.name,
            "fingerprint": dataset.fingerprint,
            "benchmark_fingerprint": dataset.pinned_fingerprint(settings.track),
            "size": dataset.size,
        },
        "signatures": scorer.signatures(),
        "versions": versions(),
        "git_revision": git_revision(),
        "seconds_per_glyph": None,
        "n_expected": sum(len(task.characters) for task in tasks),
        "n_delivered": 0,
        "unrankable": unrankable_cells(
            model.trained_on,
            dataset,
            track=settings.track,
            limit=settings.limit,
            **settings.rules,
        ),
        "missing_metrics": dict(scorer.missing),
        "scores": [],
    }
    if settings.perturb is not None:
        result["perturb"] = settings.perturb
    if settings.protocol != OPEN.name:
        result |= {"protocol": settings.protocol, "category": settings.category}
    lineages = {task.font_id: task.lineage for task in tasks}
    if len(set(lineages.values())) < len(lineages):
        result["lineages"] = lineages
    return result


def _describe(model: FontModel, settings: "Settings") -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "parameters": model.parameters,
        "checkpoint_sha256": model.checkpoint_sha256,
        "trained_on": model.trained_on.to_json() if model.trained_on else None,
        "details": details_of(model),
        "options": dict(settings.options),
    }
