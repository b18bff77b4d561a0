"""Results that differ by their seed alone: one stands for all, and how far they spread is told."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from hangeul_bench.results.beside import rules_of
from hangeul_bench.results.file import Result, find_score


def by_seed(results: Sequence[Result]) -> Iterator[tuple[Result, tuple[Result, ...]]]:
    """Each result with those drawn like it with greater seeds, which do not come by themselves.

    Results that share everything and the seed, too, are kept apart.
    """
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(_all_but_the_seed(result), []).append(result)
    for group in groups.values():
        group = sorted(group, key=lambda result: result["seed"])
        if len({result["seed"] for result in group}) < len(group):
            yield from ((result, ()) for result in group)
        else:
            yield group[0], tuple(group[1:])


def spreads(
    result: Result, others: Sequence[Result], *, cell: str, category: str
) -> dict[str, float]:
    """Metric to its largest less its smallest value over the seeds.

    A metric that some seed lacks, or that was measured otherwise there, has none.

    Args:
        result: One seed's.
        others: The other seeds'; with none there is no spread.
        cell: Which cell.
        category: Which category.
    """
    values: dict[str, list[float]] = {}
    for one in (result, *others):
        score = find_score(one, cell=cell, category=category)
        for name, estimate in (score["metrics"] if score else {}).items():
            same = one["signatures"].get(name) == result["signatures"].get(name)
            if same and estimate["value"] is not None:
                values.setdefault(name, []).append(estimate["value"])
    count = len(others) + 1
    full = {name: known for name, known in values.items() if len(known) == count > 1}
    return {name: max(known) - min(known) for name, known in full.items()}


def _all_but_the_seed(result: Result) -> str:
    model = result["model"]
    shared: list[Any] = [model[key] for key in ("name", "checkpoint_sha256", "options")]
    shared += [result[key] for key in ("track", "shots", "limit")]
    shared += [result["dataset"]["fingerprint"], result.get("perturb"), rules_of(result)]
    return json.dumps(shared, sort_keys=True)
