"""Drawing glyphs: samplers, guidance, and noise that belongs to a glyph alone."""

import hashlib
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from baselines.diffusion.carrier import to_pages
from baselines.diffusion.conditions import Inputs
from baselines.diffusion.model import DiffusionModel
from baselines.diffusion.presets import IMAGE_SIZE
from baselines.diffusion.sampling_options import RULES, Branch, SamplingOptions

# The network always runs on this many glyphs, the last group filled up with copies: kernels choose
# their order of summation by the batch's shape, and a glyph must not depend on its neighbours.
CHUNK = {"cpu": 16, "cuda": 256}


def glyph_generator(seed: int, character: str) -> torch.Generator:
    """The random numbers of one glyph, from the font's seed and the code point alone."""
    digest = hashlib.sha256(f"{seed}:{ord(character):04X}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "little") >> 1)


@torch.no_grad()
def sample(
    model: DiffusionModel,
    inputs: Inputs,
    characters: Sequence[str],
    *,
    seed: int,
    options: SamplingOptions,
    observe: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Draw one glyph for each character.

    Args:
        model: In eval mode; its device is used.
        inputs: Conditions of the N glyphs, style included.
        characters: The N syllables; with ``seed`` they decide the noise.
        seed: The font's seed.
        options: Sampler, steps and guidance.
        observe: Called with the timestep and x_t (n, 1, 128, 128) after every step.

    Returns:
        (N, 128, 128) uint8 on the CPU, 0 = ink, 255 = paper.
    """
    device = next(model.parameters()).device
    chunk = CHUNK["cuda" if device.type == "cuda" else "cpu"]
    glyphs = []
    for start in range(0, len(characters), chunk):
        part = list(characters[start : start + chunk])
        filled = part + part[-1:] * (chunk - len(part))
        rows = torch.arange(start, start + chunk).clamp(max=len(characters) - 1)
        own = {name: value[rows.to(value.device)].to(device) for name, value in inputs.items()}
        x_0 = _denoise(model, own, filled, seed, options, observe)
        glyphs.append(to_pages(model.carrier, x_0[: len(part)]))
    return torch.cat(glyphs) if glyphs else torch.empty(0, IMAGE_SIZE, IMAGE_SIZE).byte()


def _denoise(
    model: DiffusionModel,
    inputs: Inputs,
    characters: Sequence[str],
    seed: int,
    options: SamplingOptions,
    observe: Callable[[int, Tensor], None] | None,
) -> Tensor:
    device = next(iter(inputs.values())).device
    generators = [glyph_generator(seed, character) for character in characters]
    shape = (1, model.carrier.size, model.carrier.size)
    x_t = torch.stack([torch.randn(shape, generator=g) for g in generators]).to(device)
    schedule = model.schedule(device)
    sampler = schedule.sampler(options.sampler, options.steps)
    # Only DDPM draws noise after the start.
    noise = {"generator": generators} if options.sampler == "ddpm" else {}
    guided = _Combined(model, inputs, RULES[options.rule].branches(model, options))
    plain = _Combined(model, inputs, [((), 1.0)])
    guided_steps = round(options.guided_share * len(sampler.timesteps))
    for step, timestep in enumerate(sampler.timesteps):
        t = torch.full((len(x_t),), int(timestep), device=device)
        output = (guided if step < guided_steps else plain)(x_t, t)
        x_0 = schedule.x_0(model.config.prediction, output, x_t, t).clamp(-1, 1)
        x_t = sampler.step(x_0, timestep, x_t, **noise).prev_sample
        if observe is not None:
            observe(int(timestep), x_t)
    return x_t


class _Combined:
    """The network's output, or the weighted sum of its outputs with conditions dropped."""

    def __init__(self, model: DiffusionModel, inputs: Inputs, branches: list[Branch]) -> None:
        dropped = [model.drop(inputs, names) for names, _ in branches]
        self.model = model
        self.weights = [weight for _, weight in branches]
        self.given = model.read(
            {name: torch.cat([branch[name] for branch in dropped]) for name in inputs}
        )

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        count = len(self.weights)
        output = self.model.denoise(x_t.repeat(count, 1, 1, 1), t.repeat(count), self.given)
        outputs = output.chunk(count)
        return sum(
            (weight * out for weight, out in zip(self.weights, outputs, strict=True)),
            torch.zeros_like(x_t),
        )


def from_uint8(glyphs: Tensor) -> Tensor:
    """(..., H, W) uint8 -> float32 in [-1, 1], ink = -1."""
    return glyphs.float() / 127.5 - 1
