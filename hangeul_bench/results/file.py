"""The result file, checked when it is read; where its predictions lie; whether it is verified."""

import importlib.resources
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

from hangeul_bench.adapter.contract import GALLERY_EXCLUDED
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.adapter.questions import OPEN, FontTask, plan, run_name
from hangeul_bench.base.documents import Schema, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import canonical_json, sha256_of, write_whole
from hangeul_bench.dataset.splits.lists import SEEN_FONT_CELLS, UNSEEN_FONTS
from hangeul_bench.metrics.columns import BY_NAME

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset


SCHEMA_VERSION = 1
_SIGNIFICANT_DIGITS = 7  # of every number in a result; finer than any metric is defined
_FARTHEST = 1e9  # of an interval's end; no metric's range comes near it
# What a submission may say of itself, and a board's CSV shows.
ORIGIN = ("code", "organisation", "hardware", "replicated")
# What the first results called the unseen fonts' cell, and files still do.
_CELLS_IN_FILES = {UNSEEN_FONTS: "paper"}
_REMEDY = "write it again with `hangeul-bench evaluate`"


class Estimate(TypedDict):
    """A metric's value with its 95 % interval; None where there is none."""

    value: float | None
    low: float | None
    high: float | None


class Score(TypedDict):
    """Every metric of one cell, category and group (``all``, ``font:<id>``, ``layout:<name>``)."""

    cell: str
    category: str
    group: str
    n_fonts: int
    n_glyphs: int
    metrics: dict[str, Estimate]


class Result(TypedDict):
    """A result file; ``hangeul_bench/results/result.schema.json`` describes every field."""

    schema: int
    model: dict[str, Any]
    seed: int
    shots: int
    track: str
    limit: int | None
    perturb: NotRequired[str]
    dataset: dict[str, Any]
    signatures: dict[str, str]
    versions: dict[str, str]
    git_revision: str | None
    seconds_per_glyph: float | None
    n_expected: int
    n_delivered: int
    unrankable: dict[str, str]
    missing_metrics: dict[str, str]
    protocol: NotRequired[str]
    category: NotRequired[str | None]
    lineages: NotRequired[dict[str, str]]
    undelivered: NotRequired[dict[str, int]]
    intervals: NotRequired[dict[str, str]]
    predictions_sha256: NotRequired[str]
    rescored: NotRequired[list[dict[str, Any]]]
    verified: NotRequired[dict[str, Any]]
    cost: NotRequired[dict[str, Any]]
    origin: NotRequired[dict[str, Any]]
    scores: list[Score]


def read_result(path: Path) -> Result:
    """Read and check a result file.

    Raises:
        UserError: It is absent, no JSON, of a newer schema, a field is absent or of another type,
            or a value is none that its metric can have; names the field.
    """
    data = read_json(path, expected="a result file", remedy=_REMEDY)
    version = data.get("schema") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise UserError(
            f"Result {path} has schema {version}, but this program reads up to {SCHEMA_VERSION}; "
            "upgrade hangeul-bench."
        )
    if problem := _problem(data):
        raise UserError(f"Result {path}: {problem}; {_REMEDY}.")
    result: Result = _with_cells(data, {old: new for new, old in _CELLS_IN_FILES.items()})
    return result


def read_results(folder: Path) -> list[Result]:
    """All result files ``*.json`` of a folder, by file name.

    Raises:
        UserError: The folder holds none, or one is not valid.
    """
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise UserError(
            f"Expected result files (*.json) in {folder}, but found none; "
            "run `hangeul-bench evaluate` first or name another folder with --results."
        )
    return [read_result(path) for path in paths]


def write_result(path: Path, result: Result) -> None:
    """Check a result and write it, one score a line, whole or not at all.

    Raises:
        UserError: A field is absent or of another type, or a value is none of its metric's.
    """
    check_result(result, path)
    write_whole(path, _to_json(_rounded(file_form(result))))


def undelivered_text(result: Result) -> str:
    """How many glyphs a result's model did not deliver, as a clause; empty where it did all."""
    expected, absent = result["n_expected"], result["n_expected"] - result["n_delivered"]
    return f"{absent:,} of {expected:,} glyphs not delivered: blank" if absent else ""


def check_result(result: Result, path: Path) -> None:
    """Refuse what :func:`write_result` would refuse to write to ``path``.

    Raises:
        UserError: A field is absent or of another type, or a value is none of its metric's.
    """
    rounded = _rounded(file_form(result))
    problem = _problem(rounded)
    try:
        _to_json(rounded)
    except (TypeError, ValueError) as error:
        problem = problem or f"it cannot be written as JSON ({error})"
    if problem:
        raise UserError(f"Result for {path}: {problem}.")


def file_form(result: Result) -> Result:
    """The result with cells by the names that they have in files."""
    return _with_cells(result, _CELLS_IN_FILES)


def find_score(result: Result, *, cell: str, category: str, group: str = "all") -> Score | None:
    """The score of a cell, category and group; None where the result has none."""
    for score in result["scores"]:
        if (score["cell"], score["category"], score["group"]) == (cell, category, group):
            return score
    return None


def font_scores(result: Result, *, cell: str, category: str) -> dict[str, Score]:
    """The scores of a cell's single fonts by font_id; ``all`` takes both categories."""
    return {
        score["group"].removeprefix("font:"): score
        for score in result["scores"]
        if score["cell"] == cell
        and score["group"].startswith("font:")
        and category in ("all", score["category"])
    }


def font_values(result: Result, metric: str, *, cell: str, category: str) -> dict[str, float]:
    """Font -> its value of a metric; fonts without one are left out."""
    scores = font_scores(result, cell=cell, category=category)
    estimates = {font: score["metrics"].get(metric) for font, score in scores.items()}
    return {
        font: estimate["value"]
        for font, estimate in estimates.items()
        if estimate is not None and estimate["value"] is not None
    }


def value_problem(name: str, estimate: Estimate) -> str | None:
    """What is wrong with a metric's value or its interval, as a clause; None where nothing is."""
    value, low, high = estimate["value"], estimate["low"], estimate["high"]
    odd = [number for number in (value, low, high) if number is not None and not isfinite(number)]
    if odd:
        return f"{name} holds {odd[0]}, which is no finite number"
    if (low is None) != (high is None) or (value is None and low is not None):
        return f"{name} has half an interval"
    # The ends themselves may lie outside the range: a jackknife's are value plus and minus half.
    if low is not None and high is not None and (low > high or max(-low, high) > _FARTHEST):
        return f"{name} has the interval {low:g} to {high:g}"
    column = BY_NAME.get(name)
    return column.problem(value) if column and value is not None else None


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


def verification(
    result: Result, metrics: Sequence[str], *, date: str, version: str, how: str
) -> dict[str, Any]:
    """What ``verified`` says of a result.

    Args:
        result: What was checked.
        metrics: Columns that were measured again.
        date: When, as 2026-11-25.
        version: Of this program.
        how: What was done, in a clause.
    """
    return {
        "date": date,
        "version": version,
        "how": how,
        "metrics": list(metrics),
        "sha256": _digest(result, metrics),
    }


def verified_on(result: Result) -> str:
    """The date of a verification; empty where there is none, or a number was changed since."""
    note = result.get("verified")
    if note is None or note["sha256"] != _digest(result, note["metrics"]):
        return ""
    return str(note["date"])


def _with_cells(result: Result, names: Mapping[str, str]) -> Result:
    scores: list[Score] = [
        {**score, "cell": names.get(score["cell"], score["cell"])} for score in result["scores"]
    ]
    unrankable = {names.get(cell, cell): why for cell, why in result["unrankable"].items()}
    return {**result, "unrankable": unrankable, "scores": scores}


def _to_json(result: dict[str, Any]) -> str:
    head = {key: value for key, value in result.items() if key != "scores"}
    lines = ",\n".join(
        "  " + json.dumps(score, ensure_ascii=False, allow_nan=False) for score in result["scores"]
    )
    text = json.dumps(head, ensure_ascii=False, allow_nan=False, indent=1)
    return f'{text[:-2]},\n "scores": [\n{lines}\n ]\n}}\n'


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_SIGNIFICANT_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value


@cache
def _schema() -> Schema:
    file = importlib.resources.files("hangeul_bench.results") / "result.schema.json"
    return Schema(json.loads(file.read_text(encoding="utf-8")))


def _problem(data: Any) -> str | None:
    """The first thing that is wrong with a result, as a clause."""
    if problem := _schema().problem(data):
        return problem
    if data["n_delivered"] > data["n_expected"]:
        return f"{data['n_delivered']} glyphs were delivered of {data['n_expected']} expected"
    return next(_wrong_values(data["scores"]), None)


def _wrong_values(scores: Iterable[Score]) -> Iterator[str]:
    for score in scores:
        where = f"{score['cell']}, {score['category']}, {score['group']}"
        for name, estimate in score["metrics"].items():
            if problem := value_problem(name, estimate):
                yield f"in {where}, {problem}"


def _digest(result: Result, metrics: Sequence[str]) -> str:
    """Over the numbers, whose they are and what of; other columns may be added."""
    result = file_form(result)
    scores = [
        {**score, "metrics": {name: score["metrics"].get(name) for name in metrics}}
        for score in result["scores"]
    ]
    keys = ("model", "seed", "shots", "track", "limit", "dataset", "unrankable")
    facts = {key: result[key] for key in keys}  # type: ignore[literal-required]
    if "protocol" in result:  # results of the benchmark's own are verified without
        facts |= rules_of(result)
    if "perturb" in result:
        facts["perturb"] = result["perturb"]
    signatures = {name: result["signatures"].get(name) for name in metrics}
    return sha256_of(canonical_json([facts, signatures, scores]))
