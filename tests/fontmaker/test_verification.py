"""A finished font is drawn back on its pages and read, so that what is wrong in it is found."""

import numpy as np
import pytest
from scipy import ndimage

from fontmaker.font_file import Design, build_font
from fontmaker.naming import Provenance, family_name
from fontmaker.outline import crisp
from fontmaker.reading import read_glyphs
from fontmaker.reference import Advance
from fontmaker.shapes import trace_syllables
from fontmaker.verification import draw_back, verify
from hangeul_bench.dataset.splits.lists import evaluation_fonts
from hangeul_bench.fonts.freetype import FreeTypeFace
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.hangeul.charset import ksx1001
from hangeul_bench.reader.reader import JamoReader
from support.fontmaker_stubs import Bar

SYLLABLES = ksx1001()[::117]
FIXED = Advance("fixed", 900, "")
UNSEEN = [font.font_id for font in evaluation_fonts() if font.role == "unseen"]


@pytest.fixture(scope="module")
def reader():
    return JamoReader.load()


def pages_of(real_fonts, font_id):
    with Rasterizer(next(real_fonts.rglob(f"{font_id}.*"))) as rasterizer:
        return rasterizer.render_many(SYLLABLES)


def font_of(pages, advance=FIXED):
    traced = trace_syllables(pages, SYLLABLES, advance, progress=Bar())
    provenance = Provenance("c", "m", "u", False)
    return build_font(traced, Design(family_name("Te St"), provenance, advance, {})), traced


@pytest.mark.parametrize("font_id", UNSEEN)
def test_every_unseen_font_comes_back_as_it_was(real_fonts, reader, font_id):
    pages = pages_of(real_fonts, font_id)
    font, traced = font_of(pages)
    bar = Bar()
    verification = verify(font, crisp(pages), traced, as_drawn=pages, reader=reader, progress=bar)
    for ssim in (verification.ssim, verification.ssim_as_drawn):
        assert ssim.mean() >= 0.99
        assert ssim.min() >= 0.98
    own = read_glyphs(reader, pages, SYLLABLES).wrong_jamo.mean() / 3
    assert verification.jamo_error <= own + 0.02
    assert bar.done == len(SYLLABLES)


@pytest.mark.parametrize("kind", ["fixed", "proportional"])
def test_pages_come_back_in_their_place_however_the_font_advances(real_fonts, kind):
    pages = pages_of(real_fonts, "gamja-flower-regular")
    font, traced = font_of(pages, Advance(kind, 700 if kind == "fixed" else 70, ""))
    face = FreeTypeFace(font, "test")
    back = draw_back(face, SYLLABLES, traced)
    face.close()
    assert np.abs(back.astype(int) - pages).mean() < 1.5


def test_a_wrong_syllable_in_the_font_is_found(real_fonts, reader):
    pages = pages_of(real_fonts, "noto-sans-kr-regular")
    swapped = pages.copy()
    swapped[[3, 7]] = pages[[7, 3]]
    font, traced = font_of(swapped)
    verification = verify(font, crisp(pages), traced, as_drawn=pages, reader=reader, progress=Bar())
    wrong = np.flatnonzero(~verification.reading.right)
    assert {3, 7} <= set(wrong)
    assert verification.reading.read[3] == SYLLABLES[7]
    assert verification.ssim[3] < 0.9 < np.delete(verification.ssim, [3, 7]).min()


def test_a_blank_glyph_reads_as_nothing(real_fonts, reader):
    pages = pages_of(real_fonts, "noto-sans-kr-regular")
    pages[5] = 255
    font, traced = font_of(pages)
    verification = verify(font, crisp(pages), traced, as_drawn=pages, reader=reader, progress=Bar())
    assert verification.reading.read[5] == ""
    assert verification.reading.wrong_jamo[5] == 3
    assert not verification.reading.right[5]
    assert np.isneginf(verification.reading.confidence[5])


def test_confidence_orders_readings(real_fonts, reader):
    pages = pages_of(real_fonts, "noto-sans-kr-regular")[:2]
    right = read_glyphs(reader, pages, SYLLABLES[:2])
    wrong = read_glyphs(reader, pages, SYLLABLES[1::-1])
    assert (right.confidence > wrong.confidence).all()
    assert read_glyphs(reader, pages[:0], ()).read == ()


def test_soft_edges_are_told_apart_from_those_that_a_font_can_have(real_fonts, reader):
    sharp = pages_of(real_fonts, "gamja-flower-regular")
    soft = np.rint(ndimage.gaussian_filter(sharp.astype(float), (0, 1.2, 1.2))).astype(np.uint8)
    font, traced = font_of(soft)
    verification = verify(font, crisp(soft), traced, as_drawn=soft, reader=reader, progress=Bar())
    assert verification.ssim.min() > 0.99
    assert verification.ssim_as_drawn.max() < 0.98
