"""Draw again what reads wrong in the finished font: there the reader has the last word.

A page and its outline differ by a hair; where the reader is of two minds, that decides.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from fontmaker.edges import crisp
from fontmaker.generation import Artist, Drawn, Stages, draw_attempt
from fontmaker.store import GlyphStore
from fontmaker.verification import Proof, Reading
from hangeul_bench.base.images import Glyphs
from hangeul_bench.base.progress import Progress

# Pages, their syllables, a count of them => what the reader makes of them in a font.
ReadInFont = Callable[[Glyphs, Sequence[str], Progress], Reading]


def mend(
    artist: Artist,
    drawn: Drawn,
    proof: Proof,
    *,
    read_in_font: ReadInFont,
    store: GlyphStore,
    stages: Stages,
) -> NDArray[np.int64]:
    """Take another drawing of what reads wrong in the font, if one of its tries reads right there.

    Args:
        artist: Who draws, and from what.
        drawn: The font's pages, into which the other drawings are put.
        proof: What the reader makes of the font.
        read_in_font: Reads other pages as the font would show them.
        store: Where drawings lie.
        stages: Shows how far each stage is.

    Returns:
        Which rows of ``drawn`` hold other pages now.
    """
    own = np.array([origin == "drawn" for origin in drawn.origins])
    wrong = np.flatnonzero(~proof.reading.right & own).tolist()
    changed = []
    for attempt in range(artist.tries):
        if not wrong or drawn.same_each_time:
            break
        asked = tuple(drawn.syllables[row] for row in wrong)
        if store.lacking(asked, attempt):
            draw_attempt(artist, asked, attempt, store=store, stages=stages)
        pages = store.read(asked, attempt)
        with stages(f"Mending ({attempt + 1})", len(asked), "glyphs") as progress:
            right = read_in_font(pages, asked, progress).right
        for syllable in asked if attempt else ():
            drawn.tries[syllable] = max(drawn.tries.get(syllable, 1), attempt + 1)
        for number in np.flatnonzero(right).tolist():
            _take(drawn, wrong[number], attempt, pages[number])
            changed.append(wrong[number])
        wrong = [row for row, good in zip(wrong, right, strict=True) if not good]
    return np.array(sorted(changed), np.int64)


def _take(drawn: Drawn, row: int, attempt: int, page: Glyphs) -> None:
    drawn.pages[row] = page
    drawn.crisp[row] = crisp(page[None])[0]
    drawn.chosen.pop(drawn.syllables[row], None)
    if attempt:
        drawn.chosen[drawn.syllables[row]] = attempt
