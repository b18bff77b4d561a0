"""Which guidance and how many steps a model should draw with, measured on held-out training fonts.

    python experiments/guidance.py --data hangeul-dataset --model dkfont --checkpoint FILE

The fonts are those that the checkpoint's JSON names as held out: no model has trained on them, and
they are no test fonts, so a default may be chosen by them.
"""

import json
from pathlib import Path

import click
import numpy as np
import torch

from hangeul_bench.adapter.contract import Request
from hangeul_bench.adapter.registry import load_model
from hangeul_bench.base.options import parse_options
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.hangeul.phonetics import decompose
from hangeul_bench.metrics import RMSE, SSIM
from hangeul_bench.reader.reader import JamoReader

_SETTINGS = (
    "guidance=1",
    "guidance=2",
    "guidance=2,guided_share=0.5",
    "guidance=3,guided_share=0.5",
    "guidance=4,guided_share=0.5",
)


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path))
@click.option("--model", default="dkfont", show_default=True)
@click.option("--checkpoint", required=True, type=click.Path(path_type=Path))
@click.option("--characters", default=32, show_default=True, help="Of each font, evenly spaced.")
@click.option("--setting", "settings", multiple=True, default=_SETTINGS, help="KEY=VALUE[,...]")
def main(
    data: Path, model: str, checkpoint: Path, characters: int, settings: tuple[str, ...]
) -> None:
    """Print jamo error rate, SSIM and RMSE of each setting."""
    dataset = GlyphDataset.open(data)
    facts = json.loads(checkpoint.with_suffix(".json").read_text(encoding="utf-8"))
    places = np.linspace(0, len(dataset.characters) - 1, characters).round().astype(int)
    syllables = tuple(dataset.characters[place] for place in places)
    reference = dataset.splits.references[:1]
    asked = torch.tensor([decompose(syllable) for syllable in syllables])
    reader, ssim, rmse = JamoReader.load(), SSIM(), RMSE()
    print(f"{len(facts['held_out'])} fonts x {characters} syllables, {facts['samples']:,} samples")
    for setting in settings:
        chosen = {"guided_share": "1"} | parse_options(tuple(setting.split(",")))
        options = {"checkpoint": str(checkpoint), **chosen}
        drawer = load_model(model, device="cpu", dataset=dataset, options=options)
        scores = []
        for font_id in facts["held_out"]:
            truth = torch.from_numpy(dataset.images(font_id, syllables))
            drawn = drawer.generate(
                Request(
                    characters=syllables,
                    references=dataset.images(font_id, reference),
                    reference_characters=reference,
                    content=np.full(truth.shape, 255, np.uint8),
                    seed=0,
                )
            )
            pages = torch.from_numpy(np.asarray(drawn))
            wrong = (reader.read(pages) != asked).float().mean()
            means = (ssim.scores(pages, truth).mean(), rmse.scores(pages, truth).mean())
            scores.append([float(wrong), *map(float, means)])
        jer, similar, error = np.mean(scores, axis=0)
        print(f"{setting}: jer {jer:.3f}, ssim {similar:.3f}, rmse {error:.3f}", flush=True)


if __name__ == "__main__":
    main()
