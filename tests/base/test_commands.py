"""A command of a module ends in one sentence, as those of the command line do."""

import errno

import click
import pytest

from hangeul_bench.base.commands import exit_on_user_error
from hangeul_bench.base.errors import UserError


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("Expected a font, but found none."), 2, "Error: Expected a font, but found"),
        (OSError(errno.ENOSPC, "No space left on device", "out"), 2, "Error: "),
        (click.UsageError("No such option"), 2, "Error: No such option"),
        (click.Abort(), 130, ""),
    ],
)
def test_an_error_that_a_user_can_mend_is_one_sentence(error, code, said, monkeypatch, capsys):
    @click.command()
    def command():
        raise error

    monkeypatch.setattr("sys.argv", ["program"])
    with pytest.raises(SystemExit) as end:
        exit_on_user_error(command)
    assert end.value.code == code
    printed = capsys.readouterr().err
    assert said in printed and "Traceback" not in printed


def test_an_error_of_the_program_is_none_of_the_user_s(monkeypatch):
    @click.command()
    def command():
        raise ZeroDivisionError

    monkeypatch.setattr("sys.argv", ["program"])
    with pytest.raises(ZeroDivisionError):
        exit_on_user_error(command)
