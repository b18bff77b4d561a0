"""How much faster the bank's fields are made than one by one, and how far the two differ.

    python benchmarks/field_speed.py --data hangeul-dataset

Both run in one process and one thread, in turns, on the same glyphs; the least time of each counts.
"""

import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import torch

from baselines.glyphs.bank import STEPS_A_PIXEL
from baselines.glyphs.field_batch import fields_of
from baselines.glyphs.representation import field
from hangeul_bench.dataset import GlyphDataset

_GLYPHS, _ROUNDS = 96, 5


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--fonts", default=5, show_default=True, help="How many, evenly spaced.")
def main(data: Path | None, fonts: int) -> None:
    """Print the ratio of the times a glyph, and the largest difference in sixteenths of a pixel."""
    torch.set_num_threads(1)
    dataset = GlyphDataset.open(data)
    chosen = dataset.fonts[:: max(1, len(dataset.fonts) // fonts)][:fonts]
    glyphs = np.concatenate([dataset.images(f.font_id)[:_GLYPHS] for f in chosen])
    pages = torch.from_numpy(glyphs)

    def one_way() -> np.ndarray:
        return torch.cat([field(part) for part in pages.split(8)]).numpy()

    least = [float("inf"), float("inf")]
    for _ in range(_ROUNDS):
        for way, make in enumerate((one_way, lambda: fields_of(glyphs))):
            least[way] = min(least[way], _seconds(make))
    steps = [
        np.rint(made * STEPS_A_PIXEL).clip(-127, 127) for made in (one_way(), fields_of(glyphs))
    ]
    apart = np.abs(steps[0] - steps[1])
    print(f"{len(chosen)} fonts, {len(glyphs)} glyphs, one thread, processor time")
    print(f"sdf.field             {least[0] / len(glyphs) * 1e3:.2f} ms a glyph")
    print(f"field_batch.fields_of {least[1] / len(glyphs) * 1e3:.2f} ms a glyph")
    print(f"ratio {least[0] / least[1]:.1f}")
    print(
        f"they differ by at most {apart.max():.0f} sixteenths of a pixel, "
        f"in {(apart > 0).mean():.1%}"
    )


def _seconds(work: Callable[[], np.ndarray]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
