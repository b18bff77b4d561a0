"""Train Diff-Font: ``python -m baselines.diff_font.train --data hangeul-dataset``."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from baselines.dg_font.encoder import load_style_encoder, style_encoder_sha256
from baselines.diff_font.model import DiffFont, ModelConfig
from baselines.diff_font.presets import PRESETS
from baselines.diff_font.training import Training
from baselines.diff_font.training_data import load_training_sets
from baselines.diff_font.training_options import TrainingOptions
from baselines.training_fonts import TrainingFonts, training_fonts
from hangeul_bench.adapter import UserError
from hangeul_bench.dataset import GlyphDataset

_OPTIONS = (
    click.option("--data", type=click.Path(path_type=Path), help="Dataset folder."),
    click.option("--out", type=click.Path(path_type=Path), help="Default: runs/MODEL-PRESET."),
    click.option("--preset", type=click.Choice(list(PRESETS)), default="swift", show_default=True),
    click.option(
        "--characters",
        type=click.Choice(["seen", "all"]),
        default="seen",
        show_default=True,
        help="`all` trains on the benchmark's unseen characters too and loses their cells.",
    ),
    click.option(
        "--category",
        type=click.Choice(["handwritten", "printed", "both"]),
        default="both",
        show_default=True,
        help="The paper trains one model a category.",
    ),
    click.option("--steps", type=click.IntRange(min=1), help="Stop after these steps in all."),
    click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Stop after."),
    click.option("--resume", is_flag=True, help="Go on from the state in --out."),
    click.option(
        "--start",
        type=click.Path(path_type=Path),
        help="Begin with these weights; their samples count on, the optimizer starts anew.",
    ),
    click.option("--batch-size", default=32, show_default=True, help="The paper prints 16."),
    click.option("--learning-rate", default=5e-4, show_default=True, help="The paper: 1e-3."),
    click.option(
        "--prediction",
        type=click.Choice(["sample", "v", "epsilon"]),
        default="sample",
        show_default=True,
        help="What the U-Net outputs: x_0, v or epsilon; the paper predicts epsilon.",
    ),
    click.option(
        "--timesteps",
        type=click.Choice(["noisy", "uniform"]),
        default="noisy",
        show_default=True,
        help="The paper: uniform.",
    ),
    click.option("--validate-every", default=1000, show_default=True, help="Steps; 0: never."),
    click.option("--seed", default=0, show_default=True),
    click.option("--style-encoder", type=click.Path(path_type=Path), help="Default: the shipped."),
    click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto"),
)


def training_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that the training commands of both models share."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def run_training(
    kind: type[DiffFont], config: dict[str, Any], arguments: dict[str, Any], **extra: Any
) -> None:
    """Train a model as the command line says.

    Args:
        kind: Class of the model.
        config: Fields of :class:`ModelConfig` that the model's own options decide.
        arguments: Values of :data:`training_options`.
        extra: Further keyword arguments of the class.

    Raises:
        UserError: No limit is given, CUDA is absent, or data or weights are unusable.
    """
    if arguments["steps"] is None and arguments["minutes"] is None:
        raise UserError("Expected --steps or --minutes, or training would never end; give one.")
    accelerator = _accelerator(arguments["device"])
    dataset = GlyphDataset.open(arguments["data"])
    fonts = training_fonts(dataset, category=arguments["category"])
    seen = arguments["characters"] == "seen"
    characters = dataset.splits.seen_characters if seen else dataset.characters
    out = arguments["out"] or Path("runs") / f"{kind.name}-{arguments['preset']}"
    encoder = load_style_encoder(arguments["style_encoder"], str(accelerator.device))
    set_seed(arguments["seed"])
    full = ModelConfig(
        preset=arguments["preset"],
        prediction=arguments["prediction"],
        characters=tuple(characters),
        **config,
    )
    model = kind(full, **extra).to(accelerator.device)
    data, validation = load_training_sets(
        dataset, fonts, tuple(characters), model=model, encoder=encoder, device=accelerator.device
    )
    names = ("steps", "minutes", "batch_size", "learning_rate", "timesteps", "validate_every")
    training = Training(
        model,
        data,
        validation=validation,
        out=out,
        options=TrainingOptions(**{n: arguments[n] for n in names}, seed=arguments["seed"]),
        facts=_facts(model, dataset, fonts, arguments),
        accelerator=accelerator,
    )
    if arguments["start"] is not None:
        training.start_from(arguments["start"])
    _run(training, out, arguments["resume"], accelerator.is_main_process)


def _run(training: Training, out: Path, resume: bool, speak: bool) -> None:
    if (out / "state.safetensors").exists() and not resume:
        raise UserError(f"{out} holds a run already; add --resume or choose another --out.")
    if resume and not training.resume() and speak:
        click.echo(f"No state in {out}; starting from the beginning.", err=True)
    reason = training.run()
    training.validate()
    if speak:
        click.echo(
            f"Stopped ({reason}) at step {training.step:,}, {training.samples:,} samples. "
            f"Weights: {out / 'weights.safetensors'}. The same command with --resume goes on."
        )


def _accelerator(device: str) -> Accelerator:
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError("CUDA was asked for, but torch finds no CUDA device; use --device cpu.")
    cuda = device != "cpu" and torch.cuda.is_available()
    bf16 = cuda and torch.cuda.is_bf16_supported()
    return Accelerator(cpu=not cuda, mixed_precision="bf16" if bf16 else "no")


def _facts(
    model: DiffFont, dataset: GlyphDataset, fonts: TrainingFonts, arguments: dict[str, Any]
) -> dict[str, Any]:
    kept = ("batch_size", "learning_rate", "timesteps", "seed", "category")
    return {
        "model": model.name,
        "config": model.config.to_json(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "options": {name: arguments[name] for name in kept},
        "font_ids": list(fonts.font_ids),
        "lineages": list(fonts.lineages),
        "held_out": [font.font_id for font in fonts.validation],
        "characters": "".join(model.config.characters),
        "style_encoder_sha256": style_encoder_sha256(arguments["style_encoder"]),
        "dataset_fingerprint": dataset.fingerprint,
        "git_revision": _git_revision(),
        **model.training_facts(),
    }


def _git_revision() -> str | None:
    folder = Path(__file__).parent
    command = ["git", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() or None


def exit_on_user_error(command: click.Command) -> None:
    """Run a command; a user's mistake ends in one sentence and exit code 2."""
    try:
        command.main(standalone_mode=False)
    except UserError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from error
    except click.exceptions.Abort as error:
        raise SystemExit(130) from error


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
