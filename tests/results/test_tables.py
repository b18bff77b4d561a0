"""Tables for papers: what is best and what equals it is marked, and no name breaks the markup."""

import csv
import io
import re

import pytest
from click.testing import CliRunner
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexWalker

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli import cli
from hangeul_bench.results.board import View
from hangeul_bench.results.file import write_result
from hangeul_bench.results.intervals import RULE
from hangeul_bench.results.ranking import rank_results, standing
from hangeul_bench.results.tables import PAGES, to_csv, to_html, to_latex, to_markdown, to_text
from support.small_results import make_result

SPREAD = {"brush": 0.2, "pen": -0.2, "gothic": 0.2, "slab": -0.2}
VIEW = View(("jer", "ssim"), digits=3, intervals=False)


def board(*results):
    rows = rank_results(results, rank_by="jer")
    return [row for row in rows if (row.cell, row.category) == ("uf", "all")]


def three():
    return board(
        make_result("first", jer=0.10),
        make_result("second", jer=0.11, spread=SPREAD),
        make_result("third", jer=0.5),
        make_result("ground-truth", kind="control", jer=0.01),
    )


def environments(text):
    """The LaTeX environments of a text; raises where LaTeX itself would stop."""
    nodes, _, _ = LatexWalker(text, tolerant_parsing=False).get_latex_nodes()
    return [node for node in nodes if node.isNodeType(LatexEnvironmentNode)]


def cells(text):
    """The rows of the only tabular, each as the texts that LaTeX would print."""
    (table,) = environments(text)
    inner = re.sub(r"\\(top|mid|bottom)rule\n", "", table.latex_verbatim())
    lines = [line for line in inner.splitlines() if line.endswith(r"\\")]
    reader = LatexNodes2Text()
    parts = [re.split(r"(?<!\\)&", line.removesuffix(r" \\")) for line in lines]
    return [[reader.latex_to_text(part).strip() for part in row] for row in parts]


def test_the_best_model_is_bold_its_equals_are_marked_and_controls_are_neither():
    rows = three()
    places = dict(zip((row.model for row in rows), standing(rows, "jer"), strict=True))
    assert places == {"ground-truth": "", "first": "best", "second": "not told apart", "third": ""}
    assert "| **0.100** |" in to_markdown(rows, VIEW) and "| 0.110† |" in to_markdown(rows, VIEW)
    assert r"\textbf{0.100}" in to_latex(rows, VIEW)
    assert r"0.110$^{\dagger}$" in to_latex(rows, VIEW)
    assert "<strong>0.100</strong>" in to_html(rows, VIEW) and "0.110†" in to_html(rows, VIEW)
    assert "0.100*" in to_text(rows, VIEW) and "0.110~" in to_text(rows, VIEW)
    for name, text in ((name, page(rows, VIEW)) for name, page in PAGES.items()):
        assert not re.search(r"0\.010[*~†$]|(\*\*|<strong>|bf\{)0\.010", text), name


def test_a_model_that_may_not_rank_in_a_cell_is_not_the_best_there():
    spoiled = make_result("spoiled", jer=0.0, unrankable={"uf": "trained on unseen fonts"})
    assert standing(board(spoiled, make_result("clean", jer=0.2)), "jer") == ["", "best"]


def test_numbers_of_another_definition_are_not_set_against_each_other():
    other = make_result("b", jer=0.5, signatures={"jer": "jer|v2", "ssim": "ssim|v1"})
    rows = board(make_result("a", jer=0.1), other)
    assert standing(rows, "jer") == ["best", "best"]
    assert standing(rows, "ssim") == ["best", "best"]  # equal numbers


def test_a_view_chooses_columns_and_digits():
    header, first, *_ = cells(to_latex(three(), View(("ssim", "fid"), digits=2, intervals=False)))
    assert header == ["rank", "model", "SSIM ↑", "FID ↓", "note"]
    assert first == ["", "ground-truth", "0.80", "", "control"]


def test_intervals_can_be_left_out():
    result = make_result("a", intervals={"jer": RULE})
    for score in result["scores"]:
        score["metrics"]["jer"] |= {"low": 0.05, "high": 0.15}
    for name, page in PAGES.items():
        assert "0.150" not in page(board(result), VIEW), name
    shown = View(("jer",), digits=3)
    for name in ("md", "html", "latex"):
        assert "[0.050, 0.150]" in PAGES[name](board(result), shown), name


def test_every_row_of_the_latex_has_as_many_cells_as_columns():
    text = to_latex(three(), VIEW)
    align = re.search(r"\\begin\{tabular\}\{(\w+)\}", text)[1]
    assert {len(row) for row in cells(text)} == {len(align)}
    assert text.count(r"\toprule") == text.count(r"\midrule") == text.count(r"\bottomrule") == 1


@pytest.mark.parametrize(
    "name", ["a_b & 100% $x$ #1", "{\\end{tabular}}", "~^|<>", "\\input{/etc/passwd}", "[2pt] 글꼴"]
)
def test_no_name_becomes_latex(name):
    rows = board(make_result(name))
    printed = cells(to_latex(rows, VIEW))[1][1]
    assert printed.replace("ˆ", "^") == name  # the parser's own letter for \\textasciicircum


def test_an_unknown_metric_is_refused():
    with pytest.raises(UserError, match="found 'beauty'"):
        View(("beauty",))


def test_cells_stand_side_by_side_in_one_table():
    spoiled = make_result("b", jer=0.3, unrankable={"ufuc": "trained on unseen syllables"})
    results = [make_result("a", jer=0.1), spoiled]
    rows = [row for row in rank_results(results, rank_by="jer") if row.category == "all"]
    view = View(("jer",), digits=2, intervals=False, side_by_side=("ufsc", "ufuc"))
    text = to_markdown(rows, view)
    assert text.count("### ") == 1 and "### lite track, ufsc and ufuc, all, 1 reference" in text
    table = [line.strip("| ").split(" | ") for line in text.splitlines() if line[:1] == "|"]
    assert table[0] == ["model", "rank ufsc", "rank ufuc", "JER ↓ ufsc", "JER ↓ ufuc", "note"]
    assert table[2][:5] == ["a", "1", "1", "**0.10**", "**0.10**"]
    assert table[3] == ["b", "2", "", "0.30", "0.30", "ufuc: trained on unseen syllables"]
    for name in ("latex", "html", "text"):
        assert "rank ufuc" in PAGES[name](rows, view), name


def test_the_old_name_of_a_cell_is_understood_and_told(tmp_path):
    write_result(tmp_path / "a.json", make_result("a"))
    options = ["--results", str(tmp_path), "--format", "md", "--rank-by", "jer"]
    done = CliRunner().invoke(cli, ["leaderboard", *options, "--cell", "paper"])
    assert done.exit_code == 0 and "The cell paper is called uf now." in done.stderr
    assert "### lite track, uf, all" in done.stdout
    beside = CliRunner().invoke(cli, ["leaderboard", *options, "--cell", "ufsc,ufuc"])
    assert "### lite track, ufsc and ufuc, all, 1 reference" in beside.stdout
    done = CliRunner().invoke(cli, ["leaderboard", *options, "--cell", "xfsc"])
    assert done.exit_code == 2 and "found 'xfsc'" in done.output
    twice = ["--cell", "ufsc,ufuc", "--cell", "uf"]
    done = CliRunner().invoke(cli, ["leaderboard", *options, *twice])
    assert done.exit_code == 2 and "give --cell once" in done.output
    csv = ["--results", str(tmp_path), "--cell", "ufsc,ufuc"]
    done = CliRunner().invoke(cli, ["leaderboard", *csv])
    assert done.exit_code == 2 and "cells side by side" in done.output


def test_the_command_writes_what_was_asked_for(tmp_path):
    write_result(tmp_path / "a.json", make_result("a"))
    write_result(tmp_path / "b.json", make_result("b", jer=0.3, shots=8))
    options = ["--results", str(tmp_path), "--rank-by", "jer", "--cell", "uf"]
    options += ["--category", "all", "--shots", "1"]
    view = ["--format", "latex", "--metrics", "ssim", "--digits", "3", "--no-intervals"]
    done = CliRunner().invoke(cli, ["leaderboard", *options, *view])
    assert done.exit_code == 0
    assert [row[1:] for row in cells(done.output)] == [["model", "SSIM ↑"], ["a", "0.800"]]
    done = CliRunner().invoke(cli, ["leaderboard", *options, "--digits", "3"])
    assert done.exit_code == 2 and "CSV has every metric whole" in done.output


def test_tables_for_readers_call_a_model_by_its_label_and_the_csv_has_both():
    shipped = make_result("dkfont", jer=0.1)
    shipped["model"]["details"] = {"preset": "swift"}
    rows = rank_results([shipped, make_result("mine", jer=0.3)], rank_by="jer")
    for format_ in (to_markdown, to_html, to_text, to_latex):
        assert "DK-Font (swift)" in format_(rows)
    lines = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert {(line["model"], line["label"]) for line in lines} == {
        ("dkfont", "DK-Font (swift)"),
        ("mine", "mine"),
    }


def test_the_csv_says_how_references_were_spoiled():
    rows = rank_results([make_result("a"), make_result("b", perturb="photo")], rank_by="jer")
    lines = list(csv.DictReader(io.StringIO(to_csv(rows))))
    assert {(line["model"], line["perturb"]) for line in lines} == {("a", ""), ("b", "photo")}


def test_no_interval_ends_beyond_what_its_column_can_have():
    spread = {"brush": 0.3, "pen": -0.01, "gothic": -0.01, "slab": -0.01}
    wide = make_result("wide", jer=0.01, spread=spread)
    row = next(r for r in rank_results([wide], rank_by="jer") if (r.cell, r.category)[1] == "all")
    assert row.metrics["jer"]["low"] == 0.0
    assert 0.01 < row.metrics["jer"]["high"] < 1.0


def test_a_board_of_some_models_keeps_the_ranks_among_all(tmp_path):
    for name, jer in (("a", 0.1), ("b", 0.2), ("c", 0.3)):
        write_result(tmp_path / f"{name}-lite.json", make_result(name, jer=jer))
    command = ["leaderboard", "--results", str(tmp_path), "--rank-by", "jer", "--cell", "uf"]
    lines = csv.DictReader(
        io.StringIO(CliRunner().invoke(cli, [*command, "--model", "c,b"]).output)
    )
    found = {(line["model"], line["rank"]) for line in lines if line["category"] == "all"}
    assert found == {("b", "2"), ("c", "3")}
    done = CliRunner().invoke(cli, [*command, "--model", "d"])
    assert done.exit_code == 2
    assert done.output.splitlines()[-1].startswith("Error: Expected models among a, b, c")
