"""The pinned reference is of `nearest-font`, one a track and dataset."""

import json

import pytest
from click.testing import CliRunner

from experiments.composite_reference import main, replaced
from hangeul_bench.base.errors import UserError
from hangeul_bench.results.composite import reference_of
from hangeul_bench.results.file import write_result
from support.board_results import board_result

NEAREST = board_result("nearest-font")


def test_a_reference_stands_in_place_of_the_one_before(tmp_path):
    write_result(tmp_path / "n.json", NEAREST)
    other = reference_of(board_result("nearest-font", track="full"))
    old = reference_of(board_result("nearest-font", without=("style_distance",)))
    found = replaced([old, other], [tmp_path / "n.json"])
    assert sorted(reference.track for reference in found) == ["full", "lite"]
    assert all("style_distance" in reference.signatures for reference in found)


@pytest.mark.parametrize(
    "result", [board_result("dkfont"), NEAREST | {"shots": 4}, NEAREST | {"limit": 3}]
)
def test_another_result_is_refused(result, tmp_path):
    write_result(tmp_path / "n.json", result)
    with pytest.raises(UserError, match="Expected a result of nearest-font with one reference"):
        replaced([], [tmp_path / "n.json"])


def test_the_command_writes_the_file(tmp_path):
    write_result(tmp_path / "n.json", NEAREST)
    out = tmp_path / "reference.json"
    done = CliRunner().invoke(main, [str(tmp_path / "n.json"), "--out", str(out)])
    assert done.exit_code == 0, done.output
    entries = json.loads(out.read_text(encoding="utf-8"))
    assert any(entry["fingerprint"] == "b" * 64 for entry in entries)
