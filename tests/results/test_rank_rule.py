"""The rule of rank on all controls, and on drawings that try to game it."""

import pytest

from hangeul_bench.results.ranking import GATE, better_pairs, rank_results
from hangeul_bench.results.tables import to_csv, to_markdown
from support.board_results import NUMBERS, board_result
from support.small_results import make_result


def board(*results, category="all", **arguments):
    rows = rank_results(results, **arguments)
    return [row for row in rows if (row.cell, row.category) == ("uf", category)]


@pytest.fixture(scope="module")
def everyone():
    """Every control and model of the board as if it might rank."""
    return [board_result(name, kind="model") for name in NUMBERS]


@pytest.fixture(scope="module")
def rows(everyone):
    return {row.model: row for row in board(*everyone)}


def test_the_truth_is_first_and_the_truth_moved_above_any_model(rows):
    order = list(rows)
    assert order[0] == "ground-truth" and rows["ground-truth"].rank == 1
    assert order[1:3] == ["shifted-1px", "shifted-3px"]
    assert rows["shifted-1px"].rank < rows["retrieval-font"].rank


def test_what_does_not_read_takes_no_rank(rows):
    for name in ("blank", "jamo-swapped", "sdf-blend", "diff-font"):
        assert rows[name].rank is None
        assert "below the legibility gate (jer - truth at most" in rows[name].why_unranked
        assert rows[name].value("composite") is not None  # its numbers stay
        assert rows[name].jer_excess_upper > GATE


def test_a_blur_that_betters_rmse_and_topology_takes_no_rank(rows):
    # What a Gaussian of 2 pixels makes of the nearest font, measured.
    numbers = (0.0028, 0.555, 0.307, 0.398, 0.58, 0.105)
    blurred = board_result("blurred-nearest", numbers=numbers, edge_blur=2.6, kind="model")
    others = [board_result(n) for n in ("ground-truth", "nearest-font", "retrieval-font")]
    found = {row.model: row for row in board(*others, blurred)}
    assert found["blurred-nearest"].value("composite") < 0.95
    assert "below the sharpness gate (edge_blur at most" in found["blurred-nearest"].why_unranked
    assert found["retrieval-font"].rank == 1


def test_a_row_without_its_sharpness_takes_no_rank():
    results = [board_result(n) for n in ("ground-truth", "nearest-font")]
    rows = board(*results, board_result("dkfont", without=("edge_blur",)))
    (row,) = (row for row in rows if row.model == "dkfont")
    assert row.rank is None and "no edge_blur" in row.why_unranked


def test_a_plain_font_is_below_the_nearest(rows):
    nearest = rows["nearest-font"]
    assert nearest.value("composite") == pytest.approx(1, abs=1e-5)
    for name in ("plain-fitted", "content-font", "mean-font"):
        assert rows[name].value("composite") > 1
    assert rows["plain-fitted"].rank > nearest.rank
    assert rows["content-font"].rank > nearest.rank
    assert "below the sharpness gate" in rows["mean-font"].why_unranked


def test_the_rank_is_1_and_how_many_are_significantly_better(everyone, rows):
    racing = [row for row in rows.values() if row.rank is not None]
    better = better_pairs(racing, "composite")
    for place, row in enumerate(racing):
        assert row.rank == 1 + sum(worse == place for _, worse in better)
    best = racing[0]
    assert best.to_best is None
    other = rows["dkfont"].to_best
    assert other.value == pytest.approx(rows["dkfont"].value("composite"))
    assert other.low < other.value < other.high


def test_models_that_only_the_truth_beats_share_rank_2():
    few = [board_result(n, kind="model") for n in ("dkfont", "font-diffuser", "ground-truth")]
    places = [(row.model, row.rank) for row in board(*few, board_result("nearest-font"))]
    assert places[0] == ("ground-truth", 1)
    assert {rank for name, rank in places if name in ("dkfont", "font-diffuser")} == {2}


def test_controls_take_no_rank_and_say_so():
    rows = board(*(board_result(name) for name in NUMBERS))
    assert {r.model for r in rows if r.rank} == {"retrieval-font", "dkfont", "font-diffuser"}
    assert all(r.why_unranked == "control" for r in rows if r.result["model"]["kind"] == "control")


def test_without_a_row_of_the_truth_nothing_passes_the_gate():
    rows = board(board_result("dkfont"), board_result("nearest-font"))
    (row,) = (r for r in rows if r.model == "dkfont")
    assert row.rank is None and "no row of ground-truth" in row.why_unranked


def test_one_lineage_cannot_pass_the_gate():
    one = {"handwritten": ("brush", "pen")}
    lineages = {"brush": "same", "pen": "same"}
    names = ("dkfont", "nearest-font", "ground-truth")
    results = [board_result(name, fonts=one, lineages=lineages) for name in names]
    rows = {r.model: r for r in board(*results, category="handwritten")}
    assert "fonts of two lineages" in rows["dkfont"].why_unranked


def test_rows_without_a_composite_come_last_by_jer_with_the_reason():
    results = [board_result(name) for name in ("ground-truth", "nearest-font", "dkfont")]
    results += [
        board_result("b", numbers=(0.2, *NUMBERS["dkfont"][1:]), without=("style_distance",)),
        board_result("a", numbers=(0.1, *NUMBERS["dkfont"][1:]), without=("style_distance",)),
    ]
    rows = board(*results)
    assert [row.model for row in rows][-2:] == ["a", "b"]
    assert [row.rank for row in rows if row.model == "dkfont"] == [1]
    for row in rows[-2:]:
        assert row.rank is None and "style family lacks style_distance" in row.why_unranked


def test_another_metric_ranks_without_the_gate_and_the_page_says_so(everyone):
    rows = board(*everyone, rank_by="ssim")
    assert {row.model: row.rank for row in rows}["jamo-swapped"] is not None
    assert "no gate was asked" in to_markdown(rows)
    rows = board(*everyone)
    assert "must be at most 0.01 and edge_blur at most 0.25 pixels, with" in to_markdown(rows)
    assert "to_best,to_best_low,to_best_high,jer_excess,jer_excess_upper" in to_csv(rows)


def test_a_gallery_that_held_the_asked_font_bars_the_cells_of_seen_fonts():
    def result(**details):
        made = make_result("retrieval-font")
        made["model"]["details"] = details
        for score in list(made["scores"]):
            if score["cell"] != "uf":
                seen = score["cell"].replace("uf", "sf", 1)
                made["scores"].append({**score, "cell": seen})
        return {(row.cell, row.category): row for row in rank_results([made], rank_by="jer")}

    held = result(gallery=125)
    for cell in ("sfsc", "sfuc"):
        assert held[cell, "all"].why_unranked == "its gallery held the asked font"
    assert held["ufsc", "all"].rank == 1 and held["ufsc", "all"].note == ""
    assert held["ufuc", "all"].rank == 1
    assert held["ufuc", "all"].note == "its gallery shows the asked syllables in other fonts"
    assert result(gallery=125, gallery_excluded=True)["sfsc", "all"].rank == 1
    assert result(steps=3)["sfsc", "all"].rank == 1
