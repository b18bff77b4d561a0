"""Models to result files: generate, wait for the other processes, score, write."""

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangeul_bench.adapter.contract import FontModel, details_of
from hangeul_bench.adapter.generate import generate, pending
from hangeul_bench.adapter.perturbations import perturbation_named
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import OPEN, FontTask, plan, run_name, unrankable_cells
from hangeul_bench.adapter.registry import load_model, resolve_model
from hangeul_bench.base.documents import NAME_RULE, is_file_name
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256, write_whole
from hangeul_bench.base.lock import alone_in
from hangeul_bench.base.processes import Processes, join_processes
from hangeul_bench.base.progress import progress
from hangeul_bench.base.provenance import git_revision, versions
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.evaluate.glyph_table import glyph_table
from hangeul_bench.evaluate.scoring import Scorer, score_stored
from hangeul_bench.evaluate.summary import summarize_known
from hangeul_bench.results.file import (
    SCHEMA_VERSION,
    Result,
    Rules,
    check_result,
    glyphs_path,
    write_result,
)
from hangeul_bench.results.intervals import RULE


@dataclass(frozen=True)
class Settings:
    """How a run is done.

    Attributes:
        track: ``lite`` or ``full``.
        limit: At most this many syllables of each cell a font; None is the whole track.
        metrics: Metrics by name; None takes all whose weights are there.
        seed: Every font's seed derives from it.
        shots: Number of reference glyphs shown.
        perturb: What is done to them, such as ``photo``; None shows them as they are.
        batch_size: Glyphs drawn at once; None leaves it to the model. Changes no glyph.
        weights: Folder of the ImageNet weights; None looks where torch keeps them.
        options: Passed to the model's constructor and recorded.
        protocol: The rules that the models were trained by.
        category: What the models are for, where the protocol has one a category.
        restart: Discard predictions that were made with other settings.
    """

    track: str = "lite"
    limit: int | None = None
    metrics: tuple[str, ...] | None = None
    seed: int = 0
    shots: int = 1
    perturb: str | None = None
    batch_size: int | None = None
    weights: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    restart: bool = False
    protocol: str = OPEN.name
    category: str | None = None

    @property
    def rules(self) -> Rules:
        """Protocol and category, as :func:`hangeul_bench.adapter.questions.plan` takes them."""
        return {"protocol": self.protocol, "category": self.category}


def evaluate(
    names: Sequence[str],
    dataset: GlyphDataset,
    out: Path,
    settings: Settings | None = None,
    processes: Processes | None = None,
    *,
    say: Callable[[str], None] | None = None,
) -> list[Path]:
    """Evaluate models one after the other; resumes where an earlier run stopped.

    Args:
        names: Registered names, ``FILE.py:Class`` or ``dir:FOLDER``.
        dataset: What they are evaluated on.
        out: Folder for ``<model>-<track>.json``, ``<model>-<track>.parquet`` and predictions;
            with more than one reference ``<model>-<track>-<shots>shot``, and under another
            protocol than ours ``<model>-<protocol>-<category>-<track>``.
        settings: Track, metrics, seed and so on; None for the defaults.
        processes: The run's processes: fonts are dealt among them, the first one scores. None for
            this one alone, on a GPU where there is one.
        say: Gets a model's notes, a sentence each, before it draws.

    Returns:
        The result files, in the order of ``names``.

    Raises:
        UserError: Anything the user gave is not usable; what can be checked before the first
            glyph is.
    """
    settings = settings or Settings()
    if not names:
        raise UserError("Expected at least one model, but --model is empty.")
    for name in names:
        resolve_model(name)
    _check_out(out)
    if settings.perturb is not None:
        perturbation_named(settings.perturb, settings.shots)
    tasks = plan(dataset, settings.track, limit=settings.limit, **settings.rules)
    run = _Run(dataset, tasks, out, settings, say)
    processes = processes or join_processes("auto")
    if len(names) > 1:
        _check_models(names, run, processes.device)
    scorer = None
    if processes.first:
        scorer = Scorer.open(
            dataset, settings.metrics, weights=settings.weights, device=processes.device
        )
    return [_evaluate_one(name, run, processes, scorer) for name in names]


@dataclass(frozen=True)
class _Run:
    dataset: GlyphDataset
    tasks: tuple[FontTask, ...]
    out: Path
    settings: Settings
    say: Callable[[str], None] | None

    @property
    def name(self) -> str:
        settings = self.settings
        seed, perturb = settings.seed, settings.perturb
        return run_name(
            settings.track, settings.shots, seed=seed, perturb=perturb, **settings.rules
        )

    @property
    def n_glyphs(self) -> int:
        return sum(len(task.characters) for task in self.tasks)

    @property
    def fingerprint(self) -> str:
        return self.dataset.track_fingerprint(self.settings.track)


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


def _check_out(out: Path) -> None:
    """Refuse a folder that cannot be written to before anything slow is done."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UserError(
            f"Expected a folder for --out, but {out} is or lies under a file."
        ) from None
    if not os.access(out, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(out))


def _check_models(names: Sequence[str], run: _Run, device: str) -> None:
    """Make each model once and let it go, so that the last is not refused after the first's hours.

    Raises:
        UserError: One is not usable, does not take an option, or shares a name with another.
    """
    found: dict[str, str] = {}
    for name in names:
        own_name = _load(name, run, device).name
        if own_name in found:
            raise UserError(
                f"Models {found[own_name]} and {name} are both called {own_name}, and so would "
                "their results be; evaluate them with another --out each."
            )
        found[own_name] = name


def _load(name: str, run: _Run, device: str) -> FontModel:
    settings = run.settings
    model = load_model(
        name,
        device=device,
        dataset=run.dataset,
        batch_size=settings.batch_size,
        options=settings.options,
    )
    if not is_file_name(model.name):
        raise UserError(
            f"Model {name} calls itself {model.name!r}, which names no file; expected a name of "
            f"{NAME_RULE}: rename it."
        )
    return model


def _evaluate_one(name: str, run: _Run, processes: Processes, scorer: Scorer | None) -> Path:
    model = _load(name, run, processes.device)
    if run.say is not None and processes.first:
        for note in getattr(model, "notes", ()):
            run.say(f"{model.name}: {note}")
    result_path = run.out / f"{model.name}-{run.name}.json"
    if scorer is not None:
        check_result(result_head(model, scorer, run.tasks, run.settings), result_path)
    folder = PredictionFolder(
        run.out / model.name / "predictions" / run.name, size=run.dataset.size
    )
    lock = alone_in(folder.path, "evaluate") if processes.first else nullcontext()
    with lock:
        if processes.first:
            claim = _claim(run, model, source=_source(name))
            folder.start(claim, restart=run.settings.restart)
        processes.wait()
        _draw(model, run, folder, processes)
        if scorer is not None:
            _score(model, run, folder, scorer, result_path)
    return result_path


def _draw(model: FontModel, run: _Run, folder: PredictionFolder, processes: Processes) -> None:
    """Have the model draw this process's share; return when every process has drawn its own."""
    settings = run.settings
    todo = pending(run.tasks, folder, rank=processes.rank, world=processes.world)
    n_glyphs = sum(len(task.characters) for task in todo)
    with progress(f"{model.name}: drawing", n_glyphs, "glyphs") as bar:
        generate(
            model,
            run.dataset,
            todo,
            folder,
            seed=settings.seed,
            shots=settings.shots,
            perturb=settings.perturb,
            progress=bar,
        )
    processes.wait()


def _claim(run: _Run, model: FontModel, *, source: str) -> dict[str, Any]:
    """How these predictions are made; those made otherwise do not mix with them."""
    settings = run.settings
    perturbed = {} if settings.perturb is None else {"perturb": settings.perturb}
    return {
        "dataset": run.fingerprint,
        "source": source,
        "checkpoint_sha256": model.checkpoint_sha256,
        "options": dict(settings.options),
        "details": details_of(model),
        "seed": settings.seed,
        "shots": settings.shots,
        **perturbed,
    }


def _source(name: str) -> str:
    """What tells one model's code from another's, as far as a file of the user's goes."""
    if ".py:" not in name:
        return name.partition(":")[0]
    path, _, class_name = name.rpartition(":")
    return f"{file_sha256(Path(path))}:{class_name}"


def _score(
    model: FontModel, run: _Run, folder: PredictionFolder, scorer: Scorer, path: Path
) -> None:
    scored = score_stored(run.tasks, folder, scorer, title=f"{model.name}: scoring")
    known = {n: metric for n, metric in scorer.metrics.items() if n not in scored.failed}
    scores, unsummed = summarize_known(scored.fonts, known)
    failed = {**scored.failed, **unsummed}
    scorer = scorer.only([name for name in scorer.metrics if name not in failed])
    result = result_head(model, scorer, run.tasks, run.settings)
    result |= {
        "seconds_per_glyph": scored.seconds / scored.delivered if scored.delivered else None,
        "n_delivered": scored.delivered,
        "missing_metrics": {**scorer.missing, **failed},
        "intervals": dict.fromkeys(scorer.metrics, RULE),
        "predictions_sha256": scored.sha256,
        "scores": scores,
    }
    if scored.undelivered:
        result["undelivered"] = dict(scored.undelivered)
    write_whole(glyphs_path(path), glyph_table(scored.fonts))
    write_result(path, result)


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
