"""`font --complete` writes a whole font; a user's mistake is one sentence, and loses nothing."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fontTools.ttLib import TTFont

from hangeul_bench.cli import cli
from support.half_fonts import HERS, half_font, half_ufo

MODEL = """
import numpy as np
from hangeul_bench.adapter import TrainedOn


class Boxes:
    name, kind, parameters, checkpoint_sha256 = "boxes", "control", 0, None
    trained_on, uses_content, details = TrainedOn(), False, {}

    def __init__(self, *, device="cpu", dataset=None, batch_size=None):
        pass

    def generate(self, request):
        pages = np.full((len(request.characters), 128, 128), 255, np.uint8)
        for page, syllable in zip(pages, request.characters):
            page[20:100, 20 : 40 + ord(syllable) % 60] = 0
        return pages
"""


@pytest.fixture()
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("HANGEUL_BENCH_DATA", "HANGEUL_BENCH_FONTS"):
        monkeypatch.delenv(name, raising=False)
    Path("model.py").write_text(MODEL, encoding="utf-8")
    Path("some.txt").write_text(HERS + "갸냐", encoding="utf-8")
    half_font(tmp_path / "반쪽 🙂.ttf", family="Half 🙂")
    return tmp_path


def run(*changes, half="반쪽 🙂.ttf", out="Whole.ttf"):
    words = ["font", "--complete", half, "--out", out, "--syllables", "some.txt"]
    words += ["--model", "model.py:Boxes", "--device", "cpu", "--tries", "1", *changes]
    return CliRunner().invoke(cli, words, catch_exceptions=False)


def test_a_half_font_becomes_whole_and_keeps_its_names(folder):
    before = Path("반쪽 🙂.ttf").read_bytes()
    result = run()
    assert result.exit_code == 0, result.output
    assert Path("반쪽 🙂.ttf").read_bytes() == before
    font, half = TTFont("Whole.ttf"), TTFont("반쪽 🙂.ttf")
    assert {*map(ord, HERS + "갸냐")} <= set(font.getBestCmap())
    assert font.getTableData("name") == half.getTableData("name")
    record = json.loads(Path("Whole.json").read_text("utf-8"))
    assert record["syllables"] == "갸냐"
    assert "2 syllables drawn from 10 of the font's own 10" in result.output
    assert "Tables of the font with other bytes than before: cmap, glyf" in result.output


def test_a_font_that_is_complete_is_copied_and_said_to_be(folder):
    Path("some.txt").write_text(HERS, encoding="utf-8")
    result = run()
    assert result.exit_code == 0
    assert "all 10 syllables already" in result.output
    assert Path("Whole.ttf").read_bytes() == Path("반쪽 🙂.ttf").read_bytes()


def test_a_ufo_becomes_a_ufo_and_the_way_back_is_refused(folder):
    half_ufo(folder / "Half.ufo")
    result = run(half="Half.ufo", out="Whole.ufo")
    assert result.exit_code == 0, result.output
    assert "Files of the font with other bytes than before: glyphs/contents.plist" in result.output
    assert "2 syllables drawn" in result.output
    for out, said in (("Whole.ufo", "is there"), ("Half.ufo", "another place")):
        again = run(half="Half.ufo", out=out)
        assert (again.exit_code, said in again.output) == (2, True), again.output
    inside = run(half="Half.ufo", out="Half.ufo/glyphs/Whole.ufo")
    assert inside.exit_code == 2 and "another place" in inside.output


@pytest.mark.parametrize(
    ("changes", "places", "said"),
    [
        ((), {"out": "반쪽 🙂.ttf"}, "another place"),
        ((), {"out": "./sub/../반쪽 🙂.ttf"}, "another place"),
        ((), {"out": "link.ttf"}, "another place"),
        ((), {"out": "Whole.otf"}, "*.ttf"),
        ((), {"half": "absent.ttf"}, "absent.ttf"),
        ((), {"half": "model.py"}, "is not a font"),
        (("--family", "Other"), {}, "without --family"),
        (("--reference", "한.png"), {}, "without --reference"),
        (("--woff2",), {}, "without --woff2"),
        (("--model", "no-such-model"), {}, "no-such-model"),
        (("--keep", "absent"), {}, "--keep"),
    ],
)
def test_mistakes_are_one_sentence_and_lose_nothing(folder, changes, places, said):
    Path("sub").mkdir()
    Path("link.ttf").hardlink_to("반쪽 🙂.ttf")
    before = Path("반쪽 🙂.ttf").read_bytes()
    result = run(*changes, **places)
    assert result.exit_code == 2, result.output
    assert said in result.output
    assert "Traceback" not in result.output
    assert Path("반쪽 🙂.ttf").read_bytes() == before
    assert not Path("Whole.ttf").exists()
