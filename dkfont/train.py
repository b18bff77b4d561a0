"""Train DK-Font: ``python -m dkfont.train --data hangeul-dataset``."""

from pathlib import Path
from typing import Any

import click
import torch

from baselines.diffusion.perceptual import make_perceptual
from baselines.diffusion.training.command import run_training, training_options
from dkfont.model import DKFont
from hangeul_bench.base.commands import exit_on_user_error


@click.command()
@training_options
@click.option(
    "--schedule",
    type=click.Choice(["cosine", "linear"]),
    default="cosine",
    show_default=True,
    help="Noise schedule; the paper's is cosine.",
)
@click.option("--dropout", default=0.1, show_default=True, help="The paper prints 0.1.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["text", "perceptual"]),
    help="Leave an idea of the paper out; may be given twice.",
)
@click.option(
    "--perceptual",
    type=click.Choice(["vgg19", "glyph"]),
    default="glyph",
    show_default=True,
    help="Network of the perceptual loss; the paper's is vgg19, which needs its weights.",
)
@click.option(
    "--perceptual-weighting",
    type=click.Choice(["none", "alpha_bar"]),
    default="none",
    show_default=True,
)
@click.option("--perceptual-weights", type=click.Path(path_type=Path), help="Folder or file.")
def main(
    schedule: str,
    dropout: float,
    without: tuple[str, ...],
    perceptual: str,
    perceptual_weighting: Any,
    perceptual_weights: Path | None,
    **arguments: Any,
) -> None:
    """Train DK-Font on a dataset's training fonts and seen characters."""
    cuda = arguments["device"] != "cpu" and torch.cuda.is_available()
    loss = make_perceptual(
        "none" if "perceptual" in without else perceptual,
        device=torch.device("cuda" if cuda else "cpu"),
        weighting=perceptual_weighting,
        weights=perceptual_weights,
    )
    config = {"schedule": schedule, "dropout": dropout, "without": tuple(sorted(without))}
    run_training(DKFont, config, arguments, perceptual=loss)


if __name__ == "__main__":
    exit_on_user_error(main)
