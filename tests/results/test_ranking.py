"""Ranks, equals and reasons, and the committed table."""

import csv
import io
import itertools
from functools import partial
from pathlib import Path

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.results.board import View
from hangeul_bench.results.file import read_results
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.tables import PAGES, to_csv, to_html, to_markdown, to_text
from support.small_results import make_result

LEADERBOARDS = Path(__file__).parents[2] / "leaderboards"


def board(results, *, cell="uf", category="all", rank_by="jer"):
    rows = rank_results(results, rank_by=rank_by)
    return [row for row in rows if (row.cell, row.category) == (cell, category)]


def ranks(results, **arguments):
    return [(row.model, row.rank) for row in board(results, **arguments)]


def test_a_lower_jamo_error_rate_ranks_first():
    results = [make_result("worse", jer=0.5), make_result("better", jer=0.1)]
    assert ranks(results) == [("better", 1), ("worse", 2)]


def test_a_higher_ssim_ranks_first():
    results = [make_result("better", ssim=0.9, jer=0.5), make_result("worse", ssim=0.1)]
    assert ranks(results, rank_by="ssim") == [("better", 1), ("worse", 2)]


PAPER = {"protocol": "paper", "category": "printed"}


def test_protocols_share_no_rank():
    results = [make_result("ours", jer=0.5), make_result("theirs", jer=0.1, **PAPER)]
    rows = rank_results(results, rank_by="jer")
    places = [
        (row.model, row.protocol.name, row.rank)
        for row in rows
        if (row.cell, row.category) == ("uf", "printed")
    ]
    assert places == [("ours", "open", 1), ("theirs", "paper", 1)]
    headings = [line for line in to_markdown(rows).splitlines() if line.startswith("### ")]
    assert "### paper protocol, lite track, uf, printed, 1 reference" in headings
    assert "### lite track, uf, printed, 1 reference" in headings
    kept = {row["model"]: row["protocol"] for row in csv.DictReader(io.StringIO(to_csv(rows)))}
    assert kept == {"ours": "open", "theirs": "paper"}


def test_a_model_of_one_category_stands_in_no_row_of_all():
    rows = rank_results([make_result("theirs", jer=0.1, **PAPER)])
    assert {row.category for row in rows} == {"handwritten", "printed"}


def test_a_truth_of_another_protocol_lends_no_error():
    truth = make_result("ground-truth", jer=0.01, kind="control")
    results = [truth, make_result("theirs", jer=0.1, **PAPER)]
    excess = {row.model: row.jer_excess for row in board(results, category="printed")}
    assert excess == {"ground-truth": 0.0, "theirs": None}


def test_models_that_are_not_told_apart_share_a_rank():
    # b is better on half of the fonts and worse on the other half.
    spread = {"brush": 0.2, "pen": -0.2, "gothic": 0.2, "slab": -0.2}
    results = [
        make_result("a", jer=0.10),
        make_result("b", jer=0.11, spread=spread),
        make_result("c", jer=0.5),
    ]
    assert ranks(results) == [("a", 1), ("b", 1), ("c", 3)]


def test_ranks_are_paired_over_fonts():
    # Both vary widely over fonts, but b is worse by the same amount on every one of them.
    spread = {"brush": 0.3, "pen": -0.05, "gothic": 0.2, "slab": -0.05}
    results = [
        make_result("a", jer=0.10, spread=spread),
        make_result("b", jer=0.11, spread=spread),
    ]
    assert ranks(results) == [("a", 1), ("b", 2)]


def test_controls_stand_among_the_models_without_a_rank():
    results = [
        make_result("ground-truth", kind="control", jer=0.01),
        make_result("model", jer=0.1),
        make_result("blank", kind="control", jer=1.0),
    ]
    assert ranks(results) == [("ground-truth", None), ("model", 1), ("blank", None)]
    assert board(results)[0].why_unranked == "control"


def test_an_unrankable_cell_says_why_and_the_others_rank():
    spoiled = make_result("spoiled", jer=0.0, unrankable={"ufuc": "trained on unseen syllables"})
    results = [spoiled, make_result("clean", jer=0.1)]
    assert ranks(results, cell="ufuc") == [("spoiled", None), ("clean", 1)]
    assert board(results, cell="ufuc")[0].why_unranked == "trained on unseen syllables"
    assert ranks(results, cell="uf") == [("spoiled", 1), ("clean", 2)]


def test_the_excess_is_over_the_readers_own_error():
    results = [
        make_result("ground-truth", kind="control", jer=0.02),
        make_result("model", jer=0.1),
    ]
    assert [row.jer_excess for row in board(results)] == [0.0, pytest.approx(0.08)]
    assert board(results[1:])[0].jer_excess is None


@pytest.mark.parametrize(
    "change",
    [
        {"track": "full"},
        {"shots": 4},
        {"signatures": {"jer": "jer|v1|reader:other", "ssim": "ssim|v1"}},
        {
            "dataset": {
                "name": "open",
                "fingerprint": "f" * 64,
                "benchmark_fingerprint": "c" * 64,
                "size": 128,
            }
        },
    ],
)
def test_rows_that_measure_other_things_are_ranked_apart(change):
    results = [make_result("a", jer=0.1), make_result("b", jer=0.5, **change)]
    assert [rank for _, rank in ranks(results)] == [1, 1]


def test_a_table_says_how_many_references_were_shown():
    results = [make_result("a", jer=0.1), make_result("a", jer=0.05, shots=4)]
    text = to_markdown(rank_results(results[::-1]))
    one, four = (
        text.index(f"### lite track, uf, all, {shots}")
        for shots in ("1 reference\n", "4 references\n")
    )
    assert one < four
    assert text.count("### ") == 2 * 3 * 3


def test_the_excess_over_the_truth_needs_no_truth_of_as_many_references():
    truth = make_result("ground-truth", kind="control", jer=0.02)
    model = make_result("model", jer=0.1, shots=4)
    for results in ([truth, model], [model, truth]):
        (row,) = (r for r in board(results) if r.model == "model")
        assert row.jer_excess == pytest.approx(0.08)
    other = make_result("ground-truth", kind="control", jer=0.02, limit=8)
    (row,) = (r for r in board([other, model]) if r.model == "model")
    assert row.jer_excess is None


def test_a_result_without_a_new_metric_keeps_its_row():
    old, new = make_result("old"), make_result("new", jer=0.2)
    for score in new["scores"]:
        score["metrics"]["topology_error"] = {"value": 0.25, "low": 0.2, "high": 0.3}
    rows = list(csv.DictReader(io.StringIO(to_csv(rank_results([old, new])))))
    values = {row["model"]: row["topology_error"] for row in rows}
    assert values == {"old": "", "new": "0.250000"}
    assert "topology ↓" in to_markdown(rank_results([old, new]))
    assert "topology" not in to_markdown(rank_results([old]))


def test_training_fonts_do_not_matter_only_the_benchmark_does():
    other = {"name": "mine", "fingerprint": "0" * 64, "benchmark_fingerprint": "b" * 64}
    results = [make_result("a", jer=0.1), make_result("b", jer=0.5, dataset=other | {"size": 128})]
    assert ranks(results) == [("a", 1), ("b", 2)]


def test_a_model_without_the_metric_says_so():
    result = make_result("a", missing_metrics={"lpips": "no AlexNet weights"})
    with pytest.raises(UserError, match="No result has the metric lpips"):
        rank_results([result], rank_by="lpips")


def test_an_unknown_metric_is_refused():
    with pytest.raises(UserError, match="--rank-by"):
        rank_results([make_result()], rank_by="beauty")


FORMATS = {"csv": to_csv, **{name: partial(page, view=View()) for name, page in PAGES.items()}}


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_same_bytes_for_any_order_of_results(name):
    results = [make_result("a", jer=0.1), make_result("b", jer=0.1), make_result("c", jer=0.2)]
    texts = {FORMATS[name](rank_results(order)) for order in itertools.permutations(results)}
    assert len(texts) == 1


def test_the_csv_has_a_row_a_model_cell_and_category():
    text = to_csv(rank_results([make_result("a"), make_result("b", jer=0.3)]))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 2 * 3 * 3
    first = rows[0]
    leading = ("rank", "model", "kind", "track", "cell", "category", "n_fonts", "n_glyphs")
    assert tuple(first)[: len(leading)] == leading
    assert (first["jer"], first["jer_low"], first["fid"]) == ("0.100000", "0.100000", "")
    assert (first["seconds_per_glyph"], first["parameters"]) == ("0.250000", "3")
    assert first["fingerprint"] == "b" * 64
    assert "jer=jer|v1|reader:abc" in first["signatures"]


def test_markup_in_a_name_is_escaped():
    rows = rank_results([make_result("<b>|x")])
    assert "<b>" not in to_html(rows)
    assert "\\|x" in to_markdown(rows)


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A1", "+1", "-x", "@SUM(A1)", "\t=1"])
def test_no_name_becomes_a_formula(name):
    unranked = make_result(name, unrankable=dict.fromkeys(("ufsc", "ufuc", "uf"), "=1+1"))
    for row in csv.DictReader(io.StringIO(to_csv(rank_results([unranked])))):
        assert row["why_unranked"] == "'=1+1"
        assert row["model"] == (name if name == "+1" else f"'{name}")


def test_no_name_becomes_markup_in_markdown():
    rows = rank_results([make_result("<script>alert(1)</script>![x](http://x)\n# y")])
    text = to_markdown(rows)
    assert "<script>" not in text and "](" not in text
    assert len([line for line in text.splitlines() if line.startswith("#")]) == 9


def test_no_name_commands_the_terminal():
    assert "\x1b" not in to_text(rank_results([make_result("\x1b[2Jx")]))


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_number_is_minus_zero(name):
    truth = make_result("ground-truth", kind="control", jer=0.00003)
    model = make_result("model", jer=0.00001)
    for score in model["scores"]:
        score["metrics"]["jer"] |= {"low": -0.00001, "high": 0.00002}
        score["metrics"]["ssim"] = {"value": -0.00001, "low": None, "high": None}
    assert "-0.0000" not in FORMATS[name](rank_results([truth, model]))


def test_the_committed_table_is_what_its_results_give():
    rows = rank_results(read_results(LEADERBOARDS / "results"))
    committed = (LEADERBOARDS / "open-hangeul-1.csv").read_text(encoding="utf-8")
    assert to_csv(rows) == committed, (
        "stale: hangeul-bench leaderboard --results leaderboards/results "
        "--out leaderboards/open-hangeul-1.csv"
    )


def test_the_committed_controls_stand_in_the_right_order():
    rows = rank_results(read_results(LEADERBOARDS / "results"))
    for category in ("handwritten", "printed", "all"):
        of_paper = [r for r in rows if (r.cell, r.category) == ("uf", category)]
        asked = [(r, (r.result["track"], r.result["shots"])) for r in of_paper]
        values = {row.model: row.value for row, how in asked if how == ("lite", 1)}
        assert (values["ground-truth"]("ssim"), values["ground-truth"]("rmse")) == (1.0, 0.0)
        assert values["shifted-3px"]("jer") < values["jamo-swapped"]("jer")
        assert max(values, key=lambda name: values[name]("jer")) == "blank"
        topology = [
            values[name]("topology_error")
            for name in ("ground-truth", "shifted-3px", "blurred", "jamo-swapped", "blank")
        ]
        assert topology[:2] == [0, 0] and topology[-1] == 1
        assert topology[2] < 0.02 < 0.15 < topology[3] < 0.3
        assert all(r.rank is None for r in of_paper if r.result["model"]["kind"] == "control")
