"""How to draw: sampler, steps, and the rules by which conditions guide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from baselines.diffusion.model import DiffusionModel
from baselines.diffusion.schedule import SAMPLERS, SamplerName
from hangeul_bench.base.errors import UserError

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
