"""The report's page: every section, no network, no hostile text, and what is left out is said."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import cli
from hangeul_bench.results.file import read_result
from hangeul_bench.results.report import write as report
from hangeul_bench.results.report.runs import arrange
from hangeul_bench.results.report.write import write_report
from support.report_pages import Outline, page_of
from support.report_results import UNSEEN, FakeDataset, make_result

HOSTILE = '"><script>alert(1)</script>&amp;'


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
        "unrankable": {"uf": HOSTILE},
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


def test_numbers_of_references_are_told_apart(tmp_path, dataset):
    paths = [make_result(tmp_path, dataset, shots=shots) for shots in (1, 4)]
    runs = arrange([(path, read_result(path)) for path in paths])
    assert {run.label for run in runs} == {"dkfont", "dkfont, 4 references"}
    assert len({run.predictions_path for run in runs}) == 2
    assert page_of(paths, tmp_path, dataset)[1] == ()  # each finds its own predictions


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


def test_unseen_characters_are_marked(written):
    _, page, _ = written
    marked = set(re.findall(r'class="unseen"><i [^>]*aria-label="(.)"', page))
    assert marked
    assert marked <= set(UNSEEN)
