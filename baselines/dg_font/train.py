"""Train DG-Font: ``python -m baselines.dg_font.train --data hangeul-dataset``."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import torch
from accelerate.utils import set_seed

from baselines.dg_font.data import load_unpaired_sets
from baselines.dg_font.losses import LossWeights
from baselines.dg_font.model import DGFont, DGFontConfig, Players
from baselines.dg_font.presets import PRESETS
from baselines.dg_font.training import AdversarialOptions, AdversarialTraining
from baselines.diffusion.training.command import (
    check_limit,
    facts_of,
    make_accelerator,
    run_until_stopped,
)
from baselines.training_fonts import training_fonts
from hangeul_bench.base.errors import exit_on_user_error
from hangeul_bench.dataset import GlyphDataset

# What of the options AdversarialOptions take, and what the weights' facts say of them.
_RUN = ("steps", "minutes", "batch_size", "learning_rate", "validate_every", "seed", "workers")
_KEPT = ("batch_size", "learning_rate", "seed", "category", "content_share", "bf16")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--out", type=click.Path(path_type=Path), help="Default: runs/dg-font-PRESET.")
@click.option("--preset", type=click.Choice(list(PRESETS)), default="swift", show_default=True)
@click.option(
    "--characters",
    type=click.Choice(["seen", "all"]),
    default="seen",
    show_default=True,
    help="`all` trains on the benchmark's unseen characters too and loses their cells.",
)
@click.option(
    "--category",
    type=click.Choice(["handwritten", "printed", "both"]),
    default="both",
    show_default=True,
)
@click.option("--steps", type=click.IntRange(min=1), help="Stop after these steps in all.")
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Stop after.")
@click.option("--resume", is_flag=True, help="Go on from the state in --out.")
@click.option("--batch-size", default=16, show_default=True, help="The paper: 32.")
@click.option("--learning-rate", default=2e-4, show_default=True, help="The paper: 1e-4.")
@click.option(
    "--content-share",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Share of content glyphs of the content font; the paper: 0, any training font's.",
)
@click.option("--image-weight", default=0.1, show_default=True, help="The paper: 0.1.")
@click.option("--content-weight", default=0.1, show_default=True, help="The paper: 0.1.")
@click.option("--bf16", is_flag=True, help="Multiply in bfloat16 on a CPU too, if it can.")
@click.option("--validate-every", default=1000, show_default=True, help="Steps; 0: never.")
@click.option("--seed", default=0, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), help="Default: all cores.")
@click.option(
    "--workers", type=click.IntRange(min=0), default=0, help="Processes that make batches ahead."
)
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
def main(threads: int | None, **arguments: Any) -> None:
    """Train DG-Font on a dataset's training fonts and seen characters, without pairs."""
    check_limit(arguments)
    if threads is not None:
        torch.set_num_threads(threads)
    accelerator = make_accelerator(arguments["device"], bf16=arguments["bf16"])
    arguments["bf16"] = accelerator.mixed_precision == "bf16"
    dataset = GlyphDataset.open(arguments["data"])
    fonts = training_fonts(dataset, category=arguments["category"])
    known = {"seen": dataset.splits.seen_characters, "all": dataset.characters}
    characters = tuple(known[arguments["characters"]])
    set_seed(arguments["seed"])
    generator = DGFont(DGFontConfig(arguments["preset"], characters))
    players = Players(generator, len(fonts.train)).to(accelerator.device)
    data, validation = load_unpaired_sets(
        dataset, fonts, characters, content_share=arguments["content_share"]
    )
    losses = LossWeights(image=arguments["image_weight"], content=arguments["content_weight"])
    options = AdversarialOptions(losses=losses, **{name: arguments[name] for name in _RUN})
    said = {name: arguments[name] for name in _KEPT} | {"losses": asdict(options.losses)}
    out = arguments["out"] or Path("runs") / f"dg-font-{arguments['preset']}"
    training = AdversarialTraining(
        players,
        data,
        validation=validation,
        out=out,
        options=options,
        facts=facts_of(generator, dataset, fonts, said),
        accelerator=accelerator,
    )
    run_until_stopped(training, out, arguments["resume"], speak=True)


if __name__ == "__main__":
    exit_on_user_error(main)
