"""Jamo error rate of the syllables that Diff-Font's components cannot tell apart, and of the rest.

    python -m dkfont.sharing results/dkfont-lite.json results/diff-font-lite.json --data DATASET

Reads the scores a glyph that ``hangeul-bench evaluate`` leaves beside each result.
"""

from pathlib import Path

import click
import pandas as pd

from baselines.diff_font.train import exit_on_user_error
from dkfont.ablation import jer_by_sharing
from hangeul_bench.adapter import UserError
from hangeul_bench.dataset import GlyphDataset, is_syllable

_CELLS = {"sfuc": ("sfuc",), "paper": ("ufsc", "ufuc")}


def sharing_rows(result: Path, characters: str) -> list[dict[str, object]]:
    """One row a cell of one result.

    Raises:
        UserError: The scores a glyph are not beside the result.
    """
    path = result.with_suffix(".parquet")
    if not path.is_file():
        raise UserError(f"Expected the scores a glyph in {path}; run evaluate again.")
    scores = pd.read_parquet(path)
    rows: list[dict[str, object]] = []
    for cell, names in _CELLS.items():
        part = scores[scores["cell"].isin(names)]
        jer = {kind: round(value, 4) for kind, value in jer_by_sharing(part, characters).items()}
        row = {"model": result.stem, "cell": cell, "glyphs": len(part)}
        rows.append({**row, "jer_shared": jer["shared"], "jer_own": jer["own"]})
    return rows


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("leaderboards/sharing.csv"))
def main(results: tuple[Path, ...], data: Path, out: Path) -> None:
    """Write the table of RESULTS, result files with their scores beside them."""
    characters = "".join(filter(is_syllable, GlyphDataset.open(data).characters))
    rows = [row for result in results for row in sharing_rows(result, characters)]
    out.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(out, index=False, lineterminator="\n")
    click.echo(out.read_text(encoding="utf-8").rstrip())


if __name__ == "__main__":
    exit_on_user_error(main)
