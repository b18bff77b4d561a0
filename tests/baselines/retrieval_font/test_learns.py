"""Retrieval-font learns: it draws glyphs that it was shown better than the kin it was given."""

import numpy as np
import torch
from accelerate import Accelerator

from baselines.diffusion.sampling import SamplingOptions, sample
from baselines.diffusion.trainer import Training, TrainingOptions
from baselines.glyphs.bank import FieldBank, quantize
from baselines.glyphs.representation import to_images
from baselines.retrieval_font.data import REPRESENTATION, load_neighbour_sets
from baselines.retrieval_font.model import RetrievalConfig, RetrievalFont
from baselines.training.data import TrainingFonts
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.metrics import SSIM

FONTS = 2
SYLLABLES = 10
STEPS, BATCH = 250, 16


def small_bank(dataset):
    """The fields of the training fonts' glyphs of a few syllables."""
    fonts = tuple(sorted({*dataset.splits.train_fonts, dataset.splits.content_font}))
    characters = (*dataset.splits.references, *dataset.splits.seen_characters[::200])
    images, present = dataset.training_arrays(fonts, characters)
    fields = np.stack([quantize(torch.from_numpy(own)) for own in images])
    return FieldBank(fonts, characters, fields, present)


def test_two_fonts_and_ten_syllables_are_learnt_by_heart(eval_dataset, tmp_path):
    dataset = GlyphDataset.open(eval_dataset)
    train = tuple(dataset.font(font_id) for font_id in sorted(dataset.splits.train_fonts))
    data, _ = load_neighbour_sets(
        dataset, TrainingFonts(train, ()), small_bank(dataset), count=2, augment=False
    )
    few = {"rows": data.rows[:FONTS], "drawn": data.drawn[:SYLLABLES], "weights": torch.ones(FONTS)}
    for name, value in few.items():
        object.__setattr__(data, name, value)
    torch.manual_seed(0)
    model = RetrievalFont(RetrievalConfig(neighbours=2, channels=(32, 64, 64)))
    training = Training(
        model,
        data,
        validation=None,
        out=tmp_path / "run",
        options=TrainingOptions(
            batch_size=BATCH,
            learning_rate=1e-3,
            warmup=20,
            steps=STEPS,
            timesteps="last",
            validate_every=0,
        ),
        facts={"model": model.name, "config": model.config.to_json()},
        accelerator=Accelerator(cpu=True),
    )
    training.run()
    training.average.copy_to(model.parameters())
    grid = data.grid(FONTS, SYLLABLES)
    truth = to_images(REPRESENTATION, grid.x_0)
    names = [chr(0xAC00 + number) for number in range(len(truth))]
    options = SamplingOptions(steps=1)
    drawn = sample(model.eval(), grid.inputs, names, seed=0, options=options)
    nearest = to_images(REPRESENTATION, grid.inputs["neighbours"][:, :1])
    ssim = SSIM()
    learnt, given = (float(np.mean(ssim.scores(p, truth).numpy())) for p in (drawn, nearest))
    assert learnt > 0.8
    assert learnt > given + 0.1
