"""Train Diff-Font: ``python -m baselines.diff_font.train --data hangeul-dataset``."""

from typing import Any

import click

from baselines.diff_font.model import DiffFont
from baselines.diffusion.training.command import run_training, training_options
from baselines.diffusion.training.recipes import Recipe, settle
from hangeul_bench.base.errors import exit_on_user_error

RECIPES = {
    "swift": Recipe(schedule="linear"),
    # Diff-Font's own program at 128 px: epsilon, the linear schedule, 800,000 steps of 16 at a
    # fixed 1e-4. How the DK-Font paper trained it is not said there.
    "paper": Recipe(
        schedule="linear",
        prediction="epsilon",
        carrier="pixels",
        preset="paper",
        characters="all",
        steps=800_000,
        batch_size=16,
        learning_rate=1e-4,
        warmup=0,
        cooldown=0.0,
        timesteps="uniform",
    ),
}


@click.command()
@training_options(RECIPES)
def main(**arguments: Any) -> None:
    """Train Diff-Font on a dataset's training fonts and seen characters."""
    run_training(DiffFont, settle(RECIPES, arguments), arguments)


if __name__ == "__main__":
    exit_on_user_error(main)
