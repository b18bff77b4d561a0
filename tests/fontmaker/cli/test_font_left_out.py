"""What `font` is given and cannot use is named: it stops, or goes on with the rest."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from fontmaker.sheet.template import write_template
from hangeul_bench.fonts.raster import Rasterizer
from support.font_command import MODEL, TEXT, record, run
from support.sheet_photos import fill_in, photograph_sheet


def test_a_reference_of_another_syllable_stops_unless_it_is_accepted(folder, real_fonts):
    Path("한.png").rename("picture.png")
    changes = ("--reference", "picture.png", "--reference-character", "뿌")
    result = run(real_fonts, *changes)
    assert result.exit_code == 2
    assert "picture.png reads as 한, not 뿌" in result.output
    assert not Path("My.ttf").exists()
    result = run(real_fonts, *changes, extra=["--accept"])
    assert result.exit_code == 0, result.output
    assert "Accepted: picture.png reads as 한" in result.output


def test_own_glyphs_of_every_kind_are_kept_and_other_files_named(folder, real_fonts):
    Path("own").mkdir()
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        for name, syllable in (("날.jpg", "날"), ("U+B300.PNG", "대"), ("말.webp", "말")):
            Image.fromarray(rasterizer.render(syllable)).save(Path("own") / name)
    (Path("own") / "notes.txt").touch()
    result = run(real_fonts, extra=["--keep", "own"])
    assert result.exit_code == 0, result.output
    assert record()["kept"] == ["날", "대", "말"]
    assert "notes.txt" in result.output


def test_a_syllable_that_nothing_draws_is_left_out_and_named(folder, real_fonts):
    model = MODEL.replace("return pages", "pages[[c in '뷁쀍' for c in request.characters]] = 255")
    Path("blank.py").write_text(model + "        return pages\n", encoding="utf-8")
    result = run(real_fonts, "--model", "blank.py:Copy")
    assert result.exit_code == 0, result.output
    assert "Left out, since nothing draws them: 뷁쀍" in result.output
    assert record()["font"]["left_out"] == ["뷁", "쀍"]
    font = TTFont("My.ttf")
    cmap = font.getBestCmap()
    assert {*map(ord, TEXT)} - set(cmap) == {ord("뷁"), ord("쀍")}
    assert all(font["glyf"][cmap[ord(s)]].numberOfContours for s in TEXT if s not in "뷁쀍")
    assert "뷁" not in Path("My.html").read_text(encoding="utf-8")


def test_what_has_no_content_glyph_is_left_out_for_a_model_that_looks_at_it(folder, real_fonts):
    Path("looks.py").write_text(MODEL + "\n\nCopy.uses_content = True\n", encoding="utf-8")
    result = run(real_fonts, "--model", "looks.py:Copy", "--fonts", None)
    assert result.exit_code == 0, result.output  # the reference is given, and all that is left
    assert record()["font"]["syllables"] == 1
    assert set(record()["font"]["left_out"]) == set(TEXT) - {"한"}
    Path("some.txt").write_text("가나", encoding="utf-8")
    result = run(real_fonts, "--model", "looks.py:Copy", "--fonts", None)
    assert result.exit_code == 2
    assert "nothing draws any" in result.output


@pytest.mark.parametrize("accept", [False, True])
def test_bad_boxes_of_a_sheet_are_left_out_and_named(folder, real_fonts, accept):
    write_template(Path("sheet.png"), "한글빛", korean_font=None)
    hand = next(real_fonts.rglob("gamja-flower*"))
    page = fill_in(Path("sheet.png"), "한글빛", hand, other={"글": "긋"})
    photograph_sheet(page, Path("photo.jpg"), size=(1500, 2000))
    changes = ("--reference", None, "--sheet", "photo.jpg")
    result = run(real_fonts, *changes, extra=["--accept"] if accept else [])
    assert result.exit_code == 0, result.output
    used = [row["character"] for row in record()["references"]]
    assert used == (["한", "글", "빛"] if accept else ["한", "빛"])
    assert "the box of 글" in result.output and "it reads as 긋" in result.output
    row = record()["sheet"][1]
    assert (row["read_as"], row["problem"]) == ("긋", "" if accept else "reads-otherwise")
    result = run(real_fonts, *changes, extra=["--reference-character", "한"])
    assert result.exit_code == 2
    assert "--reference-character with --reference alone" in result.output
