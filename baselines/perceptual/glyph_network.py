"""How the glyph network of the perceptual loss is trained.

It is trained for this alone, on a model's own training fonts and characters, to read the jamo and
to name the font. It is not the benchmark's reader: a model may not be trained on its judge.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.glyphs.image_store import ImageStore, image_store
from baselines.glyphs.representation import from_uint8
from baselines.perceptual.loss import GLYPH_LAYERS, WEIGHTS, GlyphNetwork
from baselines.training.checkpoint import write_tensors
from baselines.training.data import TrainingFonts, training_fonts
from hangeul_bench.base.errors import exit_on_user_error
from hangeul_bench.base.files import pretty_json, write_whole
from hangeul_bench.base.lock import alone_at
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.hangeul import decompose

_PARTS = (19, 21, 28)  # initials, medials, finals with "none"
_BATCH = 64


class _Heads(nn.Module):
    """What the network is trained by: the three jamo and the font, from the last map."""

    def __init__(self, fonts: int) -> None:
        super().__init__()
        self.jamo = nn.Linear(GLYPH_LAYERS[-1][0] * 64, sum(_PARTS))
        self.font = nn.Linear(GLYPH_LAYERS[-1][0], fonts)

    def loss(self, features: Tensor, jamo: Tensor, fonts: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.jamo(features.flatten(1)).split(_PARTS, dim=1)
        terms = []
        right = torch.ones(len(jamo), dtype=torch.bool)
        for part, truth in zip(logits, jamo.T, strict=True):
            terms.append(functional.cross_entropy(part, truth))
            right &= part.argmax(1) == truth
        style = functional.cross_entropy(self.font(features.mean((2, 3))), fonts)
        return torch.stack(terms).sum() + style, right.float().mean()


@dataclass(frozen=True)
class _Glyphs:
    """The seen characters of the training fonts."""

    images: ImageStore  # (F, C, 128, 128) uint8
    present: Tensor  # (F, C) bool
    weights: Tensor  # (F,)
    jamo: Tensor  # (C, 3) indices of initial, medial, final

    @classmethod
    def of(cls, dataset: GlyphDataset, fonts: TrainingFonts) -> "_Glyphs":
        characters = dataset.splits.seen_characters
        known = torch.from_numpy(dataset.present(fonts.font_ids, characters))
        glyphs = image_store(dataset, fonts.font_ids, characters)
        jamo = torch.tensor([decompose(character) for character in characters])
        return cls(glyphs, known, fonts.weights(), jamo)

    def batch(self, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 1, 128, 128) noisy glyphs in about [-1, 1], their (N, 3) jamo and (N,) fonts."""
        generator = torch.Generator().manual_seed(seed)
        font = torch.multinomial(self.weights, _BATCH, replacement=True, generator=generator)
        column = torch.multinomial(self.present[font].float(), 1, generator=generator)[:, 0]
        x = from_uint8(self.images[font, column]).unsqueeze(1)
        # Estimates of x_0 are soft and noisy; a network that has seen only clean glyphs says
        # little about them.
        strength = 0.5 * torch.rand(_BATCH, 1, 1, 1, generator=generator)
        x = x + strength * torch.randn(x.shape, generator=generator)
        return x, self.jamo[column], font


class _Progress:
    """Says every 20 seconds how far a training is and what share of syllables it reads."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.start = self.last = time.monotonic()
        self._shares: list[float] = []

    @property
    def read(self) -> float:
        """Share of syllables read, over the last 100 batches."""
        return sum(self._shares) / len(self._shares)

    def note(self, step: int, loss: float, right: float) -> None:
        self._shares = [*self._shares[-99:], right]
        if time.monotonic() - self.last <= 20 and step < self.steps:
            return
        self.last = time.monotonic()
        speed = step * _BATCH / (self.last - self.start)
        click.echo(
            f"{step * _BATCH:,} samples, loss {loss:.3f}, "
            f"syllables read {self.read:.3f}, {speed:.0f}/s",
            err=True,
        )


def train(
    dataset: GlyphDataset, *, samples: int, seed: int = 0
) -> tuple[GlyphNetwork, dict[str, Any]]:
    """Train on the seen characters of the training fonts.

    Args:
        dataset: Where the glyphs are.
        samples: Glyphs to see in all; the learning rate falls to zero over them.
        seed: Of weights and batches.

    Returns:
        The network and what its JSON file says.
    """
    torch.manual_seed(seed)
    fonts = training_fonts(dataset)
    data = _Glyphs.of(dataset, fonts)
    network, heads = GlyphNetwork(), _Heads(len(data.images))
    parameters = [*network.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    steps = max(1, samples // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    progress = _Progress(steps)
    for step in range(steps):
        x, jamo, font = data.batch(seed * 1_000_003 + step)
        loss, right = heads.loss(network(x)[-1], jamo, font)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        progress.note(step + 1, float(loss.detach()), float(right))
    facts = {
        "model": "glyph network",
        "samples": steps * _BATCH,
        "seed": seed,
        "syllables_read_in_training": round(progress.read, 4),
        "dataset_fingerprint": dataset.fingerprint,
        "font_ids": list(fonts.font_ids),
        "lineages": list(fonts.lineages),
        "characters": "".join(dataset.splits.seen_characters),
    }
    return network, facts


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--samples", default=200_000, show_default=True, help="Glyphs to see in all.")
@click.option("--seed", default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=WEIGHTS)
def main(data: Path | None, samples: int, seed: int, out: Path) -> None:
    """Train the glyph network of the perceptual loss."""
    with alone_at(out, "a training of the glyph network"):
        network, facts = train(GlyphDataset.open(data), samples=samples, seed=seed)
        write_tensors(out, {name: value.half() for name, value in network.state_dict().items()})
        write_whole(out.with_suffix(".json"), pretty_json(facts))
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
