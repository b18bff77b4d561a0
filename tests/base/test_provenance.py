import subprocess
from pathlib import Path

import pytest
import torch

from hangeul_bench import __version__
from hangeul_bench.base.provenance import git_revision, versions

ROOT = Path(__file__).parents[2]


def test_versions_are_those_of_the_installed_packages():
    found = versions()
    assert found["hangeul-bench"] == __version__
    assert found["torch"] == torch.__version__
    assert {"python", "numpy", "scipy", "torchmetrics"} <= set(found)


def test_the_revision_is_the_checkout_s_commit_or_nothing(monkeypatch, tmp_path):
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    head = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert git_revision() == head
    monkeypatch.setenv("PATH", str(tmp_path))  # a machine without git
    assert git_revision() is None
