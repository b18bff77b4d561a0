"""The facts of the runs: what is the same for all results stands once, what differs by name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hangeul_bench.results.file import Result, rules_of
from hangeul_bench.results.report.runs import Run


@dataclass(frozen=True)
class Fact:
    """A named value and the results it holds for; ``who`` is empty if that is all of them."""

    name: str
    value: str
    who: str


def comparison_facts(runs: Sequence[Run]) -> tuple[Fact, ...]:
    """What must agree for two results to be compared: track, dataset and settings."""
    asked: dict[str, Callable[[Result], object]] = {
        "track": lambda result: result["track"],
        "protocol": lambda result: rules_of(result)["protocol"],
        "limit": lambda result: result["limit"],
        "references": lambda result: result["shots"],
        "dataset": lambda result: result["dataset"]["name"],
        "dataset fingerprint": lambda result: result["dataset"]["fingerprint"],
        "benchmark fingerprint": lambda result: result["dataset"]["benchmark_fingerprint"],
        "glyph size, px": lambda result: result["dataset"]["size"],
        "seed": lambda result: result["seed"],
        "git revision": lambda result: result["git_revision"],
        "result schema": lambda result: result["schema"],
    }
    return _facts(runs, lambda result: {name: value(result) for name, value in asked.items()})


def signatures(runs: Sequence[Run]) -> tuple[Fact, ...]:
    """The metrics' signatures."""
    return _facts(runs, lambda result: result["signatures"])


def versions(runs: Sequence[Run]) -> tuple[Fact, ...]:
    """The versions of the packages that made the results."""
    return _facts(runs, lambda result: result["versions"])


def model_facts(run: Run) -> tuple[Fact, ...]:
    """What one result says about its model and its run."""
    result, model = run.result, run.result["model"]
    facts = {
        "kind": model["kind"],
        "parameters": f"{model['parameters']:,}",
        "checkpoint SHA-256": model["checkpoint_sha256"],
        "trained on": _training(model["trained_on"]),
        "glyphs delivered": f"{result['n_delivered']:,} of {result['n_expected']:,} expected",
        "time a glyph": _milliseconds(result["seconds_per_glyph"]),
    }
    facts |= {f"option {name}": value for name, value in sorted(model["options"].items())}
    facts |= {f"detail {name}": value for name, value in sorted(model["details"].items())}
    return tuple(Fact(name, _text(value), "") for name, value in facts.items())


def _facts(
    runs: Sequence[Run], values: Callable[[Result], Mapping[str, object]]
) -> tuple[Fact, ...]:
    who: dict[tuple[str, str], list[str]] = {}
    for run in runs:
        for name, value in values(run.result).items():
            who.setdefault((name, _text(value)), []).append(run.label)
    names = list(dict.fromkeys(name for name, _ in who))
    return tuple(
        Fact(name, value, "" if len(labels) == len(runs) else ", ".join(labels))
        for (name, value), labels in sorted(who.items(), key=lambda item: names.index(item[0][0]))
    )


def _text(value: object) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else str(value)


def _milliseconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds * 1000:,.3g} ms"


def _training(trained_on: Mapping[str, Any] | None) -> str:
    if trained_on is None:
        return "not declared"
    counts = len(trained_on["font_ids"]), len(trained_on["characters"])
    return "nothing" if counts == (0, 0) else "fonts: {:,}, syllables: {:,}".format(*counts)
