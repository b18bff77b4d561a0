import errno
import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hangeul_bench import __version__
from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import COMMANDS, cli

PROGRAM = Path(sys.executable).with_name("hangeul-bench")


def run(*arguments, **options):
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )


def test_help_lists_every_command_in_the_order_of_the_work():
    result = run("--help")
    assert result.returncode == 0
    listed = result.stdout.split("Commands:")[1]
    positions = [listed.index(f"\n  {name} ") for name in COMMANDS]
    assert positions == sorted(positions)


def test_help_loads_no_heavy_module():
    probe = (
        "import sys, hangeul_bench.cli as c\n"
        "sys.argv = ['hangeul-bench', '--help']\n"
        "try: c.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'pandas', 'pyarrow', 'matplotlib', 'scipy', 'numpy', 'rich'}\n"
        "print('HEAVY', *sorted(heavy & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert result.stdout.splitlines()[-1].split() == ["HEAVY"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "--model", "blank"],
        ["leaderboard", "--format", "md", "--results", "leaderboards/results"],
    ],
)
def test_a_metric_that_is_no_more_is_named_with_what_stands_in_its_place(arguments):
    result = CliRunner().invoke(cli, [*arguments, "--metrics", "ssim,style_error"])
    assert isinstance(result.exception, UserError | SystemExit)
    said = result.output + str(result.exception)
    assert "style_error is no more; ask for geometry_error" in said and "style_distance" in said


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_without_torch(name):
    probe = (
        "import sys\nfrom click.testing import CliRunner\nfrom hangeul_bench.cli import cli\n"
        f"result = CliRunner().invoke(cli, [{name!r}, '--help'])\n"
        "print(result.exit_code, 'torch' in sys.modules, result.output)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("0 False "), result.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_command_table_points_at_commands(name):
    module, attribute = COMMANDS[name][0].split(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    assert command.name == name


def test_version_is_the_package_version():
    result = run("--version")
    assert (result.returncode, result.stdout.split()[-1]) == (0, __version__)


def test_an_unknown_command_ends_with_2_and_its_name():
    result = run("evalute")
    assert result.returncode == 2
    assert "evalute" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_users_mistake_is_one_sentence_and_exit_code_2(tmp_path):
    result = run("info", str(tmp_path / "nothing here"))
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1
    assert "nothing here" in result.stderr


def failing_command(monkeypatch, error):
    @click.command()
    def fail():
        raise error

    module = type(sys)("failing_command")
    module.fail = fail
    monkeypatch.setitem(sys.modules, "failing_command", module)
    monkeypatch.setitem(COMMANDS, "fail", ("failing_command:fail", "Fail."))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("Expected a font, but found a shoe."), "Expected a font, but found a shoe."),
        (OSError(errno.ENOSPC, "No space left", "/out/x"), "The disk is full at /out/x;"),
        (OSError(errno.EACCES, "Permission denied", "/out/x"), "No permission for /out/x;"),
        (OSError(errno.EROFS, "Read-only", "/out/x"), "No permission for /out/x;"),
    ],
)
def test_expected_failures_end_with_2(monkeypatch, error, said):
    failing_command(monkeypatch, error)
    result = CliRunner().invoke(cli, ["fail"])
    assert result.exit_code == 2
    assert said in result.output


def test_a_defect_of_the_program_is_not_dressed_up(monkeypatch):
    failing_command(monkeypatch, ZeroDivisionError())
    assert isinstance(CliRunner().invoke(cli, ["fail"]).exception, ZeroDivisionError)


def test_interrupt_ends_with_130_and_says_that_it_continues():
    probe = (
        "import sys, click, hangeul_bench.cli as c\n"
        "module = type(sys)('stopped')\n"
        "@click.command()\n"
        "def stop(): raise KeyboardInterrupt\n"
        "module.stop = stop\n"
        "sys.modules['stopped'] = module\n"
        "c.COMMANDS['stop'] = ('stopped:stop', '')\n"
        "sys.argv = ['hangeul-bench', 'stop']\n"
        "c.main()\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False
    )
    assert result.returncode == 130
    assert "continues where this stopped" in result.stderr
    assert "Traceback" not in result.stderr
