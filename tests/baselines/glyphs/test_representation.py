"""Rules of what a model paints on, and of the one way back to a page."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from baselines.diffusion.schedule import NoiseSchedule
from baselines.glyphs.representation import REPRESENTATIONS, to_images
from hangeul_bench.dataset.glyphs import GlyphDataset
from hangeul_bench.metrics import SSIM

# Their outlines are torn into specks of a pixel, which a field of 64 x 64 cannot hold.
TORN = {"bm-euljiro-10-years-later-regular", "bm-euljiro-oraeorae-regular", "moirai-one-regular"}


def pages():
    """Three pages of strokes, anti-aliased."""
    drawn = []
    for number in range(3):
        large = Image.new("L", (1024, 1024), 255)
        pen = ImageDraw.Draw(large)
        pen.line([(200, 300), (800, 280 + 60 * number)], fill=0, width=40 + 30 * number)
        pen.ellipse([300, 400, 700, 800], outline=0, width=50)
        drawn.append(np.asarray(large.resize((128, 128), Image.Resampling.BOX)))
    return np.stack(drawn)


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_x_0_has_the_carriers_size_and_range(name):
    x_0 = REPRESENTATIONS[name].encode(pages())
    assert x_0.shape == (3, 1, REPRESENTATIONS[name].size, REPRESENTATIONS[name].size)
    assert -1 <= float(x_0.min()) < -0.9
    assert 0.9 < float(x_0.max()) <= 1


def test_pixels_come_back_as_they_were():
    representation = REPRESENTATIONS["pixels"]
    assert np.array_equal(
        to_images(representation, representation.encode(pages())).numpy(), pages()
    )


def test_a_field_comes_back_as_the_page_it_was_made_of():
    representation = REPRESENTATIONS["sdf64"]
    back = to_images(representation, representation.encode(pages()))
    assert float(SSIM().scores(back, torch.from_numpy(pages())).min()) > 0.99


def test_the_page_of_a_field_is_differentiable_where_the_contour_is():
    representation = REPRESENTATIONS["sdf64"]
    x_0 = representation.encode(pages()).requires_grad_()
    representation.brightness(x_0).sum().backward()
    assert float(x_0.grad.abs().max()) > 0
    assert torch.isfinite(x_0.grad).all()


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_to_pages_survives_what_a_network_may_give(name):
    representation = REPRESENTATIONS[name]
    wild = torch.linspace(-9, 9, representation.size**2).view(
        1, 1, representation.size, representation.size
    )
    page = to_images(representation, wild)
    assert page.shape == (1, 128, 128)
    assert page.dtype == torch.uint8


def test_a_weaker_signal_shifts_the_schedule_by_twice_its_logarithm():
    plain, shifted = NoiseSchedule("cosine"), NoiseSchedule("cosine", signal=0.35)
    steps = slice(20, 950)

    def log_ratio(schedule):
        alpha_bar = schedule.alpha_bar.double()[steps]
        return (alpha_bar / (1 - alpha_bar)).log()

    difference = log_ratio(shifted) - log_ratio(plain)
    assert torch.allclose(difference, torch.full_like(difference, 2 * np.log(0.35)), atol=1e-3)


def test_the_sampler_has_the_shifted_schedule():
    schedule = NoiseSchedule("cosine", signal=0.35)
    sampler = schedule.sampler("ddim", 10)
    assert torch.allclose(sampler.alphas_cumprod[:998], schedule.alpha_bar[:998], atol=1e-5)


@pytest.mark.skipif(
    "HANGEUL_BENCH_CORE_DATA" not in os.environ,
    reason="set HANGEUL_BENCH_CORE_DATA to the dataset of the 135 fonts",
)
def test_every_font_of_the_corpus_survives_the_round_trip():
    dataset = GlyphDataset.open(Path(os.environ["HANGEUL_BENCH_CORE_DATA"]))
    representation, ssim = REPRESENTATIONS["sdf64"], SSIM()
    worst = {}
    for font in dataset.fonts:
        missing = dataset.missing(font.font_id)
        some = [c for c in dataset.characters[::200] if c not in missing]
        truth = dataset.images(font.font_id, some)
        back = to_images(representation, representation.encode(truth))
        worst[font.font_id] = float(ssim.scores(back, torch.from_numpy(truth)).mean())
    assert {font_id for font_id, score in worst.items() if score < 0.99} <= TORN
    assert min(worst.values()) > 0.94
