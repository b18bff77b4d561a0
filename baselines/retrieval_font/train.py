"""Train retrieval-font: ``python -m baselines.retrieval_font.train --data hangeul-dataset``."""

from pathlib import Path
from typing import Any

import click
from accelerate.utils import set_seed

from baselines.diffusion.fields import open_bank
from baselines.diffusion.training.command import (
    check_limit,
    facts_of,
    make_accelerator,
    run_until_stopped,
)
from baselines.diffusion.training.loop import Training
from baselines.diffusion.training.options import TrainingOptions
from baselines.retrieval_font.data import load_kin_sets
from baselines.retrieval_font.model import RetrievalConfig, RetrievalFont
from baselines.training_fonts import training_fonts
from hangeul_bench.base.errors import exit_on_user_error
from hangeul_bench.dataset import GlyphDataset

# What of the options TrainingOptions take, and what the weights' facts say of them.
_KEPT = ("batch_size", "learning_rate", "timesteps", "seed")
_RUN = (*_KEPT, "steps", "minutes", "validate_every", "workers")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/retrieval-font"))
@click.option("--bank", type=click.Path(path_type=Path), default=Path("runs/fields"))
@click.option("--kin", default=4, show_default=True, help="Kindred fonts beside each glyph.")
@click.option(
    "--channels", default="64,128,192", show_default=True, help="Of the U-Net's three levels."
)
@click.option("--head", type=click.Choice(["free", "warp"]), default="warp", show_default=True)
@click.option("--trunk", type=click.Path(path_type=Path), help="Begin all but the head with it.")
@click.option("--dropout", default=0.0, show_default=True)
@click.option("--augment/--no-augment", default=True, help="Change fonts at random.")
@click.option("--steps", type=click.IntRange(min=1), help="Stop after these steps in all.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Stop after.")
@click.option("--resume", is_flag=True, help="Go on from the state in --out.")
@click.option("--start", type=click.Path(path_type=Path), help="Begin with these weights.")
@click.option("--batch-size", default=32, show_default=True)
@click.option("--learning-rate", default=5e-4, show_default=True)
@click.option(
    "--timesteps",
    type=click.Choice(["noisy", "uniform", "last"]),
    default="last",
    show_default=True,
    help="last: for one evaluation a glyph.",
)
@click.option("--validate-every", default=1000, show_default=True, help="Steps; 0: never.")
@click.option("--seed", default=0, show_default=True)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
@click.option(
    "--workers", type=click.IntRange(min=0), default=0, help="Processes that make batches ahead."
)
@click.option("--bf16", is_flag=True, help="Multiply in bfloat16 where the processor can.")
def main(kin: int, channels: str, augment: bool, bf16: bool, **arguments: Any) -> None:
    """Train retrieval-font on a dataset's training fonts and seen characters."""
    check_limit(arguments)
    accelerator = make_accelerator(arguments["device"], bf16=bf16)
    dataset = GlyphDataset.open(arguments["data"])
    fonts = training_fonts(dataset)
    bank = open_bank(dataset, arguments["bank"])
    set_seed(arguments["seed"])
    characters = tuple(dataset.splits.seen_characters)
    config = RetrievalConfig(
        kin=kin,
        channels=tuple(map(int, channels.split(","))),
        dropout=arguments["dropout"],
        head=arguments["head"],
        characters=characters,
    )
    model = RetrievalFont(config).to(accelerator.device)
    if arguments["trunk"] is not None:
        model.start_trunk(arguments["trunk"])
    data, validation = load_kin_sets(dataset, fonts, bank, count=kin, augment=augment)
    said = {**{name: arguments[name] for name in _KEPT}, "augment": augment}
    said["bf16"] = accelerator.mixed_precision == "bf16"
    training = Training(
        model,
        data,
        validation=validation,
        out=arguments["out"],
        options=TrainingOptions(**{name: arguments[name] for name in _RUN}),
        facts=facts_of(model, dataset, fonts, said),
        accelerator=accelerator,
    )
    if arguments["start"] is not None:
        training.start_from(arguments["start"])
    run_until_stopped(training, arguments["out"], arguments["resume"], speak=True)


if __name__ == "__main__":
    exit_on_user_error(main)
