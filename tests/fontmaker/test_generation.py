"""Syllables are drawn once, read, and drawn again with other seeds where they read wrong.

What reads wrong in the finished font is drawn again, and the font judges the tries.
"""

import numpy as np
import pytest

from fontmaker.generation import Drawn, draw_font, redraw
from fontmaker.reading import Reading
from fontmaker.store import GlyphStore
from fontmaker.verification import Verification
from hangeul_bench.base.errors import UserError
from support.fontmaker_stubs import Stages, StubModel, StubReader, generator, glyph, reference

SYLLABLES = tuple("가각간갇갈갉한")
FEW = ("가", "각", "간")


def draw(model, folder, *, kept=None, stages=None, **changes):
    who = generator(model, **changes)
    return draw_font(
        who,
        SYLLABLES,
        kept=kept or {},
        store=GlyphStore(folder, who.settings()),
        reader=StubReader(SYLLABLES),
        stages=stages or Stages(),
    )


def test_every_syllable_is_asked_once_and_the_reference_not_at_all(tmp_path):
    model, stages = StubModel(), Stages()
    drawn = draw(model, tmp_path, stages=stages)
    assert "".join(asked for asked, _ in model.asked) == "가각간갇갈갉"
    assert drawn.origins == ("drawn",) * 6 + ("reference",)
    assert all(np.array_equal(p, glyph(s)) for p, s in zip(drawn.images, SYLLABLES, strict=True))
    assert stages.seen["Drawing"] == (6, 6)
    assert drawn.tries == {}
    assert drawn.first_jamo_error == 0


def test_soft_drawings_are_kept_as_they_are_and_read_with_crisp_edges(tmp_path):
    model = StubModel()
    draws = model.generate
    model.generate = lambda request: np.maximum(draws(request), 40)  # ink that is not quite black
    drawn = draw(model, tmp_path)
    assert (drawn.images[:6].min(axis=(1, 2)) == 40).all()
    assert (drawn.crisp.min(axis=(1, 2)) == 0).all()


def test_what_reads_wrong_is_drawn_again_until_it_reads_right(tmp_path):
    first = generator(StubModel()).seed_of
    model = StubModel(lambda s, seed: s == "각" and seed in (first(0), first(1)))
    model.generate = _never_the_same(model.generate)
    drawn = draw(model, tmp_path)
    again = [(asked, seed) for asked, seed in model.asked if seed != first(0)]
    assert again == [("각", first(1)), ("각", first(2))]
    assert drawn.tries == {"각": 3}
    assert drawn.chosen == {"각": 2}
    assert np.array_equal(drawn.images[1][1:], glyph("각")[1:])
    assert drawn.first_jamo_error == pytest.approx(3 / 18)


def test_tries_end(tmp_path):
    flips = StubModel(lambda s, seed: s == "갈")
    flips.generate = _never_the_same(flips.generate)
    drawn = draw(flips, tmp_path, tries=3)
    assert drawn.tries == {"갈": 3}
    assert not drawn.same_each_time


def test_a_model_that_draws_the_same_for_every_seed_is_asked_once_more_only(tmp_path):
    model = StubModel(lambda s, seed: s == "갈")
    drawn = draw(model, tmp_path, tries=9)
    assert drawn.same_each_time
    assert [asked for asked, _ in model.asked if asked == "갈"] == ["갈"]


def test_of_several_wrong_drawings_the_one_that_reads_best_is_taken(tmp_path):
    model = StubModel(lambda s, seed: s == "갈")
    model.generate = _never_the_same(model.generate)

    class Reader(StubReader):
        def logits(self, pages):
            heads = super().logits(pages)
            for row, page in enumerate(np.asarray(pages)):
                if (page[100:110] < 128).any():
                    heads[0][row, 0] += float(_nth(page) == 2) * 3
            return heads

    who = generator(model, tries=4)
    store = GlyphStore(tmp_path, who.settings())
    reader = Reader(SYLLABLES)
    drawn = draw_font(who, SYLLABLES, kept={}, store=store, reader=reader, stages=Stages())
    assert drawn.tries == {"갈": 4}
    assert drawn.chosen == {"갈": 2}
    assert _nth(drawn.images[4]) == _nth(drawn.crisp[4]) == 2


def test_interrupted_work_goes_on_where_it_was(tmp_path):
    class Interrupted(StubModel):
        def generate(self, request):
            if self.asked:
                raise KeyboardInterrupt
            return super().generate(request)

    with pytest.raises(KeyboardInterrupt):
        draw(Interrupted(), tmp_path)
    model = StubModel()
    drawn = draw(model, tmp_path)
    assert [asked for asked, _ in model.asked] == ["갈갉"]
    assert all(np.array_equal(p, glyph(s)) for p, s in zip(drawn.images, SYLLABLES, strict=True))


def test_another_seed_or_reference_starts_anew(tmp_path):
    draw(StubModel(), tmp_path)
    for changes in ({"seed": 5}, {"references": (reference("글"),)}, {"content_sha256": "1"}):
        model = StubModel()
        draw(model, tmp_path, **changes)
        assert "".join(asked for asked, _ in model.asked).startswith("가각간갇"), changes


def test_a_page_of_the_users_own_stands_in_for_a_drawing(tmp_path):
    own = glyph("한", wrong=True)
    model = StubModel()
    drawn = draw(model, tmp_path, kept={"가": own, "한": own})
    assert drawn.origins == ("kept", *("drawn",) * 5, "kept")
    assert np.array_equal(drawn.images[0], own)
    assert "가" not in "".join(asked for asked, _ in model.asked)


def test_white_on_black_is_refused(tmp_path):
    model = StubModel()
    draws = model.generate
    model.generate = lambda request: 255 - draws(request)
    with pytest.raises(UserError, match="invert"):
        draw(model, tmp_path)


def _never_the_same(generate):
    seeds = []

    def changed(request):
        if request.seed not in seeds:
            seeds.append(request.seed)
        pages = generate(request)
        pages[:, 0, : seeds.index(request.seed)] = 0
        return pages

    return changed


def _nth(page):
    """Which drawing of :func:`_never_the_same` a page is, from 0."""
    return int((page[0] == 0).sum())


def tone(attempt):
    """What a glyph's ink is drawn with by the n-th try."""
    return 10 * attempt


class Toned(StubModel):
    """Draws each try in a tone of its own, so that a page tells its try."""

    def generate(self, request):
        seeds = [generator(self).seed_of(attempt) for attempt in range(9)]
        return np.maximum(super().generate(request), tone(seeds.index(request.seed)))


def reading(right):
    right = np.array(right)
    return Reading(right, 3 * ~right, np.where(right, 0.0, -5.0), ("",) * len(right))


def run(folder, right_in_font, *, right, origins=("drawn",) * 3, tries=4, made=None, **drawn):
    """What redraw makes of a font in which ``right_in_font(syllable, try)`` tells what reads right.

    Returns:
        The pages, the rows that changed, and which (syllables, try) the font was asked about.
    """
    pages = np.stack([glyph(syllable) for syllable in FEW])
    pages = Drawn(FEW, pages, pages.copy(), origins, made or {}, **drawn)
    asked = []

    def read_in_font(pages, syllables, progress):
        (attempt,) = {int(page.min()) // 10 for page in pages}
        asked.append(("".join(syllables), attempt))
        progress.advance(len(pages))
        return reading([right_in_font(s, attempt) for s in syllables])

    verification = Verification(np.ones(3), np.ones(3), reading(right))
    who = generator(Toned(), tries=tries)
    store = GlyphStore(folder, who.settings())
    rows = redraw(who, pages, verification, read_in_font=read_in_font, store=store, stages=Stages())
    return pages, rows.tolist(), asked


def test_the_first_try_that_reads_right_in_the_font_is_taken(tmp_path):
    drawn, rows, asked = run(tmp_path, lambda s, n: n == 2, right=[True, False, True])
    assert rows == [1]
    assert asked == [("각", 0), ("각", 1), ("각", 2)]
    assert drawn.images[:, 25, 25].tolist() == [0, tone(2), 0]
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
    assert np.array_equal(drawn.images[1], glyph("각"))
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
