"""Do ST-LPIPS and the distance on EfficientNet-Lite0 put the controls into the right order?

    python experiments/stand_ins.py --data hangeul-dataset --out leaderboards/stand-ins.csv

A metric stands on the board only if, in each category of the unseen fonts, the truth is best, a
blank page is worst, and a syllable with a wrong jamo is worse than the right one moved by 3 pixels.
The controls draw the lite track anew. Needs `pip install 'hangeul-bench[perceptual]'`.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np
import torch

from hangeul_bench.adapter.generate import ask
from hangeul_bench.adapter.questions import FontTask, build_request, plan
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import progress
from hangeul_bench.base.tables import csv_text, fixed
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.metrics.fd_effnet import FDEfficientNet
from hangeul_bench.metrics.st_lpips import STLPIPS

CONTROLS = (
    *("ground-truth", "shifted-3px", "blurred", "jamo-swapped"),
    *("nearest-font", "content-font", "blank"),
)
CATEGORIES = ("handwritten", "printed")
_HEADER = ("metric", "control", "category", "n_glyphs", "value", "signature")


def in_order(values: dict[str, float]) -> bool:
    """Whether a distance puts the controls into the order that it must.

    Args:
        values: Control -> value, lower is better.
    """
    truth, blank = values["ground-truth"], values["blank"]
    others = [value for name, value in values.items() if name not in ("ground-truth", "blank")]
    outer = truth < min(others) and max(others) < blank
    return outer and values["shifted-3px"] < values["jamo-swapped"]


def measurer(metric: STLPIPS | FDEfficientNet, truth: Glyphs) -> Callable[[Glyphs], float]:
    """What measures drawn glyphs (N, 128, 128) uint8 against the truth, whose features it keeps."""
    target = torch.from_numpy(truth)
    if isinstance(metric, STLPIPS):
        return lambda images: float(metric.scores(torch.from_numpy(images), target).mean())
    features = metric.features(target).numpy()
    return lambda images: metric.distance(metric.features(torch.from_numpy(images)), features)


def drawn(control: str, dataset: GlyphDataset, tasks: Sequence[FontTask]) -> Glyphs:
    """What a control draws for some fonts: (N, 128, 128) uint8."""
    model = load_model(control, dataset=dataset)
    pages = []
    for task in tasks:
        request = build_request(dataset, task.font_id, task.characters, seed=0, shots=1)
        pages.append(ask(model, request, font_id=task.font_id).images)
    return np.concatenate(pages)


def _place(row: tuple[str, str, str, int, str, str]) -> tuple[str, str]:
    return row[0], row[2]


@click.command(help=__doc__.splitlines()[0])
@click.option("--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset.")
@click.option("--limit", type=int, help="Only so many syllables of each cell a font.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(data: Path | None, limit: int | None, out: Path) -> None:
    """Measure both metrics on every control and write a table."""
    dataset = GlyphDataset.open(data)
    tasks = [
        task
        for task in plan(dataset, "lite", limit=limit)
        if task.font_id in dataset.splits.unseen_fonts
    ]
    rows: list[tuple[str, str, str, int, str, str]] = []
    metrics = (STLPIPS(), FDEfficientNet())
    with progress("Controls", len(CONTROLS) * len(CATEGORIES), "controls") as bar:
        for category in CATEGORIES:
            own = [task for task in tasks if task.category == category]
            truth = np.concatenate([dataset.images(t.font_id, t.characters) for t in own])
            measurers = {metric: measurer(metric, truth) for metric in metrics}
            found: dict[str, dict[str, float]] = {metric.name: {} for metric in metrics}
            for control in CONTROLS:
                images = drawn(control, dataset, own)
                for metric, measure in measurers.items():
                    value = found[metric.name][control] = measure(images)
                    number = fixed(value, 6), metric.signature()
                    rows.append((metric.name, control, category, len(images), *number))
                bar.advance(1)
            for name, values in found.items():
                click.echo(f"{name}, {category}: {'in' if in_order(values) else 'OUT OF'} order")
    rows.sort(key=_place)
    write_whole(out, csv_text(_HEADER, rows))
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    main()
