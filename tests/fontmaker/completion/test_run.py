"""Missing syllables are drawn from the nearest of hers, traced, added, drawn back and read."""

from io import BytesIO

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from fontmaker.choice import nearest
from fontmaker.completion.drawing import draw_missing, grouped, readable
from fontmaker.completion.hers import measure
from fontmaker.completion.opening import open_half
from fontmaker.completion.run import CompletionOrder, complete_font
from fontmaker.reference import Reference
from hangeul_bench.base.errors import UserError
from support.fontmaker_stubs import Stages, StubModel, StubReader, generator, glyph
from support.half_fonts import HERS, half_font

NEW = tuple(sorted("갸갇낟냐늘"))


class TwoShots(StubModel):
    """Looks at two references, and remembers which."""

    most_references = 2

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.shown = {}

    def generate(self, request):
        shown = "".join(request.reference_characters)
        self.shown |= dict.fromkeys(request.characters, shown)
        return super().generate(request)


def order(path, model, **changes):
    half = open_half(path)
    hers = measure(half)
    references = tuple(
        Reference(image, s, "Half.ttf", "ab" * 32)
        for s, image in zip(hers.syllables, hers.images, strict=True)
    )
    given = {"syllables": NEW, "generator": generator(model, references=references)}
    return CompletionOrder(half, hers, **given | changes)


def complete(tmp_path, **changes):
    model = changes.pop("model", None) or TwoShots()
    asked = order(half_font(tmp_path / "Half.ttf"), model, **changes)
    stages = Stages()
    made = complete_font(asked, work=tmp_path / "work", reader=StubReader(NEW), stages=stages)
    return made, model, stages


def test_each_syllable_is_drawn_once_from_those_that_share_most_with_its_group(tmp_path):
    made, model, stages = complete(tmp_path)
    assert tuple(made.glyphs) == NEW
    drawn = [asked for asked, _ in model.asked if set(asked) <= set(NEW)]  # others tell the width
    assert sorted("".join(drawn)) == sorted(NEW)
    for group in grouped(NEW):
        expected = "".join(nearest(group, HERS, 2))
        assert {model.shown[s] for s in group} == {expected}
        assert {made.record["references"][s] for s in group} == {expected}
    assert all(done == total for total, done in stages.seen.values())
    assert stages.seen["Drawing"] == (len(NEW), len(NEW))


def test_the_whole_font_shows_what_was_drawn_and_the_record_says_how(tmp_path):
    made, _, _ = complete(tmp_path)
    assert {*NEW, *HERS} <= {chr(c) for c in TTFont(BytesIO(made.font)).getBestCmap()}
    assert made.verification.ssim.min() > 0.97
    record = made.record
    assert record["completed"]["syllables"] == len(HERS)
    assert record["points"]["median_of_hers"] == 12
    assert record["points"]["most"] <= 18 and record["points"]["above"] == ""
    assert record["advance"]["fixed"] == 940


def test_images_of_her_own_are_taken_and_blank_ones_left_out(tmp_path):
    model = TwoShots()
    draws = model.generate
    blank = np.full((128, 128), 255, np.uint8)
    model.generate = lambda request: np.stack(
        [
            blank if s == "낟" else page
            for s, page in zip(request.characters, draws(request), strict=True)
        ]
    )
    made, _, _ = complete(tmp_path, model=model, kept={"늘": glyph("갸")})
    assert "늘" not in "".join(asked for asked, _ in model.asked)
    assert made.record["kept"] == ["늘"]
    assert made.record["left_out"] == ["낟"]
    assert ord("낟") not in TTFont(BytesIO(made.font)).getBestCmap()


def test_nothing_drawn_at_all_is_one_sentence(tmp_path):
    model = StubModel()
    model.generate = lambda request: np.full((len(request.characters), 128, 128), 255, np.uint8)
    with pytest.raises(UserError, match="nothing draws any"):
        complete(tmp_path, model=model)


def test_what_reads_as_another_syllable_is_not_shown(tmp_path):
    pages = {s: glyph(s, wrong=s == "나") for s in "가나다"}
    references = [Reference(page, s, "Half.ttf", "") for s, page in pages.items()]
    assert [r.character for r in readable(references, StubReader("가나다"))] == ["가", "다"]
    assert len(readable(references[1:2], StubReader("가나다"))) == 1  # better than none


def test_a_group_of_kept_images_alone_asks_no_model(tmp_path):
    model = StubModel()
    one = generator(model)
    kept = {"갸": glyph("갸")}
    drawn, _ = draw_missing(
        one, ("갸",), kept=kept, work=tmp_path, reader=StubReader("갸"), stages=Stages()
    )
    assert drawn.origins == ("kept",) and model.asked == []
