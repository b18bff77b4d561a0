"""`app` serves this computer until it is told to end, and leaves nothing; mistakes exit with 2."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangeul_bench.cli import cli
from support.app_server import User

MODEL = """
import numpy as np
from hangeul_bench.adapter import TrainedOn


class Boxes:
    name, kind, parameters, checkpoint_sha256 = "boxes", "control", 0, None
    trained_on, details = TrainedOn(), {}

    def __init__(self, *, device="cpu", dataset=None, batch_size=None):
        self.batch_size = batch_size

    def generate(self, request):
        pages = np.full((len(request.characters), 128, 128), 255, np.uint8)
        pages[:, 30:90, 30:90] = 0
        return pages
"""


@pytest.fixture()
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("HANGEUL_BENCH_DATA", "HANGEUL_BENCH_FONTS"):
        monkeypatch.delenv(name, raising=False)
    Path("model.py").write_text(MODEL, encoding="utf-8")
    Path("temporary").mkdir()
    return tmp_path


def start(*options):
    # A shell's background processes are born deaf to SIGINT.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from hangeul_bench.cli import main; main()"
    words = ["app", "--model", "model.py:Boxes", "--latin", "none", "--device", "cpu", *options]
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        env=os.environ | {"TMPDIR": str(Path("temporary").absolute())},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_ends_while_it_draws_and_leaves_nothing(folder, ended_by):
    process = start("--port", "0")
    user = User(process.stdout.readline().split("/  ")[0])
    user.add()
    user.change("POST", "/api/font", {"family": "My Hand", "syllables": "all"})
    assert any(Path("temporary").glob("hangeul-bench-*/*/reference-1"))
    process.send_signal(ended_by)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert said.splitlines()[-1] == "Ended; what users uploaded and drew is removed."
    assert "Traceback" not in said
    assert not any(Path("temporary").glob("hangeul-bench-*"))


def refused(*options):
    result = CliRunner().invoke(cli, ["app", *options])
    assert result.exit_code == 2
    return result.output


def test_a_port_in_use_is_one_sentence(folder):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"another program uses {port}" in refused("--port", port)


def test_without_its_libraries_it_says_how_to_get_them(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "starlette", None)
    assert "pip install 'hangeul-bench[app]'" in refused()


def test_what_is_not_there_is_named_before_anything_is_served(folder):
    assert "found none at nowhere" in refused("--port", "0", "--fonts", "nowhere")
    assert "did you mean dkfont" in refused("--port", "0", "--model", "dkfnt")
