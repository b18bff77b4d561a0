import pytest
import torch

from baselines.diff_font.model import NULL_ROW, CharacterAttributes, CharacterTable, DiffFont
from baselines.diffusion.model import ModelConfig, add_style
from dkfont.model import DKFont
from hangeul_bench.hangeul.charset import all_syllables

CHARACTERS = ("각", "까", "한")


def inputs_of(model, characters):
    generator = torch.Generator().manual_seed(0)
    style = torch.randn(1, 128, generator=generator).expand(len(characters), -1)
    return add_style(model.attributes.character_inputs(characters), style)


def make(kind, **config):
    torch.manual_seed(0)
    return kind(ModelConfig(preset="tiny", characters=CHARACTERS, **config)).eval()


def test_rows_go_by_code_point_not_by_place_in_a_list():
    table, longer = CharacterTable("한각"), CharacterTable("까한각")
    assert table.rows("각한").tolist() == [1, 2]
    assert longer.rows("각한").tolist() == [1, 3]  # 각 < 까 < 한


def test_characters_without_a_row_share_the_null_row():
    assert CharacterTable("각한").rows("힣꿈").tolist() == [NULL_ROW, NULL_ROW]


def test_z_is_512_wide_in_both_models():
    for kind in (DiffFont, DKFont):
        model = make(kind)
        assert model.attributes(inputs_of(model, CHARACTERS)).shape == (3, 512)


def test_a_syllable_that_shares_its_components_is_apart_only_by_its_row_in_diff_font():
    model = make(DiffFont)
    inputs = inputs_of(model, ("각", "까"))
    assert torch.equal(inputs["components"][0], inputs["components"][1])
    rowless = model.attributes.drop(inputs, "content", torch.tensor([True, True]))
    z = model.attributes(rowless)
    assert torch.equal(z[0], z[1])


def test_dkfont_tells_them_apart_by_their_text():
    model = make(DKFont)
    inputs = inputs_of(model, ("각", "까"))
    z = model.attributes(model.attributes.drop(inputs, "content", torch.tensor([True, True])))
    assert (z[0] - z[1]).abs().max() > 1e-3


@pytest.mark.parametrize("kind", [DiffFont, DKFont])
def test_each_dropped_condition_changes_the_output(kind):
    model = make(kind)
    inputs = inputs_of(model, ("각",))
    x, t = torch.randn(1, 1, 128, 128), torch.tensor([900])
    with torch.no_grad():
        full = model(x, t, inputs)
        for name in (*model.attributes.character_names, "style"):
            dropped = model(x, t, model.drop(inputs, [name]))
            assert (dropped - full).abs().max() > 1e-5, name


def test_without_text_dkfont_has_no_text_encoder():
    model = make(DKFont, without=("text",))
    assert "text" not in model.attributes.character_names
    assert not [name for name, _ in model.named_parameters() if "text" in name]


def test_all_11172_syllables_can_be_asked_for():
    attributes = CharacterAttributes(CHARACTERS)
    inputs = attributes.character_inputs(all_syllables())
    assert inputs["components"].shape == (11172, 24)
    assert int((inputs["content"] != NULL_ROW).sum()) == len(CHARACTERS)


def test_diff_font_drops_nothing_in_stage_one_and_style_only_with_both_in_stage_two():
    model = make(DiffFont)
    inputs = inputs_of(model, CHARACTERS * 200)
    same = model.drop_for_training(inputs, 1, torch.Generator().manual_seed(0))
    assert all(torch.equal(same[name], inputs[name]) for name in inputs)
    dropped = model.drop_for_training(inputs, 2, torch.Generator().manual_seed(0))
    no_row = dropped["content"] == NULL_ROW
    no_parts = dropped["components"].sum(1) == 0
    assert torch.equal(~dropped["style_known"], no_row & no_parts)
    assert no_row.float().mean() == pytest.approx(0.3, abs=0.06)
    assert (no_row & no_parts).float().mean() == pytest.approx(0.09, abs=0.04)
