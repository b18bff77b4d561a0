"""A result's stored predictions under other papers' conventions; the result stays as it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import torch

from hangeul_bench.adapter.questions import FontTask
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import progress
from hangeul_bench.base.tables import csv_text, fixed, one_line
from hangeul_bench.base.weights import MissingWeights
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.dataset.splits.lists import CELLS, SCORED_CATEGORIES, UNSEEN_FONTS, cells_of
from hangeul_bench.evaluate.rescore import check_predictions
from hangeul_bench.metrics.conventions import Variant
from hangeul_bench.results.file import read_result, tasks_of

_HEADER = ("model", "cell", "category", "n_fonts", "n_glyphs")
_HEADER_END = ("convention", "metric", "value", "definition")
_METRICS = ("ssim", "rmse", "lpips", "fid")
_DIGITS = 6  # of the CSV


@dataclass(frozen=True)
class Measured:
    """One metric of one convention on one category; ``value`` is None for want of weights."""

    model: str
    cell: str
    category: str
    n_fonts: int
    n_glyphs: int
    variant: Variant
    value: float | None


def measure_conventions(
    path: Path,
    dataset: GlyphDataset,
    variants: Sequence[Variant],
    *,
    cell: str = UNSEEN_FONTS,
    weights: Path | None = None,
    device: str = "cpu",
    out: Path | None = None,
) -> list[Measured]:
    """Measure the predictions of a result anew.

    Args:
        path: The result file.
        dataset: The truth.
        variants: What to measure.
        cell: Whose glyphs: ``sfsc``, ``sfuc``, ``ufsc``, ``ufuc`` or ``paper``.
        weights: Folder of the ImageNet weights; None looks where torch keeps them.
        device: Where networks run.
        out: The folder that ``evaluate`` wrote the predictions to; None is that of ``path``.

    Raises:
        UserError: There is no such cell, the result is of another dataset, or its predictions are
            absent or others.
    """
    if cell not in CELLS:
        raise UserError(f"Expected --cell of {', '.join(CELLS)}, but found {cell!r}.")
    result = read_result(path)
    folder = check_predictions(path, result, dataset, out=out)
    tasks = tasks_of(result, dataset)
    fonts = [
        (task.category, folder.read(task.font_id, task.characters).images[rows], truth[rows])
        for task in tasks
        if len(rows := _rows(task, cell))
        for truth in (dataset.images(task.font_id, task.characters),)
    ]
    name = result["model"]["name"]
    found: list[Measured] = []
    with progress(f"{path.stem}: measuring", len(variants), "definitions") as bar:
        for variant in variants:
            found += _measure(name, cell, variant, fonts, weights=weights, device=device)
            bar.advance(1)
    return found


def conventions_csv(measured: Sequence[Measured]) -> str:
    """The table as CSV; an empty value stands for absent weights."""
    return csv_text((*_HEADER, *_HEADER_END), map(_row, measured))


def conventions_text(measured: Sequence[Measured]) -> str:
    """A table a model and category: a line a convention; - stands for absent weights."""
    tables = []
    for key, group in groupby(sorted(measured, key=_place), key=_place):
        entries = list(group)
        metrics = [m for m in _METRICS if any(e.variant.metric == m for e in entries)]
        conventions = dict.fromkeys(e.variant.convention for e in entries)
        values = {(e.variant.convention, e.variant.metric): _shown(e.value) for e in entries}
        rows = [["", *metrics]]
        rows += [[c, *(values.get((c, metric), "") for metric in metrics)] for c in conventions]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
        name, cell, category = key
        heading = f"{one_line(name)}, {cell}, {category}, {entries[0].n_fonts} fonts"
        tables.append("\n".join([heading, *lines]) + "\n")
    return "\n".join(tables)


def _place(entry: Measured) -> tuple[str, str, str]:
    return entry.model, entry.cell, entry.category


def _shown(value: float | None) -> str:
    return "-" if value is None else fixed(value, 4)


def _measure(
    name: str,
    cell: str,
    variant: Variant,
    fonts: Sequence[tuple[str, Glyphs, Glyphs]],
    *,
    weights: Path | None,
    device: str,
) -> Iterator[Measured]:
    try:
        measure = variant.load(weights, device)
    except MissingWeights:
        measure = None
    parts = [
        (category, len(drawn), measure(_tensor(drawn), _tensor(true)) if measure else None)
        for category, drawn, true in fonts
    ]
    for category in SCORED_CATEGORIES:
        own = [part for part in parts if category in ("all", part[0])]
        values = [values for _, _, values in own if values is not None]
        value = variant.combine(values) if values else None
        n_glyphs = sum(n for _, n, _ in own)
        yield Measured(name, cell, category, len(own), n_glyphs, variant, value)


def _rows(task: FontTask, cell: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.flatnonzero([cell in cells_of(own) for own in task.cells])


def _tensor(images: Glyphs) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(images))


def _row(entry: Measured) -> tuple[object, ...]:
    own = (entry.model, entry.cell, entry.category, entry.n_fonts, entry.n_glyphs)
    value = "" if entry.value is None else fixed(entry.value, _DIGITS)
    variant = entry.variant
    return (*own, variant.convention, variant.metric, value, variant.definition)
