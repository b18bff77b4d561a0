"""Leave out of a font what nothing can draw: no syllable is mapped to a blank glyph."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fontmaker.generation import Drawn, content_lacking
from fontmaker.order import FontOrder
from hangeul_bench.base.errors import UserError

_NAMED = 12  # syllables named in a message


def without_content(order: FontOrder) -> tuple[FontOrder, tuple[str, ...]]:
    """The order without syllables that its model would have to draw from blank paper.

    Args:
        order: What to make.

    Returns:
        The order, and the syllables that neither the content font draws nor the user gives.

    Raises:
        UserError: That is all of them.
    """
    given = {reference.character for reference in order.generator.references} | set(order.kept)
    asked = [syllable for syllable in order.syllables if syllable not in given]
    lacking = content_lacking(order.generator, asked)
    if not lacking:
        return order, ()
    left = tuple(s for s in order.syllables if s not in lacking)
    if not left:
        raise nothing_drawn(lacking)
    return replace(order, syllables=left), lacking


def without_blank(drawn: Drawn) -> tuple[Drawn, tuple[str, ...]]:
    """The images with ink, and the syllables of those without.

    Raises:
        UserError: None has ink.
    """
    inked = (drawn.crisp < 128).any(axis=(1, 2)) & (drawn.images < 128).any(axis=(1, 2))
    blank = tuple(drawn.syllables[row] for row in np.flatnonzero(~inked).tolist())
    if not blank:
        return drawn, ()
    if not inked.any():
        raise nothing_drawn(blank)
    return drawn.only(np.flatnonzero(inked)), blank


def named(syllables: Sequence[str]) -> str:
    """The first of some syllables, and how many more there are."""
    more = f" and {len(syllables) - _NAMED} more" if len(syllables) > _NAMED else ""
    return "".join(syllables[:_NAMED]) + more


def nothing_drawn(lacking: Sequence[str]) -> UserError:
    """What is raised where nothing draws any syllable that is asked for."""
    return UserError(
        f"Expected glyphs for {named(lacking)}, but nothing draws any; give the model a "
        "dataset or fonts (--data, --fonts) that have them, or glyphs of your own (--keep)."
    )
