"""`hangeul-bench evaluate` as people run it: killed, in two processes, and with wrong input."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangeul_bench.cli import cli
from hangeul_bench.results.file import write_result
from support.small_results import make_result
from support.training_dataset import build_training_dataset

PLUGIN = """
import os, time
import numpy as np
from hangeul_bench.adapter import TrainedOn

class Noise:
    name, kind, trained_on = "noise", "model", TrainedOn()
    parameters, checkpoint_sha256 = 0, None

    def __init__(self, *, device, dataset, batch_size):
        self.details, self.batch_size = {}, batch_size

    def generate(self, request):
        time.sleep(float(os.environ.get("SECONDS_A_REQUEST", "0")))
        pages = np.full(request.content.shape, 255, np.uint8)
        for page, character in zip(pages, request.characters):
            random = np.random.default_rng((request.seed, ord(character)))
            page[9:-9, 9:-9] = random.integers(0, 256, (110, 110))
        return pages
"""
MAIN = "from hangeul_bench.cli import main\nmain()\n"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    return build_training_dataset(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("plugin") / "noise.py"
    path.write_text(PLUGIN)
    return f"{path}:Noise"


@pytest.fixture(scope="module")
def whole(dataset, model, tmp_path_factory):
    """What a run leaves that nothing disturbed."""
    out = tmp_path_factory.mktemp("whole")
    evaluate(dataset, model, out)
    return written(out)


def arguments(dataset, model, out):
    return [
        "evaluate",
        *("--model", str(model), "--data", str(dataset), "--out", str(out)),
        *("--metrics", "rmse", "--device", "cpu"),
    ]


def evaluate(dataset, model, out, *more):
    run = CliRunner().invoke(cli, [*arguments(dataset, model, out), *more])
    assert run.exit_code == 0, run.output
    return run.output


def refused(*command):
    run = CliRunner().invoke(cli, [str(word) for word in command])
    assert run.exit_code == 2, run.output
    assert run.output.count("\n") <= 3, run.output
    return run.output


def written(out):
    """The bytes of predictions and scores, and the result but for the time it took."""
    files = {p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*.parquet"))}
    result = json.loads((out / "noise-lite.json").read_text(encoding="utf-8"))
    del result["seconds_per_glyph"], result["git_revision"]  # someone may commit meanwhile
    return files, result


def start(command, **environment):
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(
        [sys.executable, *map(str, command)],
        env=os.environ | {"OMP_NUM_THREADS": "1"} | environment,
        **quiet,
    )


def test_a_killed_run_goes_on_to_the_same_bytes(dataset, model, whole, tmp_path):
    out, script = tmp_path / "out", tmp_path / "main.py"
    script.write_text(MAIN)
    process = start([script, *arguments(dataset, model, out)], SECONDS_A_REQUEST="1")
    try:
        while not list(out.rglob("predictions/lite/*.parquet")):
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert not list(out.glob("*.json"))
    evaluate(dataset, model, out)
    assert written(out) == whole


def test_two_processes_give_the_same_bytes(dataset, model, whole, tmp_path):
    out, script = tmp_path / "out", tmp_path / "main.py"
    script.write_text(MAIN)
    launch = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    process = start([*launch, script, *arguments(dataset, model, out)])
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert output.count("Wrote") == 1  # one of them prints
    assert written(out) == whole


def test_the_table_shows_the_model_beside_the_controls_of_the_folder(dataset, model, tmp_path):
    evaluate(dataset, "ground-truth,blank", tmp_path)
    output = evaluate(dataset, model, tmp_path)
    table = [line.split() for line in output.splitlines()]
    rows = [words for words in table if words and words[-1] == "control"]
    assert {words[0] for words in rows} == {"ground-truth", "blank"}
    assert any(words[:2] == ["1", "noise"] for words in table if words)


def test_options_reach_the_model_and_the_result(dataset, tmp_path):
    evaluate(dataset, "shifted-3px", tmp_path, "--option", "pixels=5")
    result = json.loads((tmp_path / "shifted-3px-lite.json").read_text(encoding="utf-8"))
    assert result["model"]["options"] == {"pixels": 5}
    assert result["model"]["details"] == {"right": 5}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--model", "blanc"), "did you mean blank"),
        (("--model", ","), "--model is empty"),
        (("--metrics", "beauty"), "'beauty'"),
        (("--track", "small"), "--track lite or full"),
        (("--limit", "0"), "--limit of at least 1"),
        (("--shots", "99"), "--shots from 1 to"),
        (("--option", "pixels"), "--option KEY=VALUE"),
        (("--option", "colour=red"), "takes no option colour"),
        (("--data", "absent"), "Expected a dataset in absent"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(dataset, tmp_path, change, message):
    command = arguments(dataset, "shifted-3px", tmp_path)
    assert message in refused(*command, *change).replace("\n", " ")
    assert not list(tmp_path.rglob("*.parquet"))


def test_an_edited_plugin_does_not_reuse_old_predictions(dataset, model, tmp_path):
    path = Path(model.rpartition(":")[0])
    copy = tmp_path / path.name
    copy.write_text(PLUGIN)
    evaluate(dataset, f"{copy}:Noise", tmp_path / "out")
    copy.write_text(PLUGIN.replace("110", "100").replace("9:-9", "14:-14"))
    command = arguments(dataset, f"{copy}:Noise", tmp_path / "out")
    assert "were made with source" in refused(*command).replace("\n", " ")
    evaluate(dataset, f"{copy}:Noise", tmp_path / "out", "--restart")


@pytest.mark.parametrize(
    ("code", "message"), [(errno.EACCES, "No permission for"), (errno.ENOSPC, "disk is full")]
)
def test_a_disk_that_refuses_is_one_sentence(dataset, tmp_path, monkeypatch, code, message):
    def refuse(self, data):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    assert message in refused(*arguments(dataset, "blank", tmp_path / "out"))


def test_an_out_folder_that_is_a_file_is_refused(dataset, tmp_path):
    (tmp_path / "file").touch()
    output = refused(*arguments(dataset, "blank", tmp_path / "file" / "results"))
    assert "under a file" in output.replace("\n", " ")


def test_leaderboard_writes_the_format_of_the_files_ending(tmp_path):
    write_result(tmp_path / "a-lite.json", make_result("a"))
    out = tmp_path / "board.md"
    command = [
        "leaderboard",
        "--results",
        tmp_path,
        "--out",
        out,
        "--cell",
        "uf",
        "--rank-by",
        "jer",
    ]
    run = CliRunner().invoke(cli, [str(word) for word in command])
    assert run.exit_code == 0, run.output
    text = out.read_text(encoding="utf-8")
    assert text.startswith("### lite track, uf, handwritten, 1 reference\n\n| rank | model |")
    assert "ufuc" not in text


def test_leaderboard_refuses_what_is_no_result(tmp_path):
    broken = make_result("a")
    del broken["seed"]
    (tmp_path / "a-lite.json").write_text(json.dumps(broken), encoding="utf-8")
    output = refused("leaderboard", "--results", tmp_path)
    assert "field seed is missing" in output


def test_models_lists_and_refuses_unknown_names():
    run = CliRunner().invoke(cli, ["models"])
    assert run.exit_code == 0
    assert "ground-truth (control)" in run.output
    assert "did you mean ground-truth" in refused("models", "check", "groundtruth")
