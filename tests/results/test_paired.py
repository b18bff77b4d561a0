"""Two results are compared over the fonts that both have, and only where they measure the same."""

import numpy as np
import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import cli
from hangeul_bench.results.file import write_result
from hangeul_bench.results.intervals import Sample
from hangeul_bench.results.paired import compare
from support.small_results import make_result

SPREAD = {"brush": 0.3, "pen": -0.05, "gothic": 0.2, "slab": -0.05}


def only(metric, *results, **where):
    (found,) = [d for d in compare(*results, **where) if d.metric == metric]
    return found


def test_what_is_hard_for_both_does_not_blur_the_difference():
    a = make_result("a", jer=0.10, spread=SPREAD)
    b = make_result("b", jer=0.11, spread=SPREAD)
    found = only("jer", a, b)
    assert found.interval.value == pytest.approx(-0.01)
    assert found.interval.high - found.interval.low < 1e-9
    assert (found.better, found.n_fonts) == ("first", 6)
    assert only("jer", b, a).better == "second"
    assert (found.first, found.second) == (
        pytest.approx(0.10 + 0.4 / 6),
        pytest.approx(0.11 + 0.4 / 6),
    )


def test_a_difference_that_changes_sides_is_no_difference():
    a, b = make_result("a", jer=0.1), make_result("b", jer=0.11, spread={"brush": 0.2, "pen": -0.2})
    assert only("jer", a, b).better == ""


def test_the_direction_of_the_metric_decides_who_is_better():
    found = only("ssim", make_result("a", ssim=0.9), make_result("b", ssim=0.8))
    assert found.interval.value > 0 and found.better == "first"


def test_only_the_fonts_of_a_category_count():
    a = make_result("a", jer=0.1)
    b = make_result("b", jer=0.1, spread={"brush": 0.3, "pen": 0.3, "round": 0.3})
    assert only("jer", a, b, category="printed").interval.value == 0
    assert only("jer", a, b, category="handwritten").interval.value == pytest.approx(-0.3)


def test_a_metric_of_another_definition_is_left_out():
    b = make_result("b", signatures={"jer": "jer|v2", "ssim": "ssim|v1"})
    assert [d.metric for d in compare(make_result("a"), b)] == ["ssim"]
    with pytest.raises(UserError, match="no metric of one signature"):
        compare(make_result("a"), b, metrics=("jer",))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"track": "full"}, "one track, but found lite and full"),
        ({"protocol": "paper", "category": "printed"}, "one protocol, but found open and paper"),
        ({"limit": 2}, "one limit, but found None and 2"),
        ({"dataset": make_result()["dataset"] | {"benchmark_fingerprint": "c" * 64}}, "ccc"),
    ],
)
def test_results_of_other_glyphs_are_refused(change, said):
    with pytest.raises(UserError, match=said):
        compare(make_result("a"), make_result("b", **change))


def test_models_of_two_categories_are_refused():
    one, other = (make_result(protocol="paper", category=c) for c in ("printed", "handwritten"))
    with pytest.raises(UserError, match="one category, but found printed and handwritten"):
        compare(one, other)


def test_fonts_of_one_lineage_are_drawn_as_one():
    a, b = make_result("a", jer=0.2), make_result("b", jer=0.1, spread=SPREAD)
    blocks = {"brush": "a", "gothic": "b", "myeongjo": "c", "pen": "c", "round": "a", "slab": "c"}
    own = only("jer", a, b).interval
    for first, second in ((a | {"lineages": blocks}, b), (a, b | {"lineages": blocks})):
        found = only("jer", first, second).interval
        values = np.array([0.1 - SPREAD.get(font, 0.0) for font in blocks])
        assert found.low == pytest.approx(Sample(list(blocks.values())).mean(values).interval().low)
        assert found.low < own.low


def test_more_references_may_be_set_against_fewer():
    assert only("jer", make_result("a"), make_result("a", jer=0.05, shots=8)).better == "second"


def test_the_command_prints_a_line_a_metric(tmp_path):
    paths = [tmp_path / "a-lite.json", tmp_path / "b-lite.json"]
    write_result(paths[0], make_result("a", jer=0.1))
    write_result(paths[1], make_result("b", jer=0.3))
    done = CliRunner().invoke(cli, ["compare", *map(str, paths), "--digits", "3"])
    assert done.exit_code == 0
    head, columns, jer, ssim = done.output.splitlines()
    assert head == "a-lite - b-lite: uf, all, means over 6 fonts"
    assert jer.split() == ["jer", "0.100", "0.300", "-0.200", "[-0.200,", "-0.200]", "a-lite"]
    assert ssim.endswith("not told apart")
    write_result(paths[1], make_result("b", protocol="paper", category="printed"))
    done = CliRunner().invoke(cli, ["compare", *map(str, paths)])
    assert done.exit_code == 2 and done.output.count("\n") == 1
    assert "one protocol, but found open and paper" in done.output
    write_result(paths[1], make_result("b"))
    done = CliRunner().invoke(cli, ["compare", *map(str, paths), "--metrics", "beauty"])
    assert done.exit_code == 2 and "found 'beauty'" in done.output
