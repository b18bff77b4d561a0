"""A dataset and a style encoder to train with."""

import pytest
import torch

from baselines.style_encoder.encoder import StyleEncoder
from baselines.style_encoder.train import save
from support.training_dataset import build_training_dataset


@pytest.fixture(scope="package")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    build_training_dataset(folder)
    torch.manual_seed(0)
    save(StyleEncoder(), folder / "style.safetensors", {})
    return folder
