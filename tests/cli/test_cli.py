import errno
import importlib
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from hangeul_bench import __version__
from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import COMMANDS, ENTRY_POINT_GROUP, added_commands, cli

ALL = {**COMMANDS, **added_commands()}
PROGRAM = Path(sys.executable).with_name("hangeul-bench")


def run(*arguments, **options):
    return subprocess.run(
        [PROGRAM, *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )


def test_help_lists_every_command_in_the_order_of_the_work():
    result = run("--help")
    assert result.returncode == 0
    listed = result.stdout.split("Commands:")[1]
    positions = [listed.index(f"\n  {name} ") for name in ALL]
    assert positions == sorted(positions)


def adding(monkeypatch, *values):
    """Installed packages that name these mappings of commands, as "module:attribute"."""
    found = [metadata.EntryPoint(f"p{n}", v, ENTRY_POINT_GROUP) for n, v in enumerate(values)]
    monkeypatch.setattr(metadata, "entry_points", lambda group: found)


def test_an_installed_package_adds_commands_and_replaces_none(monkeypatch):
    row = ("hangeul_bench.cli.board:board", "What it says.")
    package = type(sys)("added_package")
    package.COMMANDS = {"added": row, "build": row}
    monkeypatch.setitem(sys.modules, "added_package", package)
    adding(monkeypatch, "added_package:COMMANDS")
    assert added_commands() == {"added": row}
    listed = CliRunner().invoke(cli, ["--help"]).output
    assert listed.splitlines()[-1].split() == ["added", *row[1].split()]
    assert CliRunner().invoke(cli, ["added", "--help"]).exit_code == 0
    assert "Turn a folder of fonts" in CliRunner().invoke(cli, ["build", "--help"]).output


def test_a_package_whose_commands_cannot_be_loaded_is_named_and_stops_no_other(monkeypatch):
    adding(monkeypatch, "no_such_package:COMMANDS")
    for arguments in (["--help"], ["draw", "--help"]):
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 2
        assert "p0 = no_such_package:COMMANDS of hangeul_bench.commands cannot" in result.output
    assert CliRunner().invoke(cli, ["build", "--help"]).exit_code == 0


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


@pytest.mark.parametrize("name", sorted(ALL))
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


@pytest.mark.parametrize("name", sorted(ALL))
def test_the_command_table_points_at_commands(name):
    module, attribute = ALL[name][0].split(":")
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
