"""Which of the syllables that a font has are shown to a model as references."""

from collections.abc import Iterable, Sequence

from hangeul_bench.hangeul import decompose, ksx1001, layout

FIRST = "한"  # what a reference shows if nobody says more

Feature = tuple[str, object]


def learned(syllables: Iterable[str]) -> tuple[str, ...]:
    """Those of KS X 1001, which models, datasets and the reader know; all if none is of it."""
    given = tuple(syllables)
    known = set(ksx1001())
    return tuple(syllable for syllable in given if syllable in known) or given


def covering(syllables: Iterable[str], count: int) -> tuple[str, ...]:
    """Syllables that show as many jamo and layouts as so few can.

    The first is 한 where it is there. Each further one adds the most jamo, each in its position,
    to those before it, and a new layout counts as two; of equals it is the first by code point. So
    the beginning of the answer is the answer for a smaller ``count``.

    Args:
        syllables: From which.
        count: How many at most.
    """
    left = sorted(set(syllables))
    features = {syllable: features_of(syllable) for syllable in left}
    seen: frozenset[Feature] = frozenset()
    chosen: list[str] = []
    while left and len(chosen) < count:
        if not chosen and FIRST in features:
            best = FIRST
        else:
            best = max(left, key=lambda syllable: _gain(features[syllable] - seen))
        chosen.append(best)
        left.remove(best)
        seen |= features[best]
    return tuple(chosen)


def nearest(targets: Sequence[str], syllables: Sequence[str], count: int) -> tuple[str, ...]:
    """Syllables that show most of what some targets are made of.

    Each adds the most to those before it, counted over the targets: a jamo in its position counts
    in full where it is new, and a quarter where it is shown already; so does the layout.

    Args:
        targets: The syllables to draw.
        syllables: Those that can be shown.
        count: How many at most.
    """
    weight: dict[Feature, int] = {}
    for target in targets:
        for feature in features_of(target):
            weight[feature] = weight.get(feature, 0) + 4
    left = sorted(set(syllables))
    features = {s: [f for f in features_of(s) if f in weight] for s in left}
    chosen: list[str] = []
    while left and len(chosen) < count:
        best = max(left, key=lambda syllable: sum(weight[f] for f in features[syllable]))
        chosen.append(best)
        left.remove(best)
        for feature in features[best]:
            weight[feature] = max(1, weight[feature] // 4)
    return tuple(chosen)


def features_of(syllable: str) -> frozenset[Feature]:
    """Its three jamo, each with its position, and its layout."""
    parts = decompose(syllable)
    return frozenset({*zip(parts._fields, parts, strict=True), ("layout", layout(syllable))})


def _gain(new: frozenset[Feature]) -> int:
    return sum(2 if kind == "layout" else 1 for kind, _ in new)
