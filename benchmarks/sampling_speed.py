"""How fast the models draw and train, in one run, as ratios.

    python benchmarks/sampling_speed.py [--preset swift --preset small] [--device cpu]

The weights are random: speed does not depend on them. Quote the ratios, not the seconds, which are
those of one machine in one hour.
"""

import argparse
import resource
import time
from collections.abc import Callable

import torch

from baselines.diff_font.attributes import add_style
from baselines.diff_font.model import DiffFont, ModelConfig
from baselines.diff_font.presets import PRESETS
from baselines.diff_font.sampling import SamplingOptions, diff_font_options, sample
from dkfont.model import DKFont
from hangeul_bench.dataset import phonetic_line

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
    lines = [phonetic_line(character) for character in CHARACTERS]
    inputs = model.character_inputs(CHARACTERS, lines)
    moved = {name: value.to(device) for name, value in inputs.items()}
    return add_style(moved, torch.randn(GLYPHS, 128, device=device))


def drawing(model: DiffFont, options: SamplingOptions, device: str) -> float:
    """Seconds a glyph."""
    model.eval()
    inputs = inputs_of(model, device)
    return seconds(lambda: sample(model, inputs, CHARACTERS, seed=0, options=options)) / GLYPHS


def training(model: DiffFont, device: str) -> float:
    """Samples a second of forward, backward and step, without the perceptual loss."""
    model.train()
    inputs = inputs_of(model, device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    x = torch.randn(GLYPHS, 1, 128, 128, device=device)
    t = torch.randint(0, 1000, (GLYPHS,), device=device)

    def step() -> None:
        optimizer.zero_grad(set_to_none=True)
        model(x, t, inputs).square().mean().backward()
        optimizer.step()

    return GLYPHS / seconds(step, repeats=2)


def main() -> None:
    """Print one table for drawing and one for training."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--preset", action="append", choices=list(PRESETS))
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    device, presets = arguments.device, arguments.preset or ["tiny", "swift", "small"]
    print(f"drawing on {device}, {torch.get_num_threads()} threads; first row of each preset = 1")
    for preset in presets:
        dkfont = build(DKFont, preset, "cosine", device)
        diff_font = build(DiffFont, preset, "linear", device)
        rows = [
            ("DK-Font, DPM-Solver++ 10", dkfont, SamplingOptions(steps=10)),
            ("DK-Font, DPM-Solver++ 20", dkfont, SamplingOptions(steps=20)),
            ("Diff-Font, DDIM 25, 3 branches", diff_font, diff_font_options()),
        ]
        first = None
        for name, model, options in rows:
            each = drawing(model, options, device)
            first = first or each
            print(f"{preset:6} {name:32} {each / first:6.2f} x  {100 * each:7.1f} s for 100 glyphs")
    print("training, forward + backward + AdamW; first row = 1")
    base = None
    for preset in presets:
        speed = training(build(DKFont, preset, "cosine", device), device)
        base = base or speed
        print(f"{preset:6} {speed / base:6.3f} x  {speed:8.1f} samples/s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
