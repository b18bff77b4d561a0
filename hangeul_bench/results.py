"""The result file: one model on one track, in JSON, checked whenever it is read."""

import importlib.resources
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypedDict

from hangeul_bench.atomic import write_text
from hangeul_bench.errors import UserError

SCHEMA_VERSION = 1
_SIGNIFICANT_DIGITS = 7  # of every number in a result; finer than any metric is defined
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
}


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
    """A result file; ``hangeul_bench/data/result.schema.json`` describes every field."""

    schema: int
    model: dict[str, Any]
    seed: int
    shots: int
    track: str
    limit: int | None
    dataset: dict[str, Any]
    signatures: dict[str, str]
    versions: dict[str, str]
    git_revision: str | None
    seconds_per_glyph: float | None
    n_expected: int
    n_delivered: int
    unrankable: dict[str, str]
    missing_metrics: dict[str, str]
    scores: list[Score]


def read_result(path: Path) -> Result:
    """Read and check a result file.

    Raises:
        UserError: It is absent, no JSON, of a newer schema, or a field is absent or of another
            type; names the field.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"Expected a result file at {path}, but there is none.") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise UserError(f"Expected JSON in result {path}, but found: {error}.") from None
    version = data.get("schema") if isinstance(data, dict) else None
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise UserError(
            f"Result {path} has schema {version}, but this program reads up to {SCHEMA_VERSION}; "
            "upgrade hangeul-bench."
        )
    problem = _problem(data, _schema(), "")
    if problem:
        raise UserError(f"Result {path}: {problem}; write it again with `hangeul-bench evaluate`.")
    result: Result = data
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
        UserError: A field is absent or of another type.
    """
    rounded = _rounded(result)
    problem = _problem(rounded, _schema(), "")
    if problem:
        raise UserError(f"Result for {path}: {problem}.")
    write_text(path, _to_json(rounded))


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


def _schema() -> dict[str, Any]:
    file = importlib.resources.files("hangeul_bench") / "data" / "result.schema.json"
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _problem(value: Any, schema: dict[str, Any], where: str) -> str | None:
    """The first way in which ``value`` breaks ``schema``; reads the few words that ours uses."""
    if "enum" in schema and value not in schema["enum"]:
        return f"field {where} should be one of {', '.join(schema['enum'])}, but is {value!r}"
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not _has_type(value, names):
        return f"field {where or 'at the top'} should be {' or '.join(names)}, but is {value!r:.60}"
    return next((p for p in _inner_problems(value, schema, where) if p), None)


def _has_type(value: Any, names: Iterable[str]) -> bool:
    # In Python a bool is an int; in JSON it is not.
    return not isinstance(value, bool) and any(isinstance(value, _TYPES[n]) for n in names)


def _inner_problems(value: Any, schema: dict[str, Any], where: str) -> Iterable[str | None]:
    if isinstance(value, dict):
        for key in schema.get("required", []):
            if key not in value:
                yield f"field {f'{where}.{key}'.lstrip('.')} is missing"
        for key, item in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties", {}))
            yield _problem(item, inner, f"{where}.{key}".lstrip("."))
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield _problem(item, schema.get("items", {}), f"{where}[{position}]")
