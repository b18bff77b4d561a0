"""``python -m hangeul_bench`` is the command line."""

import runpy

import pytest

import hangeul_bench
import hangeul_bench.__main__ as entry
from hangeul_bench.cli import main


def test_the_package_runs_as_the_command_line(monkeypatch, capsys):
    assert entry.main is main
    monkeypatch.setattr("sys.argv", ["hangeul-bench", "--version"])
    with pytest.raises(SystemExit) as done:
        runpy.run_module("hangeul_bench", run_name="__main__")
    assert done.value.code == 0
    assert hangeul_bench.__version__ in capsys.readouterr().out
