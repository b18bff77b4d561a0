"""Recipes: what a training command does where none of its options says otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import click

from baselines.diffusion.carrier import CARRIERS
from baselines.diffusion.model import ModelConfig
from baselines.diffusion.presets import PRESETS
from baselines.diffusion.schedule import Prediction, ScheduleName
from baselines.diffusion.training.options import TrainingOptions
from hangeul_bench.base.errors import UserError


@dataclass(frozen=True)
class Recipe:
    """Every choice that decides what a training learns; an option of the command replaces a field.

    Attributes:
        schedule: See :class:`~baselines.diffusion.model.ModelConfig`, and so the next three.
        dropout: Of the residual blocks.
        prediction: What the network outputs.
        carrier: What it paints on.
        preset: Size of the network.
        characters: ``seen``, or ``all`` with the benchmark's unseen ones.
        category: ``handwritten``, ``printed`` or ``both``; None where it must be given.
        steps: Stop after so many; None where an option must set an end.
        batch_size: See :class:`TrainingOptions`, and so the next four.
        learning_rate: Between warm-up and cool-down.
        warmup: In steps.
        cooldown: Share of the steps.
        timesteps: ``uniform`` or ``noisy``.
        augment: Whether fonts are changed at random.
        perceptual: Network of the perceptual loss: ``vgg19``, ``glyph`` or ``none``.
        perceptual_weighting: ``none`` or ``alpha_bar``.
    """

    schedule: ScheduleName = ModelConfig.schedule
    dropout: float = ModelConfig.dropout
    prediction: Prediction = ModelConfig.prediction
    carrier: str = ModelConfig.carrier
    preset: str = "swift"
    characters: str = "seen"
    category: str | None = "both"
    steps: int | None = None
    batch_size: int = TrainingOptions.batch_size
    learning_rate: float = TrainingOptions.learning_rate
    warmup: int = TrainingOptions.warmup
    cooldown: float = TrainingOptions.cooldown
    timesteps: str = TrainingOptions.timesteps
    augment: bool = False
    perceptual: str = "none"
    perceptual_weighting: Any = "none"

    def values(self, *names: str) -> dict[str, Any]:
        """Some of the fields by name."""
        return {name: getattr(self, name) for name in names}


Command = Callable[..., None]
# What every training command takes.
_SHARED: dict[str, dict[str, Any]] = {
    "preset": {"type": click.Choice(list(PRESETS))},
    "characters": {
        "type": click.Choice(["seen", "all"]),
        "help": "`all` trains on the benchmark's unseen characters too and loses their cells.",
    },
    "category": {
        "type": click.Choice(["handwritten", "printed", "both"]),
        "help": "The paper trains one model a category.",
    },
    "steps": {"type": click.IntRange(min=1), "help": "Stop after these steps in all."},
    "batch_size": {"type": click.IntRange(min=1)},
    "learning_rate": {"type": float},
    "warmup": {
        "type": click.IntRange(min=0),
        "help": "Steps over which the learning rate rises from 0; 0: none.",
    },
    "cooldown": {
        "type": click.FloatRange(0, 1),
        "help": "Share of --steps at the end over which the learning rate falls to 0; 0: none.",
    },
    "prediction": {
        "type": click.Choice(["sample", "v", "epsilon"]),
        "help": "What the U-Net outputs: x_0, v or epsilon.",
    },
    "timesteps": {"type": click.Choice(["noisy", "uniform"])},
    "carrier": {
        "type": click.Choice(list(CARRIERS)),
        "help": "What is painted on: pixels, or a signed distance field of 64 x 64.",
    },
    "augment": {"help": "Change fonts at random: styles without end."},
    "schedule": {
        "type": click.Choice(["linear", "cosine", "scaled_linear"]),
        "help": "Noise schedule.",
    },
}
# What only some models have.
_OWN: dict[str, dict[str, Any]] = {
    "dropout": {"type": click.FloatRange(0, 1), "help": "Of the residual blocks."},
    "perceptual": {
        "type": click.Choice(["glyph", "vgg19", "none"]),
        "help": "Network of the perceptual loss; vgg19 needs its weights.",
    },
    "perceptual_weighting": {"type": click.Choice(["none", "alpha_bar"])},
}


def recipe_options(recipes: Mapping[str, Recipe], *own: str) -> Callable[[Command], Command]:
    """Add ``--recipe`` and the options that replace a field of it.

    Args:
        recipes: By name; the first is the default.
        own: Names of the fields of ``_OWN`` that the model has.
    """
    default, usual = next(iter(recipes.items()))
    taken = _SHARED | {name: _OWN[name] for name in own}
    choose = click.option(
        "--recipe",
        type=click.Choice(list(recipes)),
        default=default,
        show_default=True,
        help="What holds where no other option is given; the defaults below are the first's.",
    )
    options: list[Callable[[Command], Command]] = [choose]
    options += [_option(n, usual, about) for n, about in taken.items()]

    def add(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def settle(recipes: Mapping[str, Recipe], arguments: Mapping[str, Any]) -> Recipe:
    """The recipe that is asked for, with what options replace of it.

    Args:
        recipes: By name.
        arguments: Values of :func:`recipe_options`; None where an option was not given.

    Raises:
        UserError: The recipe leaves the category open and no option says which.
    """
    named = recipes[arguments["recipe"]]
    names = [field.name for field in fields(named)]
    given = {name: arguments[name] for name in names if arguments.get(name) is not None}
    recipe = replace(named, **given)
    if recipe.category is None:
        raise UserError(
            f"The recipe {arguments['recipe']} trains one model a category; say which with "
            "--category handwritten or --category printed."
        )
    return recipe


def _option(name: str, usual: Recipe, about: dict[str, Any]) -> Callable[[Command], Command]:
    flag, value = f"--{name.replace('_', '-')}", getattr(usual, name)
    if isinstance(value, bool):
        return click.option(f"{flag}/--no{flag[1:]}", default=None, **about)
    shown = False if value is None else str(value)
    return click.option(flag, default=None, show_default=shown, **about)
