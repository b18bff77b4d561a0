"""The rules that choose which syllables and font families are unseen; each is a pure function.

Chance comes from SHA-256 of what is chosen among, so the choice needs no seed, is the same on
every machine, and does not depend on the order of a listing.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from hangeul_bench.charset import codepoint_name
from hangeul_bench.phonetics import decompose

_Part = tuple[str, int]  # a jamo in its position, e.g. ("final", 4)


def hash_order(names: Iterable[str], salt: str = "") -> list[str]:
    """``names`` by SHA-256 of ``salt`` and name: a shuffle that is the same everywhere."""
    return sorted(names, key=lambda name: hashlib.sha256(f"{salt}{name}".encode()).digest())


def syllable_order(syllables: Iterable[str], salt: str = "") -> list[str]:
    """Syllables in the :func:`hash_order` of their names, such as ``U+AC00``."""
    by_name = {codepoint_name(syllable): syllable for syllable in syllables}
    return [by_name[name] for name in hash_order(by_name, salt)]


def choose_unseen(
    syllables: Collection[str], count: int, *, keep: Collection[str] = ()
) -> tuple[str, ...]:
    """The syllables to hold out of training.

    They come in hash order; one is passed over if without it an initial, medial or final of
    ``syllables`` would no longer occur among the seen ones.

    Args:
        syllables: All of the character set.
        count: How many to choose; fewer come back if the condition allows no more.
        keep: Syllables that stay seen, such as the references.

    Returns:
        The chosen ones in code-point order.
    """
    left = Counter(part for syllable in syllables for part in _parts(syllable))
    chosen: list[str] = []
    for syllable in syllable_order(syllables):
        if len(chosen) == count:
            break
        if syllable not in keep and all(left[part] > 1 for part in _parts(syllable)):
            left.subtract(_parts(syllable))
            chosen.append(syllable)
    return tuple(sorted(chosen))


def choose_lite(
    seen: Collection[str], unseen: Collection[str], *, n_seen: int, n_unseen: int
) -> tuple[str, ...]:
    """A small test set in which every initial, medial and final of the seen syllables occurs.

    The seen ones are those that add most jamo not yet covered, in hash order among equals, until
    all are covered; the rest follows in hash order.

    Returns:
        ``n_seen`` + ``n_unseen`` syllables in code-point order.
    """
    order = syllable_order(seen, "lite ")
    uncovered = {part for syllable in seen for part in _parts(syllable)}
    chosen: list[str] = []
    while uncovered and len(chosen) < n_seen:
        best = max(order, key=lambda syllable: len(uncovered.intersection(_parts(syllable))))
        chosen.append(best)
        uncovered.difference_update(_parts(best))
    rest = [syllable for syllable in order if syllable not in chosen]
    chosen += rest[: n_seen - len(chosen)]
    return tuple(sorted(chosen + syllable_order(unseen, "lite ")[:n_unseen]))


def choose_families(families: Collection[str], count: int) -> tuple[str, ...]:
    """The first ``count`` families in hash order, sorted."""
    return tuple(sorted(hash_order(families)[:count]))


def _parts(syllable: str) -> Sequence[_Part]:
    initial, medial, final = decompose(syllable)
    return ("initial", initial), ("medial", medial), ("final", final)
