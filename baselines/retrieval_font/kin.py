"""Which fonts of a gallery are kindred to the references: ranked by what shape alone says."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.diffusion.alignment import Change, fit


@dataclass(frozen=True)
class Ranking:
    """The kindred fonts of N requests.

    Attributes:
        fonts: (N, G) rows of the gallery, nearest first, no two of one lineage.
        distances: (N, G) mean squared distances of signatures.
    """

    fonts: Tensor
    distances: Tensor


def rank(
    wanted: Tensor,
    gallery: Tensor,
    usable: Tensor,
    *,
    lineages: Tensor,
    count: int,
    pool: int | None = None,
    generator: torch.Generator | None = None,
) -> Ranking:
    """Rank a gallery's fonts for references, the best of each lineage alone.

    Kindred fonts of one lineage would say the same thing several times over.

    Args:
        wanted: (N, K, D) signatures of the references.
        gallery: (N, F, K, D) or (1, F, K, D) signatures of the gallery's same syllables.
        usable: (N, F) bool; false where a font lacks a syllable or must not be seen.
        lineages: (F,) numbers from 0 on.
        count: G, how many to give; at most the number of usable lineages.
        pool: Training: choose the ``count`` at random among this many nearest.
        generator: For ``pool``.
    """
    distance = (wanted.unsqueeze(1) - gallery).square().mean((2, 3))  # (N, F)
    distance = distance.masked_fill(~usable, torch.inf)
    n = len(distance)
    best = distance.new_full((n, int(lineages.max()) + 1), torch.inf)
    best = best.scatter_reduce(1, lineages.expand(n, -1), distance, "amin")
    leading = distance.masked_fill(distance > best[:, lineages], torch.inf)
    nearest = leading.sort(dim=1, stable=True)
    if pool is None:
        return Ranking(nearest.indices[:, :count], nearest.values[:, :count])
    values = nearest.values[:, :pool]
    chance = torch.rand(values.shape, generator=generator).masked_fill(values.isinf(), 2.0)
    chosen = chance.topk(count, dim=1, largest=False).indices.sort(1).values
    rows = nearest.indices.gather(1, chosen)
    return Ranking(rows, values.gather(1, chosen))


def changes(kin: Tensor, wanted: Tensor) -> Change:
    """What aligns kindred fonts with the references.

    Args:
        kin: (N, G, K, S, S) fields of the references' syllables in the kindred fonts.
        wanted: (N, K, S, S) fields of the references.

    Returns:
        A change of N x G rows.
    """
    n, count = kin.shape[:2]
    targets = wanted.unsqueeze(1).expand(-1, count, -1, -1, -1)
    return fit(kin.flatten(0, 1), targets.reshape(n * count, *wanted.shape[1:]))


def lineage_numbers(lineages: Sequence[str]) -> Tensor:
    """(F,) int64: equal for fonts of one lineage."""
    known = {name: number for number, name in enumerate(sorted(set(lineages)))}
    return torch.tensor([known[name] for name in lineages])
