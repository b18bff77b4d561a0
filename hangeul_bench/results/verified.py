"""The verification of a result that somebody measured again; it holds as long as the numbers do."""

from collections.abc import Sequence
from typing import Any

from hangeul_bench.base.files import canonical_json, sha256_of
from hangeul_bench.results.beside import rules_of
from hangeul_bench.results.file import Result, file_form


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
