"""Variations of the reader's training glyphs follow from the seed and keep their ink."""

import numpy as np
import torch

from hangeul_bench.reader.training.augmentation import augmented_frames
from support.reader_data import strokes


def frames(seed, pages):
    generator = torch.Generator().manual_seed(seed)
    return augmented_frames(torch.from_numpy(pages), torch.from_numpy(pages[:2]), 40, generator)


def test_variations_follow_from_the_seed():
    pages = strokes(16)
    assert torch.equal(frames(1, pages), frames(1, pages))
    assert not torch.equal(frames(1, pages), frames(2, pages))


def test_variations_leave_ink_in_every_frame():
    hairlines = np.full((100, 128, 128), 255, np.uint8)
    hairlines[:, 20:108, 64] = hairlines[:, 64, 20:108] = 90
    varied = frames(0, hairlines)
    assert varied.shape == (100, 1, 40, 40)
    assert varied.min() >= 0 and varied.max() <= 1
    assert (varied.amax((1, 2, 3)) > 0.1).all()
