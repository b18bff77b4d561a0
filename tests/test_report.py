import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from report_results import REFERENCES, UNSEEN, FakeDataset, make_result
from webdriver import WHY_NOT, Browser, find_browser

from hangeul_bench import report
from hangeul_bench.cli import cli
from hangeul_bench.errors import UserError
from hangeul_bench.phonetics import LAYOUTS, layout
from hangeul_bench.report import confusion, intervals, write_report
from hangeul_bench.report.labels import metric
from hangeul_bench.report.runs import arrange
from hangeul_bench.report.specimens import spread
from hangeul_bench.report.sprites import Sheet
from hangeul_bench.report.worst import letters, worst_glyphs
from hangeul_bench.results import read_result

HOSTILE = '"><script>alert(1)</script>&amp;'


@pytest.fixture
def dataset():
    return FakeDataset()


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    folder, dataset = tmp_path_factory.mktemp("results"), FakeDataset()
    return [
        make_result(folder, dataset, "blank", kind="control", jer=1.0),
        make_result(folder, dataset, "diff-font", jer=0.3),
        make_result(folder, dataset, "dkfont", jer=0.05),
    ]


@pytest.fixture(scope="module")
def written(three, tmp_path_factory):
    """The page about the three results: its file, its text and what it leaves out."""
    out = tmp_path_factory.mktemp("report") / "report.html"
    left_out = write_report(three, out, dataset=FakeDataset())
    return out, out.read_text(encoding="utf-8"), left_out


class Outline(HTMLParser):
    """Which tags, ids, headings and resource addresses a page holds."""

    VOID = frozenset({"meta", "circle", "path", "link", "br", "img", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.ids, self.open, self.addresses, self.unlabelled = [], [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.ids += [values["id"]] if "id" in values else []
        self.addresses += [values[name] for name in ("src", "href", "action") if name in values]
        self.unlabelled += values.get("role") == "img" and not values.get("aria-label")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def page_of(paths, tmp_path, dataset):
    out = tmp_path / "report.html"
    left_out = write_report(paths, out, dataset=dataset)
    return out.read_text(encoding="utf-8"), left_out


def test_page_holds_every_section_and_is_well_formed(written):
    _, page, left_out = written
    outline = Outline(page)
    assert left_out == ()
    assert outline.open == []
    sections = {"scores", "intervals", "side-by-side", "layouts", "models", "facts"}
    assert sections | {"run-1", "run-2", "run-3"} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    for text in ("Handwritten", "Printed", "Worst 50 glyphs", "Jamo confusion", "Gamja Flower"):
        assert text in page


def test_page_states_the_facts_of_the_run(written, dataset):
    _, page, _ = written
    for fact in ("jer[v1|r:12345678]", "2.9.0", "f" * 64, "a" * 64, "b" * 40, "1,000,000"):
        assert fact in page
    assert "FID: the Inception weights are not there" in page
    asked = len(dataset.fonts) * len(dataset.splits.lite_characters)
    assert f"{asked} of {asked} expected" in page


def test_page_asks_nothing_of_the_network(written):
    _, page, _ = written
    assert not re.search(r"https?:|//[a-z]", re.sub(r"base64,[^)]*", "", page))
    assert all(address.startswith("#") for address in Outline(page).addresses)
    assert "default-src 'none'" in page


def test_every_picture_has_a_text(written):
    _, page, _ = written
    assert Outline(page).unlabelled == 0
    assert 'aria-label="dkfont draws' in page
    assert 'aria-label="Ground truth of' in page


def test_table_is_whole_without_javascript(written, three):
    _, page, _ = written
    rows = re.findall(r"<tr data-cell[^>]*>", page)
    scores = [score for path in three for score in read_result(path)["scores"]]
    assert len(rows) == sum(score["group"] == "all" for score in scores)
    assert not any("hidden" in row for row in rows)
    assert re.search(r'<form [^>]*id="filters" hidden>', page)


def test_same_input_gives_the_same_bytes(written, three, tmp_path):
    _, first, _ = written
    again, _ = page_of(three[::-1], tmp_path, FakeDataset())
    assert first == again


def test_models_stand_before_controls_and_the_best_first(three):
    runs = arrange([(path, read_result(path)) for path in three])
    assert [run.label for run in runs] == ["dkfont", "diff-font", "blank"]


def test_hostile_names_are_text(tmp_path, dataset):
    model = read_result(make_result(tmp_path, dataset))["model"]
    changes = {
        "model": model | {"name": HOSTILE, "details": {HOSTILE: HOSTILE}},
        "unrankable": {"paper": HOSTILE},
        "missing_metrics": {HOSTILE: HOSTILE},
        "versions": {HOSTILE: HOSTILE},
        "signatures": {HOSTILE: HOSTILE},
    }
    path = make_result(tmp_path, dataset, "hostile", **changes)
    dataset.fonts[0].family = HOSTILE
    page, _ = page_of([path], tmp_path, dataset)
    assert page.count("<script>") == 1
    assert "alert(1)</script>" not in page
    assert Outline(page).open == []
    assert page.count("&lt;script&gt;alert(1)") > 5


def test_many_results_stay_below_the_limit(tmp_path, dataset, monkeypatch):
    paths = [make_result(tmp_path, dataset, f"model-{n}", jer=0.2) for n in range(2)]
    out = tmp_path / "report.html"
    write_report(paths, out, dataset=dataset)
    full = out.stat().st_size
    monkeypatch.setattr(report, "MAX_BYTES", full - 1)
    write_report(paths, out, dataset=dataset)
    assert out.stat().st_size < full


def test_page_that_cannot_be_made_small_is_refused(three, tmp_path, dataset, monkeypatch):
    monkeypatch.setattr(report, "MAX_BYTES", 1000)
    with pytest.raises(UserError, match="results: 1"):
        write_report(three[:1], tmp_path / "report.html", dataset=dataset)
    assert not (tmp_path / "report.html").exists()


def test_missing_inputs_are_named_and_the_rest_is_shown(tmp_path, dataset):
    bare = make_result(tmp_path, dataset, "bare", glyphs=False, predictions=False)
    page, left_out = page_of([bare], tmp_path, None)
    assert any("no file bare-lite.parquet" in reason for reason in left_out)
    assert any("no dataset was given" in reason for reason in left_out)
    assert "no file bare-lite.parquet" in page
    assert Outline(page).open == []
    assert "data:image/png" not in page


def test_run_without_predictions_leaves_only_its_own_images_out(tmp_path, dataset):
    whole = make_result(tmp_path, dataset, "whole")
    bare = make_result(tmp_path, dataset, "bare", predictions=False)
    page, left_out = page_of([whole, bare], tmp_path, dataset)
    assert any(reason.startswith("bare:") for reason in left_out)
    assert not any(reason.startswith("whole:") for reason in left_out)
    assert 'aria-label="whole draws' in page
    assert 'aria-label="bare draws' not in page


def test_dataset_of_another_fingerprint_is_refused(three, tmp_path):
    with pytest.raises(UserError, match="fingerprint ffffffffffff .* has eeeeeeeeeeee"):
        page_of(three, tmp_path, FakeDataset(fingerprint="e" * 64))


def test_other_training_fonts_do_not_matter(tmp_path):
    pinned = FakeDataset(fingerprint="e" * 64, benchmark_fingerprint="c" * 64)
    scored = {"name": "x", "fingerprint": "f" * 64, "benchmark_fingerprint": "c" * 64, "size": 32}
    path = make_result(tmp_path, pinned, dataset_fields=scored)
    assert page_of([path], tmp_path, pinned)[1] == ()


def test_result_named_twice_is_refused(three, tmp_path):
    with pytest.raises(UserError, match="named twice"):
        page_of([three[0], three[0]], tmp_path, None)


@pytest.mark.parametrize("content", [b"no parquet", None])
def test_broken_scores_a_glyph_are_named(content, tmp_path, dataset):
    path = make_result(tmp_path, dataset)
    glyphs = path.with_suffix(".parquet")
    if content is None:
        pd.read_parquet(glyphs).drop(columns="cell").to_parquet(glyphs)
    else:
        glyphs.write_bytes(content)
    with pytest.raises(UserError, match=r"font_id, codepoint, cell.*dkfont-lite\.parquet"):
        page_of([path], tmp_path, dataset)


def test_unranked_rows_say_why(tmp_path, dataset):
    path = make_result(
        tmp_path, dataset, unrankable={"ufuc": "trained on 뷁", "sfuc": "trained on 뷁"}
    )
    page, _ = page_of([path], tmp_path, dataset)
    assert "Not ranked in ufuc, sfuc: trained on 뷁." in page


def test_two_tracks_are_told_apart(tmp_path, dataset):
    paths = [make_result(tmp_path, dataset, track=track) for track in ("lite", "full")]
    runs = arrange([(path, read_result(path)) for path in paths])
    assert {run.label for run in runs} == {"dkfont, lite", "dkfont, full"}
    assert page_of(paths, tmp_path, dataset)[1] == ()


def test_letters_that_were_read_otherwise_are_marked():
    asked, read = letters("각", "객")
    assert [letter.text for letter in asked] == ["ㄱ", "ㅏ", "ㄱ"]
    assert [letter.text for letter in read] == ["ㄱ", "ㅐ", "ㄱ"]
    assert [letter.differs for letter in read] == [False, True, False]
    assert letters("가", "각")[0][2].text == "–"
    assert letters("가", "") == (tuple(letters("가", "")[0]), ())
    assert all(letter.differs for letter in letters("가", "")[0])


def test_worst_glyphs_lead_and_are_of_unseen_fonts(tmp_path, dataset):
    path = make_result(tmp_path, dataset, jer=0.3)
    (run,) = arrange([(path, read_result(path))])
    glyphs = worst_glyphs(run, 10)
    table = run.glyphs.set_index(["font_id", "syllable"])
    errors = [table.loc[(glyph.font_id, glyph.syllable), "jer"] for glyph in glyphs]
    unseen = run.glyphs[run.glyphs["cell"].isin(["ufsc", "ufuc"])]
    assert errors == sorted(unseen["jer"], reverse=True)[:10]
    assert {glyph.font_id for glyph in glyphs} <= set(dataset.splits.unseen_fonts)


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


def test_command_writes_the_page_and_says_what_is_left_out(tmp_path, dataset, monkeypatch):
    path = make_result(tmp_path, dataset, jer=0.2)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HANGEUL_BENCH_DATA", raising=False)
    answer = CliRunner().invoke(cli, ["report", str(path), "--out", "page.html"])
    assert answer.exit_code == 0, answer.output
    assert "Wrote 1 results to page.html" in answer.output
    assert "Without images" in answer.output
    assert Path("page.html").is_file()


def test_command_refuses_a_broken_result_in_one_sentence(tmp_path):
    broken = tmp_path / "broken-lite.json"
    broken.write_text(json.dumps({"schema": 1}))
    answer = CliRunner().invoke(cli, ["report", str(broken), "--out", str(tmp_path / "x.html")])
    assert answer.exit_code == 2
    assert "field model is missing" in answer.output
    assert not (tmp_path / "x.html").exists()


needs_browser = pytest.mark.skipif(find_browser() is None, reason=WHY_NOT)

VISIBLE = """
return Array.from(document.querySelectorAll("#score-table tbody tr"))
  .filter((row) => row.offsetParent !== null)
  .map((row) => [row.cells[0].textContent.trim(), row.dataset.cell, row.dataset.category]);
"""
CHOOSE = """
const select = document.querySelector(`#filters [name=${arguments[0]}]`);
select.value = arguments[1];
select.dispatchEvent(new Event("change", {bubbles: true}));
"""
HEAD = """
return Array.from(document.querySelectorAll("#score-table thead button"))
  .find((button) => button.textContent.startsWith(arguments[0]))
"""


@needs_browser
def test_sorting_and_filtering_in_a_browser(written, tmp_path):
    with Browser(tmp_path / "profile", width=1280) as browser:
        browser.open(written[0])
        rows = browser.run(VISIBLE)
        assert [row[0] for row in rows] == ["dkfont", "diff-font", "blank"]
        assert {(cell, category) for _, cell, category in rows} == {("paper", "all")}
        browser.run(f"({HEAD.strip().removeprefix('return ')}).click()", "SSIM")
        assert [row[0] for row in browser.run(VISIBLE)] == ["dkfont", "diff-font", "blank"]
        browser.run(f"({HEAD.strip().removeprefix('return ')}).focus()", "SSIM")
        browser.press("\ue007")  # Enter: the table can be sorted without a mouse
        assert [row[0] for row in browser.run(VISIBLE)] == ["blank", "diff-font", "dkfont"]
        browser.run(CHOOSE, "kind", "model")
        assert [row[0] for row in browser.run(VISIBLE)] == ["diff-font", "dkfont"]
        browser.run(CHOOSE, "cell", "ufuc")
        browser.run(CHOOSE, "category", "printed")
        assert {tuple(row[1:]) for row in browser.run(VISIBLE)} == {("ufuc", "printed")}
        browser.run("location.hash = 'run-3'")
        assert browser.errors() == []


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_page_does_not_scroll_sideways(width, written, tmp_path):
    with Browser(tmp_path / "profile", width=width) as browser:
        browser.open(written[0])
        browser.run("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        inside = browser.run("return [document.documentElement.scrollWidth, innerWidth]")
        assert inside == [width, width]
        drawn = browser.run(
            "return getComputedStyle(document.querySelector('.strip i')).backgroundImage"
        )
        assert drawn.startswith('url("data:image/png')
        assert browser.errors() == []


def test_unseen_characters_are_marked(written):
    _, page, _ = written
    marked = set(re.findall(r'class="unseen">(.)', page))
    assert marked
    assert marked <= set(UNSEEN)


def test_picture_shows_the_truth_and_every_model_of_each_font(three, tmp_path, dataset):
    from PIL import Image

    from hangeul_bench.report.comparison import write_comparison

    write_comparison(three, dataset, tmp_path / "all.png", fonts=1)
    write_comparison(three[1:], dataset, tmp_path / "two.png", fonts=1)
    write_comparison(three, dataset, tmp_path / "more.png", fonts=2)
    all_three, two, more = (
        Image.open(tmp_path / name) for name in ("all.png", "two.png", "more.png")
    )
    assert all_three.width == two.width == more.width
    assert all_three.height - two.height == 2 * 72  # a row less in each of two fonts
    assert more.height > all_three.height
    assert np.asarray(all_three.convert("L")).min() < 60  # glyphs stand on it


def test_picture_without_predictions_is_refused(tmp_path, dataset):
    from hangeul_bench.report.comparison import write_comparison

    path = make_result(tmp_path, dataset, jer=0.2)
    shutil.rmtree(tmp_path / path.stem.removesuffix("-lite"))
    with pytest.raises(UserError, match="Expected predictions"):
        write_comparison([path], dataset, tmp_path / "x.png")


def test_command_asks_for_a_dataset_and_a_png_for_the_picture(three, tmp_path):
    call = ["report", str(three[0]), "--out", str(tmp_path / "r.html"), "--picture"]
    answer = CliRunner().invoke(cli, [*call, str(tmp_path / "x.png"), "--no-images"])
    assert answer.exit_code == 2
    assert "Expected a dataset for --picture" in answer.output
