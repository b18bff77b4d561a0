"""Fields made many at once are those made one by one, to a sixteenth of a pixel."""

import numpy as np
import pytest
import torch

from baselines.glyphs.field_batch import GLYPHS_AT_ONCE, fields_of
from baselines.glyphs.representation import FIELD_SIZE, field


def sixteenths(fields):
    return np.rint(np.asarray(fields) * 16).clip(-127, 127)


def shapes(count, seed=0):
    """Pages of bars, discs and soft edges, some of them at the page's edge."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:128, :128]
    pages = []
    for _ in range(count):
        far = np.full((128, 128), 99.0)
        for _ in range(4):
            cx, cy, angle = *random.uniform(-5, 133, 2), random.uniform(0, np.pi)
            along = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
            across = (y - cy) * np.cos(angle) - (x - cx) * np.sin(angle)
            length, width = random.uniform(2, 60), random.uniform(0.7, 9)
            outside = np.maximum(np.abs(along) - length, 0)
            far = np.minimum(far, np.hypot(outside, across) - width)
        pages.append((255 * np.clip(far + 0.5, 0, 1)).round())
    return np.array(pages, np.uint8)


@pytest.mark.parametrize("count", [1, GLYPHS_AT_ONCE, GLYPHS_AT_ONCE + 3])
def test_shapes_have_the_same_fields(count):
    pages = shapes(count, seed=count)
    apart = np.abs(sixteenths(fields_of(pages)) - sixteenths(field(torch.from_numpy(pages))))
    assert apart.max() <= 1


@pytest.mark.parametrize("value", [0, 127, 128, 255])
def test_even_pages_have_the_same_fields(value):
    pages = np.full((2, 128, 128), value, np.uint8)
    apart = np.abs(sixteenths(fields_of(pages)) - sixteenths(field(torch.from_numpy(pages))))
    assert apart.max() <= 1


def test_noise_has_the_same_fields():
    pages = np.random.default_rng(1).integers(0, 256, (3, 128, 128), dtype=np.uint8)
    apart = np.abs(sixteenths(fields_of(pages)) - sixteenths(field(torch.from_numpy(pages))))
    assert apart.max() <= 1


def test_a_glyph_does_not_depend_on_those_beside_it():
    pages = shapes(GLYPHS_AT_ONCE)
    assert np.array_equal(fields_of(pages)[3], fields_of(pages[3:4])[0])


def test_no_glyph_is_no_field():
    assert fields_of(np.empty((0, 128, 128), np.uint8)).shape == (0, FIELD_SIZE, FIELD_SIZE)
