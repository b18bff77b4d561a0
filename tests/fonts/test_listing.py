import json
import re

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.fonts.listing import VERIFIED, font_lines, summary, summary_lines


def test_a_summary_counts_a_set_s_fonts():
    found = summary("eval")
    assert found["fonts"] == 61 == found["handwritten"] + found["printed"]
    assert found["states"] == {VERIFIED: 61} and sum(found["licences"].values()) == 61
    assert found["sources"] == {"github": 40, "npm": 21}
    assert sum(found["licence_evidence"].values()) == 61


def test_a_font_is_a_line_and_a_set_a_row():
    assert len(font_lines("eval")) == 61
    header, row, *_ = summary_lines([summary("eval")])
    assert header.split()[:2] == ["set", "fonts"] and row.split()[:2] == ["eval", "61"]


def test_an_unknown_set_is_refused():
    with pytest.raises(UserError, match="Expected --set eval, .*, but found 'most'"):
        summary("most")


def test_list_says_every_set_and_each_font():
    result = CliRunner().invoke(fonts_command, ["list"])
    assert result.exit_code == 0
    assert re.search(r"^open +381 +170 +211 ", result.output, re.MULTILINE)
    assert re.search(r"^core +135 +30 +105 .*85 npm, 50 deb", result.output, re.MULTILINE)
    result = CliRunner().invoke(fonts_command, ["list", "--set", "eval"])
    assert "do-hyeon-regular" in result.output and "@expo-google-fonts/do-hyeon@" in result.output


def test_paper_s_set_is_verified_and_under_the_ofl():
    result = CliRunner().invoke(fonts_command, ["list", "--set", "paper", "--json"])
    (paper,) = json.loads(result.output)["sets"]
    assert (paper["handwritten"], paper["printed"]) == (105, 105)
    assert paper["licences"] == {"OFL-1.1": 210} and paper["states"] == {VERIFIED: 210}
    assert len(paper["list"]) == 210
    for font in paper["list"]:
        assert (font["licence"], font["state"]) == ("OFL-1.1", VERIFIED)
        assert font["licence_evidence"] and re.fullmatch("[0-9a-f]{64}", font["sha256"])


def test_a_licence_that_a_third_party_alone_states_says_so():
    result = CliRunner().invoke(fonts_command, ["list", "--set", "open", "--json"])
    (rows,) = json.loads(result.output)["sets"]
    silent = [font for font in rows["list"] if font["licence_evidence"] != "name table"]
    assert len(silent) == 213
    assert all("name table silent" in font["licence_evidence"] for font in silent)
