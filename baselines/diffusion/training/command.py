"""What the training commands of the diffusion models share."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from baselines.diffusion.model import GlyphDiffusion, ModelConfig, TrainedModel
from baselines.diffusion.training.data import load_training_sets
from baselines.diffusion.training.loop import Training
from baselines.diffusion.training.options import TrainingOptions
from baselines.diffusion.training.precision import bfloat16_on_cpu
from baselines.diffusion.training.recipes import Recipe, recipe_options
from baselines.diffusion.training.run import Run
from baselines.style_encoder.encoder import load_style_encoder, style_encoder_sha256
from baselines.training_fonts import TrainingFonts, training_fonts
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import alone_in
from hangeul_bench.base.provenance import git_revision
from hangeul_bench.dataset import GlyphDataset

_OPTIONS = (
    click.option("--data", type=click.Path(path_type=Path), help="Dataset folder."),
    click.option("--out", type=click.Path(path_type=Path), help="Default: runs/MODEL-PRESET."),
    click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Stop after."),
    click.option("--resume", is_flag=True, help="Go on from the state in --out."),
    click.option(
        "--start",
        type=click.Path(path_type=Path),
        help="Begin with these weights; their samples count on, the optimizer starts anew.",
    ),
    click.option(
        "--bank",
        type=click.Path(path_type=Path),
        default=Path("runs") / "fields",
        show_default=True,
        help="Where the fields that --augment and sdf64 need lie or shall lie.",
    ),
    click.option("--bf16", is_flag=True, help="Multiply in bfloat16 on a CPU too, if it can."),
    click.option("--fuse", is_flag=True, help="torch.compile the network; for long runs on a GPU."),
    click.option(
        "--validate-every",
        default=TrainingOptions.validate_every,
        show_default=True,
        help="Steps; 0: never.",
    ),
    click.option("--seed", default=TrainingOptions.seed, show_default=True),
    click.option("--style-encoder", type=click.Path(path_type=Path), help="Default: the shipped."),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto"),
)


# Fields of a recipe that the model and TrainingOptions take, and what the weights' facts say.
_MODEL = ("preset", "prediction", "carrier", "schedule", "dropout")
_LEARNING = ("steps", "batch_size", "learning_rate", "warmup", "cooldown", "timesteps")
_SAID = (*_LEARNING[1:], "category", "augment")
# Options beside the recipe that TrainingOptions take.
_RUN = ("minutes", "fuse", "validate_every", "seed")


def training_options(
    recipes: Mapping[str, Recipe], *own: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options that the training commands of all diffusion models share.

    Args:
        recipes: The model's, by name; the first is the default.
        own: See :func:`~baselines.diffusion.training.recipes.recipe_options`.
    """
    chosen = recipe_options(recipes, *own)

    def add(function: Callable[..., None]) -> Callable[..., None]:
        function = chosen(function)
        for option in reversed(_OPTIONS):
            function = option(function)
        return function

    return add


def run_training(
    kind: type[GlyphDiffusion],
    recipe: Recipe,
    arguments: dict[str, Any],
    *,
    without: tuple[str, ...] = (),
    **extra: Any,
) -> None:
    """Train a model as the command line says.

    Args:
        kind: Class of the model.
        recipe: What to train by, see :func:`~baselines.diffusion.training.recipes.settle`.
        arguments: Values of :data:`training_options`.
        without: Conditions that an ablation leaves out.
        extra: Further keyword arguments of the class.

    Raises:
        UserError: No limit is given, CUDA is absent, or data or weights are unusable.
    """
    check_limit({**arguments, "steps": recipe.steps})
    accelerator = make_accelerator(arguments["device"], bf16=arguments["bf16"])
    dataset = GlyphDataset.open(arguments["data"])
    fonts = training_fonts(dataset, category=str(recipe.category))
    characters = characters_of(dataset, recipe)
    out = arguments["out"] or Path("runs") / f"{kind.name}-{recipe.preset}"
    encoder = load_style_encoder(arguments["style_encoder"], str(accelerator.device))
    set_seed(arguments["seed"])
    model = kind(model_config(recipe, characters, without=without), **extra)
    model = model.to(accelerator.device)
    data, validation = load_training_sets(
        dataset,
        fonts,
        characters,
        model=model,
        encoder=encoder,
        device=accelerator.device,
        bank_folder=arguments["bank"],
        augment=recipe.augment,
        autocast=accelerator.autocast,
    )
    training = Training(
        model,
        data,
        validation=validation,
        out=out,
        options=run_options(recipe, arguments),
        facts=facts_of(model, dataset, fonts, said_of(recipe, arguments))
        | {"style_encoder_sha256": style_encoder_sha256(arguments["style_encoder"])},
        accelerator=accelerator,
    )
    if arguments["start"] is not None:
        training.start_from(arguments["start"])
    run_until_stopped(training, out, arguments["resume"], speak=accelerator.is_main_process)


def characters_of(dataset: GlyphDataset, recipe: Recipe) -> tuple[str, ...]:
    """The characters that a recipe trains on."""
    known = {"seen": dataset.splits.seen_characters, "all": dataset.characters}
    return tuple(known[recipe.characters])


def model_config(
    recipe: Recipe, characters: tuple[str, ...], *, without: tuple[str, ...] = ()
) -> ModelConfig:
    """The configuration of a recipe's model."""
    return ModelConfig(**recipe.values(*_MODEL), characters=characters, without=without)


def run_options(recipe: Recipe, arguments: Mapping[str, Any]) -> TrainingOptions:
    """How a recipe trains, and what the command line says beside it."""
    beside = {name: arguments[name] for name in _RUN}
    return TrainingOptions(**recipe.values(*_LEARNING), **beside)


def said_of(recipe: Recipe, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a checkpoint says of how it was trained; the recipe's name first."""
    return {
        "recipe": arguments["recipe"],
        **recipe.values(*_SAID),
        "seed": arguments["seed"],
    }


def check_limit(arguments: dict[str, Any]) -> None:
    """Refuse a training without an end.

    Raises:
        UserError: Neither steps nor minutes are given.
    """
    if arguments["steps"] is None and arguments["minutes"] is None:
        raise UserError("Expected --steps or --minutes, or training would never end; give one.")


def run_until_stopped(training: Run, out: Path, resume: bool, *, speak: bool) -> None:
    """Resume where asked, train, validate, and say where the weights lie.

    Raises:
        UserError: The folder holds a run and ``resume`` is false, another run trains in it, or
            the run ends in NaN.
    """
    with alone_in(out, "a training") if speak else nullcontext():
        if (out / "state.safetensors").exists() and not resume:
            raise UserError(f"{out} holds a run already; add --resume or choose another --out.")
        if speak:
            for leftover in sorted(out.rglob("*.tmp-*")):  # of a killed run
                leftover.unlink()
        resumed = resume and training.resume()
        if not resumed:
            training.report.drop_after(-1)  # of a run that was killed before it had a state
        if resume and not resumed and speak:
            click.echo(f"No state in {out}; starting from the beginning.", err=True)
        reason = training.run()
        training.validate()
    if speak:
        click.echo(
            f"Stopped ({reason}) at step {training.step:,}, {training.samples:,} samples. "
            f"Weights: {out / 'weights.safetensors'}. The same command with --resume goes on."
        )


def make_accelerator(device: str, *, bf16: bool = False) -> Accelerator:
    """Where and in which precision a training runs; on CUDA always bfloat16 where it can.

    Where a CPU cannot, it says so and goes on in float32.

    Raises:
        UserError: CUDA was asked for and is absent.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("CUDA was asked for, but torch finds no CUDA device; use --device cpu.")
    cuda = device != "cpu" and torch.cuda.is_available()
    bf16 = torch.cuda.is_bf16_supported() if cuda else bfloat16_on_cpu(bf16)
    return Accelerator(cpu=not cuda, mixed_precision="bf16" if bf16 else "no")


def facts_of(
    model: TrainedModel, dataset: GlyphDataset, fonts: TrainingFonts, options: dict[str, Any]
) -> dict[str, Any]:
    """What every checkpoint says of its training: of what it was made, and how."""
    return {
        "model": model.name,
        "config": model.config.to_json(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "options": options,
        "font_ids": list(fonts.font_ids),
        "lineages": list(fonts.lineages),
        "held_out": [font.font_id for font in fonts.validation],
        "characters": "".join(model.config.characters),
        "dataset_fingerprint": dataset.fingerprint,
        "git_revision": git_revision(),
        **model.training_facts(),
    }
