"""Parts of the report: letters, worst glyphs, confusions, numbers, axes, specimens and sprites."""

import numpy as np
import pandas as pd
import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.hangeul.phonetics import LAYOUTS, layout
from hangeul_bench.results.file import read_result
from hangeul_bench.results.report import confusion
from hangeul_bench.results.report import plots as intervals
from hangeul_bench.results.report.labels import in_order, metric
from hangeul_bench.results.report.runs import arrange
from hangeul_bench.results.report.specimens import letters, spread, worst_glyphs
from hangeul_bench.results.report.sprites import Sheet
from support.report_pages import page_of
from support.report_results import REFERENCES, make_result


def test_letters_that_were_read_otherwise_are_marked():
    asked, read = letters("각", "객")
    assert [letter.text for letter in asked] == ["ㄱ", "ㅏ", "ㄱ"]
    assert [letter.text for letter in read] == ["ㄱ", "ㅐ", "ㄱ"]
    assert [letter.differs for letter in read] == [False, True, False]
    assert letters("가", "각")[0][2].text == "–"
    assert letters("가", "") == (tuple(letters("가", "")[0]), ())
    assert all(letter.differs for letter in letters("가", "")[0])


def test_a_column_that_is_no_more_is_left_out_and_one_of_a_newer_program_is_not():
    names = {"style_error", "ssim", "style_distance", "of_tomorrow"}
    assert [m.name for m in in_order(names)] == ["ssim", "style_distance", "of_tomorrow"]


def test_worst_glyphs_lead_and_are_of_unseen_fonts(tmp_path, dataset):
    path = make_result(tmp_path, dataset, jer=0.3)
    (run,) = arrange([(path, read_result(path))])
    glyphs = worst_glyphs(run, 10)
    table = run.glyphs.set_index(["font_id", "syllable"])
    errors = [table.loc[(glyph.font_id, glyph.syllable), "jer"] for glyph in glyphs]
    unseen = run.glyphs[run.glyphs["cell"].isin(["ufsc", "ufuc"])]
    assert errors == sorted(unseen["jer"], reverse=True)[:10]
    assert {glyph.font_id for glyph in glyphs} <= set(dataset.splits.unseen_fonts)


def test_a_report_mixes_no_protocols(tmp_path, dataset):
    path = make_result(tmp_path, dataset)
    ours = read_result(path)
    theirs = {**ours, "protocol": "paper", "category": "printed"}
    assert len(arrange([(path, theirs), (path, theirs)])) == 2
    with pytest.raises(UserError, match="of the protocols open and paper, .* a report of each"):
        arrange([(path, ours), (path, theirs)])


def test_right_glyphs_are_not_among_the_worst(tmp_path, dataset):
    path = make_result(tmp_path, dataset, "truth", jer=0.0)
    table = pd.read_parquet(path.with_suffix(".parquet"))
    table.assign(ssim=1.0).to_parquet(path.with_suffix(".parquet"))
    (run,) = arrange([(path, read_result(path))])
    assert worst_glyphs(run, 10) == ()


def test_glyphs_that_were_not_read_are_shown_by_ssim_without_a_reading(tmp_path, dataset):
    path = make_result(tmp_path, dataset)
    table = pd.read_parquet(path.with_suffix(".parquet"))
    table.drop(columns="jer").assign(read="").to_parquet(path.with_suffix(".parquet"))
    page, left_out = page_of([path], tmp_path, dataset)
    assert "the jamo error rate was not measured" in left_out[0]
    assert "Worst 50 glyphs" in page
    assert "no ink" not in page
    assert "Jamo confusion" not in page


def test_confusion_counts_what_was_read(tmp_path, dataset):
    path = make_result(tmp_path, dataset)
    (run,) = arrange([(path, read_result(path))])
    table = run.glyphs.head(4).assign(
        syllable=["가", "가", "각", "닭"], read=["가", "각", "", "닭"]
    )
    run.__dict__["glyphs"] = table
    initial, medial, final = confusion.confusion_matrices(run)
    assert (initial.error, medial.error, final.error) == (0.25, 0.25, 0.5)
    assert [(e.asked, e.read, e.count, e.total) for e in final.most_common] == [
        ("–", "ㄱ", 1, 2),
        ("ㄱ", confusion.NO_INK, 1, 1),
    ]
    assert (len(initial.labels), len(medial.labels), len(final.labels)) == (19, 21, 28)


def test_heat_level_covers_its_share():
    counts = {(0, 1): 1, (0, 2): 63}
    levels = [level for level, _ in confusion._paths(counts, {0: 64})]
    assert levels == [1, 8]
    assert confusion.level_share(1) == 1 / 64


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("jer", 0.01234, "1.23"),
        ("jer", -1e-9, "0.00"),
        ("jer", 1.0, "100.0"),
        ("jer_excess", -0.0183, "−1.83"),
        ("ssim", 0.8571, "0.857"),
        ("fid", 10.6904, "10.69"),
        ("fid", None, "–"),
        ("a_new_one", 0.5, "0.500"),
    ],
)
def test_numbers_are_printed_alike(name, value, text):
    assert metric(name).text(value) == text


def test_axis_encloses_every_interval():
    rows = [("a", {"value": 0.31, "low": 0.287, "high": 0.34})]
    plot = intervals.lay_out(metric("ssim"), [("fonts", rows), ("none", [])], (0.287, 0.34))
    (dot,) = plot.dots
    assert plot.left <= dot.low < dot.x < dot.high <= plot.right
    assert [text for _, text in plot.ticks] == ["0.28", "0.30", "0.32", "0.34"]
    assert [head for _, head in plot.heads] == ["fonts"]


def test_axis_of_one_value_has_a_width():
    plot = intervals.lay_out(
        metric("jer"), [("", [("a", {"value": 0.0, "low": None, "high": None})])], (0.0, 0.0)
    )
    assert plot.ticks[0][0] < plot.ticks[-1][0]
    assert plot.dots[0].low is None


def test_specimen_characters_show_every_layout(dataset):
    chosen = spread(dataset.splits.lite_characters, 8)
    assert len(set(chosen)) == 8
    assert {layout(character) for character in chosen} == set(
        map(layout, dataset.splits.lite_characters)
    )
    assert set(LAYOUTS) >= set(map(layout, chosen))
    assert not set(chosen) & set(REFERENCES)
    assert spread(["가"], 8) == ("가",)


def test_sheet_stores_equal_glyphs_once_and_keeps_their_ink():
    from base64 import b64decode
    from io import BytesIO

    from PIL import Image

    ink = np.full((32, 32), 255, np.uint8)
    ink[8:24, 8:24] = 0
    sheet = Sheet("s", 16)
    first, second, third = sheet.add([ink, np.full_like(ink, 255), ink])
    assert first == third != second
    picture = Image.open(BytesIO(b64decode(sheet.data_uri().split(",")[1]))).convert("L")
    pixels = np.asarray(picture)
    assert pixels.shape == (16, 16 * Sheet.columns)
    assert np.array_equal(pixels[:, :16] == 0, ink[::2, ::2] == 0)
    assert (pixels[:, 16:] == 255).all()


def test_a_model_is_called_by_its_label(tmp_path, dataset):
    result = read_result(make_result(tmp_path, dataset))
    shipped = {**result["model"], "name": "dkfont", "details": {"preset": "swift"}}
    (run,) = arrange([(tmp_path / "dkfont-lite.json", {**result, "model": shipped})])
    assert run.label == "DK-Font (swift)"
