"""`font` makes a font, its record and its page; a user's mistake is one sentence and exit 2."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from fontTools.ttLib import TTFont
from fontTools.ufoLib import UFOReader
from PIL import Image

from fontmaker.sheet.template import write_template
from hangeul_bench.base.lock import alone_at
from hangeul_bench.cli import cli
from hangeul_bench.fonts.raster import Rasterizer
from support.font_command import TEXT, arguments, record, run
from support.photos import photograph
from support.sheet_photos import fill_in, photograph_sheet


def test_a_font_its_record_its_page_and_its_web_font(folder, real_fonts):
    result = run(real_fonts, extra=["--woff2"])
    assert result.exit_code == 0, result.output
    font = TTFont("My.ttf")
    assert {*map(ord, TEXT)} <= set(font.getBestCmap())
    assert ord("A") in font.getBestCmap()
    assert TTFont("My.woff2").flavor == "woff2"
    assert "Nanum" not in Path("My.html").read_text(encoding="utf-8")
    facts = record()
    assert facts["proof"]["ssim_mean"] >= 0.99
    assert facts["font"]["bytes"] == Path("My.ttf").stat().st_size
    assert facts["references"][0]["read_as"] == "한"
    assert facts["companion"]["family"] == "Noto Sans KR"
    assert set(facts["seconds"]) >= {"drawing", "tracing", "building", "checking"}
    assert "Open Font License" in result.output


def test_the_same_seed_gives_the_same_bytes_and_draws_nothing_again(folder, real_fonts):
    assert run(real_fonts).exit_code == 0
    first, asked = Path("My.ttf").read_bytes(), Path("asked.txt").read_text(encoding="utf-8")
    assert run(real_fonts).exit_code == 0
    assert Path("My.ttf").read_bytes() == first
    assert Path("asked.txt").read_text(encoding="utf-8") == asked
    assert run(real_fonts, "--out", "Other.ttf").exit_code == 0
    assert Path("Other.ttf").read_bytes() == first


def test_a_larger_font_draws_only_what_is_new(folder, real_fonts):
    assert run(real_fonts).exit_code == 0
    Path("asked.txt").unlink()
    Path("more.txt").write_text(TEXT + "나", encoding="utf-8")
    assert run(real_fonts, "--syllables", "more.txt").exit_code == 0
    assert Path("asked.txt").read_text(encoding="utf-8") == "나"


def test_what_reads_wrong_is_drawn_again(folder, real_fonts):
    place = f"font={next(real_fonts.rglob('gamja-flower-regular.*'))}"
    result = run(real_fonts, "--option", place, extra=["--option", "wrong=날"])
    assert result.exit_code == 0, result.output
    drawing = record()["drawing"]
    assert drawing["drawn_again"]["날"] == {"tries": 2, "taken": 2}
    assert drawing["jamo_error_of_first"] > record()["proof"]["jamo_error"]
    assert "날" not in [row["syllable"] for row in record()["proof"]["doubtful"]]


def test_what_stays_wrong_is_listed_and_can_be_repaired(folder, real_fonts):
    wrong = ["--option", "wrong=날", "--tries", "1"]
    result = run(real_fonts, extra=wrong)
    assert result.exit_code == 0, result.output
    listed = {row["syllable"]: row for row in record()["proof"]["doubtful"]}
    assert listed["날"]["read_as"] == "뷁"
    assert listed["날"]["codepoint"] == "U+B0A0"
    assert "날" in result.output
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        Image.fromarray(rasterizer.render("날")).save(Path("My.doubtful") / "U+B0A0.png")
    for path in Path("My.doubtful").glob("*.png"):
        if path.name != "U+B0A0.png":
            path.unlink()
    assert run(real_fonts, extra=[*wrong, "--keep", "My.doubtful"]).exit_code == 0
    assert record()["kept"] == ["날"]
    assert "날" not in [row["syllable"] for row in record()["proof"]["doubtful"]]


def test_several_references_and_a_font_as_reference(folder, real_fonts):
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        Image.fromarray(rasterizer.render("글")).save("U+AE00.png")
    assert run(real_fonts, extra=["--reference", "U+AE00.png"]).exit_code == 0
    assert [row["character"] for row in record()["references"]] == ["한", "글"]
    reference = str(next(real_fonts.rglob("song-myung-regular.*")))
    extra = ["--reference-character", "한", "--reference-character", "빛"]
    result = run(real_fonts, "--reference", reference, extra=extra)
    assert result.exit_code == 0, result.output
    assert [row["character"] for row in record()["references"]] == ["한", "빛"]
    assert record()["font"]["advance"]["why"] == "the advance of the reference's font"
    assert "licence" in result.output


def test_a_font_from_a_photographed_sheet(folder, real_fonts):
    write_template(Path("sheet.png"), "한글빛", korean_font=None)
    page = fill_in(Path("sheet.png"), "한글빛", next(real_fonts.rglob("gamja-flower*")), empty="빛")
    photograph_sheet(page, Path("photo.jpg"), size=(1500, 2000))
    result = run(real_fonts, "--reference", None, "--sheet", "photo.jpg")
    assert result.exit_code == 0, result.output
    assert [row["character"] for row in record()["references"]] == ["한", "글"]
    assert "empty are the boxes of 빛" in result.output


def test_without_a_latin_font_it_says_so(folder, real_fonts):
    result = run(real_fonts, "--fonts", None)
    assert result.exit_code == 0, result.output
    assert "No open font with Latin" in result.output
    assert record()["companion"] is None
    assert ord("A") not in TTFont("My.ttf").getBestCmap()
    assert run(real_fonts, extra=["--latin", "none"]).exit_code == 0
    assert record()["companion"] is None


def several(real_fonts):
    with Rasterizer(next(real_fonts.rglob("gamja-flower-regular.*"))) as rasterizer:
        pages = rasterizer.render_many("글빛")
    Image.fromarray(np.concatenate([*pages], axis=1)).save("several.png")
    return "several.png"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (("--reference", "blank.png"), "blank or too faint"),
        (("--reference", "absent.png"), "found nothing"),
        (("--reference", "several.png"), "shows several"),
        (("--reference", None), "either --reference or --sheet"),
        (("--sheet", "한.png"), "either --reference or --sheet"),
        (("--reference", None, "--sheet", "한.png"), "four corner marks"),
        (("--family", "Nanum Hand"), "reserved"),
        (("--family", "Noto"), "reserved"),
        (("--family", "//"), "letters or Hangeul"),
        (("--vendor", "HANDS"), "--vendor"),
        (("--out", "My.otf"), "*.ttf"),
        (("--out", "latin"), "*.ttf"),
        (("--syllables", "absent.txt"), "absent.txt"),
        (("--advance", "broad"), "--advance"),
        (("--model", "no-such-model"), "no-such-model"),
        (("--keep", "absent"), "--keep"),
        (("--latin", "absent.ttf"), "absent.ttf"),
        (("--fonts", "absent"), "--fonts"),
        (("--reference-character", "A"), "A"),
    ],
)
def test_mistakes_are_one_sentence_and_write_nothing(folder, real_fonts, changes, said):
    Image.new("L", (200, 200), 255).save("blank.png")
    several(real_fonts)
    result = run(real_fonts, *changes)
    assert result.exit_code == 2, result.output
    assert said in result.output
    assert "Traceback" not in result.output
    assert not list(Path().glob("My.*"))


def test_a_full_disk_is_said_and_leaves_no_half_font(folder, real_fonts, monkeypatch):
    writes = Path.write_bytes

    def full(path, data):
        if path.name.startswith("My.ttf"):
            writes(path, data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        return writes(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    result = run(real_fonts)
    assert result.exit_code == 2
    assert "disk is full" in result.output
    assert [path.name for path in Path().glob("My.*")] == ["My.drawings"]


def test_ctrl_c_keeps_what_was_drawn(folder, real_fonts):
    words = [*arguments(real_fonts), "--option", "slow=1.5"]
    # A shell that starts the tests in the background has them ignore the signal.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from hangeul_bench.cli import main; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stderr=subprocess.PIPE, text=True
    )
    # The first one tells the stroke width.
    while len(list(Path().glob("My.drawings/*/try-0/*/*.png"))) < 2:
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert "Interrupted" in said
    before = Path("asked.txt").read_text(encoding="utf-8")
    assert len(before) < len(TEXT) - 1
    assert CliRunner().invoke(cli, words, catch_exceptions=False).exit_code == 0
    asked = Path("asked.txt").read_text(encoding="utf-8")
    assert set(asked) == set(TEXT)
    assert asked.count(asked[0]) == 1  # what was being drawn at the signal is asked for again


def test_a_photograph_will_do(folder, real_fonts):
    Image.fromarray(photograph(side=200, height=320, width=320, at=(60, 60), slant=0.3)).save(
        "한.png"
    )
    result = run(real_fonts)
    assert result.exit_code == 0, result.output
    assert "light evened" in result.output


def test_a_second_run_for_the_same_font_is_refused(folder, real_fonts):
    with alone_at(Path("My.ttf"), "font"):
        result = run(real_fonts)
    assert result.exit_code == 2
    assert "My.ttf" in result.output
    assert not Path("My.ttf").exists()


def test_of_a_font_given_whole_glyphs_are_chosen_and_named(folder, real_fonts):
    font = str(next(real_fonts.rglob("song-myung-regular.*")))
    result = run(real_fonts, "--reference", font)
    assert result.exit_code == 0, result.output
    shown = [row["character"] for row in record()["references"]]
    assert len(shown) == 8 and shown[0] == "한"
    assert "8 of its 2,350 syllables are the references" in result.output
    assert f"{''.join(shown)}; 2,342 were left" in result.output


def test_ufo_sources_stand_beside_the_font_and_are_not_written_over(folder, real_fonts):
    assert run(real_fonts, "--ufo", "My.ufo").exit_code == 0
    with UFOReader("My.ufo", validate=True) as reader:
        assert {*map(ord, TEXT)} <= set(reader.getCharacterMapping())
    again = run(real_fonts, "--ufo", "My.ufo")
    assert again.exit_code == 2
    assert "My.ufo is there" in again.output
