"""DG-Font's networks: shapes, what a silent deformation is, what the two encoders may not see."""

import pytest
import torch
from torch.nn import functional

from baselines.dg_font.discriminator import Discriminator, gradient_penalty
from baselines.dg_font.generator import PRESETS, DeformableConv, DeformableSkip, StyledNorm
from baselines.dg_font.model import DGFont, DGFontConfig


def glyphs(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(count, 1, 128, 128, generator=generator) * 2 - 1


@pytest.mark.parametrize("name", PRESETS)
def test_each_preset_encodes_and_draws_at_128_pixels(name):
    model = DGFont(DGFontConfig(name))
    preset = PRESETS[name]
    with torch.no_grad():
        content, code = model.content(glyphs(1)), model.style(glyphs(1))
        drawn, offsets = model.mix(content, code)
    size, (one, two, three) = 128 // preset.stem, preset.channels
    assert content.fine.shape == (1, one, size, size)
    assert content.coarse.shape == (1, two, size // 2, size // 2)
    assert content.features.shape == (1, three, size // 4, size // 4)
    assert code.shape == (1, 128)
    assert drawn.shape == (1, 1, 128, 128) and float(drawn.abs().max()) <= 1
    assert [o.shape[1:] for o in offsets] == [(18, size // 2, size // 2), (18, size, size)]


def test_the_cpu_preset_has_six_million_parameters():
    model = DGFont(DGFontConfig("swift"))
    assert sum(p.numel() for p in model.parameters()) == 6_021_894


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (4, 2)])
def test_a_deformable_convolution_begins_as_a_plain_one(kernel, stride):
    torch.manual_seed(0)
    layer = DeformableConv(3, 5, kernel=kernel, stride=stride)
    x = torch.randn(2, 3, 8, 8)
    result, offset = layer(x)
    plain = functional.conv2d(x, layer.weight, stride=stride, padding=(kernel - 1) // 2)
    assert torch.allclose(result, plain, atol=1e-5)
    assert not offset.any()


def test_a_skip_without_offsets_is_a_plain_convolution_beside_the_mixer_s_features():
    torch.manual_seed(0)
    skip = DeformableSkip(4)
    mixed, given = torch.randn(2, 4, 6, 6), torch.randn(2, 4, 6, 6)
    both, offset = skip(mixed, given)
    plain = functional.conv2d(given, skip.bend.weight, padding=1)
    assert not offset.any()
    assert torch.equal(both[:, :4], mixed)
    assert torch.allclose(both[:, 4:], plain, atol=1e-5)


def test_an_offset_of_one_pixel_moves_what_a_skip_sees():
    skip = DeformableSkip(2)
    with torch.no_grad():
        skip.bend.place.bias[: 2 * 9].view(9, 2)[:, 1] = 1.0  # every tap looks one to the right
    given = torch.randn(1, 2, 6, 6)
    both, _ = skip(torch.zeros(1, 2, 6, 6), given)
    moved = functional.pad(given, (1, 2, 1, 1))[..., 1:]  # the same page, one to the left
    plain = functional.conv2d(moved, skip.bend.weight)
    assert torch.allclose(both[:, 2:, :, :-1], plain[..., :-1], atol=1e-5)


def test_weight_and_darkness_of_a_glyph_are_normalized_away_from_its_content():
    torch.manual_seed(0)
    encoder = DGFont(DGFontConfig("tiny")).content_encoder
    given = glyphs(1)
    with torch.no_grad():
        here, paler = encoder(given), encoder(0.5 * given)
    assert torch.allclose(here.features, paler.features, atol=1e-2)


def test_styled_norm_has_the_style_s_scale_and_shift():
    x = torch.randn(2, 3, 16, 16)
    style = torch.tensor([[1.0, 0, 0, 5, 0, 0]]).expand(2, -1)  # scale of the first doubled, + 5
    y = StyledNorm(3)(x, style)
    assert torch.allclose(y[:, 0].mean((1, 2)), torch.full((2,), 5.0), atol=1e-4)
    assert torch.allclose(y[:, 0].std((1, 2)), torch.full((2,), 2.0), atol=1e-2)
    assert torch.allclose(y[:, 1].std((1, 2)), torch.ones(2), atol=1e-2)


def test_a_style_code_does_not_depend_on_its_neighbours():
    model = DGFont(DGFontConfig("tiny"))
    batch = glyphs(3)
    with torch.no_grad():
        alone, among = model.style(batch[:1]), model.style(batch)[:1]
    assert torch.allclose(alone, among, atol=1e-6)


def test_the_discriminator_judges_a_glyph_as_one_of_its_own_font():
    torch.manual_seed(0)
    discriminator = Discriminator(PRESETS["tiny"], fonts=3)
    with torch.no_grad():
        discriminator.fonts.weight.zero_()
        discriminator.fonts.bias.copy_(torch.tensor([1.0, 2.0, 3.0]))
        judged = discriminator(glyphs(3), torch.tensor([2, 0, 1]))
    assert judged.tolist() == [3.0, 1.0, 2.0]


def test_the_gradient_penalty_is_the_squared_slope():
    x = torch.ones(2, 1, 2, 2, requires_grad=True)
    assert float(gradient_penalty((3 * x).sum((1, 2, 3)), x)) == 9 * 4
