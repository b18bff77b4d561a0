"""Where the files of a result lie: its scores a glyph, and the predictions that they are of."""

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from hangeul_bench.adapter.contract import GALLERY_EXCLUDED
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import OPEN, FontTask, plan, run_name
from hangeul_bench.dataset.splits.lists import SEEN_FONT_CELLS
from hangeul_bench.results.file import Result

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset


class Rules(TypedDict):
    """Keyword arguments of :func:`hangeul_bench.adapter.questions.plan`."""

    protocol: str
    category: str | None


def barred(result: Result, cell: str) -> str:
    """Why a result's model takes no rank in a cell, but for its numbers; empty where it may."""
    details = result["model"]["details"]
    if details.get("gallery") and not details.get(GALLERY_EXCLUDED) and cell in SEEN_FONT_CELLS:
        return "its gallery held the asked font"
    return result["unrankable"].get(cell, "")


def gallery_note(result: Result, cell: str) -> str:
    """What a reader must know of a gallery in a cell of unseen syllables; else empty."""
    if result["model"]["details"].get("gallery") and cell == "ufuc":
        return "its gallery shows the asked syllables in other fonts"
    return ""


def glyphs_path(path: Path) -> Path:
    """The table with the scores of each glyph beside the result file ``path``."""
    return path.with_suffix(".parquet")


def rules_of(result: Result) -> Rules:
    """The protocol of a result, and the category of its model if that is for one."""
    return {"protocol": result.get("protocol", OPEN.name), "category": result.get("category")}


def tasks_of(result: Result, dataset: "GlyphDataset") -> tuple[FontTask, ...]:
    """What the model of a result was asked for.

    Raises:
        UserError: Nothing is left of it in this dataset.
    """
    return plan(dataset, result["track"], limit=result["limit"], **rules_of(result))


def predictions_of(path: Path, result: Result, *, out: Path | None = None) -> PredictionFolder:
    """The predictions of the result file ``path``; they need not be there.

    Args:
        path: The result file.
        result: Its content.
        out: The folder that ``evaluate`` wrote to; None is that of the result file.
    """
    # By the result file's name, not by the model's: a name in a file must not lead elsewhere.
    rules = rules_of(result)
    seed, perturb = result["seed"], result.get("perturb")
    name = run_name(result["track"], result["shots"], seed=seed, perturb=perturb, **rules)
    stem = path.stem.removesuffix(f"-{name}")
    folder = (path.parent if out is None else out) / stem / "predictions" / name
    return PredictionFolder(folder, size=result["dataset"]["size"])
