"""A small VGG-like network for the perceptual loss where VGG-19's weights are not to be had.

It is trained for this alone, on a model's own training fonts and characters, to read the jamo and
to name the font. It is not the benchmark's reader: a model may not be trained on its judge.
"""

import json
import time
from pathlib import Path

import click
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from baselines.diff_font.checkpoint import read_tensors
from baselines.diff_font.sampling import from_uint8
from baselines.diff_font.train import exit_on_user_error
from baselines.training_fonts import training_fonts
from dkfont.text_encoder import tokenize
from hangeul_bench.adapter import UserError, file_sha256
from hangeul_bench.dataset import GlyphDataset

WEIGHTS = Path(__file__).parent / "weights" / "glyph-network.safetensors"
# Channels and stride of the 3 x 3 convolutions, and which of them the loss compares.
_LAYERS = ((24, 2), (48, 2), (96, 2), (96, 1), (128, 2))
_COMPARED = (0, 1, 3, 4)
_PARTS = ((0, 19), (19, 21), (40, 28))  # first token and number of initials, medials, finals
_BATCH = 64


class GlyphNetwork(nn.Module):
    """(N, 1, 128, 128) in [-1, 1] -> feature maps at 64, 32, 16 and 8 pixels."""

    def __init__(self) -> None:
        super().__init__()
        layers, channels = [], 1
        for width, stride in _LAYERS:
            layers.append(nn.Conv2d(channels, width, 3, stride, padding=1))
            channels = width
        self.layers = nn.ModuleList(layers)

    def forward(self, images: Tensor) -> list[Tensor]:
        """The compared feature maps, after their ReLU."""
        maps = []
        for index, layer in enumerate(self.layers):
            images = functional.relu(layer(images))
            if index in _COMPARED:
                maps.append(images)
        return maps


def load_glyph_network(path: Path | None = None) -> tuple[GlyphNetwork, str]:
    """The network in eval mode without gradients of its own, and the SHA-256 of its file.

    Raises:
        UserError: The file is absent, damaged, or of another network.
    """
    path = path or WEIGHTS
    if not path.is_file():
        raise UserError(
            f"Expected a glyph network at {path}; train it with python -m dkfont.glyph_network."
        )
    network = GlyphNetwork()
    try:
        network.load_state_dict({k: v.float() for k, v in read_tensors(path).items()})
    except RuntimeError as error:
        raise UserError(f"{path} does not hold the weights of a glyph network.") from error
    return network.eval().requires_grad_(False), file_sha256(path)


class _Heads(nn.Module):
    """What the network is trained by: the three jamo and the font, from the last map."""

    def __init__(self, fonts: int) -> None:
        super().__init__()
        self.jamo = nn.Linear(_LAYERS[-1][0] * 64, sum(count for _, count in _PARTS))
        self.font = nn.Linear(_LAYERS[-1][0], fonts)

    def loss(self, features: Tensor, tokens: Tensor, fonts: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.jamo(features.flatten(1))
        terms = []
        right = torch.ones(len(tokens), dtype=torch.bool)
        for place, (first, count) in enumerate(_PARTS):
            part, truth = logits[:, first : first + count], tokens[:, place] - first
            terms.append(functional.cross_entropy(part, truth))
            right &= part.argmax(1) == truth
        style = functional.cross_entropy(self.font(features.mean((2, 3))), fonts)
        return torch.stack(terms).sum() + style, right.float().mean()


def train(dataset: GlyphDataset, *, samples: int, seed: int = 0) -> tuple[GlyphNetwork, dict]:
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
    characters = dataset.splits.seen_characters
    glyphs, known = dataset.training_arrays(fonts.font_ids, characters)
    images, present, weights = torch.from_numpy(glyphs), torch.from_numpy(known), fonts.weights()
    tokens = tokenize(dataset.phonetics(characters))
    network, heads = GlyphNetwork(), _Heads(len(images))
    parameters = [*network.parameters(), *heads.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=1e-3)
    steps = max(1, samples // _BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    start = last = time.monotonic()
    accuracy: list[float] = []
    for step in range(steps):
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        font = torch.multinomial(weights, _BATCH, replacement=True, generator=generator)
        column = torch.multinomial(present[font].float(), 1, generator=generator)[:, 0]
        x = from_uint8(images[font, column]).unsqueeze(1)
        # Estimates of x_0 are soft and noisy; a network that has seen only clean glyphs says
        # little about them.
        strength = 0.5 * torch.rand(_BATCH, 1, 1, 1, generator=generator)
        x = x + strength * torch.randn(x.shape, generator=generator)
        loss, right = heads.loss(network(x)[-1], tokens[column], font)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        accuracy = [*accuracy[-99:], float(right)]
        if time.monotonic() - last > 20 or step + 1 == steps:
            last = time.monotonic()
            mean = sum(accuracy) / len(accuracy)
            speed = (step + 1) * _BATCH / (last - start)
            click.echo(
                f"{(step + 1) * _BATCH:,} samples, loss {float(loss.detach()):.3f}, "
                f"syllables read {mean:.3f}, {speed:.0f}/s",
                err=True,
            )
    facts = {
        "model": "dkfont glyph network",
        "samples": steps * _BATCH,
        "seed": seed,
        "syllables_read_in_training": round(sum(accuracy) / len(accuracy), 4),
        "dataset_fingerprint": dataset.fingerprint,
        "font_ids": list(fonts.font_ids),
        "lineages": list(fonts.lineages),
        "characters": "".join(characters),
    }
    return network, facts


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--samples", default=200_000, show_default=True, help="Glyphs to see in all.")
@click.option("--seed", default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), default=WEIGHTS)
def main(data: Path | None, samples: int, seed: int, out: Path) -> None:
    """Train the glyph network of DK-Font's perceptual loss."""
    network, facts = train(GlyphDataset.open(data), samples=samples, seed=seed)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(".tmp")
    save_file({k: v.half().contiguous() for k, v in network.state_dict().items()}, partial)
    partial.replace(out)
    text = json.dumps(facts, indent=1, ensure_ascii=False) + "\n"
    out.with_suffix(".json").write_text(text, encoding="utf-8")
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
