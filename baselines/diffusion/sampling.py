"""Drawing glyphs: samplers, guidance, and noise that belongs to a glyph alone."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from baselines.diffusion.model import DiffusionModel, Inputs
from baselines.diffusion.schedule import SAMPLERS, SamplerName
from baselines.diffusion.unet import IMAGE_SIZE
from baselines.glyphs.representation import to_images
from hangeul_bench.base.errors import UserError

# The network always runs on this many glyphs, the last group filled up with copies: kernels choose
# their order of summation by the batch's shape, and a glyph must not depend on its neighbours.
CHUNK = {"cpu": 16, "cuda": 256}

Branch = tuple[tuple[str, ...], float]  # conditions that are dropped, and weight in the sum


@dataclass(frozen=True)
class SamplingOptions:
    """How to draw.

    Attributes:
        sampler: ``dpm`` (DPM-Solver++ 2M), ``ddim`` or ``ddpm``.
        steps: Number of denoising steps; DDPM of the paper takes 1,000.
        guidance: Scale of classifier-free guidance by the character; 1 is none.
        style_guidance: The same for the style, where the model was trained for it.
        rule: ``plain``, or ``diff-font`` for Diff-Font's own three branches, in which ``guidance``
            is the scale of content and ``component_guidance`` that of the components.
        component_guidance: See ``rule``.
        guided_share: Of the steps, from the noisiest on, that are guided; the rest run the network
            once, for by then the strokes stand (Kynkaanniemi et al. 2024, limited interval).
    """

    sampler: SamplerName = "dpm"
    steps: int = 10
    guidance: float = 1.0
    style_guidance: float = 1.0
    rule: str = "plain"
    component_guidance: float = 3.0
    guided_share: float = 1.0

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            raise UserError(f"Expected a sampler of {', '.join(SAMPLERS)}, found {self.sampler!r}.")
        if not 1 <= self.steps <= 1000:
            raise UserError(f"Expected 1 to 1000 sampling steps, found {self.steps}.")
        if self.rule not in RULES:
            known = " or ".join(f"rule={name}" for name in RULES)
            raise UserError(f"Expected {known}, found {self.rule!r}.")
        if not 0 <= self.guided_share <= 1:
            raise UserError(f"Expected guided_share from 0 to 1, found {self.guided_share}.")


def diff_font_options() -> SamplingOptions:
    """Diff-Font's own procedure: DDIM with 25 steps, content and component scales of 3."""
    return SamplingOptions("ddim", 25, guidance=3.0, rule="diff-font", component_guidance=3.0)


def sampling_options(defaults: SamplingOptions, given: Mapping[str, Any]) -> SamplingOptions:
    """A model's sampling options from its keyword arguments.

    Args:
        defaults: The model's own; a rule may stand for others.
        given: Field -> value, perhaps as text.

    Raises:
        UserError: An option is unknown or has the wrong type.
    """
    known = SamplingOptions.__dataclass_fields__
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UserError(f"Unknown option {unknown[0]}; expected one of {', '.join(sorted(known))}.")
    rule = RULES.get(str(given.get("rule")))
    if rule is not None and rule.procedure is not None:
        defaults = rule.procedure()
    typed = {}
    for name, value in given.items():
        kind = type(getattr(defaults, name))
        try:
            typed[name] = kind(value)
        except (TypeError, ValueError):
            raise UserError(
                f"Expected {name} to be of type {kind.__name__}, but found {value!r}."
            ) from None
    return replace(defaults, **typed)


def _plain(model: DiffusionModel, options: SamplingOptions) -> list[Branch]:
    """Classifier-free guidance by each condition that the model was trained to be guided by."""
    scales = {"character": options.guidance, "style": options.style_guidance}
    available = model.guidance_branches()
    extra = [(available[k], 1 - s) for k, s in scales.items() if s != 1 and k in available]
    return [((), 1 - sum(weight for _, weight in extra)), *extra]


def _by_component(model: DiffusionModel, options: SamplingOptions) -> list[Branch]:
    """U + s_c (c - u) + s_k (k - u): no branch has content and components together (Diff-Font)."""
    dropped = model.guidance_branches().get("character", ())
    character = tuple(name for name in dropped if name != "style")
    content, component = options.guidance, options.component_guidance
    if not {"content", "components"} <= set(character):
        raise UserError(
            f"rule={options.rule} guides by content and components, but {model.name} was not "
            "trained without them; leave the rule out."
        )
    return [
        (tuple(name for name in character if name != "content"), content),
        (tuple(name for name in character if name != "components"), component),
        ((*character, "style"), 1 - content - component),
    ]


@dataclass(frozen=True)
class Rule:
    """How guidance scales become weights of the network's outputs.

    Attributes:
        branches: What each run of the network drops and its weight; the weights sum to one.
        procedure: Makes the options that naming the rule stands for; None for the model's own.
    """

    branches: Callable[[DiffusionModel, SamplingOptions], list[Branch]]
    procedure: Callable[[], SamplingOptions] | None = None


RULES = {"plain": Rule(_plain), "diff-font": Rule(_by_component, diff_font_options)}


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
        glyphs.append(to_images(model.representation, x_0[: len(part)]))
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
    shape = (1, model.representation.size, model.representation.size)
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
