"""How much models lose where references are not perfect, column by column.

    python -m experiments.perturbations --data hangeul-dataset --model dkfont,diff-font

Evaluates each model on the lite track with eight clean references and with each perturbation of
them (``hangeul-bench evaluate --perturb``), and writes their values in the cell of all unseen
fonts beside the clean ones. Eight, for one of them is wrong in ``wrong``. A run that is there is
not drawn again.
"""

from pathlib import Path

import click
import pandas as pd

from hangeul_bench.adapter.perturbations import NAMES
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.base.processes import join_processes
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.evaluate.run import Settings, evaluate
from hangeul_bench.metrics.columns import BY_NAME
from hangeul_bench.results.file import Result, find_score, read_result

Row = dict[str, object]
_CELL = "uf"  # all glyphs of the unseen fonts
_CLEAN = "none"


def loss_rows(results: dict[str, Result]) -> list[Row]:
    """One row a perturbation, category and metric: the clean value, the other, and the loss.

    Args:
        results: One model's by perturbation, the clean one under ``none``.

    Returns:
        Rows whose ``loss`` is above 0 where the perturbed value is the worse, in the metric's unit.
    """
    rows: list[Row] = []
    clean = results[_CLEAN]
    for name, result in results.items():
        if name == _CLEAN:
            continue
        for category in ("handwritten", "printed", "all"):
            for metric in clean["signatures"]:
                before, after = (_value(r, category, metric) for r in (clean, result))
                if before is None or after is None:
                    continue
                loss = before - after if BY_NAME[metric].higher_is_better else after - before
                row: Row = {"model": result["model"]["name"], "perturb": name}
                row |= {"category": category, "shots": result["shots"]}
                row |= {"limit": result["limit"], "metric": metric}
                rows.append(row | {"clean": before, "perturbed": after, "loss": round(loss, 6)})
    return rows


def _value(result: Result, category: str, metric: str) -> float | None:
    score = find_score(result, cell=_CELL, category=category)
    estimate = score["metrics"].get(metric) if score else None
    return estimate["value"] if estimate else None


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--model", "models", required=True, help="NAME[,NAME...], as of `evaluate`.")
@click.option("--shots", default=8, show_default=True, help="References shown.")
@click.option("--limit", type=click.IntRange(min=1), help="Syllables of each cell and font.")
@click.option("--metrics", help="NAME[,NAME...]; default: all whose weights are here.")
@click.option("--perturb", "chosen", multiple=True, type=click.Choice(NAMES), help="Default: all.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto")
@click.option("--results", type=click.Path(path_type=Path), default=Path("runs/perturbations"))
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("leaderboards/perturbations.csv")
)
def main(
    data: Path | None,
    models: str,
    shots: int,
    limit: int | None,
    metrics: str | None,
    chosen: tuple[str, ...],
    device: str,
    results: Path,
    out: Path,
) -> None:
    """Evaluate models on clean and perturbed references and write what they lose."""
    dataset, processes = GlyphDataset.open(data), join_processes(device)
    if processes.world > 1:
        raise UserError("This experiment runs in one process; start it without torchrun.")
    named = tuple(metrics.split(",")) if metrics else None
    rows: list[Row] = []
    for model in models.split(","):
        found: dict[str, Result] = {}
        for name in (_CLEAN, *(chosen or NAMES)):
            perturb = None if name == _CLEAN else name
            settings = Settings(limit=limit, metrics=named, shots=shots, perturb=perturb)
            (path,) = evaluate([model], dataset, results, settings, processes)
            found[name] = read_result(path)
        rows += loss_rows(found)
        out.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows).to_csv(out, index=False, lineterminator="\n")
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
