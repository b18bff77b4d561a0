"""`hangeul-bench train`: the training command of each model that has one."""

import difflib

import click


class TrainGroup(click.Group):
    """A command for each model whose ``models.toml`` names one; imported when it is run."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The models that can be trained, by name."""
        return sorted(_summaries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command that trains a model.

        Raises:
            UserError: There is no such model, or it cannot be trained here.
        """
        from hangeul_bench.adapter.registry import import_target, list_models
        from hangeul_bench.base.errors import UserError

        targets = {model.name: model.train for model in list_models() if model.train}
        if cmd_name not in targets:
            near = difflib.get_close_matches(cmd_name, sorted(targets), n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(targets))}."
            raise UserError(f"Expected a model to train, but found {cmd_name!r}; {hint}")
        command: click.Command = import_target(targets[cmd_name])
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the models without importing them."""
        with formatter.section("Models"):
            formatter.write_dl(sorted(_summaries().items()))


@click.command(cls=TrainGroup, subcommand_metavar="MODEL [OPTIONS]")
def train() -> None:
    """Train MODEL on a dataset's training fonts; `train MODEL --help` lists its options."""


def _summaries() -> dict[str, str]:
    from hangeul_bench.adapter.registry import list_models

    return {model.name: model.summary for model in list_models() if model.train}
