"""Which idea carries the gain: ``python -m experiments.ablation --data hangeul-dataset``.

Trains Diff-Font, DK-Font, DK-Font with one idea changed, and the two models that see a content
glyph and a gallery, on equal samples, evaluates each on the lite track and writes two tables: the
scores, and the differences from DK-Font, paired over fonts, with their intervals. A run that is
there already is continued, or kept when done; so ``--only`` in several processes, and then the
command without it, make the whole.
Diff-Font's component vector cannot tell 각 from 까, so the table also gives the jamo error rate of
the 844 syllables that share theirs with another one, beside that of the other 1,506.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pandas as pd

from baselines.glyphs.representation import REPRESENTATIONS
from experiments.sharing import jer_by_sharing
from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError, exit_on_user_error
from hangeul_bench.dataset import GlyphDataset
from hangeul_bench.hangeul import is_syllable
from hangeul_bench.results.file import Result, read_result
from hangeul_bench.results.paired import compare

_OTHERS = ("diff-font", "font-diffuser", "retrieval-font")  # all else is DK-Font's
BASE = "dkfont"
# Options of `hangeul-bench train` by the variant's name.
VARIANTS: dict[str, tuple[str, ...]] = {
    BASE: (),
    "diff-font": (),
    "without text": ("--set", "without=text"),
    "without perceptual loss": ("--set", "perceptual=none"),
    "linear schedule": ("--set", "schedule=linear"),
    "v prediction": ("--set", "prediction=v"),
    "epsilon prediction": ("--set", "prediction=epsilon"),
    "font-diffuser": (),  # a content glyph, and the reference's own strokes
    "retrieval-font": ("--set", "head=free", "--set", "timesteps=noisy"),  # and a gallery
}
_OWN_SHAPE = ("retrieval-font",)
# How they draw here unless by their defaults: as they drew for the rows of
# leaderboards/ablation.csv, before fields had a default of their own and FontDiffuser a frame.
_TEN_STEPS = ("steps=10", "guidance=3", "guided_share=0.5")
_TWENTY_STEPS = ("steps=20", "guidance=3", "frame=none")
_DRAWN = {BASE: _TEN_STEPS, "diff-font": _TEN_STEPS, "font-diffuser": _TWENTY_STEPS}
_FACTS = Schema(
    {
        "type": "object",
        "required": ["steps", "samples"],
        "properties": {"steps": {"type": "integer"}, "samples": {"type": "integer"}},
    }
)
Row = dict[str, object]  # of the table
_METRICS = ("jer", "syllable_error", "shuffle_rate", "ssim", "rmse", "glyph_lpips")
_PAIRED = ("jer", "syllable_error", "ssim", "rmse", "style_distance", "glyph_lpips")


def table_rows(name: str, samples: int, scores: pd.DataFrame, characters: str) -> list[Row]:
    """One row a cell, and one for ``paper`` (UFSC and UFUC: ``uf``), with means over glyphs."""
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


def difference_rows(results: dict[str, Result]) -> list[Row]:
    """Each variant less DK-Font in UFSC and UFUC, metric by metric, over the fonts of both.

    Args:
        results: Result by variant, DK-Font's among them.
    """
    rows: list[Row] = []
    for name, result in results.items():
        if name == BASE:
            continue
        for category in ("handwritten", "printed", "all"):
            for found in compare(result, results[BASE], category=category, metrics=_PAIRED):
                ends = (found.interval.value, found.interval.low, found.interval.high)
                labels = ("difference", "low", "high")
                row: Row = {"variant": name, "category": category, "metric": found.metric}
                row |= {"fonts": found.n_fonts, "variant_mean": round(found.first, 4)}
                row |= {"dkfont_mean": round(found.second, 4)}
                rows.append(row | dict(zip(labels, map(_rounded, ends), strict=True)))
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _train(model: str, *arguments: str) -> None:
    run = subprocess.run([_program(), "train", model, *arguments], check=False)
    if run.returncode != 0:
        raise UserError(
            f"The training of {model} ended with code {run.returncode}; its message is above."
        )


def _program() -> str:
    return str(Path(sys.executable).with_name("hangeul-bench"))


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
    for option in _DRAWN.get(model, ()):
        arguments += ["--option", option]
    arguments += [] if limit is None else ["--limit", str(limit)]
    if subprocess.run([_program(), *arguments], check=False).returncode != 0:
        raise UserError(f"The evaluation of {weights} failed; its message is above.")


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Dataset folder.")
@click.option("--steps", default=600, show_default=True, help="Of each variant.")
@click.option("--batch-size", default=32, show_default=True, help="Samples a step.")
@click.option("--preset", default="swift", show_default=True)
@click.option("--limit", type=int, help="Syllables of each cell and font; default: the lite track.")
@click.option("--bf16", is_flag=True, help="Train in bfloat16 on a CPU too, if it can.")
@click.option(
    "--carrier",
    "representation",
    type=click.Choice(list(REPRESENTATIONS)),
    default="pixels",
    show_default=True,
    help="What all but retrieval-font draw; that one has its field.",
)
@click.option("--augment/--no-augment", default=False, help="Change fonts at random.")
@click.option("--bank", type=click.Path(path_type=Path), default=Path("runs/fields"))
@click.option("--only", multiple=True, type=click.Choice(list(VARIANTS)), help="Default: all.")
@click.option("--runs", type=click.Path(path_type=Path), default=Path("runs/ablation"))
@click.option("--out", type=click.Path(path_type=Path), default=Path("leaderboards/ablation.csv"))
def main(
    data: Path,
    steps: int,
    batch_size: int,
    preset: str,
    limit: int | None,
    bf16: bool,
    representation: str,
    augment: bool,
    bank: Path,
    only: tuple[str, ...],
    runs: Path,
    out: Path,
) -> None:
    """Train and evaluate the variants at equal samples and write their tables."""
    characters = "".join(filter(is_syllable, GlyphDataset.open(data).characters))
    common = ["--recipe", "plain", "--data", str(data), "--steps", str(steps), "--bank", str(bank)]
    common += [*["--bf16"] * bf16, "--resume", "--set", "validate_every=0"]
    common += ["--set", f"batch_size={batch_size}", "--set", f"augment={str(augment).lower()}"]
    rows: list[Row] = []
    results: dict[str, Result] = {}
    for name in only or VARIANTS:
        run = runs / name.replace(" ", "-")
        model = name if name in _OTHERS else BASE
        own = list(VARIANTS[name])
        if name not in _OWN_SHAPE:
            own += ["--set", f"preset={preset}", "--set", f"representation={representation}"]
        if _trained(run) < steps:
            _train(model, *common, "--out", str(run), *own)
        _evaluate(model, run / "weights.safetensors", data, limit, run / "results")
        results[name] = read_result(run / "results" / f"{model}-lite.json")
        scores = pd.read_parquet(run / "results" / f"{model}-lite.parquet")
        rows += table_rows(name, _facts(run)["samples"], scores, characters)
        _write(out, rows)
    if BASE in results:
        _write(out.with_name(f"{out.stem}-differences.csv"), difference_rows(results))
    click.echo(f"Wrote {out}.")


def _write(path: Path, rows: list[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).to_csv(path, index=False, lineterminator="\n")


if __name__ == "__main__":
    exit_on_user_error(main)
