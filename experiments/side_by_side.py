"""Several trainings at once on one machine: small networks leave a GPU idle between their steps.

    python -m experiments.side_by_side plan.json --data hangeul-dataset --out runs/plan --minutes 9

A plan is a JSON file ``{"fields": true, "trainings": [{"name": "text", "lane": "long",
"model": "dkfont", "arguments": ["--steps", "3125"]}, ...]}`` whose arguments are those of
``hangeul-bench train``. The trainings of a lane come one after another, the lanes run at the same
time, each training in its folder below --out with its ``log.txt``. When the minutes are over, or
on SIGINT, all of them save and stop; called again, they go on. ``fields`` makes the bank of signed
distance fields before they start, so that they do not each make it.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from baselines.glyphs.bank import open_bank
from baselines.training.run import interrupts
from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.dataset import GlyphDataset

_PLAN = Schema(
    {
        "type": "object",
        "required": ["trainings"],
        "additionalProperties": False,
        "properties": {
            "fields": {"type": "boolean"},
            "trainings": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["name", "lane", "model", "arguments"],
                    "additionalProperties": False,
                    "properties": {
                        "name": {"type": "string", "format": "file-name"},
                        "lane": {"type": "string"},
                        "model": {"type": "string"},
                        "arguments": {"type": "array", "items": {"type": "string"}},
                    },
                },
            },
        },
    }
)
TRAIN = (sys.executable, "-m", "hangeul_bench", "train")
_SECONDS_BETWEEN_LINES = 20.0
_LOG = "log.txt"


@dataclass
class _Lane:
    """What is still to come in a lane, and what runs in it."""

    waiting: list[Mapping[str, Any]] = field(default_factory=list)
    name: str = ""
    running: subprocess.Popen[bytes] | None = None


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/plan"))
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), required=True)
@click.option("--resume", is_flag=True, hidden=True, help="They always do.")
def main(plan: Path, data: Path | None, out: Path, minutes: float, resume: bool) -> None:
    """Run the trainings of PLAN until all are done or the minutes are over."""
    del resume
    end = time.monotonic() + 60 * minutes
    said = read_json(plan, _PLAN, expected="a plan of trainings")
    names = [training["name"] for training in said["trainings"]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UserError(f"{plan} names {twice[0]} twice; each training needs its own name.")
    dataset = GlyphDataset.open(data)
    if said.get("fields"):
        open_bank(dataset, Path("runs") / "fields")
    failed = run_plan(said["trainings"], dataset.path, out, end)
    if failed:
        raise UserError(f"{failed[0]} failed, see {out / failed[0] / _LOG}; the others are kept.")


def run_plan(trainings: list[Mapping[str, Any]], data: Path, out: Path, end: float) -> list[str]:
    """Run them; returns the names of those that failed.

    Args:
        trainings: Of a plan.
        data: Dataset folder.
        out: Receives a folder for each.
        end: When they must stop, by ``time.monotonic``.
    """
    lanes: dict[str, _Lane] = {}
    for training in trainings:
        lanes.setdefault(training["lane"], _Lane()).waiting.append(training)
    failed: list[str] = []
    told, stopping = time.monotonic(), False
    with interrupts() as interrupted:
        while True:
            if not stopping and (interrupted or time.monotonic() >= end):
                stopping = True
                _stop(lanes)
            for lane in lanes.values():
                if lane.running is not None and lane.running.poll() is not None:
                    failed += [lane.name] if lane.running.returncode else []
                    click.echo(f"{lane.name}: {_last_line(out / lane.name / _LOG)}", err=True)
                    lane.running = None
                if lane.running is None and lane.waiting and not stopping:
                    _start(lane, data, out)
            if all(lane.running is None for lane in lanes.values()):
                return failed
            if time.monotonic() - told > _SECONDS_BETWEEN_LINES:
                told = time.monotonic()
                for lane in lanes.values():
                    if lane.running is not None:
                        click.echo(f"{lane.name}: {_last_line(out / lane.name / _LOG)}", err=True)
            time.sleep(0.2)


def _start(lane: _Lane, data: Path, out: Path) -> None:
    training = lane.waiting.pop(0)
    lane.name = training["name"]
    folder = out / lane.name
    folder.mkdir(parents=True, exist_ok=True)
    own = ["--data", str(data), "--out", str(folder), "--resume"]
    command = [*TRAIN, training["model"], *training["arguments"], *own]
    threads = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "2")}
    with (folder / _LOG).open("ab") as log:
        # In a session of its own, SIGINT from the keyboard comes once, by way of this process.
        lane.running = subprocess.Popen(
            command, stdout=log, stderr=log, env=os.environ | threads, start_new_session=True
        )


def _stop(lanes: Mapping[str, _Lane]) -> None:
    for lane in lanes.values():
        lane.waiting.clear()
        if lane.running is not None and lane.running.poll() is None:
            lane.running.send_signal(signal.SIGINT)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else "started"


if __name__ == "__main__":
    exit_on_user_error(main)
