"""Train FontDiffuser: ``python -m baselines.font_diffuser.train --data hangeul-dataset``."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import torch
from accelerate.utils import set_seed

from baselines.diffusion.perceptual import make_perceptual
from baselines.diffusion.training.command import (
    characters_of,
    check_limit,
    facts_of,
    make_accelerator,
    model_config,
    run_options,
    run_until_stopped,
    said_of,
    training_options,
)
from baselines.diffusion.training.loop import Training
from baselines.diffusion.training.recipes import Recipe, settle
from baselines.font_diffuser.contrast import StyleContrast
from baselines.font_diffuser.data import load_one_shot_sets
from baselines.font_diffuser.model import OFFSET_WEIGHT, FontDiffuser
from baselines.style_encoder.encoder import load_style_encoder, style_encoder_sha256
from baselines.training_fonts import training_fonts
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.dataset import GlyphDataset

RECIPES = {"swift": Recipe(schedule="scaled_linear", perceptual="glyph")}
_SLOWER = 10  # phase 2's learning rate is that of phase 1 over this: 1e-5 after 1e-4 in the paper


@click.command()
@training_options(RECIPES, "dropout", "perceptual")
@click.option(
    "--phase",
    type=click.Choice(["1", "2"]),
    default="1",
    show_default=True,
    help="2 adds the style-contrastive loss to weights of phase 1 (--start).",
)
@click.option(
    "--negatives",
    type=click.IntRange(min=1),
    default=16,
    show_default=True,
    help="Glyphs of other fonts that phase 2 compares with; the paper: 16.",
)
@click.option(
    "--offset-weight",
    type=click.FloatRange(min=0),
    default=OFFSET_WEIGHT,
    show_default=True,
    help="How much the length of offsets costs, a cell; the paper: 0.5.",
)
@click.option("--perceptual-weights", type=click.Path(path_type=Path), help="Folder or file.")
def main(phase: str, **arguments: Any) -> None:
    """Train FontDiffuser on a dataset's training fonts and seen characters."""
    recipe = settle(RECIPES, arguments)
    check_limit({**arguments, "steps": recipe.steps})
    refining = phase == "2"
    if refining and arguments["start"] is None and not arguments["resume"]:
        raise UserError("Phase 2 refines weights of phase 1; name them with --start FILE.")
    if refining and arguments["learning_rate"] is None:
        recipe = replace(recipe, learning_rate=recipe.learning_rate / _SLOWER)
    _train(recipe, arguments, refining)


def _train(recipe: Recipe, arguments: dict[str, Any], refining: bool) -> None:
    accelerator = make_accelerator(arguments["device"], bf16=arguments["bf16"])
    dataset = GlyphDataset.open(arguments["data"])
    fonts = training_fonts(dataset, category=str(recipe.category))
    characters = characters_of(dataset, recipe)
    set_seed(arguments["seed"])
    model = _model(recipe, arguments, characters, accelerator.device, refining)
    data, validation = load_one_shot_sets(
        dataset,
        fonts,
        characters,
        carrier=model.carrier,
        device=accelerator.device,
        negatives=arguments["negatives"] if refining else 0,
        augment=recipe.augment,
        bank_folder=arguments["bank"],
    )
    out = arguments["out"] or Path("runs") / f"{model.name}-{recipe.preset}"
    said = said_of(recipe, arguments)
    said |= {name: arguments[name] for name in _said(refining)}
    facts = facts_of(model, dataset, fonts, said)
    if refining:
        facts["style_encoder_sha256"] = style_encoder_sha256(arguments["style_encoder"])
    training = Training(
        model,
        data,
        validation=validation,
        out=out,
        options=run_options(recipe, arguments),
        facts=facts,
        accelerator=accelerator,
    )
    if arguments["start"] is not None:
        training.start_from(arguments["start"])
    run_until_stopped(training, out, arguments["resume"], speak=accelerator.is_main_process)


def _model(
    recipe: Recipe,
    arguments: dict[str, Any],
    characters: tuple[str, ...],
    device: torch.device,
    refining: bool,
) -> FontDiffuser:
    perceptual = make_perceptual(
        recipe.perceptual, device=device, weights=arguments["perceptual_weights"]
    )
    contrast = None
    if refining:
        contrast = StyleContrast(load_style_encoder(arguments["style_encoder"], str(device)))
    model = FontDiffuser(
        model_config(recipe, characters),
        perceptual=perceptual,
        contrast=contrast,
        offset_weight=arguments["offset_weight"],
    )
    return model.to(device)


def _said(refining: bool) -> tuple[str, ...]:
    return ("offset_weight", "negatives") if refining else ("offset_weight",)


if __name__ == "__main__":
    exit_on_user_error(main)
