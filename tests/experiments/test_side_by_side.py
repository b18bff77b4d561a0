import json
import signal
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from experiments import side_by_side, training_kit
from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.train import train
from support.training_dataset import build_training_dataset

# What every training command does, without a network: counts its steps, goes on, stops on SIGINT.
PRETENDER = """
import json, pathlib, signal, sys, time
given = dict(zip(sys.argv[1:-1:2], sys.argv[2:-1:2]))
assert sys.argv[-1] == "--resume"
if "--broken" in given:
    sys.exit("this one is broken")
out = pathlib.Path(given["--out"])
stopped = []
signal.signal(signal.SIGINT, lambda *_: stopped.append(True))
facts = out / "weights.json"
steps = json.loads(facts.read_text())["steps"] if facts.is_file() else 0
while steps < int(given["--steps"]) and not stopped:
    steps += 1
    facts.write_text(json.dumps({"steps": steps}))
    (out / "weights.safetensors").write_bytes(b"")
    if int(given["--steps"]) > 1000:
        time.sleep(0.01)
print("Stopped at", steps, [*pathlib.Path(given["--out"]).parent.iterdir()])
"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("side-by-side")
    build_training_dataset(folder)
    return folder / "dataset"


@pytest.fixture(autouse=True)
def pretender(tmp_path, monkeypatch):
    (tmp_path / "pretender.py").write_text(PRETENDER, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(side_by_side, "TRAIN", (sys.executable, "-m"))


def training(name, steps, lane="", *more):
    arguments = ["--steps", str(steps), *more]
    return {"name": name, "lane": lane or name, "model": "pretender", "arguments": arguments}


def call(tmp_path, dataset, trainings):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"trainings": trainings}), encoding="utf-8")
    own = ["--data", str(dataset), "--out", str(tmp_path / "runs"), "--minutes", "5"]
    side_by_side.main([str(path), *own], standalone_mode=False)


def steps_of(tmp_path, name):
    facts = tmp_path / "runs" / name / "weights.json"
    return json.loads(facts.read_text(encoding="utf-8"))["steps"]


def test_lanes_run_together_and_a_lane_in_turn(tmp_path, dataset, capfd):
    call(tmp_path, dataset, [training("a", 2), training("b", 1, "a"), training("c", 3)])
    assert [steps_of(tmp_path, name) for name in "abc"] == [2, 1, 3]
    runs = tmp_path / "runs"
    assert "Stopped at 3" in capfd.readouterr().err
    began = (runs / "a" / "log.txt").read_text(encoding="utf-8")
    assert f"'{runs / 'b'}'" not in began  # b has not begun before a was done
    assert {run.name for run in training_kit._with_weights(runs)} == {"a", "b", "c"}
    assert training_kit._with_weights(runs / "a") == [runs / "a"]


def test_when_the_minutes_are_over_all_save_and_another_call_goes_on(
    tmp_path, dataset, monkeypatch
):
    endless = [training("a", 10**9), training("b", 10**9), training("c", 1, "b")]
    written: dict[str, int] = {}

    def now():  # the time is over as soon as both have done a step of this call
        facts = {name: tmp_path / "runs" / name / "weights.json" for name in "ab"}
        times = {name: path.stat().st_mtime_ns for name, path in facts.items() if path.is_file()}
        return float("inf") if len(times) == 2 and not times.items() & written.items() else 0.0

    monkeypatch.setattr(side_by_side, "time", SimpleNamespace(monotonic=now, sleep=time.sleep))
    call(tmp_path, dataset, endless)
    before = [steps_of(tmp_path, name) for name in "ab"]
    assert not (tmp_path / "runs" / "c").exists()
    for name in "ab":
        written[name] = (tmp_path / "runs" / name / "weights.json").stat().st_mtime_ns
    call(tmp_path, dataset, endless)
    after = [steps_of(tmp_path, name) for name in "ab"]
    assert all(later > earlier > 0 for earlier, later in zip(before, after, strict=True))


def test_an_interrupt_is_passed_on(tmp_path, dataset):
    def interrupt():
        while not (tmp_path / "runs" / "a" / "weights.json").is_file():
            time.sleep(0.05)
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    call(tmp_path, dataset, [training("a", 10**9)])
    assert steps_of(tmp_path, "a") > 0


def test_one_that_fails_keeps_none_from_its_end(tmp_path, dataset, capfd):
    broken = training("a", 1, "", "--broken", "yes")
    with pytest.raises(UserError, match="a failed, see"):
        call(tmp_path, dataset, [broken, training("b", 1, "a")])
    assert "a: this one is broken" in capfd.readouterr().err
    assert steps_of(tmp_path, "b") == 1


@pytest.mark.parametrize(
    ("trainings", "told"),
    [
        ([training("a", 1), training("a", 1, "b")], "names a twice"),
        ([{"name": "a"}], "plan of trainings"),
        ([training("../a", 1)], "plan of trainings"),
    ],
)
def test_a_plan_that_says_too_little_is_refused(tmp_path, dataset, trainings, told):
    with pytest.raises(UserError, match=told):
        call(tmp_path, dataset, trainings)


def test_the_plan_that_is_here_names_commands_and_options_that_are_there():
    plan = Path(side_by_side.__file__).with_name("plan.json")
    for training in side_by_side.read_json(plan, side_by_side._PLAN)["trainings"]:
        command = train.get_command(click.Context(train), training["model"])
        command.make_context("train", [*training["arguments"], "--data", "d", "--out", "o"])
