"""A dataset to train on, and a run of the smallest preset."""

import pytest
import torch
from accelerate import Accelerator

from baselines.dg_font.data import load_unpaired_sets
from baselines.dg_font.model import DGFont, DGFontConfig, Players
from baselines.dg_font.training import AdversarialOptions, AdversarialTraining
from baselines.training.data import training_fonts
from hangeul_bench.dataset.glyphs import GlyphDataset
from support.training_dataset import build_training_dataset


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    return build_training_dataset(tmp_path_factory.mktemp("dg-font"))


@pytest.fixture
def make_training(place, tmp_path):
    """Makes a run of the smallest preset; its arguments are fields of the options."""

    def make(content_share=1.0, **options):
        dataset = GlyphDataset.open(place)
        fonts = training_fonts(dataset)
        characters = tuple(dataset.splits.seen_characters)
        torch.manual_seed(0)
        generator = DGFont(DGFontConfig("tiny", characters))
        data, validation = load_unpaired_sets(
            dataset, fonts, characters, content_share=content_share
        )
        return AdversarialTraining(
            Players(generator, len(fonts.train)),
            data,
            validation=validation,
            out=tmp_path / "run",
            options=AdversarialOptions(**{"batch_size": 4, "validate_every": 0, **options}),
            facts={"model": generator.name, "config": generator.config.to_json()},
            accelerator=Accelerator(cpu=True),
        )

    return make
