"""The paper's Figures 1 and 2 from the program itself: ``python -m experiments.figures``.

Figure 1 is a noising and a denoising strip; Figure 2 the conditions' path with the shapes that the
built model really has. Figures 3 and 4 stand in the report of an evaluation.
"""

from pathlib import Path

import click
import matplotlib
import numpy as np
import torch
from torch import Tensor

from baselines.diffusion.model import add_style
from baselines.diffusion.sampling import SamplingOptions, glyph_generator, sample
from baselines.diffusion.schedule import NoiseSchedule
from baselines.diffusion.unet import PRESETS
from baselines.glyphs.representation import from_uint8
from baselines.style_encoder.encoder import load_style_encoder
from baselines.training.checkpoint import load_weights
from dkfont.adapter import DKFontAdapter
from dkfont.model import DKFont, JamoAttributes
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.hangeul import is_syllable

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

_SHOWN = (0, 100, 250, 500, 750, 999)  # timesteps of the forward strip
_STEPS = 20


def noising(glyph: Tensor, schedule: NoiseSchedule, character: str) -> list[Tensor]:
    """x_t of a (1, 1, 128, 128) glyph in [-1, 1] at the shown timesteps, by Eq. 3."""
    eps = torch.randn(glyph.shape, generator=glyph_generator(0, character))
    return [schedule.add_noise(glyph, eps, torch.tensor([t])) for t in _SHOWN]


def denoising(model: DKFont, style: Tensor, character: str) -> list[tuple[int, Tensor]]:
    """The timesteps and x_t of drawing one glyph, noise first."""
    inputs = add_style(model.attributes.character_inputs([character]), style)
    seen: list[tuple[int, Tensor]] = []
    options = SamplingOptions(steps=_STEPS)
    sample(
        model,
        inputs,
        [character],
        seed=0,
        options=options,
        observe=lambda t, x_t: seen.append((t, x_t[:1].clone())),
    )
    indices = np.linspace(0, len(seen) - 1, len(_SHOWN)).round().astype(int)
    return [seen[index] for index in indices]


def draw_strip(path: Path, forward: list[Tensor], backward: list[tuple[int, Tensor]]) -> None:
    """Write Figure 1: noising above, denoising below."""
    figure, axes = plt.subplots(2, len(_SHOWN), figsize=(1.6 * len(_SHOWN), 4.2))
    titles = [f"$x_{{{t}}}$" for t in _SHOWN], [f"after t = {t}" for t, _ in backward]
    for row, images, names in zip(axes, (forward, [x for _, x in backward]), titles, strict=True):
        for axis, image, name in zip(row, images, names, strict=True):
            axis.imshow(image[0, 0].numpy(), cmap="gray", vmin=-1, vmax=1)
            axis.set_title(name, fontsize=9)
            axis.axis("off")
    figure.suptitle("Forward process (above), reverse process of DK-Font (below)", fontsize=10)
    _save(figure, path)


def condition_shapes(model: DKFont, character: str) -> list[tuple[str, str]]:
    """Name and shape of every step from the inputs to z and into the U-Net, as they really are."""
    inputs = add_style(model.attributes.character_inputs([character]), torch.zeros(1, 128))
    attributes = model.attributes
    assert isinstance(attributes, JamoAttributes)
    rows = [(f"input {name}", _shape(value)) for name, value in inputs.items()]
    names = ("content", "component", "style", "text")
    parts = attributes.parts(inputs)
    rows += [(f"vector {name}", _shape(part)) for name, part in zip(names, parts, strict=False)]
    z = attributes(inputs)
    rows.append(("z", _shape(z)))
    rows.append(("embedding added to time", _shape(model.unet.to_embedding(z))))
    grid = model.unet.grid
    if model.unet.map_channels:
        rows.append(("condition map", _shape(model.unet.condition_map(z))))
    rows.append(("U-Net levels", " > ".join(map(str, PRESETS[model.config.preset].feature_sizes))))
    rows.append(("U-Net input", f"({model.unet.unet.config.in_channels}, {grid}, {grid})"))
    return rows


def draw_conditions(path: Path, model: DKFont, character: str) -> None:
    """Write Figure 2 as a diagram of boxes with true shapes."""
    shapes = dict(condition_shapes(model, character))
    figure, axis = plt.subplots(figsize=(11, 5))
    axis.set(xlim=(0, 11), ylim=(0, 5))
    axis.axis("off")
    modules = {
        "content": "table of code points",
        "component": "counts x weights",
        "style": "DG-Font encoder, MLP",
        "text": "Transformer, 2 layers",
    }
    sources = {"content": "content", "component": "components", "style": "style", "text": "text"}
    drawn = [name for name in modules if f"vector {name}" in shapes]
    for row, name in enumerate(drawn):
        y = 4.2 - row
        _box(axis, 0.2, y, f"{name}\n{shapes[f'input {sources[name]}']}")
        _box(axis, 2.7, y, modules[name])
        _box(axis, 5.2, y, f"vector\n{shapes[f'vector {name}']}")
        for x in (2.0, 4.5):
            _arrow(axis, (x, y), (x + 0.7, y))
        _arrow(axis, (7.0, y), (7.6, 2.7))
    _box(axis, 7.6, 2.7, f"z\n{shapes['z']}")
    _box(axis, 9.4, 4.0, f"time embedding\n{shapes['embedding added to time']}", width=1.5)
    _box(axis, 9.4, 1.4, f"U-Net {model.config.preset}\n{shapes['U-Net input']}", width=1.5)
    _arrow(axis, (8.5, 3.0), (9.4, 3.8))
    if "condition map" in shapes:
        _arrow(axis, (8.5, 2.4), (9.4, 1.6))
        axis.text(8.7, 1.6, f"condition map\n{shapes['condition map']}", fontsize=8, ha="right")
    _arrow(axis, (10.15, 3.6), (10.15, 1.8))
    levels, drops = shapes["U-Net levels"], "character, style"
    note = f"levels {levels} px; dropped apart in training: {drops}, content row"
    axis.text(0.2, 0.2, note, fontsize=9)
    _save(figure, path)


def _box(axis: plt.Axes, x: float, y: float, text: str, width: float = 1.8) -> None:
    centre = (x + width / 2, y)
    box = matplotlib.patches.FancyBboxPatch(
        *((x, y - 0.3), width, 0.6), boxstyle="round,pad=0.02", fc="#f6f5f2", ec="#444", lw=0.8
    )
    axis.add_patch(box)
    axis.text(*centre, text, ha="center", va="center", fontsize=8)


def _arrow(axis: plt.Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axis.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "->", "lw": 0.8})


def _shape(tensor: Tensor) -> str:
    return str(tuple(tensor.shape[1:])) if tensor.dim() > 1 else "(1 row)"


def _save(figure: plt.Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.tight_layout()
    figure.savefig(path, dpi=130, metadata={"Software": None})
    plt.close(figure)


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--font", default=None, help="Font id; default: the first unseen font.")
@click.option("--character", default="뜻", show_default=True)
@click.option("--checkpoint", type=click.Path(path_type=Path), help="Default: the shipped one.")
@click.option("--style-encoder", type=click.Path(path_type=Path), help="Default: the shipped one.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("figures"))
def main(
    data: Path | None,
    font: str | None,
    character: str,
    checkpoint: Path | None,
    style_encoder: Path | None,
    out: Path,
) -> None:
    """Write figure-1.png and figure-2.png."""
    if not is_syllable(character):
        raise UserError(f"Expected one Hangeul syllable, found {character!r}.")
    dataset = GlyphDataset.open(data)
    font_id = font or dataset.splits.unseen_fonts[0]
    model, _ = load_weights(DKFont, checkpoint or DKFontAdapter.weights, "cpu")
    encoder = load_style_encoder(style_encoder)
    style = encoder.embed(dataset.images(font_id, dataset.splits.references[:1]))
    glyph = from_uint8(torch.from_numpy(dataset.images(font_id, [character]))).unsqueeze(1)
    forward = noising(glyph, model.schedule(torch.device("cpu")), character)
    draw_strip(out / "figure-1.png", forward, denoising(model, style, character))
    draw_conditions(out / "figure-2.png", model, character)
    click.echo(f"Wrote {out / 'figure-1.png'} and {out / 'figure-2.png'}.")


if __name__ == "__main__":
    exit_on_user_error(main)
