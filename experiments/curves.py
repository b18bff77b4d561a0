"""Loss curves of training runs.

python -m experiments.curves RUN... --out FILE.png
"""

import io
from pathlib import Path

import click
import matplotlib
import pandas as pd

from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.base.files import write_whole

matplotlib.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402

_PANELS = (
    ("log.csv", "loss", "training loss"),
    ("log.csv", "extra_loss", "perceptual term"),
    ("validation.csv", "rmse_x0_t999", "held-out RMSE, x_0 from noise alone"),
    ("log.csv", "d_adversarial", "discriminator: hinge"),
    ("log.csv", "g_adversarial", "generator: how it is judged, negated"),
    ("validation.csv", "rmse_drawn", "held-out RMSE, drawn glyphs"),
)
_FILES = ("log.csv", "validation.csv")
_SIGNED = ("g_adversarial",)  # columns of a linear axis


def draw_curves(logs: dict[str, Path], out: Path) -> None:
    """Draw the losses and held-out errors of runs over the samples they have seen.

    Args:
        logs: Folder of each run, by the name that the legend shall say.
        out: The picture, ``*.png``.

    Raises:
        UserError: A folder holds no ``log.csv``, or no log holds a loss.
    """
    tables = {
        name: {file: _table(folder, file) for file in _FILES} for name, folder in logs.items()
    }
    known = {
        (file, column)
        for files in tables.values()
        for file, table in files.items()
        for column in table.dropna(axis=1, how="all")
    }
    panels = [panel for panel in _PANELS if panel[:2] in known]
    if not panels:
        raise UserError(f"Expected losses in the log of {', '.join(logs)}, but found none yet.")
    figure, axes = plt.subplots(1, len(panels), figsize=(4 * len(panels), 3.2), squeeze=False)
    for axis, (file, column, title) in zip(axes[0], panels, strict=True):
        for number, (name, files) in enumerate(tables.items()):
            table = files[file]
            if column in table and table[column].notna().any():
                x, marker = table["samples"] / 1000, "o" if len(table) < 30 else ""
                axis.plot(x, table[column], label=name, marker=marker, color=f"C{number}")
        scale = "linear" if column in _SIGNED else "log"
        axis.set(title=title, xlabel="thousand samples", yscale=scale)
        axis.title.set_fontsize(9)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    figure.tight_layout()
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=110, metadata={"Software": None})
    plt.close(figure)
    write_whole(out, picture.getbuffer())


def _table(folder: Path, file: str) -> pd.DataFrame:
    path = folder / file
    if path.is_file():
        return pd.read_csv(path)
    if file == "log.csv":
        raise UserError(f"Expected a training run in {folder}, but it holds no log.csv.")
    return pd.DataFrame()


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("curves.png"))
def main(runs: tuple[Path, ...], out: Path) -> None:
    """Draw the loss curves of RUNS, folders that a training command wrote."""
    draw_curves({run.name: run for run in runs}, out)
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
