"""References say what they show by option or by name; what they plainly are not is noticed."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fontmaker.references import (
    check_single,
    examine,
    load_sources,
    source_from_picture,
)
from fontmaker.several import several_syllables
from hangeul_bench.base.errors import UserError
from hangeul_bench.fonts.raster import Rasterizer
from hangeul_bench.reader.reader import JamoReader


@pytest.fixture(scope="module")
def gamja(real_fonts):
    return next(real_fonts.rglob("gamja-flower-regular.*"))


@pytest.fixture(scope="module")
def pages(gamja):
    with Rasterizer(gamja) as rasterizer:
        return {s: rasterizer.render(s) for s in "한글빛뜻쪽의휘맑가나"}


def write(path, page):
    Image.fromarray(page).save(path)
    return path


def test_names_say_the_syllables(tmp_path, pages):
    files = [write(tmp_path / "글.png", pages["글"]), write(tmp_path / "U+BE5B.png", pages["빛"])]
    assert [s.character for s in load_sources(files, [])] == ["글", "빛"]
    assert [s.character for s in load_sources(files, ["빛", "글"])] == ["빛", "글"]


def test_one_picture_of_another_name_shows_han(tmp_path, pages):
    (source,) = load_sources([write(tmp_path / "photo.png", pages["한"])], [])
    assert source.character == "한"
    assert np.array_equal(source.image, pages["한"])
    assert source.advance is None


def test_a_font_gives_several_glyphs_its_name_and_its_advance(gamja):
    sources = load_sources([gamja], ["한", "글"])
    assert [s.character for s in sources] == ["한", "글"]
    assert {s.family for s in sources} == {"Gamja Flower"}
    assert sources[0].advance.kind == "fixed"
    assert sources[0].handwritten


@pytest.mark.parametrize(
    ("names", "characters", "said"),
    [
        (["a.png", "b.png"], [], "one --reference-character for each"),
        (["a.png", "b.png"], ["한"], "one --reference-character for each"),
        (["a.png", "b.png"], ["한", "한"], "twice"),
        ([], [], "1 to 8"),
        ([f"{c}.png" for c in "abcdefghi"], list("한글빛뜻쪽의휘맑가"), "1 to 8"),
    ],
)
def test_counts_must_agree(tmp_path, pages, names, characters, said):
    files = [write(tmp_path / name, pages["한"]) for name in names]
    with pytest.raises(UserError, match=said):
        load_sources(files, characters)


def test_several_syllables_are_refused_and_single_ones_are_not(tmp_path, pages):
    reader = JamoReader.load()
    row = write(tmp_path / "한.png", np.concatenate([pages["가"], pages["나"]], axis=1))
    with pytest.raises(UserError, match="several"):
        examine(load_sources([row], []), reader)
    files = [write(tmp_path / f"{s}.png", pages[s]) for s in "글빛뜻쪽의휘맑"]
    assert examine(load_sources(files, []), reader) == ()


def test_rows_columns_and_grids_look_like_several(pages):
    side = np.concatenate([pages["가"], pages["나"]], axis=1)
    assert several_syllables(side)
    assert several_syllables(side.T)
    assert several_syllables(np.concatenate([side, side], axis=0))
    assert not several_syllables(pages["한"])
    assert not several_syllables(np.full((128, 128), 255, np.uint8))


def test_pictures_of_other_syllables_stop_unless_they_are_accepted(tmp_path, pages):
    names = {"쪽": "나", "의": "글", "한": "한"}
    files = [write(tmp_path / f"{name}.png", pages[shown]) for name, shown in names.items()]
    sources, reader = load_sources(files, []), JamoReader.load()
    with pytest.raises(UserError, match=r"쪽\.png reads as 나.*의\.png reads as 글.*--accept"):
        examine(sources, reader)
    assert ["쪽" in said for said in examine(sources, reader, accept=True)] == [True, False]


def test_one_wrong_jamo_is_enough(tmp_path, pages):
    path = write(tmp_path / "각.png", pages["가"])
    with pytest.raises(UserError, match="reads as 가"):
        examine(load_sources([path], []), JamoReader.load())


def test_specks_are_no_reference(tmp_path):
    page = np.full((400, 400), 255, np.uint8)
    page[190:194, 100:300:8] = 0
    path = write(tmp_path / "한.png", page)
    with pytest.raises(UserError, match=r"한\.png (reads as|shows)"):
        examine(load_sources([path], []), JamoReader.load())


def test_a_glyph_of_a_font_is_doubted_at_most(gamja, monkeypatch):
    sources = [replace(s, image=255 - s.image * 0) for s in load_sources([gamja], ["한"])]
    assert len(examine(sources, JamoReader.load())) == 1


def png(page):
    buffer = io.BytesIO()
    Image.fromarray(page).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_picture_is_a_source_under_the_name_it_is_given(pages):
    source = source_from_picture(png(pages["글"]), "사진.png", "글")
    assert (source.character, source.name, source.family) == ("글", "사진.png", "")
    assert np.array_equal(source.image, pages["글"])


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (np.full((200, 200), 255, np.uint8), "no-ink"),
        (np.zeros((200, 200), np.uint8), "all-ink"),
        (np.pad(np.zeros((9, 9), np.uint8), 60, constant_values=255), "small"),
    ],
)
def test_what_is_wrong_with_a_picture_has_a_name(page, reason):
    with pytest.raises(UserError) as error:
        source_from_picture(png(page), "a.png", "한")
    assert error.value.reason == reason


def test_a_font_is_no_picture(gamja):
    with pytest.raises(UserError, match="is none") as error:
        source_from_picture(gamja.read_bytes(), "a.png", "한")
    assert error.value.reason == "no-picture"


def test_what_is_no_syllable_is_refused_before_the_picture_is_read():
    with pytest.raises(UserError) as error:
        source_from_picture(b"", "a.png", "A")
    assert error.value.reason == "no-syllable"


def test_several_syllables_have_a_name(pages):
    both = np.concatenate([pages["가"], pages["나"]], axis=1)
    source = source_from_picture(png(both), "a.png", "한")
    with pytest.raises(UserError) as error:
        check_single(source, JamoReader.load())
    assert error.value.reason == "several"
