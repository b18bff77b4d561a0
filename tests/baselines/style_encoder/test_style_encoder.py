import pytest
import torch
from safetensors.torch import save_file

from baselines.style_encoder.batches import jitter
from baselines.style_encoder.encoder import StyleEncoder, load_style_encoder
from baselines.style_encoder.measure import style_accuracy
from baselines.style_encoder.train import contrast_loss
from hangeul_bench.base.errors import UserError


@pytest.fixture
def encoder():
    torch.manual_seed(0)
    return StyleEncoder().eval()


def glyphs(n=3):
    return torch.randint(0, 256, (n, 128, 128), generator=torch.Generator().manual_seed(1)).byte()


def dg_font_file(encoder, path):
    """The layout of DG-Font's main.py: nested, under DataParallel, with its own head."""
    own = {f"module.{name}": value for name, value in encoder.state_dict().items()}
    head = {"module.disc.weight": torch.zeros(400, 512), "module.disc.bias": torch.zeros(400)}
    old = {name: torch.zeros_like(value) for name, value in own.items()}
    content = {"epoch": 3, "C_state_dict": old | head, "C_EMA_state_dict": own | head}
    torch.save({**content, "D_state_dict": {}, "G_state_dict": {}, "c_optimizer": {}}, path)
    return path


def diff_font_file(encoder, path):
    torch.save(encoder.state_dict(), path)
    return path


def our_file(encoder, path):
    save_file(encoder.state_dict(), path)
    return path


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (dg_font_file, "net.pt"),
        (diff_font_file, "korean_styenc.ckpt"),
        (our_file, "own.safetensors"),
    ],
)
def test_each_layout_gives_the_same_vectors(encoder, tmp_path, write, name):
    loaded = load_style_encoder(write(encoder, tmp_path / name))
    assert torch.allclose(loaded.embed(glyphs()), encoder.embed(glyphs()), atol=1e-6)


def test_layers_carry_the_names_of_vgg_11_with_batch_norm(encoder):
    convolutions = [n for n, v in encoder.state_dict().items() if v.dim() == 4]
    assert convolutions == [f"features.{i}.weight" for i in (0, 4, 8, 11, 15, 18, 22, 25)]
    assert sum(p.numel() for p in encoder.parameters()) == pytest.approx(9.29e6, rel=0.001)


def test_a_checkpoint_that_does_not_fit_says_what_does_not(encoder, tmp_path):
    state = encoder.state_dict()
    state["cont.weight"] = torch.zeros(64, 512)
    del state["features.0.weight"]
    torch.save(state, tmp_path / "wrong.pt")
    with pytest.raises(UserError, match=r"missing features.0.weight; cont.weight \(64, 512\)"):
        load_style_encoder(tmp_path / "wrong.pt")


def test_a_file_of_another_network_is_refused(tmp_path):
    torch.save({"conv.weight": torch.zeros(1)}, tmp_path / "other.pt")
    with pytest.raises(UserError, match=r"Expected features.\* and cont.\*.*found conv.weight"):
        load_style_encoder(tmp_path / "other.pt")


class Code:
    """What a hostile pickle may hold."""


def test_a_pickle_that_holds_more_than_tensors_is_not_loaded(tmp_path):
    torch.save({"C_EMA_state_dict": Code()}, tmp_path / "code.pt")
    with pytest.raises(UserError, match="more than tensors"):
        load_style_encoder(tmp_path / "code.pt")


def test_truncated_weights_are_refused(encoder, tmp_path):
    path = our_file(encoder, tmp_path / "own.safetensors")
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(UserError, match="damaged"):
        load_style_encoder(path)


def test_a_frozen_encoder_does_not_move_even_in_a_parent_that_trains(encoder):
    parent = torch.nn.Module()
    parent.style = encoder.frozen()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    parent.train()
    parent.style(torch.randn(4, 3, 64, 64))
    assert not encoder.training and not encoder.features[1].training
    assert not any(p.requires_grad for p in encoder.parameters())
    for name, value in encoder.state_dict().items():
        assert torch.equal(value, before[name]), name


def test_a_vector_does_not_depend_on_its_neighbours(encoder):
    many = encoder.embed(glyphs(21))
    assert torch.equal(encoder.embed(glyphs(21)[7:9]), many[7:9])


def test_style_accuracy_is_perfect_for_fonts_far_apart_and_chance_for_noise():
    generator = torch.Generator().manual_seed(0)
    centres = torch.eye(8, 128)[:, None] * 10
    apart = style_accuracy(centres + 0.1 * torch.randn(8, 20, 128, generator=generator))
    assert apart.nearest_neighbour == 1
    assert apart.equal_error_rate < 0.01
    noise = style_accuracy(torch.randn(8, 20, 128, generator=generator))
    assert noise.equal_error_rate == pytest.approx(0.5, abs=0.05)
    assert noise.nearest_neighbour == pytest.approx(noise.chance, abs=0.1)


def test_contrast_is_less_where_glyphs_of_a_font_are_alike():
    fonts = torch.tensor([0, 0, 1, 1])
    alike = torch.tensor([[1.0, 0], [1, 0.1], [0, 1], [0.1, 1]])
    assert contrast_loss(alike, fonts) < contrast_loss(alike[[0, 2, 1, 3]], fonts)


def test_jitter_keeps_paper_white_at_the_edges():
    out = jitter(torch.ones(5, 3, 48, 48), torch.Generator().manual_seed(0))
    assert torch.equal(out, torch.ones_like(out))
