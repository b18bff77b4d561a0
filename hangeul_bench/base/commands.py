"""Commands of modules that are run with ``python -m``."""

import click

from hangeul_bench.base.encoding import check_names, let_output_pass
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.system_errors import system_error_sentence


def exit_on_user_error(command: click.Command) -> None:
    """Run a command; a mistake, or what the system refuses, is one sentence, exit code 2."""
    let_output_pass()
    try:
        check_names()
        command.main(standalone_mode=False)
    except UserError as error:
        click.echo(f"Error: {error}", err=True)
        raise SystemExit(2) from error
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from error
    except click.exceptions.Abort as error:
        raise SystemExit(130) from error
    except Exception as error:
        sentence = system_error_sentence(error)
        if sentence is None:
            raise
        click.echo(f"Error: {sentence}", err=True)
        raise SystemExit(2) from error
