"""The training command: resumed, killed, interrupted, refused, in two processes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from safetensors import safe_open
from safetensors.torch import load_file

from baselines.diff_font.train import command as train_diff_font
from dkfont.train import command as train_dkfont
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import alone_in
from hangeul_bench.dataset.glyphs import GlyphDataset

ROOT = Path(__file__).parents[3]
HANGEUL_BENCH = [sys.executable, "-c", "from hangeul_bench.cli import main; main()"]


def arguments(place, out, *more):
    style = str(place / "style.safetensors")
    return [
        *("--data", str(place / "dataset"), "--style-encoder", style, "--out", str(out)),
        *("--recipe", "plain", "--set", "preset=tiny", "--set", "batch_size=4"),
        *("--set", "validate_every=0", *more),
    ]


def run(command, *args):
    result = CliRunner().invoke(command, list(args))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_resumed_run_takes_the_same_course(place, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run(train_dkfont, *arguments(place, whole, "--steps", "4", "--set", "perceptual=none"))
    same = ("--set", "perceptual=none")
    run(train_dkfont, *arguments(place, parts, "--steps", "2", *same))
    run(train_dkfont, *arguments(place, parts, "--steps", "4", "--resume", *same))
    first, second = (load_file(p / "state.safetensors") for p in (whole, parts))
    assert first.keys() == second.keys()
    different = [name for name in first if not torch.equal(first[name], second[name])]
    assert different == []


def test_a_fused_network_learns_the_same(place, tmp_path, monkeypatch):
    fused = []

    def compiled(network):
        fused.append(network)
        return lambda *given: network(*given)

    monkeypatch.setattr(torch, "compile", compiled)  # a minute of compiling is no test of ours
    run(train_diff_font, *arguments(place, tmp_path / "plain", "--steps", "2"))
    assert not fused
    run(
        train_diff_font, *arguments(place, tmp_path / "fused", "--steps", "2", "--set", "fuse=true")
    )
    assert len(fused) == 1
    first, second = (
        load_file(tmp_path / name / "state.safetensors") for name in ("plain", "fused")
    )
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_resumed_run_logs_each_step_once(place, tmp_path):
    out = tmp_path / "run"
    run(train_diff_font, *arguments(place, out, "--steps", "2"))
    log = out / "log.csv"
    kept = "step,samples,loss\r\n1,4,0.5\r\n2,8,0.4\r\n"
    log.write_bytes((kept + "3,12,0.3\r\n1").encode())  # killed while it wrote step 10
    run(train_diff_font, *arguments(place, out, "--steps", "3", "--resume"))
    assert log.read_bytes() == kept.encode()


def test_a_header_that_a_killed_run_tore_is_written_anew(place, tmp_path):
    out = tmp_path / "run"
    run(train_diff_font, *arguments(place, out, "--steps", "2"))
    (out / "validation.csv").write_bytes(b"step,sam")
    more = ("--resume", "--set", "validate_every=3")
    run(train_diff_font, *arguments(place, out, "--steps", "3", *more))
    lines = (out / "validation.csv").read_text().splitlines()
    assert lines[0].startswith("step,samples,")
    assert [line.split(",")[0] for line in lines[1:]] == ["3"]


def test_rows_of_a_run_killed_before_its_first_state_go(place, tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    (out / "log.csv").write_bytes(b"step,samples,loss\r\n1,4,0.5\r\n")
    (out / "state.safetensors.tmp-1").write_bytes(b"half")
    run(train_diff_font, *arguments(place, out, "--steps", "1", "--resume"))
    assert not (out / "log.csv").exists()
    assert not list(out.rglob("*.tmp-*"))


def test_a_run_killed_before_a_validation_catches_up_on_it(place, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    often = ("--set", "validate_every=2")
    run(train_diff_font, *arguments(place, whole, "--steps", "3", *often))
    run(train_diff_font, *arguments(place, killed, "--steps", "2"))  # stops before it validates
    run(train_diff_font, *arguments(place, killed, "--steps", "3", "--resume", *often))
    rows = [[r.split(",")[0] for r in lines(p / "validation.csv")] for p in (whole, killed)]
    assert rows[0] == rows[1] == ["step", "2", "3"]
    run(train_diff_font, *arguments(place, killed, "--steps", "3", "--resume", *often))
    assert [row.split(",")[0] for row in lines(killed / "validation.csv")] == rows[0]


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def test_a_second_run_in_one_folder_is_refused(place, tmp_path):
    with alone_in(tmp_path / "run", "a training"):
        result = CliRunner().invoke(
            train_diff_font, arguments(place, tmp_path / "run", "--steps", "1")
        )
    assert isinstance(result.exception, UserError)
    assert "run is in use by a training (process " in str(result.exception)


@pytest.mark.skipif(os.name != "posix", reason="limits")
@pytest.mark.parametrize("refused", ["File too large", "No space left on device"])
def test_a_disk_that_refuses_is_one_sentence_and_the_state_stays(place, tmp_path, refused):
    out = tmp_path / "run"
    run(train_diff_font, *arguments(place, out, "--steps", "1"))
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    limit = {
        "File too large": "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (99999, 99999))\n",
        # A file that opens and takes not a byte: what a full disk looks like.
        "No space left on device": "import io\nfrom pathlib import Path\n"
        "Path.open = lambda path, mode='r', *args, **more: io.open(\n"
        "    '/dev/full' if mode == 'wb' else path, mode, *args, **more)\n",
    }[refused]
    program = (
        f"{limit}from baselines.diff_font.train import command\n"
        "from hangeul_bench.base.errors import exit_on_user_error\nexit_on_user_error(command)"
    )
    command = [sys.executable, "-c", program, *arguments(place, out, "--steps", "2", "--resume")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    said = {"File too large": "would become larger", "No space left on device": "The disk is full"}
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert said[refused] in line and "state.safetensors" in line
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


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
    path = first / "weights.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"font_ids": ["seen-before"]}))
    third = tmp_path / "third"
    run(train_diff_font, *arguments(place, third, "--steps", "3", *start))
    run(train_diff_font, *arguments(place, third, "--steps", "4", "--resume"))
    seen = json.loads((third / "weights.json").read_text())["font_ids"]
    assert seen == sorted([*facts["font_ids"], "seen-before"])
    with pytest.raises(UserError, match="differ in preset, prediction"):
        run(
            train_diff_font,
            *arguments(place, tmp_path / "x", "--steps", "3", "--set", "schedule=cosine", *start),
        )


def test_weights_go_on_in_another_representation(place, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run(train_diff_font, *arguments(place, first, "--steps", "2"))
    start = ("--start", str(first / "weights.safetensors"), "--set", "representation=sdf64")
    start += ("--bank", str(place / "fields"), "--set", "learning_rate=0")
    run(train_diff_font, *arguments(place, second, "--steps", "3", *start))
    old, new = (load_file(folder / "weights.safetensors") for folder in (first, second))
    changed = {name for name in old if old[name].shape != new[name].shape}
    assert changed == {
        "unet.unet.conv_in.weight",
        "unet.unet.conv_out.weight",
        "unet.unet.conv_out.bias",
    }
    assert all(torch.equal(old[name], new[name]) for name in old if name not in changed)
    assert json.loads((second / "weights.json").read_text())["config"]["carrier"] == "sdf64"


def test_the_average_begins_anew_in_another_representation(place, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run(train_diff_font, *arguments(place, first, "--steps", "20"))
    start = ("--start", str(first / "weights.safetensors"), "--set", "representation=sdf64")
    start += ("--bank", str(place / "fields"))
    run(train_diff_font, *arguments(place, second, "--steps", "21", *start))
    state = load_file(second / "state.safetensors")
    averages = [name for name in state if name.startswith("average.")]
    assert averages
    for name in averages:  # twenty steps along, it would still be what it began with by nine tenths
        assert torch.equal(state[name], state["model." + name.removeprefix("average.")])
    run(train_diff_font, *arguments(place, second, "--steps", "22", "--resume", *start))
    with safe_open(second / "state.safetensors", "pt") as file:
        progress = json.loads(file.metadata()["progress"])
    assert (progress["step"], progress["averaged"]) == (22, 2)


def test_a_run_is_not_overwritten_by_accident(place, tmp_path):
    (tmp_path / "state.safetensors").touch()
    with pytest.raises(UserError, match="holds a run already"):
        run(train_dkfont, *arguments(place, tmp_path, "--steps", "1", "--set", "perceptual=none"))


def test_a_run_without_a_limit_is_refused(place, tmp_path):
    with pytest.raises(UserError, match="--steps or --minutes"):
        run(train_diff_font, *arguments(place, tmp_path))


def test_cuda_that_is_not_there_is_refused(place, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(UserError, match="CUDA was asked for"):
        run(train_diff_font, *arguments(place, tmp_path, "--steps", "1", "--device", "cuda"))


def test_a_run_without_a_dataset_ends_in_one_sentence(tmp_path):
    command = [*HANGEUL_BENCH, "train", "dkfont", "--data", str(tmp_path / "none")]
    command += ["--steps", "1", "--set", "perceptual=none"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_sigint_ends_a_run_with_a_state_to_resume(place, tmp_path):
    out = tmp_path / "run"
    command = [*HANGEUL_BENCH, "train", "diff-font"]
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
    command += ["--nproc-per-node", "2", "-m", "hangeul_bench", "train", "dkfont"]
    command += arguments(place, out, "--steps", "2", "--set", "perceptual=none", "--device", "cpu")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    facts = json.loads((out / "weights.json").read_text())
    assert (facts["steps"], facts["samples"]) == (2, 16)  # 2 steps x 2 processes x 4 glyphs
