"""How fast the models draw and train, in one run, as ratios.

    python benchmarks/sampling_speed.py [--preset swift --preset small] [--device cpu]
    python benchmarks/sampling_speed.py --training-only --batch-size 4 --preset tiny --preset paper

Drawing with `base` and `paper` takes many minutes on a CPU; the second line leaves it out.
The weights are random: speed does not depend on them. Quote the ratios, not the seconds, which are
those of one machine in one hour.
"""

import argparse
import resource
import time
from collections.abc import Callable

import torch

from baselines.diff_font.model import DiffFont
from baselines.diffusion.model import ModelConfig, add_style
from baselines.diffusion.sampling import SamplingOptions, diff_font_options, sample
from baselines.diffusion.unet import PRESETS
from dkfont.adapter import DKFontAdapter
from dkfont.model import DKFont

GLYPHS = 16
CHARACTERS = tuple(chr(0xAC00 + 28 * k) for k in range(GLYPHS))


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """The least wall time of some runs after one to warm up."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def build(kind: type[DiffFont], preset: str, schedule: str, device: str) -> DiffFont:
    """A model with random weights."""
    return kind(ModelConfig(preset=preset, characters=CHARACTERS, schedule=schedule)).to(device)


def inputs_of(model: DiffFont, device: str) -> dict[str, torch.Tensor]:
    """Conditions of the glyphs, with a random style."""
    inputs = model.attributes.character_inputs(CHARACTERS)
    moved = {name: value.to(device) for name, value in inputs.items()}
    return add_style(moved, torch.randn(GLYPHS, 128, device=device))


def drawing(model: DiffFont, options: SamplingOptions, device: str) -> float:
    """Seconds a glyph."""
    model.eval()
    inputs = inputs_of(model, device)

    def draw() -> None:
        sample(model, inputs, CHARACTERS, seed=0, options=options)

    return seconds(draw, repeats=2) / GLYPHS


def training(model: DiffFont, batch: int, device: str) -> float:
    """Samples a second of forward, backward and step, without the perceptual loss."""
    model.train()
    inputs = {name: value[:batch] for name, value in inputs_of(model, device).items()}
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    x = torch.randn(batch, 1, 128, 128, device=device)
    t = torch.randint(0, 1000, (batch,), device=device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        model(x, t, inputs).square().mean().backward()
        optimizer.step()

    return batch / seconds(step, repeats=2)


def report_drawing(presets: list[str], device: str) -> None:
    """Print the table of drawing."""
    print(f"drawing on {device}, {torch.get_num_threads()} threads; first row of each preset = 1")
    for preset in presets:
        dkfont = build(DKFont, preset, "cosine", device)
        diff_font = build(DiffFont, preset, "linear", device)
        rows = [
            ("DK-Font, DPM-Solver++ 10", dkfont, SamplingOptions(steps=10)),
            ("the same, first half guided", dkfont, DKFontAdapter.defaults["pixels"]),
            ("DK-Font, 3 guided steps", dkfont, DKFontAdapter.defaults["sdf64"]),
            ("DK-Font, DPM-Solver++ 20", dkfont, SamplingOptions(steps=20)),
            ("Diff-Font, DDIM 25, 3 branches", diff_font, diff_font_options()),
        ]
        first = None
        for name, model, options in rows:
            each = drawing(model, options, device)
            first = first or each
            print(f"{preset:6} {name:32} {each / first:6.2f} x  {100 * each:7.1f} s for 100 glyphs")


def report_training(presets: list[str], batch: int, device: str) -> None:
    """Print the table of training."""
    print(f"training, forward + backward + AdamW, batches of {batch}; first row = 1")
    base = None
    for preset in presets:
        model = build(DKFont, preset, "cosine", device)
        speed = training(model, batch, device)
        base = base or speed
        millions = sum(value.numel() for value in model.parameters()) / 1e6
        print(f"{preset:6} {millions:6.1f} M {speed / base:8.4f} x  {speed:9.2f} samples/s")


def main() -> None:
    """Print one table for drawing and one for training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", action="append", choices=list(PRESETS))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--training-only", action="store_true")
    parser.add_argument("--batch-size", type=int, default=GLYPHS, choices=range(1, GLYPHS + 1))
    arguments = parser.parse_args()
    presets = arguments.preset or ["tiny", "swift", "small"]
    if not arguments.training_only:
        report_drawing(presets, arguments.device)
    report_training(presets, arguments.batch_size, arguments.device)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
