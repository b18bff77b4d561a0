"""A photographed sheet is found, cut and read, askew, in perspective and in bad light."""

import numpy as np
import pytest
from PIL import Image, ImageFont

from fontmaker.reading import read_glyphs
from fontmaker.sheet.layout import SYLLABLES
from fontmaker.sheet.reading import read_sheet
from fontmaker.sheet.template import write_template
from hangeul_bench.base.errors import UserError
from hangeul_bench.reader.reader import JamoReader
from support.sheet_photos import cross_out, fill_in, photograph_sheet

EIGHT = SYLLABLES[:8]
PHONE = (1500, 2000)  # pixels; more would only take longer


@pytest.fixture(scope="module")
def template(real_fonts, tmp_path_factory):
    def made(syllables):
        path = tmp_path_factory.mktemp("sheet") / "sheet.png"
        korean = next(real_fonts.rglob("noto-sans-kr-regular.*"))
        write_template(path, syllables, korean_font=korean)
        return path

    return made


@pytest.fixture(scope="module")
def eight(template):
    return template(EIGHT)


@pytest.fixture(scope="module")
def reader():
    return JamoReader.load()


def hand(real_fonts, name="gamja-flower-regular"):
    return next(real_fonts.rglob(f"{name}.*"))


def read_back(references, reader):
    pages = np.stack([reference.image for reference in references])
    return read_glyphs(reader, pages, [reference.character for reference in references])


@pytest.mark.parametrize("turned", [0, 1, 2, 3])
def test_a_sheet_is_read_whichever_way_up(eight, real_fonts, reader, tmp_path, turned):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    sheet = read_sheet(
        photograph_sheet(page, tmp_path / "a.jpg", size=PHONE, turned=turned), reader
    )
    assert [reference.character for reference in sheet.references] == list(EIGHT)
    assert sheet.empty == ()
    assert read_back(sheet.references, reader).wrong_jamo.sum() <= 1


@pytest.mark.parametrize("name", ["hi-melody-regular", "single-day-regular", "yeon-sung-regular"])
def test_other_hands_are_read(eight, real_fonts, reader, tmp_path, name):
    page = fill_in(eight, EIGHT, hand(real_fonts, name))
    photo = photograph_sheet(page, tmp_path / "a.jpg", size=PHONE, degrees=-4, tilt=0.2)
    assert (
        read_back(read_sheet(photo, reader, accept=True).references, reader).wrong_jamo.sum() <= 2
    )


def test_twenty_eight_boxes_are_read(template, real_fonts, reader, tmp_path):
    page = fill_in(template(SYLLABLES), SYLLABLES, hand(real_fonts))
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg"), reader, accept=True)
    assert [reference.character for reference in sheet.references] == list(SYLLABLES)
    assert read_back(sheet.references, reader).wrong_jamo.mean() / 3 < 0.05


def test_glyphs_keep_their_sizes_to_each_other(eight, real_fonts, reader, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    photo = photograph_sheet(page, tmp_path / "a.jpg", size=PHONE, shadow=0)
    widths = {
        s.character: np.ptp(np.flatnonzero((s.image < 128).any(axis=0)))
        for s in read_sheet(photo, reader).references
    }
    face = ImageFont.truetype(hand(real_fonts), 1000)
    true = {s: np.subtract(*face.getmask(s).getbbox()[2::-2]) for s in EIGHT}
    ratios = [widths[s] / true[s] for s in EIGHT]
    assert max(ratios) / min(ratios) < 1.08


def test_empty_boxes_are_named(eight, real_fonts, reader, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts), empty="빛의")
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE), reader)
    assert sheet.empty == ("빛", "의")
    assert "빛 의" in " ".join(sheet.notes)
    assert [reference.character for reference in sheet.references] == list("한글뜻쪽휘맑")


def read_page(page, tmp_path, reader, **options):
    return read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE), reader, **options)


def problems(sheet):
    return {box.syllable: box.problem for box in sheet.boxes if box.problem}


def test_every_box_that_reads_otherwise_is_named_and_left_out(eight, real_fonts, reader, tmp_path):
    """One wrong jamo is enough; the other boxes are used."""
    other = {"글": "예", "빛": "가", "뜻": "뜯", "쪽": "족", "의": "이"}
    page = fill_in(eight, EIGHT, hand(real_fonts), other=other)
    sheet = read_page(page, tmp_path, reader)
    assert problems(sheet) == dict.fromkeys(other, "reads-otherwise")
    assert {box.syllable: box.read_as for box in sheet.left_out} == other
    assert [reference.character for reference in sheet.references] == list("한휘맑")
    said = " ".join(sheet.notes)
    assert all(
        f"the box of {s} is left out: it reads as {read}" in said for s, read in other.items()
    )
    accepted = read_page(page, tmp_path, reader, accept=True)
    assert [reference.character for reference in accepted.references] == list(EIGHT)
    assert all(f"look at the box of {s}: it reads as" in " ".join(accepted.notes) for s in other)


def test_a_sheet_without_one_good_box_is_refused(template, real_fonts, reader, tmp_path):
    page = fill_in(template("한글"), "한글", hand(real_fonts), other={"한": "가"}, empty="글")
    with pytest.raises(UserError, match="box of 한: it reads as 가.*--accept"):
        read_page(page, tmp_path, reader)


@pytest.mark.parametrize(
    "lines", [((0, 0, 1, 1), (1, 0, 0, 1)), ((0, 0.9, 1, 0), (0.1, 1, 1, 0.1))]
)
def test_crossed_out_boxes_are_left_out(eight, real_fonts, reader, tmp_path, lines):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    for syllable in "글의":
        cross_out(page, EIGHT, syllable, lines)
    sheet = read_page(page, tmp_path, reader)
    assert set(problems(sheet)) == {*"글의"}
    assert len(sheet.references) == 6


@pytest.mark.parametrize("pen", [(200, 30, 40), (120, 120, 122), (30, 60, 170)])
def test_pens_of_other_colours_are_read(eight, real_fonts, reader, tmp_path, pen):
    page = fill_in(eight, EIGHT, hand(real_fonts), ink=pen, empty="빛")
    assert problems(read_page(page, tmp_path, reader)) == {"빛": "empty"}


@pytest.mark.parametrize("power", [0.6, 4.0, 40.0])
def test_guides_that_an_app_darkened_are_no_ink(eight, real_fonts, reader, tmp_path, power):
    """Grey print under rising contrast: at the end guides are as black as ink."""
    page = fill_in(eight, EIGHT, hand(real_fonts), empty="빛의").convert("L")
    levels = np.asarray(page, np.float32) / 250
    page = Image.fromarray((255 * levels.clip(0, 1) ** power).astype(np.uint8)).convert("RGB")
    photo = photograph_sheet(page, tmp_path / "a.jpg", size=PHONE, shadow=0, slant=0)
    sheet = read_sheet(photo, reader)
    assert problems(sheet) == {"빛": "empty", "의": "empty"}
    pages = np.stack([reference.image for reference in sheet.references])
    ink = (pages < 128).mean(axis=(1, 2))
    assert ink.max() < 0.25  # a frame or an inverted box has more


@pytest.mark.parametrize("over", [1.0, 3.0])
def test_ink_beyond_the_frame_is_followed(template, real_fonts, reader, tmp_path, over):
    """한 runs over its right edge; the next box gets nothing of it."""
    font, sheet = hand(real_fonts), template("한글빛")
    usual = read_page(fill_in(sheet, "한글빛", font), tmp_path, reader)
    moved = read_page(fill_in(sheet, "한글빛", font, over={"한": over}), tmp_path, reader)
    assert problems(moved) == {}
    for one, other in zip(usual.references, moved.references, strict=True):
        assert np.abs(one.image.astype(int) - other.image).mean() < 6


def test_a_sheet_with_nothing_on_it_is_refused(eight, real_fonts, reader, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts), empty=EIGHT)
    with pytest.raises(UserError, match="all 8 are empty"):
        read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE), reader)


def test_guides_printed_in_grey_are_no_ink(eight, real_fonts, reader, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts), empty="빛").convert("L").convert("RGB")
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE), reader)
    assert sheet.empty == ("빛",)


def test_a_picture_without_marks_is_refused(reader, tmp_path):
    path = tmp_path / "table.png"
    noise = np.random.default_rng(0).integers(0, 255, (400, 300), np.uint8)
    Image.fromarray(noise).save(path)
    with pytest.raises(UserError, match="four corner marks"):
        read_sheet(path, reader)
    with pytest.raises(UserError, match="found none"):
        read_sheet(tmp_path / "absent.jpg", reader)


def test_a_sheet_cut_off_at_a_corner_is_refused(eight, real_fonts, reader, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    photo = photograph_sheet(page, tmp_path / "a.jpg", size=PHONE)
    image = Image.open(photo)
    image.crop((0, 0, image.width, image.height - 400)).save(tmp_path / "b.jpg")
    with pytest.raises(UserError, match="marks"):
        read_sheet(tmp_path / "b.jpg", reader)


def test_a_covered_code_is_said(eight, real_fonts, reader, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    page.paste((250, 250, 250), (400, 2100, 1250, 2260))
    with pytest.raises(UserError, match="code"):
        read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE), reader)
