"""Models to result files: generate, wait for the other processes, score, write."""

import errno
import importlib.metadata
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangeul_bench import __version__
from hangeul_bench.adapter import FontModel, TrainedOn, file_sha256, load_model, resolve_model
from hangeul_bench.atomic import write_bytes, write_text
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.errors import UserError
from hangeul_bench.generate import generate, pending
from hangeul_bench.predictions import PredictionFolder
from hangeul_bench.processes import Processes
from hangeul_bench.progress import progress
from hangeul_bench.protocol import FontTask, plan, unrankable_cells
from hangeul_bench.results import SCHEMA_VERSION, Result, write_result
from hangeul_bench.scoring import Scorer, glyph_table
from hangeul_bench.summary import summarize

_PACKAGES = ("torch", "numpy", "scipy", "torchmetrics", "lpips", "pytorch-fid", "diffusers")
_NAME = re.compile(r"[\w][\w.+ -]*")  # what can be a file name everywhere


@dataclass(frozen=True)
class Settings:
    """How a run is done.

    Attributes:
        track: ``lite`` or ``full``.
        limit: At most this many syllables of each cell a font; None is the whole track.
        metrics: Metrics by name; None takes all whose weights are there.
        seed: Every font's seed derives from it.
        shots: Number of reference glyphs shown.
        batch_size: Glyphs drawn at once; None leaves it to the model. Changes no glyph.
        weights: Folder of the ImageNet weights; None looks where torch keeps them.
        options: Passed to the model's constructor and recorded.
        restart: Discard predictions that were made with other settings.
    """

    track: str = "lite"
    limit: int | None = None
    metrics: tuple[str, ...] | None = None
    seed: int = 0
    shots: int = 1
    batch_size: int | None = None
    weights: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    restart: bool = False


def evaluate(
    names: Sequence[str],
    dataset: GlyphDataset,
    out: Path,
    settings: Settings,
    processes: Processes,
) -> list[Path]:
    """Evaluate models one after the other; resumes where an earlier run stopped.

    Args:
        names: Registered names, ``FILE.py:Class`` or ``dir:FOLDER``.
        dataset: What they are evaluated on.
        out: Folder for ``<model>-<track>.json``, ``<model>-<track>.parquet`` and predictions.
        settings: Track, metrics, seed and so on.
        processes: The run's processes: fonts are dealt among them, the first one scores.

    Returns:
        The result files, in the order of ``names``.

    Raises:
        UserError: Anything the user gave is not usable; what can be checked before the first
            glyph is.
    """
    if not names:
        raise UserError("Expected at least one model, but --model is empty.")
    for name in names:
        resolve_model(name)
    _check_out(out)
    run = _Run(dataset, plan(dataset, settings.track, limit=settings.limit), out, settings)
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

    @property
    def n_glyphs(self) -> int:
        return sum(len(task.characters) for task in self.tasks)

    @property
    def fingerprint(self) -> str:
        return self.dataset.benchmark_fingerprint or self.dataset.fingerprint


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


def _evaluate_one(name: str, run: _Run, processes: Processes, scorer: Scorer | None) -> Path:
    settings = run.settings
    model = load_model(
        name,
        device=processes.device,
        dataset=run.dataset,
        batch_size=settings.batch_size,
        options=settings.options,
    )
    if not _NAME.fullmatch(model.name):
        raise UserError(
            f"Model {name} calls itself {model.name!r}, which names no file; rename it."
        )
    folder = PredictionFolder(
        run.out / model.name / "predictions" / settings.track, size=run.dataset.size
    )
    if processes.first:
        _claim(folder, run, model, source=_source(name))
    processes.wait()
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
            progress=bar,
        )
    processes.wait()
    result_path = run.out / f"{model.name}-{settings.track}.json"
    if scorer is not None:
        _score(model, run, folder, scorer, result_path)
    return result_path


def _claim(folder: PredictionFolder, run: _Run, model: FontModel, *, source: str) -> None:
    """Note how these predictions are made; refuse to mix them with others made otherwise."""
    settings = run.settings
    claim = {
        "dataset": run.fingerprint,
        "source": source,
        "checkpoint_sha256": model.checkpoint_sha256,
        "options": dict(settings.options),
        "details": model.details,
        "seed": settings.seed,
        "shots": settings.shots,
    }
    path = folder.path / "run.json"
    claim = json.loads(json.dumps(claim))
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        differing = sorted(key for key in claim if claim[key] != found.get(key))
        if differing and not settings.restart:
            key = differing[0]
            raise UserError(
                f"Predictions in {folder.path} were made with {key} {found.get(key)}, but this run "
                f"has {claim[key]}; choose another --out, or discard them with --restart."
            )
        if differing:
            folder.clear()
    write_text(path, json.dumps(claim, ensure_ascii=False, indent=1) + "\n")


def _source(name: str) -> str:
    """What tells one model's code from another's, as far as a file of the user's goes."""
    if ".py:" not in name:
        return name.partition(":")[0]
    path, _, class_name = name.rpartition(":")
    return f"{file_sha256(Path(path))}:{class_name}"


def _score(
    model: FontModel, run: _Run, folder: PredictionFolder, scorer: Scorer, path: Path
) -> None:
    seconds, delivered = 0.0, 0
    scored = []
    with progress(f"{model.name}: scoring", run.n_glyphs, "glyphs") as bar:
        for task in run.tasks:
            predictions = folder.read(task.font_id, task.characters)
            scored.append(scorer.score_font(task, predictions.images))
            seconds += predictions.seconds
            delivered += int(predictions.delivered.sum())
            bar.advance(len(task.characters))
    settings, dataset = run.settings, run.dataset
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
            "benchmark_fingerprint": dataset.benchmark_fingerprint,
            "size": dataset.size,
        },
        "signatures": scorer.signatures(),
        "versions": _versions(),
        "git_revision": _git_revision(),
        "seconds_per_glyph": seconds / delivered if delivered else None,
        "n_expected": run.n_glyphs,
        "n_delivered": delivered,
        "unrankable": unrankable_cells(model.trained_on, dataset, limit=settings.limit),
        "missing_metrics": dict(scorer.missing),
        "scores": summarize(scored, scorer.metrics),
    }
    write_bytes(path.with_suffix(".parquet"), glyph_table(scored))
    write_result(path, result)


def _describe(model: FontModel, settings: Settings) -> dict[str, Any]:
    return {
        "name": model.name,
        "kind": model.kind,
        "parameters": model.parameters,
        "checkpoint_sha256": model.checkpoint_sha256,
        "trained_on": _describe_training(model.trained_on),
        "details": model.details,
        "options": dict(settings.options),
    }


def _describe_training(trained_on: TrainedOn | None) -> dict[str, Any] | None:
    if trained_on is None:
        return None
    return {
        "font_ids": sorted(trained_on.font_ids),
        "lineages": sorted(trained_on.lineages),
        "characters": "".join(sorted(trained_on.characters)),
    }


def _versions() -> dict[str, str]:
    installed = {"hangeul-bench": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            installed[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return installed


def _git_revision() -> str | None:
    """The commit of this program where it runs from a git checkout, else None."""
    here = Path(__file__).parent
    command = ["git", "-C", str(here), "rev-parse", "HEAD"]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout.strip() if run.returncode == 0 else None
