"""A row of a published board is found by its model and printed with its intervals."""

import pytest
from click.testing import CliRunner

from hangeul_bench.cli import cli
from hangeul_bench.results.published import own_board, published_rows, row_text
from hangeul_bench.results.ranking import rank_results
from hangeul_bench.results.tables import to_csv
from support.board_results import board_result

NAMES = ("ground-truth", "nearest-font", "dkfont", "diff-font")


@pytest.fixture
def board(tmp_path):
    path = tmp_path / "board.csv"
    path.write_text(to_csv(rank_results([board_result(name) for name in NAMES])), encoding="utf-8")
    return path


def show(board, *arguments):
    return CliRunner().invoke(cli, ["board", "show", *arguments, "--board", str(board)])


def test_a_row_has_its_numbers_intervals_and_rank(board):
    done = show(board, "dkfont", "--category", "all")
    assert done.exit_code == 0
    head, *lines = done.output.splitlines()
    assert head == "dkfont: lite track, uf, all, 1 reference, rank 1"
    numbers = {line.split()[0]: line.split()[1:] for line in lines}
    assert len(numbers["composite"]) == 3 and numbers["composite"][1].startswith("[")
    assert numbers["parameters"] == ["3"]
    done = show(board, "diff-font", "--category", "all")
    assert ", no rank" in done.output and "below the legibility gate" in done.output


def test_all_rows_come_where_nothing_is_chosen(board):
    assert len(published_rows(board, "dkfont", where={"track": ()})) == 3


def test_what_is_not_there_is_told_in_a_sentence(board, tmp_path):
    assert "has no row of dkfnt; did you mean dkfont?" in show(board, "dkfnt").output
    done = show(board, "dkfont", "--track", "full")
    assert done.exit_code == 2 and "no row of dkfont in track full" in done.output
    done = show(tmp_path / "none.csv", "dkfont")
    assert done.exit_code == 2 and "there is no such file; name one with --board" in done.output


def test_the_repositorys_own_board_can_be_shown():
    (row,) = (
        row
        for row in published_rows(
            own_board(), "ground-truth", where={"track": ["lite"], "category": ["all"]}
        )
        if row["cell"] == "ufsc"
    )
    assert "ssim" in row_text(row) and "1.000000" in row_text(row)
