import pytest
import torch

from baselines.diffusion.model import ModelConfig
from baselines.diffusion.schedule import NoiseSchedule
from dkfont.model import DKFont
from experiments.figures import condition_shapes, denoising, draw_conditions, draw_strip, noising


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return DKFont(ModelConfig("tiny", schedule="cosine", characters=tuple("한글"))).eval()


def test_the_diagram_says_the_shapes_of_the_built_model(model):
    shapes = dict(condition_shapes(model, "한"))
    assert shapes["vector content"] == "(128,)"
    assert shapes["vector text"] == "(256,)"
    assert shapes["z"] == "(512,)"
    assert shapes["embedding added to time"] == f"({4 * 32},)"
    # 16 pixels of a 4 x 4 patch and 4 channels of the condition map
    assert shapes["condition map"] == "(4, 32, 32)"
    assert shapes["U-Net input"] == "(20, 32, 32)"


def test_without_text_the_diagram_has_no_text():
    config = ModelConfig("tiny", schedule="cosine", characters=("한",), without=("text",))
    assert "vector text" not in dict(condition_shapes(DKFont(config), "한"))


def test_both_figures_are_written(model, tmp_path):
    glyph = torch.ones(1, 1, 128, 128)
    forward = noising(glyph, NoiseSchedule("cosine", torch.device("cpu")), "한")
    backward = denoising(model, torch.zeros(1, 128), "한")
    assert len(forward) == len(backward) == 6
    assert forward[0].mean() > 0.9  # x_0 is hardly noisy, x_999 is noise alone
    assert forward[-1].mean().abs() < 0.1
    draw_strip(tmp_path / "1.png", forward, backward)
    draw_conditions(tmp_path / "2.png", model, "한")
    assert all((tmp_path / name).stat().st_size > 5000 for name in ("1.png", "2.png"))
