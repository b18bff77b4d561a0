"""What can be completed, and one sentence for each font that cannot; its sizes and spaces."""

import pytest
from fontTools.ttLib import TTFont, newTable

from fontmaker.completion.hers import measure, spacing_of
from fontmaker.completion.opening import open_half
from hangeul_bench.base.errors import UserError
from support.fontmaker import make_font
from support.half_fonts import HERS, half_font


def test_a_half_font_is_measured(tmp_path):
    hers = measure(open_half(half_font(tmp_path / "Half.otf", cff=True)))
    assert hers.syllables == tuple(sorted(HERS))
    assert hers.images.shape == (10, 128, 128)
    assert (hers.median_points, hers.most_points) == (12, 18)
    assert hers.spacing.advance == 940


def test_advances_that_vary_give_the_space_beside_the_ink_by_layout():
    syllables, sides = "가나다고", [(50, 90), (60, 100), (70, 110), (10, 20)]
    spacing = spacing_of(syllables, [900, 800, 700, 600], sides)
    assert spacing.place("라", 100, 700, 500) == (60 - 100, 60 + 600 + 100)
    assert spacing.place("오", 100, 700, 500) == (55 - 100, 55 + 600 + 95)  # one 고 is too few


def test_one_advance_of_nearly_all_is_that_of_the_new_ones():
    spacing = spacing_of("가나다고노", [900, 900, 900, 900, 800], [(0, 0)] * 5)
    assert spacing.place("라", 100, 700, 500) == (450 - 500, 900)


def broken(tmp_path):
    font = TTFont(half_font(tmp_path / "Half.ttf"))
    font["GPOS"] = newTable("GPOS")
    font.tables["GPOS"] = table = newTable("none")
    table.data = b"\0\1\0\0\0\7"
    font.save(tmp_path / "Half.ttf")


def cut(tmp_path):
    path = half_font(tmp_path / "Half.ttf")
    path.write_bytes(path.read_bytes()[:-200])


def cff2(tmp_path):
    font = TTFont(half_font(tmp_path / "Half.ttf", cff=True), recalcBBoxes=False)
    font.tables["CFF2"] = table = newTable("none")
    table.data = font.getTableData("CFF ")  # refused before it is read
    del font["CFF "]
    font.save(tmp_path / "Half.ttf")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: make_font(folder / "Half.ttf", {"A": [(0, 0, 9, 9)]}), "Hangeul"),
        (broken, "GPOS is broken"),
        (cut, "cut short"),
        (cff2, "CFF2"),
        (lambda folder: half_font(folder / "Half.ttf", wght_axis=True), "variable"),
        (lambda folder: half_font(folder / "Half.ttf", flavor="woff"), "a WOFF"),
        (lambda folder: (folder / "Half.ttf").write_text("no font"), "is not a font"),
        (lambda folder: None, "none"),
    ],
)
def test_what_cannot_be_completed_is_one_sentence(tmp_path, make, said):
    make(tmp_path)
    with pytest.raises(UserError, match=said):
        measure(open_half(tmp_path / "Half.ttf"))
