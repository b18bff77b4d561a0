"""peer:fontdiffuser, with a program of the same shape in place of the real one."""

import json
import sys

import numpy as np
import pytest
import torch

from baselines.peers.fontdiffuser import FontDiffuserPeer
from hangeul_bench.adapter import Request, UserError, load_model

PARSER = """
import argparse
def get_parser():
    parser = argparse.ArgumentParser()
    for name in ("resolution", "style_image_size", "content_image_size"):
        parser.add_argument("--" + name, type=int, default=96)
    parser.add_argument("--order", type=int, default=2)
    parser.add_argument("--content_encoder_downsample_size", type=int, default=3)
    for name in ("t_start", "t_end", "algorithm_type", "skip_type", "method", "correcting_x0_fn",
                 "model_type", "guidance_type"):
        parser.add_argument("--" + name)
    return parser
"""
# Draws the content shifted by the style's mean, with some noise: every input shows.
PROGRAM = """
import torch
from PIL import Image
from .parts import Part
def build_unet(args): return Part()
def build_style_encoder(args): return Part()
def build_content_encoder(args): return Part()
def build_ddpm_scheduler(args): return None
class FontDiffuserModelDPM(torch.nn.Module):
    def __init__(self, unet, style_encoder, content_encoder):
        super().__init__()
        self.parts = torch.nn.ModuleList([unet, style_encoder, content_encoder])
class FontDiffuserDPMPipeline:
    def __init__(self, model, ddpm_train_scheduler, model_type, guidance_type, guidance_scale):
        self.model, self.scale = model, guidance_scale
    def generate(self, content_images, style_images, batch_size, generator, dm_size, **rest):
        assert content_images.shape == style_images.shape == (1, 3, *dm_size)
        noise = torch.randn(1, 3, *dm_size, generator=generator)
        weight = self.model.parts[0].weight.sum()
        x = content_images * weight + style_images.mean() + 0.05 * self.scale * noise
        x = ((x / 2 + 0.5).clamp(0, 1)[0].permute(1, 2, 0) * 255).byte().numpy()
        return [Image.fromarray(x)]
"""


@pytest.fixture
def peer(tmp_path):
    """Options that name a program and its weights."""
    repo, checkpoint = tmp_path / "repo", tmp_path / "weights"
    for folder in (repo / "src", repo / "configs", checkpoint):
        folder.mkdir(parents=True)
    (repo / "src/__init__.py").write_text(PROGRAM)
    (repo / "src/parts.py").write_text(
        "from torch.nn import Linear\n"
        "class Part(Linear):\n"
        "    def __init__(self): super().__init__(1, 1)\n"
    )
    (repo / "configs/fontdiffuser.py").write_text(PARSER)
    for part in ("unet", "style_encoder", "content_encoder"):
        state = {"weight": torch.ones(1, 1), "bias": torch.zeros(1)}
        torch.save(state, checkpoint / f"{part}.pth")
    return {"repo": str(repo), "checkpoint": str(checkpoint), "steps": 2}


def request(characters="한글", reference=90, seed=7):
    content = np.full((len(characters), 128, 128), 255, np.uint8)
    for row in range(len(characters)):
        content[row, 20:100, 30 + 9 * row : 60] = 0
    references = np.full((2, 128, 128), 255, np.uint8)
    references[:, 10:reference, 10:40] = 0
    return Request(tuple(characters), references, ("빛", "뜻"), content, seed)


def test_its_program_draws(peer):
    model = load_model("peer:fontdiffuser", options=peer)
    assert isinstance(model, FontDiffuserPeer)
    glyphs = model.generate(request())
    assert glyphs.shape == (2, 128, 128)
    assert glyphs.dtype == np.uint8
    assert glyphs[0, 60, 45] < 128 < glyphs[0, 60, 100]  # ink where the content has it
    assert model.parameters == 6
    assert model.trained_on is None


def test_a_glyph_does_not_depend_on_its_neighbours_but_on_all_else(peer):
    model = load_model("peer:fontdiffuser", options=peer)
    both, alone = model.generate(request()), model.generate(request("한"))
    assert (both[0] == alone[0]).all()
    for other in (request(seed=8), request(reference=30)):
        assert (model.generate(other) != both).any()


def test_other_modules_of_the_same_names_stay(peer, monkeypatch):
    mine = type(sys)("src")
    monkeypatch.setitem(sys.modules, "src", mine)
    load_model("peer:fontdiffuser", options=peer)
    assert sys.modules["src"] is mine
    assert "src.parts" not in sys.modules
    assert "configs.fontdiffuser" not in sys.modules
    assert peer["repo"] not in sys.path


def test_what_it_was_trained_on_is_read_beside_the_weights(peer, tmp_path):
    said = {"font_ids": ["a"], "lineages": ["a"], "characters": ["한"]}
    (tmp_path / "weights/trained_on.json").write_text(json.dumps(said))
    assert load_model("peer:fontdiffuser", options=peer).trained_on.font_ids == {"a"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repo": None}, "give --option repo=FOLDER"),
        ({"checkpoint": None}, "give --option repo=FOLDER"),
        ({"repo": "nowhere"}, "lacks src or configs"),
        ({"checkpoint": "nowhere"}, r"Expected nowhere/unet\.pth"),
        ({"steps": 0}, "--option steps from 1 to 1000"),
        ({"guidance": "much"}, "a number as --option guidance"),
    ],
)
def test_a_mistake_is_one_sentence(peer, change, message):
    options = {name: value for name, value in (peer | change).items() if value is not None}
    with pytest.raises(UserError, match=message):
        load_model("peer:fontdiffuser", options=options)


def test_a_missing_package_of_its_own_is_named(peer, tmp_path):
    (tmp_path / "repo/src/parts.py").write_text("import a_package_that_is_not_there\n")
    with pytest.raises(UserError, match="a_package_that_is_not_there"):
        load_model("peer:fontdiffuser", options=peer)


def test_weights_of_another_network_are_refused(peer, tmp_path):
    torch.save({"weight": torch.ones(3, 3)}, tmp_path / "weights/unet.pth")
    with pytest.raises(UserError, match="do not fit the program"):
        load_model("peer:fontdiffuser", options=peer)
