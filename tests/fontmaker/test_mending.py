"""What reads wrong in the finished font is drawn again, and the font judges the tries."""

import numpy as np
import pytest

from fontmaker.generation import Drawn
from fontmaker.mending import mend
from fontmaker.store import GlyphStore
from fontmaker.verification import Proof, Reading
from support.fontmaker_stubs import Stages, StubModel, artist, glyph

SYLLABLES = ("가", "각", "간")


def tone(attempt):
    """What a glyph's ink is drawn with by the n-th try."""
    return 10 * attempt


class Toned(StubModel):
    """Draws each try in a tone of its own, so that a page tells its try."""

    def generate(self, request):
        seeds = [artist(self).seed_of(attempt) for attempt in range(9)]
        return np.maximum(super().generate(request), tone(seeds.index(request.seed)))


def reading(right):
    right = np.array(right)
    return Reading(right, 3 * ~right, np.where(right, 0.0, -5.0), ("",) * len(right))


def run(folder, right_in_font, *, right, origins=("drawn",) * 3, tries=4, made=None, **drawn):
    """What mend makes of a font in which ``right_in_font(syllable, try)`` tells what reads right.

    Returns:
        The pages, the rows that changed, and which (syllables, try) the font was asked about.
    """
    pages = np.stack([glyph(syllable) for syllable in SYLLABLES])
    pages = Drawn(SYLLABLES, pages, pages.copy(), origins, made or {}, **drawn)
    asked = []

    def read_in_font(pages, syllables, progress):
        (attempt,) = {int(page.min()) // 10 for page in pages}
        asked.append(("".join(syllables), attempt))
        progress.advance(len(pages))
        return reading([right_in_font(s, attempt) for s in syllables])

    proof = Proof(np.ones(3), np.ones(3), reading(right))
    who = artist(Toned(), tries=tries)
    store = GlyphStore(folder, who.claim())
    rows = mend(who, pages, proof, read_in_font=read_in_font, store=store, stages=Stages())
    return pages, rows.tolist(), asked


def test_the_first_try_that_reads_right_in_the_font_is_taken(tmp_path):
    drawn, rows, asked = run(tmp_path, lambda s, n: n == 2, right=[True, False, True])
    assert rows == [1]
    assert asked == [("각", 0), ("각", 1), ("각", 2)]
    assert drawn.pages[:, 25, 25].tolist() == [0, tone(2), 0]
    assert drawn.crisp[1, 25, 25] == 0  # solid ink, where it was half so
    assert (drawn.tries, drawn.chosen) == ({"각": 3}, {"각": 2})


def test_an_earlier_try_may_read_right_where_the_page_that_was_taken_does_not(tmp_path):
    drawn, rows, _ = run(
        tmp_path,
        lambda s, n: n == 0,
        right=[True, False, True],
        made={"각": 3},
        chosen={"각": 2},
    )
    assert rows == [1]
    assert (drawn.tries, drawn.chosen) == ({"각": 3}, {})


def test_pages_stay_where_no_try_reads_right(tmp_path):
    drawn, rows, asked = run(
        tmp_path, lambda s, n: s == "가" and n == 3, right=[False, False, True]
    )
    assert rows == [0]
    assert asked == [("가각", n) for n in range(4)]
    assert np.array_equal(drawn.pages[1], glyph("각"))
    assert drawn.tries == {"가": 4, "각": 4}
    assert drawn.chosen == {"가": 3}


@pytest.mark.parametrize(
    "changes",
    [
        {"right": [True] * 3},
        {"right": [False] * 3, "origins": ("kept", "reference", "kept")},
        {"right": [False] * 3, "same_each_time": True},
    ],
)
def test_nothing_is_asked_where_nothing_could_be_better(tmp_path, changes):
    drawn, rows, asked = run(tmp_path, lambda s, n: True, **changes)
    assert (rows, asked, drawn.tries) == ([], [], {})


def test_with_one_try_nothing_is_drawn_again(tmp_path):
    drawn, rows, _ = run(tmp_path, lambda s, n: False, right=[False, True, True], tries=1)
    assert (rows, drawn.tries) == ([], {})
