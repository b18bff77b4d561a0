"""Train DK-Font: ``python -m dkfont.train --data hangeul-dataset``."""

from pathlib import Path
from typing import Any

import click
import torch

from baselines.diffusion.perceptual import make_perceptual
from baselines.diffusion.training.command import run_training, training_options
from baselines.diffusion.training.recipes import Recipe, settle
from dkfont.model import DKFont
from hangeul_bench.base.errors import exit_on_user_error

RECIPES = {
    # What fits two cores and an evening; docs/paper.md gives the reason of each departure.
    "swift": Recipe(schedule="cosine", dropout=0.1, perceptual="glyph"),
    # What the paper prints (section IV), and uniform timesteps as Diff-Font's.
    "paper": Recipe(
        schedule="cosine",
        dropout=0.1,
        prediction="epsilon",
        carrier="pixels",
        preset="paper",
        characters="all",
        category=None,
        steps=50_000,
        batch_size=16,
        learning_rate=1e-3,
        warmup=0,
        cooldown=0.0,
        timesteps="uniform",
        perceptual="vgg19",
    ),
}


@click.command()
@training_options(RECIPES, "dropout", "perceptual", "perceptual_weighting")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["text", "perceptual"]),
    help="Leave an idea of the paper out; may be given twice.",
)
@click.option("--perceptual-weights", type=click.Path(path_type=Path), help="Folder or file.")
def main(without: tuple[str, ...], perceptual_weights: Path | None, **arguments: Any) -> None:
    """Train DK-Font on a dataset's training fonts and seen characters."""
    recipe = settle(RECIPES, arguments)
    cuda = arguments["device"] != "cpu" and torch.cuda.is_available()
    loss = make_perceptual(
        "none" if "perceptual" in without else recipe.perceptual,
        device=torch.device("cuda" if cuda else "cpu"),
        weighting=recipe.perceptual_weighting,
        weights=perceptual_weights,
    )
    run_training(DKFont, recipe, arguments, without=tuple(sorted(without)), perceptual=loss)


if __name__ == "__main__":
    exit_on_user_error(main)
