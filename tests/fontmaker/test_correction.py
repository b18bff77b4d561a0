"""Drawings come to their references' stroke width and size, within limits, and stay legible."""

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from fontmaker.correction import Correction, between, half_widths
from fontmaker.generation import corrected, draw_font
from fontmaker.store import GlyphStore
from support.fontmaker_stubs import Bar, StubModel, StubReader, generator, glyph, reference


def crosses(half, *, side=80, count=3, right=0):
    """(count, 128, 128) uint8: two bars of 2 half pixels that cross, a little longer each time."""
    y, x = np.mgrid[:128, :128] + 0.5
    pages = []
    for number in range(count):
        reach = side / 2 + number
        across = np.minimum(half - abs(y - 64), reach - abs(x - 64 - right))
        down = np.minimum(half - abs(x - 64 - right), reach - abs(y - 64))
        pages.append(255 * (1 - (np.maximum(across, down) + 0.5).clip(0, 1)))
    return np.rint(pages).astype(np.uint8)


@contextmanager
def stages(title, total, unit):
    del title, total, unit
    yield Bar()


def test_half_a_bar_s_width_is_measured():
    found = half_widths(crosses(4.0))
    assert np.abs(found - 4.0).max() < 0.35  # the ends count, too
    assert np.isnan(half_widths(np.full((1, 128, 128), 255, np.uint8)))


@pytest.mark.parametrize(("own", "wanted"), [(3.0, 5.0), (5.0, 3.5), (6.25, 7.5), (2.0, 2.6)])
def test_strokes_get_the_references_width(own, wanted):
    correction = between(crosses(own), crosses(wanted))
    assert correction.weight == pytest.approx(wanted - own, abs=0.25)
    found = half_widths(correction(crosses(own)))
    assert np.abs(found - half_widths(crosses(wanted))).max() < 0.2


def test_a_counter_stays_open_and_edges_stay_crisp():
    ring = crosses(4.0)[:1]
    y, x = np.mgrid[:128, :128] + 0.5
    far = np.hypot(x - 64, y - 64)
    ring[0] = np.rint(255 * (1 - (3 - abs(far - 20) + 0.5).clip(0, 1)))
    thick = between(ring, crosses(5.0)[:1])(ring)[0]
    assert thick[64, 64] == 255 and (thick[64] < 128).sum() > (ring[0, 64] < 128).sum()
    assert ((thick > 0) & (thick < 255)).mean() < 0.05


def test_what_is_asked_for_is_bounded():
    thin = between(crosses(8.0), crosses(1.0))
    assert thin.weight == pytest.approx(-0.4 * half_widths(crosses(8.0)).mean(), rel=0.05)
    assert (thin(crosses(8.0)) < 128).any()
    small = between(crosses(4.0, side=100), crosses(4.0, side=20))
    assert small.scale == 0.75


def test_size_and_place_are_made_up_for_in_part():
    own, wanted = crosses(4.0, side=60), crosses(4.0, side=75, right=6)
    correction = between(own, wanted)
    assert 1.1 < correction.scale < 1.25
    assert correction.shift[0] == pytest.approx(6 * 3 / 4, abs=0.5) and correction.shift[1] == 0
    one = between(own[:1], wanted[:1])
    assert one.scale < correction.scale and one.shift[0] < correction.shift[0]


def test_equal_drawings_stay_as_they_are():
    correction = between(crosses(4.0), crosses(4.0))
    assert not correction.needed
    pages = crosses(4.0)
    assert correction(pages) is pages


def test_references_of_several_widths_ask_for_the_median():
    wanted = np.concatenate([crosses(3.0, count=1), crosses(4.0, count=1), crosses(9.0, count=1)])
    correction = between(crosses(5.0), wanted)
    assert correction.weight == pytest.approx(-1.0, abs=0.25)


def test_blank_drawings_ask_for_nothing():
    blank = np.full((2, 128, 128), 255, np.uint8)
    assert between(blank, crosses(4.0, count=2)) == Correction()
    assert (Correction(weight=1.0)(blank) == 255).all()


def test_each_reference_is_drawn_from_the_others(tmp_path):
    model = StubModel()
    shown = []
    draws = model.generate

    def generate(request):
        shown.append(("".join(request.characters), "".join(request.reference_characters)))
        return draws(request)

    model.generate = generate
    own = generator(model, references=tuple(map(reference, "한글물")))
    found = corrected(own, tmp_path, stages)
    assert shown == [("한", "글물"), ("글", "한물"), ("물", "한글")]
    assert not found.correction.needed  # the model draws what the references show
    corrected(own, tmp_path, stages)
    assert len(shown) == 3  # they lie in the store
    corrected(generator(model), tmp_path, stages)
    assert shown[3:] == [("한", "한")]


def test_a_reference_that_the_content_font_lacks_tells_nothing(tmp_path):
    def content(syllables):
        return np.stack(
            [np.full((128, 128), 255, np.uint8) if s == "글" else glyph(s) for s in syllables]
        )

    model = StubModel()
    own = generator(
        model, references=(reference("한"), reference("글")), content=content, content_sha256="1"
    )
    corrected(own, tmp_path, stages)
    assert [asked for asked, _ in model.asked] == ["한"]
    alone = generator(model, references=(reference("글"),), content=content, content_sha256="1")
    assert not corrected(alone, tmp_path, stages).correction.needed
    assert [asked for asked, _ in model.asked] == ["한"]


def test_what_reads_right_only_as_drawn_stays_so(tmp_path):
    syllables = tuple("가각간")
    own = replace(generator(StubModel()), correction=Correction(weight=2.0))
    store = GlyphStore(tmp_path, own.settings())
    reader = StubReader(syllables)  # it knows the uncorrected glyphs alone
    drawn = draw_font(own, syllables, kept={}, store=store, reader=reader, stages=stages)
    assert drawn.uncorrected == syllables and not drawn.tries
    assert all((page == glyph(s)).all() for page, s in zip(drawn.images, syllables, strict=True))
