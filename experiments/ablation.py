"""Which idea carries the gain: ``python -m experiments.ablation --data hangeul-dataset``.

Trains Diff-Font, DK-Font, and DK-Font with one idea changed, on equal samples, evaluates each on
the lite track and writes one table. A run that is there already is continued, or kept when done.
Diff-Font's component vector cannot tell 각 from 까, so the table also gives the jamo error rate of
the 844 syllables that share theirs with another one, beside that of the other 1,506.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pandas as pd

from experiments.sharing import jer_by_sharing
from hangeul_bench.base.commands import exit_on_user_error
from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.hangeul import is_syllable

# Module of the training command and its options, by the variant's name.
VARIANTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "diff-font": ("baselines.diff_font.train", ()),
    "dkfont": ("dkfont.train", ()),
    "without text": ("dkfont.train", ("--without", "text")),
    "without perceptual loss": ("dkfont.train", ("--without", "perceptual")),
    "linear schedule": ("dkfont.train", ("--schedule", "linear")),
    "v prediction": ("dkfont.train", ("--prediction", "v")),
    "epsilon prediction": ("dkfont.train", ("--prediction", "epsilon")),
}
_FACTS = Schema(
    {
        "type": "object",
        "required": ["steps", "samples"],
        "properties": {"steps": {"type": "integer"}, "samples": {"type": "integer"}},
    }
)
Row = dict[str, object]  # of the table
_METRICS = ("jer", "syllable_error", "shuffle_rate", "ssim", "rmse", "glyph_lpips")


def table_rows(name: str, samples: int, scores: pd.DataFrame, characters: str) -> list[Row]:
    """One row a cell, and one for ``paper`` (UFSC and UFUC), with means over glyphs."""
    cells = {cell: part for cell, part in scores.groupby("cell") if cell != "sfsc"}
    cells["paper"] = scores[scores["cell"].isin(["ufsc", "ufuc"])]
    rows = []
    for cell, part in cells.items():
        means = {metric: round(float(part[metric].mean()), 4) for metric in _METRICS}
        by_sharing = jer_by_sharing(part, characters)
        extra = {f"jer_{kind}": round(value, 4) for kind, value in by_sharing.items()}
        rows.append(
            {"variant": name, "samples": samples, "cell": cell, "glyphs": len(part)} | means | extra
        )
    return rows


def _call(module: str, *arguments: str) -> None:
    run = subprocess.run([sys.executable, "-m", module, *arguments], check=False)
    if run.returncode != 0:
        raise UserError(f"{module} ended with code {run.returncode}; its message is above.")


def _facts(run: Path) -> dict[str, Any]:
    facts: dict[str, Any] = read_json(run / "weights.json", _FACTS)
    return facts


def _trained(run: Path) -> int:
    """Steps that a run has done."""
    return int(_facts(run)["steps"]) if (run / "weights.json").is_file() else 0


def _evaluate(model: str, weights: Path, data: Path, limit: int | None, out: Path) -> None:
    arguments = ["evaluate", "--model", model, "--data", str(data), "--out", str(out)]
    # Predictions of these very weights stay; those of an earlier state of the run go.
    arguments += ["--option", f"checkpoint={weights}", "--restart"]
    arguments += [] if limit is None else ["--limit", str(limit)]
    program = Path(sys.executable).with_name("hangeul-bench")
    if subprocess.run([str(program), *arguments], check=False).returncode != 0:
        raise UserError(f"The evaluation of {weights} failed; its message is above.")


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--steps", default=600, show_default=True, help="Of each variant, 32 samples each.")
@click.option("--preset", default="swift", show_default=True)
@click.option("--limit", type=int, help="Syllables of each cell and font; default: the lite track.")
@click.option("--only", multiple=True, type=click.Choice(list(VARIANTS)), help="Default: all.")
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs/ablation"))
@click.option("--out", type=click.Path(path_type=Path), default=Path("leaderboards/ablation.csv"))
def main(
    data: Path,
    steps: int,
    preset: str,
    limit: int | None,
    only: tuple[str, ...],
    runs: Path,
    out: Path,
) -> None:
    """Train and evaluate the variants at equal samples and write their table."""
    characters = "".join(filter(is_syllable, GlyphDataset.open(data).characters))
    rows: list[Row] = []
    for name in only or VARIANTS:
        module, options = VARIANTS[name]
        run = runs / name.replace(" ", "-")
        if _trained(run) < steps:
            _call(
                module,
                *("--data", str(data), "--preset", preset, "--steps", str(steps)),
                *("--out", str(run), "--validate-every", "0", "--resume", *options),
            )
        model = "diff-font" if name == "diff-font" else "dkfont"
        _evaluate(model, run / "weights.safetensors", data, limit, run / "results")
        scores = pd.read_parquet(run / "results" / f"{model}-lite.parquet")
        rows += table_rows(name, _facts(run)["samples"], scores, characters)
        out.parent.mkdir(parents=True, exist_ok=True)
        pd.DataFrame(rows).to_csv(out, index=False, lineterminator="\n")
    click.echo(f"Wrote {out}.")


if __name__ == "__main__":
    exit_on_user_error(main)
