"""A run of one process; several are started for real in tests/evaluate/test_processes.py."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
import torch

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import (
    Processes,
    add_in_one_order,
    default_workers,
    join_processes,
    run_each,
    wait_asleep,
)
from support.jobs import blocks_interrupts, crash, double, waits_for


def test_one_process_is_the_first_and_waits_for_none(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    alone = join_processes("cpu")
    assert alone == Processes(0, 1, "cpu") and alone.first
    alone.wait()
    assert not Processes(1, 2, "cpu").first


def test_a_gpu_that_is_not_there_is_said_before_anything_starts(monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError, match="Expected a GPU for --device cuda"):
        join_processes("cuda")
    assert join_processes("auto").device == "cpu"


CHOICES = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME", "MKL_CBWR")


def run(program, **chosen):
    environment = {name: value for name, value in os.environ.items() if name not in CHOICES}
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment | chosen,
        check=True,
        capture_output=True,
        text=True,
    )


def test_the_command_line_has_torch_s_threads_wait_asleep():
    program = (
        "import sys\n"
        "from hangeul_bench.cli import main\n"
        "sys.argv = ['hangeul-bench', 'models']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "import torch\n"
    )
    # OpenMP itself says what it took, at the moment it is loaded.
    said = run(program, OMP_DISPLAY_ENV="TRUE").stderr
    if "OMP_WAIT_POLICY" not in said:
        pytest.skip("this torch has another OpenMP, which does not say how it waits")
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in said


@pytest.mark.parametrize(
    "chosen",
    [{"OMP_WAIT_POLICY": "ACTIVE"}, {"GOMP_SPINCOUNT": "9"}, {"KMP_BLOCKTIME": "1"}],
)
def test_what_the_user_chose_stays(chosen):
    program = (
        "import os\n"
        "from hangeul_bench.base.processes import wait_asleep\n"
        "wait_asleep()\n"
        f"print({{name: os.environ[name] for name in {CHOICES!r} if name in os.environ}})\n"
    )
    assert run(program, **chosen).stdout.strip() == str(chosen)
    assert run(program).stdout.strip() == str({"OMP_WAIT_POLICY": "PASSIVE"})


@pytest.mark.skipif(not torch.backends.mkl.is_available(), reason="this torch has no MKL")
@pytest.mark.parametrize(("chosen", "mode"), [({}, "AUTO,STRICT"), ({"MKL_CBWR": "AUTO"}, "AUTO")])
def test_a_loaded_model_has_mkl_add_in_one_order(chosen, mode, tmp_path):
    (tmp_path / "plugin.py").write_text(
        "class Nothing:\n"
        "    name, kind, parameters, trained_on = 'nothing', 'model', 0, None\n"
        "    checkpoint_sha256, details = None, {}\n"
        "    def __init__(self, device, dataset, batch_size): pass\n"
        "    def generate(self, request): return request.content\n"
    )
    program = (
        "import torch\n"
        "from hangeul_bench.adapter import load_model\n"
        f"load_model({str(tmp_path / 'plugin.py') + ':Nothing'!r})\n"
        "torch.ones(64, 64) @ torch.ones(64, 64)\n"
    )
    # MKL itself says in which mode it computed.
    said = run(program, MKL_VERBOSE="1", **chosen).stdout
    assert f" CNR:{mode} " in said, said


def test_what_the_user_has_chosen_stays(monkeypatch):
    for name in CHOICES:
        monkeypatch.delenv(name, raising=False)
    wait_asleep()
    add_in_one_order()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE" and os.environ["MKL_CBWR"] == "AUTO,STRICT"
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")
    monkeypatch.delenv("OMP_WAIT_POLICY")
    monkeypatch.setenv("GOMP_SPINCOUNT", "9")
    wait_asleep()
    add_in_one_order()
    assert "OMP_WAIT_POLICY" not in os.environ and os.environ["MKL_CBWR"] == "COMPATIBLE"


def test_one_process_keeps_the_order():
    assert list(run_each(double, [1, 2, 3])) == [2, 4, 6]


def test_processes_give_every_result():
    assert sorted(run_each(double, list(range(9)), workers=2)) == list(range(0, 18, 2))


def test_a_dead_process_is_one_sentence():
    with pytest.raises(UserError, match="A worker process died"):
        list(run_each(crash, [1, 2], workers=2))


def test_at_least_one_worker():
    assert default_workers() >= 1


@pytest.mark.skipif(os.name != "posix", reason="SIGINT held back")
def test_ctrl_c_while_workers_start_is_not_lost(monkeypatch, tmp_path):
    # A thread as of a progress bar: the system may hand the signal to it.
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()
    # A shell that starts this in the background has it ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    real, submitted = ProcessPoolExecutor.submit, []

    def interrupted(pool, *arguments):
        submitted.append(real(pool, *arguments))
        if len(submitted) == 1:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.5)  # until the thread that took it has had its turn
        return submitted[-1]

    # The jobs wait for this, so that most are still to begin when the signal has its effect.
    gate, end = tmp_path / "gate", ProcessPoolExecutor.shutdown

    def shutdown(pool, *arguments, **options):
        gate.touch()
        end(pool, *arguments, **options)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", interrupted)
    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", shutdown)
    done = []
    try:
        with pytest.raises(KeyboardInterrupt):
            done.extend(run_each(waits_for, [gate] * 9, workers=2))
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == []
    assert len(submitted) == 9  # the signal waited for all processes to start
    assert any(future.cancelled() for future in submitted)
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.skipif(os.name != "posix", reason="SIGINT held back")
def test_workers_never_see_ctrl_c():
    blocked = list(run_each(blocks_interrupts, [1, 2], workers=2))
    assert blocked == [True, True]


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_no_process_outlives_a_killed_parent(tmp_path):
    (tmp_path / "job.py").write_text(
        "import os, pathlib, time\n"
        "def job(n):\n"
        f"    pathlib.Path({str(tmp_path)!r}, f'{{os.getpid()}}.pid').touch()\n"
        "    time.sleep(600)\n"
    )
    (tmp_path / "run.py").write_text(
        "from job import job\n"
        "from hangeul_bench.base.processes import run_each\n"
        "if __name__ == '__main__':\n"
        "    list(run_each(job, [1, 2], workers=2))\n"
    )
    process = subprocess.Popen([sys.executable, "run.py"], cwd=tmp_path)
    while len(pids := [int(path.stem) for path in tmp_path.glob("*.pid")]) < 2:
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for pid in pids:
        while _is_running(pid):
            time.sleep(0.05)


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
