"""Results of several seeds make one row, which says how far they spread."""

import csv
import io

import pytest

from hangeul_bench.results.board import View
from hangeul_bench.results.intervals import RULE
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.rows import by_seed
from hangeul_bench.results.tables import to_csv, to_markdown
from support.small_results import make_result


def three(**changes):
    return [
        make_result(jer=jer, seed=seed, **changes) for seed, jer in ((2, 0.13), (0, 0.1), (1, 0.12))
    ]


def paper(results):
    rows = rank_results(results, rank_by="jer")
    return [row for row in rows if (row.cell, row.category) == ("uf", "all")]


def test_seeds_make_one_row_with_the_first_ones_numbers():
    (row,) = paper(three())
    assert row.seeds == (0, 1, 2)
    assert row.value("jer") == 0.1
    assert row.spreads["jer"] == pytest.approx(0.03)
    assert row.spreads["ssim"] == 0
    assert (row.rank, row.result["seed"]) == (1, 0)


def test_a_dataset_may_have_another_name_but_no_other_glyphs():
    results = [make_result(), make_result(seed=1), make_result(seed=2)]
    results[1]["dataset"] = results[1]["dataset"] | {"name": "another"}
    results[2]["dataset"] = results[2]["dataset"] | {"fingerprint": "e" * 64}
    assert [len(others) for _, others in by_seed(results)] == [1, 0]


def test_one_seed_has_no_spread():
    (row,) = paper([make_result(seed=4)])
    assert (row.seeds, row.spreads) == ((4,), {})


@pytest.mark.parametrize(
    "changes",
    [{"track": "full"}, {"shots": 4}, {"limit": 3}, {"protocol": "paper", "category": "printed"}],
)
def test_what_was_asked_otherwise_is_no_seed_of_the_same(changes):
    results = [make_result(), make_result(seed=1, **changes)]
    assert [len(others) for _, others in by_seed(results)] == [0, 0]


def test_other_weights_or_options_are_another_model():
    results = [make_result(), make_result(seed=1), make_result(seed=2)]
    results[1]["model"] |= {"checkpoint_sha256": "ab" * 32}
    results[2]["model"] |= {"options": {"steps": "5"}}
    assert [len(others) for _, others in by_seed(results)] == [0, 0, 0]


def test_the_same_seed_twice_stays_two_rows():
    assert len(paper([make_result(), make_result(), make_result(seed=1)])) == 3


def test_a_metric_measured_otherwise_or_by_one_seed_alone_has_no_spread():
    results = three()
    results[1]["signatures"]["ssim"] = "ssim|v2"
    (row,) = paper(results)
    assert row.spreads.keys() == {"jer"}
    for score in results[0]["scores"]:
        del score["metrics"]["jer"]
    (row,) = paper(results)
    assert row.spreads == {}


def test_the_csv_and_the_pages_tell_it():
    results = three(intervals={"jer": RULE})
    for result in results:
        for score in result["scores"]:
            score["metrics"]["jer"] |= {"low": 0.05, "high": 0.2}
    rows = rank_results(results)
    cells = next(csv.DictReader(io.StringIO(to_csv(rows))))
    assert (cells["seeds"], cells["seed"]) == ("0 1 2", "0")
    assert (cells["jer"], cells["jer_spread"], cells["fid_spread"]) == ("0.100000", "0.030000", "")
    assert "[0.0500, 0.2000] spread 0.0300" in to_markdown(rows)
    assert "Spread: the largest" in to_markdown(rows)
    assert "pread" not in to_markdown(rows, View(intervals=False))
    assert "pread" not in to_markdown(rank_results(results[:1]))
