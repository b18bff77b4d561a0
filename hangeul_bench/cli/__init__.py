"""The command line: every command lives in a module of its own and is imported when it is run."""

import importlib
import os
import sys

import click

from hangeul_bench import __version__
from hangeul_bench.base.errors import UserError, check_names, let_output_pass, system_error_sentence
from hangeul_bench.base.processes import add_in_one_order, wait_asleep

# Command name -> ("module:attribute", one line for --help). Naming them here keeps `--help` free
# of imports that load torch.
COMMANDS = {
    "fonts": ("hangeul_bench.cli.fonts:fonts", "Fetch the pinned open fonts; audit a folder."),
    "build": ("hangeul_bench.cli.dataset:build", "Turn a folder of fonts into a dataset."),
    "info": ("hangeul_bench.cli.dataset:info", "Say what a dataset holds."),
    "verify": ("hangeul_bench.cli.dataset:verify", "Check every hash and count of a dataset."),
    "export": ("hangeul_bench.cli.export:export", "Write the folder layout of another tool."),
    "push": ("hangeul_bench.cli.push:push", "Send a dataset to the Hugging Face Hub."),
    "sheet": ("hangeul_bench.cli.sheet:sheet", "Draw a type-specimen sheet of a dataset."),
    "models": ("hangeul_bench.cli.models:models", "List the models; check one."),
    "train": ("hangeul_bench.cli.train:train", "Train a model on a dataset's training fonts."),
    "evaluate": ("hangeul_bench.cli.evaluate:evaluate", "Generate, score and write a result."),
    "score": ("hangeul_bench.cli.score:score", "Add columns to results, without drawing."),
    "results": ("hangeul_bench.cli.results:results", "Check a result; make one ready to submit."),
    "weights": ("hangeul_bench.cli.weights:weights", "Published weights: fetch them, check them."),
    "leaderboard": ("hangeul_bench.cli.leaderboard:leaderboard", "Results to a ranked table."),
    "board": ("hangeul_bench.cli.board:board", "What a published board says of a model."),
    "compare": ("hangeul_bench.cli.compare:compare", "How two results differ, font by font."),
    "report": ("hangeul_bench.cli.report:report", "Results to one offline HTML page."),
    "reader": ("hangeul_bench.cli.reader:reader", "Train and test the jamo reader."),
}
# What other packages add: an entry point names a mapping such as COMMANDS.
ENTRY_POINT_GROUP = "hangeul_bench.commands"


def added_commands() -> dict[str, tuple[str, str]]:
    """The commands of installed packages, as in :data:`COMMANDS`; none of them is imported."""
    from importlib.metadata import entry_points

    added: dict[str, tuple[str, str]] = {}
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP)):
        try:
            added |= entry.load()
        except Exception as error:
            raise _user_exception(
                f"Entry point {entry.name} = {entry.value} of {ENTRY_POINT_GROUP} cannot be loaded "
                f"({type(error).__name__}: {error}); reinstall or remove its package."
            ) from error
    return {name: row for name, row in added.items() if name not in COMMANDS}


class LazyGroup(click.Group):
    """A group that imports a command only when that command is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The command names in the order of the work, then those that other packages add."""
        return [*COMMANDS, *added_commands()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or None if there is none of that name."""
        row = COMMANDS.get(cmd_name) or added_commands().get(cmd_name)
        if row is None:
            return None
        module, attribute = row[0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            rows = {**COMMANDS, **added_commands()}
            formatter.write_dl([(name, about) for name, (_, about) in rows.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a mistake, or what the system refuses, is one sentence, exit code 2."""
        try:
            check_names()
            return super().invoke(ctx)
        except UserError as error:
            raise _user_exception(str(error)) from error
        except Exception as error:
            message = system_error_sentence(error)
            if message is None:
                raise
            raise _user_exception(message) from error


def _user_exception(message: str) -> click.ClickException:
    exception = click.ClickException(message)
    exception.exit_code = 2  # type: ignore[misc]
    return exception


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hangeul-bench")
def cli() -> None:
    """Dataset and benchmark toolkit for Korean (Hangeul) font generation."""


def main() -> None:
    """Run the command line; SIGINT ends it with exit code 130 and says that work continues."""
    let_output_pass()
    wait_asleep()
    add_in_one_order()
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted; the same command continues where this stopped.", err=True)
        sys.exit(130)
    except KeyboardInterrupt:
        click.echo("Interrupted; the same command continues where this stopped.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, less) went away: that is no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    else:
        # `ctx.exit(1)` in a command comes back as 1; commands themselves return None.
        sys.exit(status if isinstance(status, int) else 0)
