"""Pairs of rows: who wins on how many fonts, and the picture of quality against speed."""

import csv
import io

import pytest
from click.testing import CliRunner
from PIL import Image

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import cli
from hangeul_bench.results.file import write_result
from hangeul_bench.results.pairs import pairs_csv, pairs_markdown
from hangeul_bench.results.pareto import best_for_their_speed, write_pareto
from hangeul_bench.results.ranking import rank_results
from support.board_results import board_result

NAMES = ("ground-truth", "nearest-font", "retrieval-font", "dkfont", "font-diffuser")


@pytest.fixture(scope="module")
def rows():
    ranked = rank_results([board_result(name) for name in NAMES])
    return [row for row in ranked if row.category == "all"]


def test_a_pair_stands_once_with_wins_and_interval(rows):
    lines = list(csv.DictReader(io.StringIO(pairs_csv(rows))))
    assert len(lines) == 5 * 4 // 2
    first = next(line for line in lines if line["second"] == "dkfont")
    assert (first["first"], first["wins"], first["n_fonts"]) == ("ground-truth", "10", "10")
    assert first["verdict"] == "ground-truth" and float(first["p"]) < 0.001
    assert float(first["low"]) < float(first["difference"]) < float(first["high"]) < 0


def test_the_verdict_is_holms_over_the_table(rows):
    # Nine tests at p = .01 and less would pass alone; of two that are alike none may.
    lines = {(x["first"], x["second"]): x for x in csv.DictReader(io.StringIO(pairs_csv(rows)))}
    for line in lines.values():
        if float(line["p"]) > 0.05:
            assert line["verdict"] == "not told apart"
    text = pairs_markdown(rows, 2)
    assert "### lite track, uf, all, 1 reference, composite" in text
    assert "**10 of 10: " in text and "Holm" in text


def test_the_front_is_what_nobody_is_faster_and_better_than():
    points = [(1.0, 0.9), (10.0, 1.0), (5.0, 1.1), (2.0, 0.8), (10.0, 1.2)]
    assert best_for_their_speed(points) == [1, 3]
    assert best_for_their_speed([]) == []


def test_the_picture_is_of_one_table_of_models(rows, tmp_path):
    write_pareto(rows, tmp_path / "speed.png")
    with Image.open(tmp_path / "speed.png") as image:
        assert image.format == "PNG" and image.width > 500
    everything = rank_results([board_result(name) for name in NAMES])
    with pytest.raises(UserError, match="rows of one table for --pareto, but found 3"):
        write_pareto(everything, tmp_path / "more.png")
    controls = [row for row in rows if row.result["model"]["kind"] == "control"]
    with pytest.raises(UserError, match="No model has both"):
        write_pareto(controls, tmp_path / "more.png")


def test_the_command_writes_both(tmp_path):
    for name in NAMES:
        write_result(tmp_path / f"{name}-lite.json", board_result(name))
    where = ["leaderboard", "--results", str(tmp_path), "--category", "all"]
    done = CliRunner().invoke(cli, [*where, "--pairs", "--pareto", str(tmp_path / "p.png")])
    assert done.exit_code == 0 and done.stdout.startswith("track,cell,category")
    assert (tmp_path / "p.png").is_file()
    done = CliRunner().invoke(cli, [*where, "--pairs", "--format", "md"])
    assert done.exit_code == 0 and "of 10: " in done.output
    done = CliRunner().invoke(cli, [*where, "--pairs", "--format", "latex"])
    assert done.exit_code == 2 and "as --format csv or md" in done.output
