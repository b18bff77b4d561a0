"""The training command of every model: a recipe, what replaces its fields, and where to train."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from baselines.training.checkpoint import TrainedModel
from baselines.training.data import TrainingFonts, training_fonts
from baselines.training.recipe import Recipe
from baselines.training.run import STATE, WEIGHTS, Run, bfloat16_on_cpu
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import alone_in
from hangeul_bench.base.provenance import git_revision
from hangeul_bench.dataset import GlyphDataset

_BANK = Path("runs") / "fields"
_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--data", type=_FILE, help="Dataset folder."),
    click.option("--out", type=_FILE, help="Default: runs/MODEL-RECIPE."),
    click.option("--steps", help="Stop after these steps in all; replaces the recipe's."),
    click.option("--minutes", help="Stop after this long."),
    click.option("--resume", is_flag=True, help="Go on from the state in --out."),
    click.option(
        "--start",
        type=_FILE,
        help="Begin with these weights; their samples count on, the optimizer starts anew.",
    ),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda"])),
    click.option(
        "--set",
        "fields",
        multiple=True,
        metavar="FIELD=VALUE",
        help="Replace a field of the recipe; may be given again.",
    ),
    click.option("--bf16", is_flag=True, help="Multiply in bfloat16 on a CPU too, if it can."),
    click.option("--bank", type=_FILE, help=f"Where signed distance fields lie. Default: {_BANK}."),
    click.option("--style-encoder", type=_FILE, help="Default: the shipped."),
    click.option("--perceptual-weights", type=_FILE, help="Folder or file."),
)


@dataclass(frozen=True)
class Job:
    """Where and for what a recipe trains.

    Attributes:
        recipe: Its name.
        out: Folder for state, weights, log and sample sheets.
        data: Of the dataset; None for the usual place.
        resume: Whether to go on from the state in ``out``.
        start: Weights to begin with.
        device: ``auto``, ``cpu`` or ``cuda``.
        bf16: Whether to multiply in bfloat16 on a CPU too.
        bank: Folder of signed distance fields.
        style_encoder: None for the shipped one.
        perceptual_weights: Folder of VGG-19's weights, or file of a glyph network.
    """

    recipe: str
    out: Path
    data: Path | None = None
    resume: bool = False
    start: Path | None = None
    device: str = "auto"
    bf16: bool = False
    bank: Path = _BANK
    style_encoder: Path | None = None
    perceptual_weights: Path | None = None


@dataclass(frozen=True)
class Ground:
    """What every training begins with.

    Attributes:
        accelerator: Where and in which precision it runs.
        dataset: Whose glyphs.
        fonts: Which fonts train and which validate.
        characters: Those that train.
    """

    accelerator: Accelerator
    dataset: GlyphDataset
    fonts: TrainingFonts
    characters: tuple[str, ...]


def training_command(
    kind: type[TrainedModel], recipes: Mapping[str, Recipe], train: Callable[[Recipe, Job], None]
) -> click.Command:
    """The command that trains a model.

    Args:
        kind: Class of the model.
        recipes: By name; the first is the default.
        train: Trains by a recipe.
    """
    usual = next(iter(recipes))

    def main(
        recipe: str | None,
        fields: tuple[str, ...],
        steps: str | None,
        minutes: str | None,
        **beside: Any,
    ) -> None:
        name = recipe or usual
        limits = [f"{n}={v}" for n, v in (("steps", steps), ("minutes", minutes)) if v is not None]
        chosen = resolve(recipes[name], name, [*fields, *limits])
        given = {option: value for option, value in beside.items() if value is not None}
        out = given.pop("out", Path("runs") / f"{kind.name}-{name}")
        train(chosen, Job(recipe=name, out=out, **given))

    main.__doc__ = f"Train {kind.name} on a dataset's training fonts.\n\n{_listed(recipes)}"
    choose = click.option("--recipe", type=click.Choice(list(recipes)), help=f"Default: {usual}.")
    command = main
    for option in reversed((choose, *_OPTIONS)):
        command = option(command)
    return click.command(kind.name)(command)


def resolve(recipe: Recipe, name: str, changes: Sequence[str]) -> Recipe:
    """The recipe with texts FIELD=VALUE put in.

    Raises:
        UserError: A text is no such pair, the recipe leaves the category open and none says it, or
            there is no end to the training.
    """
    for text in changes:
        field, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"Expected --set FIELD=VALUE such as batch_size=64, found {text!r}.")
        recipe = recipe.with_field(field, value)
    if recipe.data.category is None:
        raise UserError(
            f"The recipe {name} trains one model a category; say which with "
            "--set category=handwritten or --set category=printed."
        )
    if recipe.training.steps is None and recipe.training.minutes is None:
        raise UserError("Expected --steps or --minutes, or training would never end; give one.")
    return recipe


def prepare(recipe: Recipe, job: Job, kind: type[TrainedModel]) -> Ground:
    """Check what can be checked at once, and open the data.

    Raises:
        UserError: The preset or an ablation is unknown, CUDA is absent, or data are unusable.
    """
    preset = getattr(recipe.model, "preset", None)
    if preset is not None and preset not in kind.presets:
        known = ", ".join(kind.presets)
        raise UserError(f"Expected preset to be one of {known}, but found {preset!r}.")
    unknown = sorted({*getattr(recipe.model, "without", ())} - {*kind.ablations})
    if unknown:
        raise UserError(f"{kind.name} is not trained without {unknown[0]}; leave that out.")
    if recipe.training.threads is not None:
        torch.set_num_threads(recipe.training.threads)
    accelerator = make_accelerator(job.device, bf16=job.bf16)
    dataset = GlyphDataset.open(job.data)
    fonts = training_fonts(dataset, category=str(recipe.data.category))
    known_characters = {"seen": dataset.splits.seen_characters, "all": dataset.characters}
    characters = tuple(known_characters[recipe.data.characters])
    return Ground(accelerator, dataset, fonts, characters)


def seeded_config(recipe: Recipe, ground: Ground) -> Any:
    """Seed all that is random, and return the configuration of the model to build then."""
    set_seed(recipe.training.seed)
    return replace(recipe.model, characters=ground.characters)


def facts_of(
    model: TrainedModel, ground: Ground, recipe: Recipe, job: Job, **more: Any
) -> dict[str, Any]:
    """What every checkpoint says of its training: of what it was made, and how."""
    fonts = ground.fonts
    return {
        "model": model.name,
        "config": model.config.to_json(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "options": {
            "recipe": job.recipe,
            **recipe.facts(),
            "bf16": ground.accelerator.mixed_precision == "bf16",
        },
        "font_ids": list(fonts.font_ids),
        "lineages": list(fonts.lineages),
        "held_out": [font.font_id for font in fonts.validation],
        "characters": "".join(model.config.characters),
        "dataset_fingerprint": ground.dataset.fingerprint,
        "git_revision": git_revision(),
        **({"drawing": dict(recipe.drawing)} if recipe.drawing else {}),
        **model.training_facts(),
        **more,
    }


def run_until_stopped(training: Run, job: Job) -> None:
    """Resume where asked, train, validate, and say where the weights lie.

    Raises:
        UserError: The folder holds a run and none is to be resumed, another run trains in it, or
            the run ends in NaN.
    """
    out, speak = job.out, training.accelerator.is_main_process
    with alone_in(out, "a training") if speak else nullcontext():
        if (out / STATE).exists() and not job.resume:
            raise UserError(f"{out} holds a run already; add --resume or choose another --out.")
        if speak:
            for leftover in sorted(out.rglob("*.tmp-*")):  # of a killed run
                leftover.unlink()
        resumed = job.resume and training.resume()
        if not resumed:
            training.report.drop_after(-1)  # of a run that was killed before it had a state
        if job.resume and not resumed and speak:
            click.echo(f"No state in {out}; starting from the beginning.", err=True)
        reason = training.run()
        training.validate()
    if speak:
        click.echo(
            f"Stopped ({reason}) at step {training.step:,}, {training.samples:,} samples. "
            f"Weights: {out / WEIGHTS}. The same command with --resume goes on."
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


def _listed(recipes: Mapping[str, Recipe]) -> str:
    name, usual = next(iter(recipes.items()))
    said = ", ".join(f"{field} {value}" for field, value in sorted(usual.values().items()))
    return f"Fields of the recipe {name}: {said}."
