"""Options that several commands share."""

from pathlib import Path
from typing import Any

import click

from hangeul_bench.base.errors import UserError

# The command's argument ``results``: a tuple of at least one path.
some_results = click.argument(
    "results",
    nargs=-1,
    required=True,
    metavar="RESULT.json [...]",
    type=click.Path(path_type=Path, dir_okay=False),
)

data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Dataset; default ./hangeul-dataset."
)
weights_option = click.option(
    "--weights", type=click.Path(path_type=Path), help="Folder of the ImageNet weights."
)
device_option = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True
)
predictions_option = click.option(
    "--predictions",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that `evaluate` wrote to; default: that of the result.",
)


class CellName(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    """A cell's name, or several with commas between; an older name is told and translated."""

    name = "cell"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """``ufsc,ufuc`` -> ``("ufsc", "ufuc")``."""
        from hangeul_bench.dataset.splits.lists import CELLS, UNSEEN_FONTS

        if isinstance(value, tuple):
            return value
        found = []
        for name in str(value).split(","):
            if name == _OLD_CELL:
                click.echo(f"The cell {_OLD_CELL} is called {UNSEEN_FONTS} now.", err=True)
                name = UNSEEN_FONTS
            if name not in CELLS:
                self.fail(f"Expected a cell among {', '.join(CELLS)}, but found {name!r}.")
            found.append(name)
        return tuple(found)


_OLD_CELL = "paper"


def one_cell(names: tuple[str, ...]) -> str:
    """The only cell of an option.

    Raises:
        UserError: There are several.
    """
    if len(names) != 1:
        raise UserError(f"Expected one --cell, but found {','.join(names)}.")
    return names[0]


def parse_names(text: str | None) -> tuple[str, ...] | None:
    """``ssim,rmse`` -> ``("ssim", "rmse")``; None where the option was not given.

    Raises:
        UserError: It was given without a name, or with that of a metric that is no more.
    """
    from hangeul_bench.metrics.columns import RETIRED, unknown_metric

    if text is None:
        return None
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UserError("Expected NAME[,NAME...], but found no name.")
    for name in RETIRED.keys() & set(names):
        raise UserError(unknown_metric(name))
    return names
