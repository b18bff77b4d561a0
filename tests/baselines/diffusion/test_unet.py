import pytest
import torch

from baselines.diff_font.model import DiffFont
from baselines.diffusion.model import ModelConfig, add_style
from baselines.diffusion.unet import PRESETS, GlyphUNet, Preset
from baselines.style_encoder.encoder import StyleEncoder
from hangeul_bench.hangeul.charset import ksx1001

# Of Diff-Font's U-Net at 128 px with attention at 32, 16 and 8, its tables for 2,350 characters
# and its style encoder, counted from its code.
DIFF_FONT_PARAMETERS = 136.70e6


def parameters(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_preset_paper_has_the_size_of_diff_font():
    with torch.device("meta"):
        model = DiffFont(ModelConfig(preset="paper", characters=ksx1001()))
        total = parameters(model) + parameters(StyleEncoder())
    assert total == pytest.approx(DIFF_FONT_PARAMETERS, rel=0.03)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_attention_stands_at_each_named_size(name):
    with torch.device("meta"):
        unet = GlyphUNet(PRESETS[name])
    blocks = enumerate(unet.unet.down_blocks)
    found = tuple(unet.grid >> level for level, block in blocks if hasattr(block, "attentions"))
    assert found == PRESETS[name].attention


def test_attention_at_a_size_that_does_not_exist_is_refused():
    # Diff-Font's "40,20,10" fits 80 px and would be lost without a word at 128.
    with pytest.raises(ValueError, match=r"\[40, 20, 10\].*\[128, 64, 32, 16, 8\]"):
        GlyphUNet(Preset(1, 128, (1, 1, 2, 3, 4), 3, (40, 20, 10)))


@pytest.mark.parametrize("name", ["swift", "tiny"])
def test_output_has_the_shape_of_the_glyphs(name):
    model = DiffFont(ModelConfig(preset=name, characters=tuple("가각")))
    inputs = add_style(model.attributes.character_inputs(["각", "힣"]), torch.randn(2, 128))
    x = torch.randn(2, 1, 128, 128)
    assert model(x, torch.tensor([3, 900]), inputs).shape == x.shape


def test_weights_of_shipped_presets_fit_into_25_mb_as_float16():
    with torch.device("meta"):
        model = DiffFont(ModelConfig(preset="swift", characters=ksx1001()))
    assert parameters(model) * 2 < 25e6
