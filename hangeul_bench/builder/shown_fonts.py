"""Which fonts of a dataset a specimen shows: the unseen ones, and others spread over all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hangeul_bench.dataset.tables import Font

MOST_SHOWN = 50

Item = TypeVar("Item")


def shown_fonts(fonts: "Sequence[Font]", most: int = MOST_SHOWN) -> "list[Font]":
    """At most ``most`` fonts: as many of each category, in it the unseen ones first.

    The others are one font a family, as long as there are families, at even distances in the order
    of the font ids; so the same fonts always give the same choice.

    Args:
        fonts: All fonts of a dataset.
        most: How many at most.
    """
    by_category: dict[str | None, list[Font]] = {}
    for font in sorted(fonts, key=lambda font: font.font_id):
        by_category.setdefault(font.category, []).append(font)
    left, chosen = most, []
    # The smallest first: what it leaves of its share is for the others.
    for done, group in enumerate(sorted(by_category.values(), key=len)):
        share = min(left // (len(by_category) - done), len(group))
        chosen += _of_one_category(group, share)
        left -= share
    return chosen


def _of_one_category(fonts: "list[Font]", count: int) -> "list[Font]":
    unseen = [font for font in fonts if font.split == "unseen"]
    families: dict[str, Font] = {}
    for font in fonts:
        known = families.setdefault(font.lineage, font)
        if font.style == "Regular" != known.style:
            families[font.lineage] = font
    others = [font for font in families.values() if font.split != "unseen"]
    chosen = [*_spread(unseen, count), *_spread(others, count - len(unseen))]
    more = [font for font in fonts if font not in chosen]
    chosen += _spread(more, count - len(chosen))
    return sorted(chosen, key=lambda font: (font.split != "unseen", font.font_id))


def _spread(items: Sequence[Item], count: int) -> list[Item]:
    """``count`` items at even distances; all if there are fewer."""
    if count >= len(items):
        return list(items)
    return [items[index * len(items) // count] for index in range(max(count, 0))]
