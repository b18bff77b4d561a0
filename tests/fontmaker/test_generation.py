"""Syllables are drawn once, read, and drawn again with other seeds where they read wrong."""

import numpy as np
import pytest

from fontmaker.generation import draw_font
from fontmaker.store import GlyphStore
from hangeul_bench.base.errors import UserError
from support.fontmaker_stubs import Stages, StubModel, StubReader, artist, glyph, source

SYLLABLES = tuple("가각간갇갈갉한")


def draw(model, folder, *, kept=None, stages=None, **changes):
    who = artist(model, **changes)
    return draw_font(
        who,
        SYLLABLES,
        kept=kept or {},
        store=GlyphStore(folder, who.claim()),
        reader=StubReader(SYLLABLES),
        stages=stages or Stages(),
    )


def test_every_syllable_is_asked_once_and_the_reference_not_at_all(tmp_path):
    model, stages = StubModel(), Stages()
    drawn = draw(model, tmp_path, stages=stages)
    assert "".join(asked for asked, _ in model.asked) == "가각간갇갈갉"
    assert drawn.origins == ("drawn",) * 6 + ("reference",)
    assert all(np.array_equal(p, glyph(s)) for p, s in zip(drawn.pages, SYLLABLES, strict=True))
    assert stages.seen["Drawing"] == (6, 6)
    assert drawn.tries == {}
    assert drawn.first_jamo_error == 0


def test_soft_drawings_are_kept_as_they_are_and_read_with_crisp_edges(tmp_path):
    model = StubModel()
    draws = model.generate
    model.generate = lambda request: np.maximum(draws(request), 40)  # ink that is not quite black
    drawn = draw(model, tmp_path)
    assert (drawn.pages[:6].min(axis=(1, 2)) == 40).all()
    assert (drawn.crisp.min(axis=(1, 2)) == 0).all()


def test_what_reads_wrong_is_drawn_again_until_it_reads_right(tmp_path):
    first = artist(StubModel()).seed_of
    model = StubModel(lambda s, seed: s == "각" and seed in (first(0), first(1)))
    model.generate = _never_the_same(model.generate)
    drawn = draw(model, tmp_path)
    again = [(asked, seed) for asked, seed in model.asked if seed != first(0)]
    assert again == [("각", first(1)), ("각", first(2))]
    assert drawn.tries == {"각": 3}
    assert drawn.chosen == {"각": 2}
    assert np.array_equal(drawn.pages[1][1:], glyph("각")[1:])
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

    who = artist(model, tries=4)
    store = GlyphStore(tmp_path, who.claim())
    reader = Reader(SYLLABLES)
    drawn = draw_font(who, SYLLABLES, kept={}, store=store, reader=reader, stages=Stages())
    assert drawn.tries == {"갈": 4}
    assert drawn.chosen == {"갈": 2}
    assert _nth(drawn.pages[4]) == _nth(drawn.crisp[4]) == 2


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
    assert all(np.array_equal(p, glyph(s)) for p, s in zip(drawn.pages, SYLLABLES, strict=True))


def test_another_seed_or_reference_starts_anew(tmp_path):
    draw(StubModel(), tmp_path)
    for changes in ({"seed": 5}, {"sources": (source("글"),)}, {"content_sha256": "1"}):
        model = StubModel()
        draw(model, tmp_path, **changes)
        assert "".join(asked for asked, _ in model.asked).startswith("가각간갇"), changes


def test_a_page_of_the_users_own_stands_in_for_a_drawing(tmp_path):
    own = glyph("한", wrong=True)
    model = StubModel()
    drawn = draw(model, tmp_path, kept={"가": own, "한": own})
    assert drawn.origins == ("kept", *("drawn",) * 5, "kept")
    assert np.array_equal(drawn.pages[0], own)
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
