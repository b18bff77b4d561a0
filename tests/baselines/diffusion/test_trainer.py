"""The training loop: what learns, from which timesteps, and what a gradient of NaN does."""

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState

from baselines.diff_font.model import DiffFont
from baselines.diffusion.data import load_training_sets
from baselines.diffusion.model import ModelConfig
from baselines.diffusion.trainer import Training, TrainingOptions
from baselines.perceptual.loss import GlyphNetwork, PerceptualLoss
from baselines.style_encoder.encoder import StyleEncoder
from baselines.training.data import training_fonts
from dkfont.model import DKFont
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset.glyphs import GlyphDataset


def make_training(place, out, kind=DKFont, precision="no", **options):
    dataset = GlyphDataset.open(place / "dataset")
    fonts = training_fonts(dataset)
    characters = dataset.splits.seen_characters
    torch.manual_seed(0)
    encoder = StyleEncoder().frozen()
    extra = {}
    if kind is DKFont:
        network = GlyphNetwork().requires_grad_(False)
        extra = {"perceptual": PerceptualLoss(network, facts={"network": "glyph"})}
    model = kind(ModelConfig(preset="tiny", characters=characters), **extra)
    device = torch.device("cpu")
    data, validation = load_training_sets(
        dataset, fonts, characters, model=model, encoder=encoder, device=device
    )
    return Training(
        model,
        data,
        validation=validation,
        out=out,
        options=TrainingOptions(batch_size=4, **options),
        facts={"model": model.name, "config": model.config.to_json()},
        accelerator=Accelerator(cpu=True, mixed_precision=precision),
    )


def test_every_parameter_that_should_learn_gets_a_gradient(place, tmp_path):
    training = make_training(place, tmp_path, timesteps="noisy")
    loss, extra = training._loss(training.data.batch(32, 0))
    assert extra is not None and extra.requires_grad
    (loss + extra).backward()
    # diffusers zeroes nothing, so each parameter's gradient must be there and not be all zero.
    silent = [
        name
        for name, parameter in training.model.named_parameters()
        if parameter.grad is None or not parameter.grad.abs().sum() > 0
    ]
    assert silent == []


@pytest.fixture
def fresh_accelerator():
    AcceleratorState._reset_state()
    yield
    AcceleratorState._reset_state()


def test_bfloat16_multiplies_in_the_perceptual_network_too(place, tmp_path, fresh_accelerator):
    plain = [x.item() for x in losses(make_training(place, tmp_path))]
    AcceleratorState._reset_state()
    training = make_training(place, tmp_path, precision="bf16")
    seen = []
    perceptual = training.model._perceptual[0]
    features = perceptual.features

    def watched(images):
        maps = features(images)
        seen.extend(m.dtype for m in maps)
        return maps

    perceptual.features = watched
    short = losses(training)
    assert set(seen) == {torch.bfloat16}
    assert [x.dtype for x in short] == [torch.float32] * 2
    assert [x.item() for x in short] == pytest.approx(plain, rel=0.02)


def losses(training):
    return training._loss(training.data.batch(32, 0))


def test_the_perceptual_network_is_no_part_of_the_model(place, tmp_path):
    training = make_training(place, tmp_path)
    names = [name for name, _ in training.model.named_parameters()]
    assert not [name for name in names if "perceptual" in name]


def test_loss_falls_on_the_training_set(place, tmp_path):
    training = make_training(place, tmp_path, steps=25, learning_rate=1e-3, warmup=1)
    before = fixed_loss(training)
    training.run()
    assert fixed_loss(training) < 0.8 * before


@torch.no_grad()
def fixed_loss(training):
    training.model.eval()
    return float(training._loss(training.data.batch(16, 12345))[0])


def test_stage_two_begins_after_420_of_800_of_the_steps(place, tmp_path):
    training = make_training(place, tmp_path, kind=DiffFont, steps=80)
    training.step = 41
    assert training._stage() == 1
    training.step = 42
    assert training._stage() == 2


def test_noisy_timesteps_come_from_where_the_condition_decides(place, tmp_path):
    training = make_training(place, tmp_path)
    t = training._timesteps(4000, torch.Generator().manual_seed(0))
    alpha_bar = training.model.schedule(torch.device("cpu")).alpha_bar[t]
    share = float((alpha_bar < 0.1).float().mean())
    uniform = float((training.model.schedule(torch.device("cpu")).alpha_bar < 0.1).float().mean())
    assert share == pytest.approx(0.5 + 0.5 * uniform, abs=0.03)


def test_losses_that_are_no_number_stop_and_keep_the_last_state(place, tmp_path):
    training = make_training(place, tmp_path, steps=50)
    training.save()
    good = (tmp_path / "state.safetensors").read_bytes()
    with torch.no_grad():
        training.model.unet.unet.conv_out.weight.fill_(float("nan"))
    with pytest.raises(UserError, match="11 steps in a row up to step 11 .*last good state"):
        training.run()
    assert (tmp_path / "state.safetensors").read_bytes() == good


def test_one_gradient_that_is_not_finite_changes_no_weight(place, tmp_path, capsys):
    training = make_training(place, tmp_path, kind=DiffFont, steps=3)
    states = []

    def extra_loss(output, *_):
        states.append({k: v.clone() for k, v in training.model.state_dict().items()})
        # Its value is 0 and its gradient NaN: 0 times the infinite slope of a root at 0.
        return (output.sum() * 0).sqrt() if training.step == 1 else None

    training.model.extra_loss = extra_loss
    training.run()
    name = "unet.unet.conv_out.weight"
    before, bad, after = (state[name] for state in states)
    assert not torch.equal(before, bad)
    assert torch.equal(bad, after)
    assert not torch.equal(after, training.model.state_dict()[name])
    assert (training.step, training.samples) == (3, 12)
    assert "step 2 changed nothing: its gradient's norm is nan" in capsys.readouterr().err
