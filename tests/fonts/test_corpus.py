import hashlib
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.dataset.splits.lists import CONTENT_FONT, evaluation_fonts
from hangeul_bench.fonts.corpus import (
    SETS,
    VERIFIED,
    corpus_fonts,
    font_lines,
    summary,
    summary_lines,
)
from hangeul_bench.fonts.sfnt import FONT_SUFFIXES
from hangeul_bench.fonts.table import CATEGORIES


def test_every_set_has_its_counts():
    counts = {name: len(corpus_fonts(name)) for name in SETS}
    assert counts == {"eval": 61, "demo": 31, "npm": 85, "core": 135, "paper": 210, "open": 381}
    core = corpus_fonts("core")
    assert sum(font.category == "handwritten" for font in core) == 30
    assert sum(font.category == "handwritten" for font in corpus_fonts("open")) == 170
    assert {font.source for font in corpus_fonts("demo")} == {"npm"}
    assert {font.source for font in core} == {"npm", "deb"}
    for smaller, larger in (("demo", "npm"), ("npm", "core"), ("core", "open"), ("eval", "open")):
        assert set(corpus_fonts(smaller)) <= set(corpus_fonts(larger))
    assert set(corpus_fonts("paper")) <= set(corpus_fonts("open"))


def test_every_row_is_pinned_and_safe():
    fonts = corpus_fonts("open")
    assert len({font.font_id for font in fonts}) == len({font.sha256 for font in fonts}) == 381
    for font in fonts:
        assert re.fullmatch("[0-9a-z-]+", font.font_id)
        assert re.fullmatch("[0-9a-f]{64}", font.sha256) and font.n_bytes > 0
        assert font.category in CATEGORIES
        assert font.licence in ("OFL-1.1", "GPL-2", "Artistic", "Baekmuk")
        assert font.family and font.style and font.lineage and font.licence_evidence
        assert not font.file.startswith("/") and ".." not in font.file
        assert Path(font.file).suffix in FONT_SUFFIXES and 100 <= font.weight <= 950


def test_a_row_of_a_repository_names_a_commit_and_a_path_that_an_address_can_hold():
    fonts = [font for font in corpus_fonts("open") if font.source == "github"]
    assert len(fonts) == 246
    for font in fonts:
        assert re.fullmatch("[0-9a-f]{40}", font.version)
        assert re.fullmatch(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", font.package)
        assert font.foundry and font.wide in ("train", "test", "excluded")
        assert font.licence == "OFL-1.1"


def test_a_row_of_a_package_names_its_archive():
    for font in corpus_fonts("core"):
        assert re.fullmatch("[0-9a-f]{64}", font.package_sha256) and not font.wide


def test_eval_set_is_the_evaluation_fonts_the_content_font_and_the_wide_test_set():
    fonts = {font.font_id: font for font in corpus_fonts("eval")}
    wide = {font.font_id for font in corpus_fonts("open") if font.wide == "test"}
    assert len(wide) == 40
    assert sum(fonts[font_id].category == "handwritten" for font_id in wide) == 20
    assert set(fonts) == {font.font_id for font in evaluation_fonts()} | {CONTENT_FONT} | wide
    for font in evaluation_fonts():
        assert (fonts[font.font_id].lineage, fonts[font.font_id].category) == (
            font.lineage,
            font.category,
        )
        assert not fonts[font.font_id].note


def unseen():
    return {font.font_id for font in evaluation_fonts() if font.role == "unseen"}


@pytest.mark.parametrize("category", CATEGORIES)
def test_paper_s_set_is_100_and_5_of_a_category_all_under_the_ofl(category):
    fonts = [font for font in corpus_fonts("paper") if font.category == category]
    assert len(fonts) == 105 and {font.licence for font in fonts} == {"OFL-1.1"}
    assert sum(font.font_id in unseen() for font in fonts) == 5
    seen = {font.font_id for font in evaluation_fonts() if font.category == category} - unseen()
    assert seen <= {font.font_id for font in fonts}


@pytest.mark.parametrize("category", CATEGORIES)
def test_paper_s_training_fonts_are_the_packages_own_and_then_the_first_by_hash(category):
    fonts = [font for font in corpus_fonts("open") if font.category == category]
    barred = {font.lineage for font in fonts if font.wide in ("test", "excluded")}
    barred |= {font.lineage for font in fonts if font.font_id in unseen()}
    fit = [f for f in fonts if f.licence == "OFL-1.1" and f.lineage not in barred]
    own = [font.font_id for font in fit if font.source != "github"]
    new = [font.font_id for font in fit if font.source == "github"]
    new.sort(key=lambda font_id: hashlib.sha256(font_id.encode()).digest())
    expected = {*own, *new[: 100 - len(own)]}
    paper = {font.font_id for font in corpus_fonts("paper") if font.category == category}
    assert paper - unseen() == expected and len(expected) == 100


def test_no_training_font_shares_a_lineage_with_a_test_font():
    fonts = corpus_fonts("open")
    tested = {f.lineage for f in fonts if f.wide == "test" or f.font_id in unseen()}
    for font in fonts:
        if font.lineage in tested:
            assert font.wide in ("test", "excluded") or font.font_id in unseen()


THIRD_PARTY = "SIL Open Font License 1.1: stated by a third party alone\n"


def notice():
    return (Path(__file__).parents[2] / "NOTICE").read_text(encoding="utf-8")


def names(family, text):
    """Whether a list of families in NOTICE names one."""
    return re.search(rf"(?:^|[ ]){re.escape(family)}(?:,| \(|$)", text, re.MULTILINE)


def test_notice_names_every_family_and_the_baekmuk_trademark():
    text = notice()
    for font in corpus_fonts("open"):
        assert names(font.family, text), font.family
    assert "Baekmuk Headline are registered trademarks owned by" in text
    assert text.count("SIL OPEN FONT LICENSE Version 1.1") == 1


def test_notice_says_whose_word_a_licence_is_where_the_font_is_silent():
    before, _, rest = notice().partition(THIRD_PARTY)
    third_party = rest.partition("GNU General Public License, version 2\n")[0]
    before = before[before.index("fonts of public repositories\n") :]
    for font in (font for font in corpus_fonts("open") if font.source == "github"):
        silent = "name table silent" in font.licence_evidence
        assert names(font.family, third_party if silent else before), font.family
        assert not names(font.family, before if silent else third_party), font.family
        if silent:
            stated = font.licence_evidence.partition("; name table silent")[0]
            assert stated in " ".join(third_party.split())


def test_notice_says_which_fonts_of_packages_are_silent():
    head = " ".join(notice().partition("Asta Sans (")[0].split())
    for font in corpus_fonts("core"):
        if font.licence == "OFL-1.1" and font.licence_evidence != "name table":
            assert re.search(rf"[ ]{font.family}(?:,| and| name)", head), font.family


def test_unknown_set():
    with pytest.raises(UserError, match="found 'all'"):
        corpus_fonts("all")


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
