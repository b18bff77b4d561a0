import pytest
import torch

from baselines.diff_font.model import DiffFont
from baselines.diffusion.model import ModelConfig, add_style
from baselines.diffusion.sampling import (
    RULES,
    SamplingOptions,
    diff_font_options,
    glyph_generator,
    sample,
)
from baselines.diffusion.schedule import SAMPLERS
from baselines.glyphs.representation import REPRESENTATIONS, from_uint8, to_images
from dkfont.model import DKFont
from hangeul_bench.base.errors import UserError

CHARACTERS = ("한", "글", "빛")


@pytest.fixture(scope="module")
def dkfont():
    return make(DKFont, schedule="cosine")


def make(kind, **config):
    torch.manual_seed(0)
    return kind(ModelConfig(preset="tiny", characters=CHARACTERS, **config)).eval()


def draw(model, characters, *, seed=1, **options):
    style = torch.linspace(-1, 1, 128).expand(len(characters), -1)
    inputs = add_style(model.attributes.character_inputs(characters), style)
    settings = SamplingOptions(**{"steps": 2, **options})
    return sample(model, inputs, characters, seed=seed, options=settings)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
@pytest.mark.parametrize("prediction", ["v", "epsilon", "sample"])
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_each_sampler_draws_from_the_last_timestep_on(sampler, prediction, schedule):
    # Few-step solvers that start at t = 999 with epsilon divide by an alpha near 0.
    model = make(DiffFont, prediction=prediction, schedule=schedule)
    steps = []
    inputs = add_style(model.attributes.character_inputs(["한"]), torch.zeros(1, 128))
    options = SamplingOptions(sampler, 3)
    glyph = sample(
        model,
        inputs,
        ["한"],
        seed=0,
        options=options,
        observe=lambda t, x_t: steps.append((t, bool(torch.isfinite(x_t).all()))),
    )
    assert [t for t, _ in steps][0] == 999
    assert all(finite for _, finite in steps)
    assert glyph.shape == (1, 128, 128) and glyph.dtype == torch.uint8


def test_a_glyph_does_not_depend_on_batch_or_order(dkfont):
    together = draw(dkfont, CHARACTERS)
    assert torch.equal(draw(dkfont, CHARACTERS[::-1]), together.flip(0))
    assert torch.equal(draw(dkfont, CHARACTERS[1:2]), together[1:2])
    assert torch.equal(draw(dkfont, CHARACTERS * 6)[-3:], together)


def test_the_seed_decides_the_glyph(dkfont):
    assert torch.equal(draw(dkfont, CHARACTERS), draw(dkfont, CHARACTERS))
    assert not torch.equal(draw(dkfont, CHARACTERS, seed=2), draw(dkfont, CHARACTERS))


def test_noise_belongs_to_font_seed_and_code_point():
    def noise(seed, character):
        return torch.randn(4, generator=glyph_generator(seed, character)).tolist()

    assert noise(1, "한") == noise(1, "한")
    assert noise(1, "한") != noise(2, "한")
    assert noise(1, "한") != noise(1, "글")


def test_a_syllable_without_a_content_row_is_drawn_from_its_text(dkfont):
    drawn = draw(dkfont, ("힣", "뷁"))
    assert drawn.shape == (2, 128, 128)


def test_guidance_changes_the_glyph_and_a_scale_of_one_does_not(dkfont):
    plain = draw(dkfont, CHARACTERS)
    assert torch.equal(draw(dkfont, CHARACTERS, guidance=1.0, style_guidance=1.0), plain)
    assert not torch.equal(draw(dkfont, CHARACTERS, guidance=4.0), plain)
    assert not torch.equal(draw(dkfont, CHARACTERS, style_guidance=4.0), plain)


def test_diff_font_rule_has_three_branches_that_sum_to_one():
    branches = RULES["diff-font"].branches(make(DiffFont), diff_font_options())
    assert branches == [
        (("components",), 3.0),
        (("content",), 3.0),
        (("content", "components", "style"), -5.0),
    ]
    assert (diff_font_options().sampler, diff_font_options().steps) == ("ddim", 25)


def test_pixels_survive_the_way_to_network_values_and_back():
    pixels = torch.arange(256).byte().view(1, 16, 16)
    assert torch.equal(
        to_images(REPRESENTATIONS["pixels"], from_uint8(pixels).unsqueeze(1)), pixels
    )
    assert float(from_uint8(torch.zeros(1, 1).byte())) == -1  # ink


@pytest.mark.parametrize(
    "wrong", [{"sampler": "euler"}, {"steps": 0}, {"rule": "free"}, {"guided_share": 1.5}]
)
def test_unknown_options_are_refused(wrong):
    with pytest.raises(UserError, match="Expected"):
        SamplingOptions(**wrong)


def test_guided_share_guides_the_first_steps_alone(dkfont):
    plain = draw(dkfont, CHARACTERS)
    assert torch.equal(draw(dkfont, CHARACTERS, guidance=4.0, guided_share=0.0), plain)
    half = draw(dkfont, CHARACTERS, guidance=4.0, guided_share=0.5)
    assert not torch.equal(half, plain)
    assert not torch.equal(half, draw(dkfont, CHARACTERS, guidance=4.0))
