r"""Jamo error rate of the syllables that Diff-Font's components cannot tell apart, and of the rest.

    python -m experiments.sharing results/dkfont-lite.json results/diff-font-lite.json \
        --data DATASET

Reads the scores a glyph that ``hangeul-bench evaluate`` leaves beside each result.
"""

from pathlib import Path

import click
import pandas as pd

from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.hangeul import component_counts, is_syllable

_CELLS = {"sfuc": ("sfuc",), "paper": ("ufsc", "ufuc")}


def jer_by_sharing(scores: pd.DataFrame, characters: str) -> dict[str, float]:
    """Mean ``jer`` of syllables that share their component vector with another, and of the rest.

    Args:
        scores: Scores of glyphs with columns ``codepoint`` and ``jer``.
        characters: The character set in which vectors are compared, as KS X 1001's 2,350.

    Returns:
        ``shared`` and ``own``; NaN where no glyph is of that kind.
    """
    vectors = {character: component_counts(character) for character in characters}
    counts = pd.Series(list(vectors.values())).value_counts()
    shared = {ord(c) for c, vector in vectors.items() if counts[vector] > 1}
    is_shared = scores["codepoint"].isin(shared)
    return {
        "shared": float(scores.loc[is_shared, "jer"].mean()),
        "own": float(scores.loc[~is_shared, "jer"].mean()),
    }


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
