"""A photographed sheet is found, cut and read, askew, in perspective and in bad light."""

import numpy as np
import pytest
from PIL import Image, ImageFont

from hangeul_bench.base.errors import UserError
from hangeul_bench.reader.reader import JamoReader
from hangeul_bench.typeface.layout import SYLLABLES
from hangeul_bench.typeface.proof import read_pages
from hangeul_bench.typeface.references import examine
from hangeul_bench.typeface.sheet import read_sheet
from hangeul_bench.typeface.template import write_template
from support.sheet_photos import fill_in, photograph_sheet

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


def read_back(sources, reader):
    pages = np.stack([source.image for source in sources])
    return read_pages(reader, pages, [source.character for source in sources])


@pytest.mark.parametrize("turned", [0, 1, 2, 3])
def test_a_sheet_is_read_whichever_way_up(eight, real_fonts, reader, tmp_path, turned):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE, turned=turned))
    assert [source.character for source in sheet.sources] == list(EIGHT)
    assert sheet.empty == ()
    assert read_back(sheet.sources, reader).wrong_jamo.sum() <= 1


@pytest.mark.parametrize("name", ["hi-melody-regular", "single-day-regular", "yeon-sung-regular"])
def test_other_hands_are_read(eight, real_fonts, reader, tmp_path, name):
    page = fill_in(eight, EIGHT, hand(real_fonts, name))
    photo = photograph_sheet(page, tmp_path / "a.jpg", size=PHONE, degrees=-4, tilt=0.2)
    assert read_back(read_sheet(photo).sources, reader).wrong_jamo.sum() <= 2


def test_twenty_eight_boxes_are_read(template, real_fonts, reader, tmp_path):
    page = fill_in(template(SYLLABLES), SYLLABLES, hand(real_fonts))
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg"))
    assert [source.character for source in sheet.sources] == list(SYLLABLES)
    assert read_back(sheet.sources, reader).wrong_jamo.mean() / 3 < 0.05


def test_glyphs_keep_their_sizes_to_each_other(eight, real_fonts, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    photo = photograph_sheet(page, tmp_path / "a.jpg", size=PHONE, shadow=0)
    widths = {
        s.character: np.ptp(np.flatnonzero((s.image < 128).any(axis=0)))
        for s in read_sheet(photo).sources
    }
    face = ImageFont.truetype(hand(real_fonts), 1000)
    true = {s: np.subtract(*face.getmask(s).getbbox()[2::-2]) for s in EIGHT}
    ratios = [widths[s] / true[s] for s in EIGHT]
    assert max(ratios) / min(ratios) < 1.08


def test_empty_boxes_are_named(eight, real_fonts, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts), empty="빛의")
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE))
    assert sheet.empty == ("빛", "의")
    assert "빛 의" in " ".join(sheet.notes)
    assert [source.character for source in sheet.sources] == list("한글뜻쪽휘맑")


def test_another_syllable_in_a_box_is_doubted(eight, real_fonts, reader, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts), other={"쪽": "밥"})
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE))
    (warning,) = examine(sheet.sources, reader)
    assert "쪽" in warning
    assert "밥" in warning


def test_a_sheet_with_nothing_on_it_is_refused(eight, real_fonts, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts), empty=EIGHT)
    with pytest.raises(UserError, match="all 8 are empty"):
        read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE))


def test_guides_printed_in_grey_are_no_ink(eight, real_fonts, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts), empty="빛").convert("L").convert("RGB")
    sheet = read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE))
    assert sheet.empty == ("빛",)


def test_a_picture_without_marks_is_refused(tmp_path):
    path = tmp_path / "table.png"
    noise = np.random.default_rng(0).integers(0, 255, (400, 300), np.uint8)
    Image.fromarray(noise).save(path)
    with pytest.raises(UserError, match="four corner marks"):
        read_sheet(path)
    with pytest.raises(UserError, match="found none"):
        read_sheet(tmp_path / "absent.jpg")


def test_a_sheet_cut_off_at_a_corner_is_refused(eight, real_fonts, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    photo = photograph_sheet(page, tmp_path / "a.jpg", size=PHONE)
    image = Image.open(photo)
    image.crop((0, 0, image.width, image.height - 400)).save(tmp_path / "b.jpg")
    with pytest.raises(UserError, match="marks"):
        read_sheet(tmp_path / "b.jpg")


def test_a_covered_code_is_said(eight, real_fonts, tmp_path):
    page = fill_in(eight, EIGHT, hand(real_fonts))
    page.paste((250, 250, 250), (400, 2100, 1250, 2260))
    with pytest.raises(UserError, match="code"):
        read_sheet(photograph_sheet(page, tmp_path / "a.jpg", size=PHONE))
