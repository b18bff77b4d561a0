"""Stored images are those that the dataset gives as arrays, whichever are asked for."""

import numpy as np
import pytest
import torch

from baselines.glyphs.image_store import image_store
from hangeul_bench.dataset import GlyphDataset
from support.small_fonts import build_small


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return GlyphDataset.open(build_small(tmp_path_factory.mktemp("dataset")))


def test_images_are_those_of_the_arrays(dataset):
    fonts, characters = [font.font_id for font in dataset.fonts], dataset.characters
    images, _ = dataset.training_arrays(fonts, characters)
    store = image_store(dataset, fonts, characters)
    assert len(store) == len(fonts)
    generator = torch.Generator().manual_seed(0)
    rows = torch.randint(len(fonts), (40,), generator=generator)
    columns = torch.randint(len(characters), (40,), generator=generator)
    assert torch.equal(store[rows, columns], torch.from_numpy(images)[rows, columns])
    for row in range(len(fonts)):
        every = store[row, torch.arange(len(characters))]
        assert np.array_equal(every.numpy(), images[row])


def test_what_a_font_lacks_is_blank_paper(dataset):
    missing = {font.font_id: dataset.missing(font.font_id) for font in dataset.fonts}
    lacks = next(font_id for font_id, syllables in missing.items() if syllables)
    column = dataset.characters.index(next(iter(missing[lacks])))
    store = image_store(dataset, [lacks], dataset.characters)
    assert (store[0, torch.tensor([column])] == 255).all()


def test_rows_and_columns_are_broadcast_as_a_tensor_s(dataset):
    fonts = [font.font_id for font in dataset.fonts]
    store = image_store(dataset, fonts, dataset.characters)
    whole = torch.from_numpy(dataset.training_arrays(fonts, dataset.characters)[0])
    rows, columns = torch.tensor([[0], [1]]), torch.tensor([[0, 1, 2]])
    assert torch.equal(store[rows, columns], whole[rows, columns])
    assert torch.equal(store[torch.tensor([1, 0]), 2], whole[torch.tensor([1, 0]), 2])


def test_an_image_is_the_caller_s_own(dataset):
    store = image_store(dataset, [dataset.fonts[0].font_id], dataset.characters)
    index = (torch.tensor([0]), torch.tensor([0]))
    store[index].zero_()
    assert store[index].any()
