"""Train the style encoder: font classification and supervised contrast over single glyphs."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.diffusion.checkpoint import write_tensors
from baselines.style_encoder.encoder import WEIGHTS, StyleEncoder, prepare
from baselines.style_encoder.measure import style_accuracy
from baselines.training_fonts import TrainingFonts, training_fonts
from hangeul_bench.base.commands import exit_on_user_error
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.lock import alone_at
from hangeul_bench.dataset import GlyphDataset

_FONTS, _GLYPHS = 16, 4  # a batch: this many fonts, this many syllables of each
_TEMPERATURE = 0.1  # of supervised contrast (Khosla et al. 2020, section 4.4)


@dataclass
class Batches:
    """Random batches of a set of glyphs, reproducible from a seed and the step."""

    images: Tensor  # (F, C, 128, 128) uint8
    present: Tensor  # (F, C) bool
    weights: Tensor  # (F,)
    seed: int

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """(64, 3, 48, 48) in [-1, 1] and their (64,) font indices."""
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        count = min(_FONTS, len(self.images))
        fonts = torch.multinomial(self.weights, count, generator=generator)
        fonts = fonts.repeat_interleave(_GLYPHS)
        columns = torch.multinomial(self.present[fonts].float(), 1, generator=generator)[:, 0]
        glyphs = self.images[fonts, columns]
        return jitter(prepare(glyphs), generator), fonts


def jitter(images: Tensor, generator: torch.Generator) -> Tensor:
    """Shift and scale glyphs a little and make some softer or paler, as scans and photos are.

    Args:
        images: (N, 3, H, W) in [-1, 1], paper = 1.
        generator: Where the random numbers come from.
    """
    n = len(images)
    scale = 1 + 0.06 * (2 * torch.rand(n, generator=generator) - 1)
    shift = 0.06 * (2 * torch.rand(n, 2, generator=generator) - 1)  # of half the width
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = scale
    theta[:, :, 2] = shift
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    ink = functional.grid_sample(1 - images, grid, align_corners=False)  # paper is 0 outside
    soft = functional.avg_pool2d(ink, 3, 1, 1)
    amount = torch.rand(n, 1, 1, 1, generator=generator).square()
    fade = 1 - 0.15 * torch.rand(n, 1, 1, 1, generator=generator)
    return 1 - fade * ((1 - amount) * ink + amount * soft)


def contrast_loss(vectors: Tensor, fonts: Tensor) -> Tensor:
    """Supervised contrast (Khosla et al. 2020, Eq. 2): glyphs of one font attract each other."""
    unit = functional.normalize(vectors, dim=1)
    logits = unit @ unit.T / _TEMPERATURE
    itself = torch.eye(len(unit), dtype=torch.bool)
    log_p = functional.log_softmax(logits.masked_fill(itself, -1e9), dim=1)
    positive = ((fonts[:, None] == fonts[None, :]) & ~itself).float()
    return -((log_p * positive).sum(1) / positive.sum(1).clamp(min=1)).mean()


def train(
    fonts: TrainingFonts,
    dataset: GlyphDataset,
    *,
    samples: int,
    seed: int = 0,
    learning_rate: float = 1e-3,
    report: float = 20.0,
) -> tuple[StyleEncoder, list[dict[str, float]]]:
    """Train on the seen characters of the training fonts.

    Args:
        fonts: What to train on and what to validate on.
        dataset: Where the glyphs are.
        samples: Glyphs to see in all; the learning rate falls to zero over them (cosine).
        seed: Of weights and batches.
        learning_rate: Highest learning rate of AdamW.
        report: Seconds between lines of progress.

    Returns:
        The encoder, with style vectors of unit mean square, and the log.
    """
    torch.manual_seed(seed)
    characters = dataset.splits.seen_characters
    images, present = dataset.training_arrays(fonts.font_ids, characters)
    batches = Batches(torch.from_numpy(images), torch.from_numpy(present), fonts.weights(), seed)
    encoder = StyleEncoder()
    head = nn.Linear(512, len(fonts.train))  # DG-Font's `disc`, dropped afterwards
    parameters = [*encoder.parameters(), *head.parameters()]
    steps = max(1, samples // (_FONTS * _GLYPHS))
    optimizer, scheduler = _optimizer(parameters, learning_rate, steps)
    validation = _validation_glyphs(fonts, dataset)
    log, start, last = [], time.monotonic(), 0.0
    for step in range(steps):
        x, labels = batches.batch(step)
        pooled = encoder.pooled(x)
        classified = functional.cross_entropy(head(pooled), labels, label_smoothing=0.1)
        loss = classified + contrast_loss(encoder.cont(pooled), labels)
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
    entry = {"samples": float(step * _FONTS * _GLYPHS), "loss": round(loss, 4)}
    if validation is not None:
        encoder.eval()
        vectors = encoder.embed(validation.flatten(0, 1)).view(*validation.shape[:2], -1)
        encoder.train()
        accuracy = style_accuracy(vectors)
        entry["equal_error_rate"] = round(accuracy.equal_error_rate, 4)
        entry["nearest_neighbour"] = round(accuracy.nearest_neighbour, 4)
    numbers = ", ".join(f"{name} {value:g}" for name, value in entry.items())
    left = seconds / step * (steps - step)
    click.echo(f"{numbers}, {step * _FONTS * _GLYPHS / seconds:.0f}/s, {left:.0f} s left", err=True)
    return entry


@torch.no_grad()
def _normalise(encoder: StyleEncoder, batches: Batches) -> None:
    """Scale the head so that style vectors have unit mean square, which the U-Nets then see."""
    encoder.eval()
    vectors = torch.cat([encoder(batches.batch(-1 - k)[0]) for k in range(8)])
    scale = vectors.square().mean().sqrt()
    for parameter in encoder.cont.parameters():
        parameter.div_(scale)


def save(encoder: StyleEncoder, path: Path, facts: dict[str, Any]) -> None:
    """Write the weights (float16) and, beside them, a JSON file of ``facts``."""
    state = encoder.state_dict()
    state = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    write_tensors(path, state)
    write_whole(path.with_suffix(".json"), pretty_json(facts))


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--samples", default=60_000, show_default=True, help="Glyphs to see in all.")
@click.option("--seed", default=0, show_default=True)
@click.option("--learning-rate", default=1e-3, show_default=True)
@click.option("--category", type=click.Choice(["handwritten", "printed", "both"]), default="both")
@click.option(
    "--out", type=click.Path(path_type=Path), default=WEIGHTS, help="Default: the shipped file."
)
def main(
    data: Path | None, samples: int, seed: int, learning_rate: float, category: str, out: Path
) -> None:
    """Train a style encoder on the training fonts of a dataset."""
    dataset = GlyphDataset.open(data)
    fonts = training_fonts(dataset, category=category)
    options = {"samples": samples, "seed": seed, "learning_rate": learning_rate}
    with alone_at(out, "a training of the style encoder"):
        _train_and_save(fonts, dataset, out, options)
    click.echo(f"Wrote {out}.")


def _train_and_save(
    fonts: TrainingFonts, dataset: GlyphDataset, out: Path, options: dict[str, Any]
) -> None:
    encoder, log = train(fonts, dataset, **options)
    facts = {
        "model": "dg-font style encoder",
        "samples": int(log[-1]["samples"]),
        "seed": options["seed"],
        "learning_rate": options["learning_rate"],
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
