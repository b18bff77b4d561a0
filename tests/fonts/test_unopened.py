"""The paper's set: fonts pinned by git's hash, fetched from a registry made of such packages."""

import csv
import hashlib
import itertools
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.fonts import download, unopened
from hangeul_bench.fonts.corpus import corpus_fonts
from hangeul_bench.fonts.download import fetch
from hangeul_bench.fonts.faces import find_faces
from hangeul_bench.fonts.unopened import chosen_fonts, git_blob_sha1, set_fonts, unopened_fonts
from support.packages import fonts_of_all_syllables
from support.registry import running_registry


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry that the machine's own npm client asks instead of its own."""
    if not shutil.which("npm"):
        pytest.skip("no npm client on this machine")
    with running_registry() as made:
        monkeypatch.setenv("npm_config_registry", made.url)
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        yield made


@pytest.fixture
def three_to_choose(registry, tmp_path, monkeypatch):
    """Five packages in the order of choice, of which three fill the set; the second lacks 힝."""
    whole = fonts_of_all_syllables(tmp_path)
    lacking = fonts_of_all_syllables(tmp_path, without="힝")
    fonts = []
    for number, font in enumerate(unopened_fonts()[:5]):
        data = next(lacking if number == 1 else whole)
        files = {"package/other.ttf": b"no font", "package/dist/renamed.ttf": data}
        registry.add(font.package, font.version, files)
        fonts.append(replace(font, git_blob_sha1=git_blob_sha1(data)))
    monkeypatch.setattr(unopened, "unopened_fonts", lambda: tuple(fonts))
    monkeypatch.setattr(unopened, "N_HANDWRITTEN", 33)
    # Only they are fetched: the opened fonts of the set are in other packages.
    monkeypatch.setattr(download, "set_fonts", lambda name, passed_over: chosen_fonts(passed_over))
    return fonts


def ids(fonts):
    return [font.font_id for font in fonts]


def test_every_row_is_pinned_and_safe():
    fonts = unopened_fonts()
    assert len(fonts) == len({font.package for font in fonts}) == 109
    assert len({font.git_blob_sha1 for font in fonts}) == 109
    for font in fonts:
        assert re.fullmatch("nanum-handwriting-[0-9a-z-]+", font.font_id)
        assert re.fullmatch("[0-9a-f]{40}", font.git_blob_sha1)
        assert (font.category, font.licence) == ("handwritten", "OFL-1.1")
        assert font.lineage == "nanum-handwriting"  # one block


def test_notice_says_whose_they_are():
    notice = (Path(__file__).parents[2] / "NOTICE").read_text(encoding="utf-8")
    assert f"names {len(unopened_fonts())} Nanum handwriting fonts of NAVER Corp." in notice


def test_the_hash_is_git_s():
    assert (
        git_blob_sha1(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
    )  # git hash-object


def test_the_set_has_the_counts_of_table_one():
    fonts = set_fonts("paper")
    assert sum(font.category == "handwritten" for font in fonts) == 105
    assert sum(font.category == "printed" for font in fonts) == 105
    assert len({font.font_id for font in fonts}) == 210


def test_the_choice_is_the_hash_order_of_those_that_fit():
    order = ids(unopened_fonts())
    expected = sorted(order, key=lambda i: hashlib.sha256(f"paper {i}".encode()).digest())
    assert order == expected and ids(chosen_fonts()) == order[:75]
    passed_over = {order[3], order[60]}
    assert ids(chosen_fonts(passed_over)) == [i for i in order if i not in passed_over][:75]


def test_a_font_whose_row_moved_to_the_corpus_keeps_its_place(monkeypatch):
    order, before = unopened_fonts(), set(ids(set_fonts("paper")))
    moved = replace(corpus_fonts("eval")[0], font_id=order[0].font_id, category="handwritten")
    monkeypatch.setattr(unopened, "corpus_fonts", lambda name: (*corpus_fonts(name), moved))
    monkeypatch.setattr(unopened, "unopened_fonts", lambda: order[1:])
    assert set(ids(set_fonts("paper"))) == before


def test_npm_brings_the_pinned_files_and_passes_over_one_that_lacks_a_syllable(
    three_to_choose, tmp_path
):
    fetched = fetch("paper", tmp_path / "fonts")
    first, lacking, third, fourth, _ = ids(three_to_choose)
    assert fetched.written == tuple(sorted((first, third, fourth))) and not fetched.failures
    assert fetched.passed_over == {
        lacking: "it lacks 1 of the 2,350 syllables, such as 힝 (not in the cmap)"
    }
    faces = find_faces(tmp_path / "fonts")
    assert {face.font_id for face in faces} == set(fetched.written)
    assert {face.lineage for face in faces} == {"nanum-handwriting"}
    lock = json.loads((tmp_path / "fonts" / "fonts.lock.json").read_text())
    assert lock["set"] == {"name": "paper", "fonts": sorted(fetched.written)}
    for row in fetched.verified:
        (font,) = (f for f in three_to_choose if f.font_id == row.font_id)
        data = (tmp_path / "fonts" / "handwritten" / f"{row.font_id}.ttf").read_bytes()
        assert git_blob_sha1(data) == font.git_blob_sha1
        assert (row.sha256, row.n_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
        assert (row.file, row.style, row.weight) == ("package/dist/renamed.ttf", "Regular", 400)


def test_a_second_fetch_asks_for_nothing_and_says_the_same(three_to_choose, registry, tmp_path):
    first = fetch("paper", tmp_path / "fonts")
    n_asked = len(registry.asked)
    again = fetch("paper", tmp_path / "fonts")
    assert len(registry.asked) == n_asked and again.kept == first.written
    assert (again.verified, again.passed_over) == (first.verified, first.passed_over)


def test_what_cannot_be_had_is_named_keeps_its_place_and_the_rest_arrives(
    three_to_choose, registry, tmp_path
):
    first, lacking, third, fourth, fifth = three_to_choose
    del registry.packages[first.package]
    registry.add(third.package, third.version, {"package/renamed.ttf": b"another file"})
    command = ["fetch", "--set", "paper", "--out", str(tmp_path / "fonts")]
    result = CliRunner().invoke(fonts_command, command)
    assert result.exit_code == 1
    assert f"Not fetched: {first.package}: npm says E404: Not Found." in result.output
    assert f"Not fetched: {third.package}: no file in it is the pinned one." in result.output
    assert f"Not in the set: {lacking.font_id}: it lacks 1 of the 2,350" in result.output
    assert [path.stem for path in tmp_path.glob("fonts/*/*.ttf")] == [fourth.font_id]
    assert not any(fifth.package in path for path in registry.asked)
    table = result.output[result.output.index("font_id,sets") :].splitlines()
    (row,) = csv.DictReader(itertools.takewhile(lambda line: "," in line, table[:2]))
    assert (row["font_id"], row["sets"], row["package"]) == (
        *(fourth.font_id, "paper", fourth.package),
    )


def test_a_version_that_is_gone_is_no_loss_as_the_file_is_the_pin(
    three_to_choose, registry, tmp_path
):
    first = three_to_choose[0]
    data = next(fonts_of_all_syllables(tmp_path))  # the same as the first one's
    assert first.is_file(data)
    registry.add(first.package, "0.9.9", {"package/x.ttf": data})
    fetched = fetch("paper", tmp_path / "fonts")
    (row,) = (row for row in fetched.verified if row.font_id == first.font_id)
    assert row.version == "0.9.9"


def test_list_says_every_set_and_each_font():
    result = CliRunner().invoke(fonts_command, ["list"])
    assert result.exit_code == 0
    assert re.search(r"^paper +210 +105 +105 .*75 unverified", result.output, re.MULTILINE)
    assert re.search(r"^core +135 +30 +105 .*85 npm, 50 deb", result.output, re.MULTILINE)
    result = CliRunner().invoke(fonts_command, ["list", "--set", "paper", "--json"])
    (paper,) = json.loads(result.output)["sets"]
    assert paper["licences"]["OFL-1.1"] == 178 and len(paper["list"]) == paper["fonts"] == 210
    states = [font["state"] for font in paper["list"]]
    assert states.count("unverified") == 75
    assert all(
        "git_blob_sha1" in f or re.fullmatch("[0-9a-f]{64}", f["sha256"]) for f in paper["list"]
    )
    result = CliRunner().invoke(fonts_command, ["list", "--set", "eval"])
    assert "do-hyeon-regular" in result.output and "@expo-google-fonts/do-hyeon@" in result.output
