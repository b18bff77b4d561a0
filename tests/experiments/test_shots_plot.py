"""The plot of scores against the number of references."""

import pytest
from click.testing import CliRunner
from PIL import Image

from experiments.shots_plot import curves, main
from hangeul_bench.base.errors import UserError
from hangeul_bench.results.file import write_result
from support.small_results import make_result


def of_paper(results, metric="jer"):
    return curves(results, metric, track="lite", cell="uf", category="all")


def test_a_curve_has_a_point_for_each_number_of_references_in_order():
    results = [make_result(jer=j, shots=k) for k, j in ((8, 0.02), (1, 0.1), (4, 0.05))]
    (curve,) = of_paper(results)
    assert (curve.model, curve.shots) == ("dkfont", (1, 4, 8))
    assert [e["value"] for e in curve.estimates] == [0.1, 0.05, 0.02]


def test_a_model_of_one_number_of_references_has_no_curve():
    both = [make_result("a", shots=k) for k in (1, 8)]
    assert [curve.model for curve in of_paper([make_result("b"), *both])] == ["a"]
    assert of_paper([make_result("a"), make_result("a", shots=4, track="full")]) == []


def test_a_metric_that_a_result_lacks_leaves_its_point_out():
    assert of_paper([make_result(shots=k) for k in (1, 4)], "style_distance") == []


def test_two_results_of_one_number_of_references_are_refused():
    results = [make_result(shots=4), make_result(shots=4)]
    with pytest.raises(UserError, match="one result of dkfont with 4 references, but found two"):
        of_paper(results)


def test_of_several_seeds_the_first_counts():
    seeds = [make_result(jer=0.1 * (1 + seed), shots=4, seed=seed) for seed in (1, 0, 2)]
    (curve,) = of_paper([make_result(jer=0.3), *seeds])
    assert [e["value"] for e in curve.estimates] == [0.3, 0.1]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"limit": 8}, "--limit differs too: 8 and None"),
        ({"signatures": {"jer": "jer|v2"}}, "signature of jer differs too"),
    ],
)
def test_results_that_measure_other_things_make_no_curve(change, named):
    with pytest.raises(UserError, match=named):
        of_paper([make_result(), make_result(shots=4, **change)])


def test_the_command_writes_a_picture_the_same_each_time(tmp_path):
    for shots, jer in ((1, 0.1), (4, 0.05)):
        write_result(tmp_path / f"a-{shots}.json", make_result(jer=jer, shots=shots))
    pictures = []
    for name in ("one.png", "two.png"):
        command = ["--results", str(tmp_path), "--out", str(tmp_path / name)]
        run = CliRunner().invoke(main, command)
        assert run.exit_code == 0, run.output
        pictures.append((tmp_path / name).read_bytes())
    assert pictures[0] == pictures[1]
    with Image.open(tmp_path / "one.png") as picture:
        assert picture.width > 3 * picture.height / 2
        assert len(set(picture.convert("L").tobytes())) > 20


def test_results_of_one_number_of_references_are_one_sentence(tmp_path):
    write_result(tmp_path / "a.json", make_result())
    command = ["--results", str(tmp_path), "--out", str(tmp_path / "shots.png")]
    run = CliRunner().invoke(main, command)
    assert isinstance(run.exception, UserError)
    assert "evaluate with --shots 1, then with --shots 4" in str(run.exception)
    assert not (tmp_path / "shots.png").exists()
