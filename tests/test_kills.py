"""Kill -9 at seeded moments: a slice of what ``python tests/support/kills.py`` does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = Path(__file__).parent / "support" / "kills.py"


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_killed_commands_run_again_to_the_same_bytes():
    done = subprocess.run(
        [sys.executable, KILLS, "--kills", "6", "--seed", "1"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    names = ("build", "export", "evaluate", "leaderboard", "report", "training")
    for number, name in enumerate(names, start=1):
        (line,) = [line for line in lines if line.startswith(f"{number} {name}, step ")]
        assert line.endswith(": same")
    assert lines[-1] == "6 kills, seed 1: 0 wrong"
