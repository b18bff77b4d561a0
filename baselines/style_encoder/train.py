"""Train the style encoder: font classification and supervised contrast over single glyphs."""

import time
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.glyphs.bank import Fields, open_bank
from baselines.glyphs.image_store import image_store
from baselines.glyphs.representation import REPRESENTATIONS
from baselines.style_encoder.batches import Batches, ChangedBatches, PlainBatches
from baselines.style_encoder.encoder import WEIGHTS, StyleEncoder
from baselines.style_encoder.measure import style_accuracy
from baselines.training.checkpoint import write_tensors
from baselines.training.data import TrainingFonts, training_fonts
from baselines.training.run import bfloat16_on_cpu
from hangeul_bench.base.errors import exit_on_user_error
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.lock import alone_at
from hangeul_bench.dataset import GlyphDataset

_TEMPERATURE = 0.1  # of supervised contrast (Khosla et al. 2020, section 4.4)
_BATCH = 64


def contrast_loss(vectors: Tensor, fonts: Tensor) -> Tensor:
    """Supervised contrast (Khosla et al. 2020, Eq. 2): glyphs of one font attract each other."""
    unit = functional.normalize(vectors, dim=1)
    logits = unit @ unit.T / _TEMPERATURE
    itself = torch.eye(len(unit), dtype=torch.bool)
    log_p = functional.log_softmax(logits.masked_fill(itself, -1e9), dim=1)
    positive = ((fonts[:, None] == fonts[None, :]) & ~itself).float()
    return -((log_p * positive).sum(1) / positive.sum(1).clamp(min=1)).mean()


def train(
    batches: Batches,
    validation: Tensor | None,
    *,
    samples: int,
    seed: int = 0,
    learning_rate: float = 1e-3,
    bf16: bool = False,
    report: float = 20.0,
) -> tuple[StyleEncoder, list[dict[str, float]]]:
    """Train on glyphs of single fonts.

    Args:
        batches: What to train on.
        validation: (F, G, 128, 128) uint8 glyphs of held-out fonts, or None.
        samples: Glyphs to see in all; the learning rate falls to zero over them (cosine).
        seed: Of the weights.
        learning_rate: Highest learning rate of AdamW.
        bf16: Whether to multiply in bfloat16.
        report: Seconds between lines of progress.

    Returns:
        The encoder, with style vectors of unit mean square, and the log.
    """
    torch.manual_seed(seed)
    encoder = StyleEncoder()
    head = nn.Linear(512, batches.font_count)  # DG-Font's `disc`, dropped afterwards
    parameters = [*encoder.parameters(), *head.parameters()]
    steps = max(1, samples // _BATCH)
    optimizer, scheduler = _optimizer(parameters, learning_rate, steps)
    log, start, last = [], time.monotonic(), 0.0
    for step in range(steps):
        batch = batches.batch(step)
        with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
            pooled = encoder.pooled(batch.glyphs)
            logits, vectors = head(pooled), encoder.cont(pooled)
        loss = contrast_loss(vectors.float(), batch.styles) + functional.cross_entropy(
            logits.float()[batch.plain], batch.fonts[batch.plain], label_smoothing=0.1
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        scheduler.step()
        seconds = time.monotonic() - start
        if seconds - last >= report or step + 1 == steps:
            last = seconds
            log.append(_report(encoder, validation, step + 1, float(loss.detach()), seconds, steps))
    _normalise(encoder, batches)
    return encoder.eval(), log


def _optimizer(
    parameters: list[nn.Parameter], learning_rate: float, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    optimizer = torch.optim.AdamW(parameters, lr=learning_rate, weight_decay=1e-2)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=learning_rate, total_steps=steps, pct_start=0.1
    )
    return optimizer, scheduler


def _validation_glyphs(fonts: TrainingFonts, dataset: GlyphDataset) -> Tensor | None:
    if not fonts.validation:
        return None
    characters = dataset.splits.seen_characters[:: len(dataset.splits.seen_characters) // 16]
    glyphs = [dataset.images(font.font_id, characters) for font in fonts.validation]
    return torch.from_numpy(np.stack(glyphs))


def _report(
    encoder: StyleEncoder,
    validation: Tensor | None,
    step: int,
    loss: float,
    seconds: float,
    steps: int,
) -> dict[str, float]:
    entry = {"samples": float(step * _BATCH), "loss": round(loss, 4)}
    if validation is not None:
        encoder.eval()
        vectors = encoder.embed(validation.flatten(0, 1)).view(*validation.shape[:2], -1)
        encoder.train()
        accuracy = style_accuracy(vectors)
        entry["equal_error_rate"] = round(accuracy.equal_error_rate, 4)
        entry["nearest_neighbour"] = round(accuracy.nearest_neighbour, 4)
    numbers = ", ".join(f"{name} {value:g}" for name, value in entry.items())
    left = seconds / step * (steps - step)
    click.echo(f"{numbers}, {step * _BATCH / seconds:.0f}/s, {left:.0f} s left", err=True)
    return entry


@torch.no_grad()
def _normalise(encoder: StyleEncoder, batches: Batches) -> None:
    """Scale the head so that style vectors have unit mean square, which the U-Nets then see."""
    encoder.eval()
    vectors = torch.cat([encoder(batches.batch(-1 - k).glyphs) for k in range(8)])
    scale = vectors.square().mean().sqrt()
    for parameter in encoder.cont.parameters():
        parameter.div_(scale)


def save(encoder: StyleEncoder, path: Path, facts: dict[str, Any]) -> None:
    """Write the weights (float16) and, beside them, a JSON file of ``facts``."""
    state = encoder.state_dict()
    state = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    write_tensors(path, state)
    write_whole(path.with_suffix(".json"), pretty_json(facts))


def make_batches(
    dataset: GlyphDataset, fonts: TrainingFonts, *, seed: int, bank_folder: Path | None = None
) -> Batches:
    """Batches of the seen characters of the training fonts.

    Args:
        dataset: Where the glyphs are.
        fonts: Those of ``train`` are drawn.
        seed: Of the batches.
        bank_folder: Where the dataset's fields lie or shall lie, to change fonts at random; None
            for fonts as they are.
    """
    characters = dataset.splits.seen_characters
    if bank_folder is None:
        known = torch.from_numpy(dataset.present(fonts.font_ids, characters))
        pages = image_store(dataset, fonts.font_ids, characters)
        return PlainBatches(pages, known, fonts.weights(), seed)
    bank = open_bank(dataset, bank_folder)
    glyphs = Fields.of(bank, fonts.font_ids, characters, REPRESENTATIONS["pixels"])
    known = torch.from_numpy(bank.present)[glyphs.fonts][:, glyphs.characters]
    return ChangedBatches(glyphs, known, fonts.weights(), seed)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--samples", default=60_000, show_default=True, help="Glyphs to see in all.")
@click.option("--seed", default=0, show_default=True)
@click.option("--learning-rate", default=1e-3, show_default=True)
@click.option("--category", type=click.Choice(["handwritten", "printed", "both"]), default="both")
@click.option(
    "--augment/--no-augment", default=False, help="Beside each font, one made of it at random."
)
@click.option(
    "--bank",
    type=click.Path(path_type=Path),
    default=Path("runs") / "fields",
    show_default=True,
    help="Where the fields that --augment needs lie or shall lie.",
)
@click.option("--bf16", is_flag=True, help="Multiply in bfloat16 if the processor can.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=WEIGHTS, help="Default: the shipped file."
)
def main(data: Path | None, category: str, out: Path, bank: Path, **options: Any) -> None:
    """Train a style encoder on the training fonts of a dataset."""
    dataset = GlyphDataset.open(data)
    fonts = training_fonts(dataset, category=category)
    with alone_at(out, "a training of the style encoder"):
        _train_and_save(fonts, dataset, out, bank, options)
    click.echo(f"Wrote {out}.")


def _train_and_save(
    fonts: TrainingFonts, dataset: GlyphDataset, out: Path, bank: Path, options: dict[str, Any]
) -> None:
    augment = options.pop("augment")
    options["bf16"] = bfloat16_on_cpu(options["bf16"])
    batches = make_batches(
        dataset, fonts, seed=options["seed"], bank_folder=bank if augment else None
    )
    encoder, log = train(batches, _validation_glyphs(fonts, dataset), **options)
    facts = {
        "model": "dg-font style encoder",
        "samples": int(log[-1]["samples"]),
        "seed": options["seed"],
        "learning_rate": options["learning_rate"],
        "augment": augment,
        "dataset_fingerprint": dataset.fingerprint,
        "font_ids": list(fonts.font_ids),
        "lineages": list(fonts.lineages),
        "held_out": [font.font_id for font in fonts.validation],
        "characters": "".join(dataset.splits.seen_characters),
        "log": log,
    }
    save(encoder, out, facts)


if __name__ == "__main__":
    exit_on_user_error(main)
