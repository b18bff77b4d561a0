"""Which fonts of a gallery are kindred to references: by their shape, or by their whole look."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.diffusion.alignment import Change, fit, left_over

# What else makes a font unlike, beside the distance of signatures; see `experiments/held_out.py`.
_LEFT = 1.0  # of what is left of the difference once it is aligned
_WEIGHT = 0.02  # a pixel of weight that aligning it adds or takes: much of it makes edges ragged
_STYLE = 0.15  # of 1 - cosine of style vectors, which know a brush from a pen


@dataclass(frozen=True)
class Ranking:
    """The kindred fonts of N requests.

    Attributes:
        fonts: (N, G) rows of the gallery, nearest first, no two of one lineage.
        distances: (N, G) mean squared distances of signatures, whatever it was ranked by.
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
    unlike: Tensor | None = None,
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
        unlike: (N, F) what is added to the distances to rank by; see :func:`unlikeness`.
        pool: Training: choose the ``count`` at random among this many nearest.
        generator: For ``pool``.
    """
    distance = (wanted.unsqueeze(1) - gallery).square().mean((2, 3))  # (N, F)
    ranked = distance if unlike is None else distance + unlike
    ranked = ranked.masked_fill(~usable, torch.inf)
    n = len(ranked)
    best = ranked.new_full((n, int(lineages.max()) + 1), torch.inf)
    best = best.scatter_reduce(1, lineages.expand(n, -1), ranked, "amin")
    leading = ranked.masked_fill(ranked > best[:, lineages], torch.inf)
    nearest = leading.sort(dim=1, stable=True)
    if pool is None:
        fonts = nearest.indices[:, :count]
        return Ranking(fonts, distance.gather(1, fonts))
    values = nearest.values[:, :pool]
    chance = torch.rand(values.shape, generator=generator).masked_fill(values.isinf(), 2.0)
    chosen = chance.topk(count, dim=1, largest=False).indices.sort(1).values
    fonts = nearest.indices.gather(1, chosen)
    return Ranking(fonts, distance.gather(1, fonts))


def unlikeness(
    their: Tensor, wanted: Tensor, change: Change, styles: Tensor, style: Tensor
) -> Tensor:
    """What makes F fonts unlike the references beside their signatures, (F,).

    A signature forgets weight, and a stroke's end and texture are small in it. So this adds what is
    left of the difference after aligning, how much thicker or thinner aligning makes a font, and
    how far apart the style encoder sees them.

    Args:
        their: (F, K, S, S) fields of the references' syllables in the fonts.
        wanted: (K, S, S) fields of the references.
        change: F rows, what aligns each font.
        styles: (F, D) style vectors of the fonts' glyphs of these syllables.
        style: (D,) that of the references.
    """
    left = left_over(their, wanted, change)
    cosine = torch.cosine_similarity(styles, style.unsqueeze(0))
    return _LEFT * left + _WEIGHT * change.weight.abs() + _STYLE * (1 - cosine)


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
