"""What SSIM and RMSE say of the truth itself, moved or thickened by a pixel or two.

    python -m experiments.shifts --data hangeul-dataset --out leaderboards/shifts.csv

No drawing stands between: each row is what a model would have that draws every glyph right but in
another place, or with other pens. The paper's numbers are read beside it (docs/footguns.md).
"""

from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import pandas as pd
import torch
from scipy.ndimage import minimum_filter

from hangeul_bench.adapter.questions import plan
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.base.images import PAPER, Glyphs
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.metrics import RMSE, SSIM

_DIGITS = 4


def moved(glyphs: Glyphs, *, right: int = 0, down: int = 0) -> Glyphs:
    """(N, H, W) pages with the glyphs moved by whole pixels; what comes in is paper.

    Args:
        glyphs: (N, H, W) uint8, 0 = ink.
        right: Pixels, not negative.
        down: Pixels, not negative.
    """
    height, width = glyphs.shape[1:]
    out = np.full_like(glyphs, PAPER)
    out[:, down:, right:] = glyphs[:, : height - down, : width - right]
    return out


def thicker(glyphs: Glyphs) -> Glyphs:
    """(N, H, W) pages whose ink is one pixel wider on every side."""
    wide: Glyphs = minimum_filter(glyphs, size=(1, 3, 3), mode="nearest")
    return wide


CHANGES: dict[str, Callable[[Glyphs], Glyphs]] = {
    "1 px right": lambda glyphs: moved(glyphs, right=1),
    "1 px down": lambda glyphs: moved(glyphs, down=1),
    "1 px right and down": lambda glyphs: moved(glyphs, right=1, down=1),
    "2 px right": lambda glyphs: moved(glyphs, right=2),
    "2 px down": lambda glyphs: moved(glyphs, down=2),
    "3 px right": lambda glyphs: moved(glyphs, right=3),
    "1 px thicker": thicker,
}


def truths(dataset: GlyphDataset, track: str, cell: str) -> list[Glyphs]:
    """The true glyphs of a cell, a font each.

    Raises:
        UserError: The cell holds none.
    """
    pages = []
    for task in plan(dataset, track):
        own = [c for c, name in zip(task.characters, task.cells, strict=True) if name == cell]
        if own:
            pages.append(dataset.images(task.font_id, own))
    if not pages:
        raise UserError(f"Expected glyphs in cell {cell}, but {dataset.path} has none; name sfuc.")
    return pages


def measure(pages: list[Glyphs], change: Callable[[Glyphs], Glyphs]) -> dict[str, float]:
    """Mean SSIM and RMSE over all glyphs of their changed form against themselves."""
    values: dict[str, float] = {}
    for metric in (SSIM(), RMSE()):
        scores = [
            metric.scores(torch.from_numpy(change(glyphs)), torch.from_numpy(glyphs))
            for glyphs in pages
        ]
        values[metric.name] = round(float(torch.cat(scores).mean()), _DIGITS)
    return values


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--track", default="lite", show_default=True)
@click.option("--cell", default="sfuc", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=Path("leaderboards/shifts.csv"))
def main(data: Path | None, track: str, cell: str, out: Path) -> None:
    """Measure the changed truth and write a table."""
    pages = truths(GlyphDataset.open(data), track, cell)
    counts = {"fonts": len(pages), "glyphs": sum(map(len, pages))}
    rows = [
        {"truth": name, "track": track, "cell": cell, **counts, **measure(pages, change)}
        for name, change in CHANGES.items()
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(out, index=False, lineterminator="\n")
    for row in rows:
        click.echo(", ".join(f"{key} {value}" for key, value in row.items()))
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
