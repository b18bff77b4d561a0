import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.workers import default_workers, run_each
from support.jobs import blocks_interrupts, crash, double, waits_for


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
        "from hangeul_bench.base.workers import run_each\n"
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
