"""Soft edges become as sharp as a font's, where they were half ink; sharp ones stay."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from fontmaker.edges import crisp, doubled
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.metrics.ssim import ssim_scores


def ramp_page(width, middle=64.25):
    """(1, 128, 128) uint8 with ink left of ``middle``, its edge ``width`` pixels wide."""
    x = np.arange(128) + 0.5
    grey = ((x - middle) / width + 0.5).clip(0, 1) * 255
    return np.broadcast_to(np.rint(grey).astype(np.uint8), (1, 128, 128)).copy()


@pytest.mark.parametrize("width", [2.0, 4.0, 7.0])
def test_a_soft_edge_becomes_one_pixel_wide_and_stays_in_its_place(width):
    (row,) = {tuple(row) for row in crisp(ramp_page(width))[0, 2:-2].tolist()}
    assert np.count_nonzero((np.array(row) > 0) & (np.array(row) < 255)) == 1
    assert row[63] == 0
    assert row[65] == 255
    assert row[64] == pytest.approx(255 * 0.75, abs=255 / 12)


def test_black_and_white_pages_stay_as_they_are():
    page = np.random.default_rng(0).choice([0, 255], (3, 20, 30)).astype(np.uint8)
    assert np.array_equal(crisp(page), page)


def test_paper_that_is_not_quite_white_becomes_white_and_faint_ink_black():
    page = np.full((1, 40, 40), 250, np.uint8)
    page[0, 10:30, 10:30] = 6
    sharp = crisp(page)
    assert (sharp[0, :9] == 255).all()
    assert (sharp[0, 12:28, 12:28] == 0).all()


def test_a_rasterised_font_stays_nearly_as_it_is(real_fonts):
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        pages = rasterizer.render_many(ksx1001()[::117])
    again = ssim_scores(torch.from_numpy(crisp(pages)), torch.from_numpy(pages))
    assert again.min() > 0.99


def test_doubling_is_bicubic_interpolation_to_the_last_bit():
    pages = np.random.default_rng(1).integers(0, 256, (2, 12, 17)).astype(np.uint8)
    padded = np.pad(pages, ((0, 0), (4, 4), (4, 4)), constant_values=255).astype(np.float64)
    wanted = functional.interpolate(
        torch.from_numpy(padded)[:, None], scale_factor=2, mode="bicubic", align_corners=False
    )[:, 0, 4:-4, 4:-4]
    assert doubled(pages).shape == (2, 32, 42)
    assert np.array_equal(doubled(pages), wanted.numpy())


def test_a_page_does_not_depend_on_the_others():
    pages = np.random.default_rng(2).integers(0, 256, (4, 30, 30)).astype(np.uint8)
    assert np.array_equal(crisp(pages)[2:3], crisp(pages[2:3]))
    assert np.array_equal(doubled(pages)[2:3], doubled(pages[2:3]))
