"""Train Diff-Font: ``python -m baselines.diff_font.train --data hangeul-dataset``."""

from typing import Any

import click

from baselines.diff_font.model import DiffFont
from baselines.diffusion.training.command import run_training, training_options
from hangeul_bench.base.commands import exit_on_user_error


@click.command()
@training_options
@click.option(
    "--schedule",
    type=click.Choice(["linear", "cosine"]),
    default="linear",
    show_default=True,
    help="Noise schedule; Diff-Font's is linear.",
)
def main(schedule: str, **arguments: Any) -> None:
    """Train Diff-Font on a dataset's training fonts and seen characters."""
    run_training(DiffFont, {"schedule": schedule, "dropout": 0.0}, arguments)


if __name__ == "__main__":
    exit_on_user_error(main)
