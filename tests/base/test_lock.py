import os
import signal
import subprocess
import sys

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import LOCK_NAME, alone_at, alone_in

pytestmark = pytest.mark.skipif(os.name != "posix", reason="flock")

HOLDER = (
    "import sys, time\n"
    "from pathlib import Path\n"
    "from hangeul_bench.base.lock import alone_in\n"
    "with alone_in(Path(sys.argv[1]), 'build'):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(600)\n"
)


@pytest.fixture
def holder(tmp_path):
    """A process that holds the folder ``out``."""
    command = [sys.executable, "-c", HOLDER, tmp_path / "out"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_run_is_told_who_holds_the_folder(holder, tmp_path):
    said = rf"out is in use by build \(process {holder.pid} on .*, since 2.*\); wait"
    with pytest.raises(UserError, match=said), alone_in(tmp_path / "out", "export"):
        pass
    assert holder.poll() is None
    assert (tmp_path / "out" / LOCK_NAME).is_file()


def test_a_killed_run_holds_nothing(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / "out" / LOCK_NAME).is_file()
    with alone_in(tmp_path / "out", "export"):
        assert (tmp_path / "out" / LOCK_NAME).read_text().startswith("export (process ")


def test_nothing_is_left_of_a_lock(tmp_path):
    (tmp_path / "out").mkdir()
    with alone_in(tmp_path / "out", "build"):
        pass
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_made_for_nothing_goes_again(tmp_path):
    with pytest.raises(UserError), alone_in(tmp_path / "out", "build"):
        raise UserError("no")
    assert not (tmp_path / "out").exists()
    with alone_in(tmp_path / "out", "build"):
        (tmp_path / "out" / "file").touch()
    assert (tmp_path / "out" / "file").exists()


def test_a_lock_whose_holder_removed_it_meanwhile_is_taken_again(tmp_path, monkeypatch):
    import fcntl

    real, calls = fcntl.flock, []

    def removed_first(descriptor, operation):
        if not calls:
            (tmp_path / LOCK_NAME).unlink()
        calls.append(operation)
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", removed_first)
    with alone_in(tmp_path, "build"):
        assert len(calls) == 2
        assert (tmp_path / LOCK_NAME).is_file()


def test_files_of_one_folder_are_held_one_by_one(tmp_path):
    with (
        alone_at(tmp_path / "a.bin", "training"),
        alone_at(tmp_path / "b.bin", "training"),
        pytest.raises(UserError, match=r"a\.bin is in use by training"),
        alone_at(tmp_path / "a.bin", "training"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
