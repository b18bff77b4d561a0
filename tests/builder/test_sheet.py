import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from hangeul_bench.base.errors import UserError
from hangeul_bench.builder.sheet import _ACCENT, draw_sheet
from hangeul_bench.cli.sheet import sheet
from support.small_dataset import SmallDataset


def pixels(page):
    return np.asarray(page.convert("RGB"), dtype=int)


def marks(page):
    """Number of red marks: runs of rows that hold the accent colour."""
    rows = (pixels(page) == _ACCENT).all(axis=2).any(axis=1)
    return int((np.diff(rows.astype(int)) == 1).sum())


def test_a_sheet_has_a_row_for_each_font_and_a_column_for_each_syllable():
    dataset = SmallDataset()
    one = draw_sheet(dataset, fonts=["alpha"], text="가나닭뷁힝")
    rows = draw_sheet(dataset, fonts=["alpha", "gamma"], text="가나닭뷁힝")
    columns = draw_sheet(dataset, fonts=["alpha"], text="가나닭뷁힝가")
    spaced = draw_sheet(dataset, fonts=["alpha"], text="가나닭뷁힝 가")
    assert (rows.width, rows.height > one.height) == (one.width, True)
    assert one.width < columns.width < spaced.width


def test_unseen_fonts_are_marked():
    in_the_legend = 1
    dataset = SmallDataset()
    assert marks(draw_sheet(dataset, fonts=["alpha"], text="가")) == in_the_legend
    assert marks(draw_sheet(dataset, text="가")) == in_the_legend + len(dataset.splits.unseen_fonts)


def test_rows_stand_in_the_order_asked_for():
    dataset = SmallDataset()
    page = draw_sheet(dataset, fonts=["alpha", "gamma"], text="가")
    turned = draw_sheet(dataset, fonts=["gamma", "alpha"], text="가")
    assert (pixels(page) != pixels(turned)).any()


def test_a_missing_glyph_is_a_dash_and_not_a_picture():
    whole = pixels(draw_sheet(SmallDataset(), fonts=["alpha"], text="가나"))
    holed = pixels(draw_sheet(SmallDataset((("alpha", "나"),)), fonts=["alpha"], text="가나"))
    ink = [(image < 100).all(axis=2).sum() for image in (whole, holed)]
    assert ink[1] < ink[0]
    assert (whole != holed).any(axis=(0, 2)).sum() > 0


@pytest.mark.parametrize("family", ["나눔손글씨 붓", "A" * 200, "Ünïcode", ""])
def test_any_family_name_fits_its_column(family, monkeypatch):
    dataset = SmallDataset()
    plain = draw_sheet(dataset, fonts=["alpha"], text="가")
    font = SmallDataset.font
    monkeypatch.setattr(SmallDataset, "font", lambda self, i: renamed(font(self, i), family))
    page = draw_sheet(dataset, fonts=["alpha"], text="가")
    assert page.size == plain.size
    beside_the_name = slice(436, None)  # the margin and the column of names are 436 pixels wide
    assert (pixels(page)[:, beside_the_name] == pixels(plain)[:, beside_the_name]).all()


def renamed(font, family):
    font.family = family
    return font


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "at least one Hangeul syllable"),
        ("가A", "found 'A'"),
        ("ㄱ", "found 'ㄱ'"),
        ("뿡", r"does not hold 뿡 \(U\+BFE1\)"),
    ],
)
def test_a_text_that_cannot_be_drawn_is_refused(text, message):
    with pytest.raises(UserError, match=message):
        draw_sheet(SmallDataset(), text=text)


def test_decomposed_text_is_drawn_as_syllables():
    dataset = SmallDataset()
    composed = draw_sheet(dataset, text="각")
    decomposed = draw_sheet(dataset, text="\u1100\u1161\u11a8")
    assert (pixels(composed) == pixels(decomposed)).all()


def test_the_command_writes_a_png_of_real_fonts(eval_dataset, tmp_path):
    out = tmp_path / "sheet.png"
    result = CliRunner().invoke(sheet, [str(eval_dataset), "--out", str(out)])
    assert result.exit_code == 0, result.output
    page = pixels(Image.open(out))
    assert (page < 60).all(axis=2).mean() > 0.01
    assert [path.name for path in tmp_path.iterdir()] == ["sheet.png"]


def test_the_command_wants_a_png_name(tmp_path):
    result = CliRunner().invoke(sheet, ["--out", str(tmp_path / "sheet.tiff")])
    assert isinstance(result.exception, UserError)
    assert "end it in .png" in str(result.exception)
