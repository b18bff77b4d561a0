import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from click.testing import CliRunner
from safetensors.torch import load_file
from training_dataset import build_training_dataset

from baselines.dg_font.encoder import StyleEncoder
from baselines.dg_font.train import save
from baselines.diff_font.model import DiffFont, ModelConfig
from baselines.diff_font.train import main as train_diff_font
from baselines.diff_font.training import Training
from baselines.diff_font.training_data import load_training_sets
from baselines.diff_font.training_options import TrainingOptions
from baselines.training_fonts import training_fonts
from dkfont.glyph_network import GlyphNetwork
from dkfont.model import DKFont
from dkfont.perceptual import PerceptualLoss
from dkfont.train import main as train_dkfont
from hangeul_bench.dataset import GlyphDataset, UserError

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    build_training_dataset(folder)
    torch.manual_seed(0)
    save(StyleEncoder(), folder / "style.safetensors", {})
    return folder


def arguments(place, out, *more):
    style = str(place / "style.safetensors")
    return [
        *("--data", str(place / "dataset"), "--style-encoder", style, "--out", str(out)),
        *("--preset", "tiny", "--batch-size", "4", "--validate-every", "0", *more),
    ]


def run(command, *args):
    result = CliRunner().invoke(command, list(args))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def make_training(place, out, kind=DKFont, **options):
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
        accelerator=Accelerator(cpu=True),
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


def test_a_resumed_run_takes_the_same_course(place, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(train_dkfont, *arguments(place, whole, "--steps", "4", "--without", "perceptual"))
    same = ("--without", "perceptual")
    run(train_dkfont, *arguments(place, parts, "--steps", "2", *same))
    run(train_dkfont, *arguments(place, parts, "--steps", "4", "--resume", *same))
    first, second = (load_file(p / "state.safetensors") for p in (whole, parts))
    assert first.keys() == second.keys()
    different = [name for name in first if not torch.equal(first[name], second[name])]
    assert different == []


def test_a_resumed_run_logs_each_step_once(place, tmp_path):
    out = tmp_path / "run"
    run(train_diff_font, *arguments(place, out, "--steps", "2"))
    log = out / "log.csv"
    kept = "step,samples,loss\r\n1,4,0.5\r\n2,8,0.4\r\n"
    log.write_bytes((kept + "3,12,0.3\r\n1").encode())  # killed while it wrote step 10
    run(train_diff_font, *arguments(place, out, "--steps", "3", "--resume"))
    assert log.read_bytes() == kept.encode()


def test_weights_say_what_they_were_trained_on(place, tmp_path):
    run(train_diff_font, *arguments(place, tmp_path / "run", "--steps", "1"))
    facts = json.loads((tmp_path / "run" / "weights.json").read_text())
    dataset = GlyphDataset.open(place / "dataset")
    assert facts["samples"] == 4
    assert set(facts["font_ids"]) <= set(dataset.splits.train_fonts)
    assert set(facts["characters"]) == set(dataset.splits.seen_characters)
    assert facts["dataset_fingerprint"] == dataset.fingerprint
    assert facts["config"]["schedule"] == "linear"


def test_training_goes_on_from_shipped_weights(place, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run(train_diff_font, *arguments(place, first, "--steps", "2"))
    start = ("--start", str(first / "weights.safetensors"))
    run(train_diff_font, *arguments(place, second, "--steps", "3", *start))
    facts = json.loads((second / "weights.json").read_text())
    assert (facts["steps"], facts["samples"]) == (3, 12)
    with pytest.raises(UserError, match="differ in preset, prediction"):
        run(
            train_diff_font,
            *arguments(place, tmp_path / "x", "--steps", "3", "--schedule", "cosine", *start),
        )


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


def test_a_run_is_not_overwritten_by_accident(place, tmp_path):
    (tmp_path / "state.safetensors").touch()
    with pytest.raises(UserError, match="holds a run already"):
        run(train_dkfont, *arguments(place, tmp_path, "--steps", "1", "--without", "perceptual"))


def test_a_run_without_a_limit_is_refused(place, tmp_path):
    with pytest.raises(UserError, match="--steps or --minutes"):
        run(train_diff_font, *arguments(place, tmp_path))


def test_cuda_that_is_not_there_is_refused(place, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(UserError, match="CUDA was asked for"):
        run(train_diff_font, *arguments(place, tmp_path, "--steps", "1", "--device", "cuda"))


def test_a_run_without_a_dataset_ends_in_one_sentence(tmp_path):
    command = [sys.executable, "-m", "dkfont.train", "--data", str(tmp_path / "none")]
    command += ["--steps", "1", "--without", "perceptual"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_sigint_ends_a_run_with_a_state_to_resume(place, tmp_path):
    out = tmp_path / "run"
    command = [sys.executable, "-m", "baselines.diff_font.train"]
    command += arguments(place, out, "--steps", "100000")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=environment
    )
    for line in process.stderr:  # the first line of progress: training runs
        if line.startswith(b"step"):
            break
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert b"Stopped (interrupted)" in output
    assert (out / "state.safetensors").is_file()


def test_two_processes_train_together(place, tmp_path):
    out = tmp_path / "run"
    # `accelerate launch` starts one process on a CPU unless MPI is there; torchrun starts two.
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += ["--nproc-per-node", "2", "-m", "dkfont.train"]
    command += arguments(place, out, "--steps", "2", "--without", "perceptual", "--device", "cpu")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    facts = json.loads((out / "weights.json").read_text())
    assert (facts["steps"], facts["samples"]) == (2, 16)  # 2 steps x 2 processes x 4 glyphs
