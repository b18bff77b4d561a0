"""What a user can get wrong with `build`: one sentence, exit code 2, nothing broken left behind."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from hangeul_bench.builder.verification import verify
from hangeul_bench.cli import cli
from hangeul_bench.hangeul.charset import ksx1001
from support.fontmaker import make_font
from support.small_fonts import SYLLABLES, boxes, write_charset, write_fonts


@pytest.fixture
def fonts(tmp_path):
    return write_fonts(tmp_path / "fonts", families=1)


@pytest.fixture
def run(tmp_path, fonts):
    """Run `build` on the small fonts; options given come last and win."""
    charset = write_charset(tmp_path / "charset.txt")

    def build(*options):
        defaults = ["--fonts", str(fonts), "--out", str(tmp_path / "out"), "--charset", charset]
        return CliRunner().invoke(
            cli, ["build", *defaults, "--size", "32", "--workers", "1", *map(str, options)]
        )

    return build


def refuse(result, *words):
    """Check for exit code 2 and one sentence that holds the words."""
    assert result.exit_code == 2, result.output
    message = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert len(message) == 1 and "Traceback" not in result.output
    for word in words:
        assert word in message[0]


def glyphs(number=0):
    return {syllable: boxes(number, syllable) for syllable in SYLLABLES}


def test_the_right_input_builds(run, tmp_path):
    result = run()
    assert result.exit_code == 0 and "24 glyphs in 2 fonts" in result.output
    assert verify(tmp_path / "out") == []
    assert "0 drawn, 2 kept" in run().output


def test_no_folder_of_fonts(run, tmp_path):
    refuse(run("--fonts", tmp_path / "none"), "none", "no folder")
    assert not (tmp_path / "out").exists()


def test_folder_without_a_font(run, tmp_path):
    (tmp_path / "empty").mkdir()
    refuse(run("--fonts", tmp_path / "empty"), "No font in")
    assert not (tmp_path / "out").exists()


def test_text_file_named_ttf(run, fonts, tmp_path):
    (fonts / "printed" / "note.ttf").write_text("hello")
    refuse(run(), "note.ttf", "not a font")
    assert not (tmp_path / "out").exists()


def test_truncated_font(run, fonts, tmp_path):
    path = fonts / "printed" / "cut.ttf"
    path.write_bytes((fonts / "printed" / "P0.ttf").read_bytes()[:900])
    refuse(run(), "cut.ttf", "cut short")
    assert not (tmp_path / "out").exists()


def test_font_without_hangeul(run, fonts):
    make_font(fonts / "printed" / "Latin.ttf", {"A": [(0, 0, 500, 500)]}, family="Latin")
    refuse(run(), "Latin.ttf", "no Hangul syllable")


def test_font_with_none_of_the_characters_asked(run, fonts):
    make_font(fonts / "printed" / "Rare.ttf", {"갂": [(0, 0, 500, 500)]}, family="Rare")
    refuse(run(), "Rare.ttf", "draws none of the syllables")


def test_file_that_nobody_may_read(run, fonts):
    path = fonts / "printed" / "P0.ttf"
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    refuse(run(), "P0.ttf", "cannot be read")


def test_five_hundred_megabytes(run, fonts):
    path = fonts / "printed" / "huge.ttf"
    with path.open("wb") as file:
        file.truncate(500 << 20)
    refuse(run(), "huge.ttf", "524 MB", "256 MB")


def test_collection_with_too_many_faces(run, fonts):
    (fonts / "printed" / "bomb.ttc").write_bytes(b"ttcf" + bytes([0, 1, 0, 0]) + b"\xff" * 64)
    refuse(run(), "bomb.ttc", "4,294,967,295 faces")


def test_one_syllable_missing_of_2350_is_kept_and_reported(run, tmp_path):
    folder = tmp_path / "one"
    shape = {syllable: [(100, 0, 900, 800)] for syllable in ksx1001() if syllable != "힝"}
    make_font(folder / "printed" / "Most.ttf", shape, family="Most")
    full = {syllable: [(100, 0, 900, 750)] for syllable in ksx1001()}
    make_font(folder / "printed" / "All.ttf", full, family="All", advance=900)
    result = run("--fonts", folder, "--charset", "ksx1001", "--size", "16")
    assert result.exit_code == 0, result.output
    assert "most-regular lacks 1 syllables" in result.output
    missing = (tmp_path / "out" / "missing.csv").read_text(encoding="utf-8")
    assert missing.splitlines()[1:] == ["most-regular,U+D79D,힝,not in the cmap"]


def test_strict_refuses_a_missing_syllable_before_anything_is_written(run, fonts, tmp_path):
    lacking = {syllable: box for syllable, box in glyphs(3).items() if syllable != "한"}
    make_font(fonts / "printed" / "X.ttf", lacking, family="Lacks")
    refuse(run("--strict"), "lacks-regular lacks 1 of the syllables (U+D55C)", "--strict")
    assert not (tmp_path / "out").exists()
    assert run().exit_code == 0
    refuse(run("--strict"), "lacks-regular")
    assert verify(tmp_path / "out") == []


def test_two_files_of_one_font(run, fonts, tmp_path):
    shutil.copy(fonts / "printed" / "P0.ttf", fonts / "printed" / "Copy.ttf")
    refuse(run(), "Copy.ttf", "P0.ttf")
    assert not (tmp_path / "out").exists()


def test_two_names_of_one_file(run, fonts):
    shutil.copy(fonts / "printed" / "P0.ttf", fonts / "printed" / "Copy.ttf")
    table = "file,category,family\nprinted/Copy.ttf,printed,Another Name\n"
    (fonts / "fonts.csv").write_text(table, encoding="utf-8")
    refuse(run(), "Copy.ttf", "P0.ttf", "one and the same file")


def test_font_of_no_category(run, fonts):
    make_font(fonts / "loose.ttf", glyphs(), family="Loose")
    refuse(run(), "loose.ttf", "handwritten or printed", "fonts.csv")


def test_family_on_both_sides(run, fonts, tmp_path):
    make_font(fonts / "printed" / "Bold.ttf", glyphs(9), family="Family P0", style="Bold")
    splits = tmp_path / "splits.json"
    splits.write_text('{"unseen_fonts": ["family-p0-bold"]}')
    refuse(run("--splits", splits), "family-p0", "both sides")
    assert not (tmp_path / "out").exists()


def test_splits_file_that_is_none(run, tmp_path):
    refuse(run("--splits", tmp_path / "none.json"), "none.json", "there is none")


def test_folder_that_holds_something_else(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    refuse(run(), "thesis.tex", "--out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.tex"]


def test_output_that_is_a_file(run, tmp_path):
    (tmp_path / "out").write_text("a file")
    refuse(run(), "is a file")


def test_dataset_json_of_another_program(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "dataset.json").write_text('{"id": 7}')
    refuse(run(), "dataset.json", "another folder with --out")


def test_dataset_of_another_size(run, tmp_path):
    run()
    refuse(run("--size", "64"), "32 pixels", "--out")
    assert verify(tmp_path / "out") == []


def test_dataset_of_other_characters(run, tmp_path):
    run()
    refuse(run("--charset", "ksx1001"), "12 characters", "2,350")
    assert verify(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("가나가", ("가", "twice")), ("가A", ("'A'", "not a precomposed")), ("", ("no syllable",))],
)
def test_bad_charset_file(run, tmp_path, text, words):
    (tmp_path / "bad.txt").write_text(text, encoding="utf-8")
    refuse(run("--charset", tmp_path / "bad.txt"), *words)


def test_charset_of_nothing(run):
    refuse(run("--charset", "ksx2002"), "ksx2002", "ksx1001, all or a text file")


@pytest.mark.parametrize("option", [("--size", "8"), ("--size", "9999"), ("--workers", "0")])
def test_number_out_of_range(run, option):
    assert run(*option).exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="SIGINT")
def test_interrupt_ends_with_130_and_no_traceback(tmp_path):
    """Ctrl-C goes to the workers, too; one line comes, and nothing half-written stays."""
    folder, out, charset = tmp_path / "many", tmp_path / "out", tmp_path / "some.txt"
    charset.write_text("".join(ksx1001()[:200]), encoding="utf-8")
    for number in range(6):
        shape = {s: [(100, 0, 900 - i, 800 + number)] for i, s in enumerate(ksx1001()[:200])}
        make_font(folder / "printed" / f"{number}.ttf", shape, family=f"F{number}")
    program = [sys.executable, "-c", "from hangeul_bench.cli import main; main()"]
    options = ["--fonts", folder, "--out", out, "--charset", charset, "--size", 512]
    command = [*program, "build", *map(str, options), "--workers", "2"]
    # A shell's background job hands SIGINT on as ignored; the command is to be run as by hand.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, before)
    while not list(out.glob("images/*/*.parquet")):
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130, errors
    assert b"Traceback" not in errors and b"Interrupted" in errors
    assert not list(out.rglob("*tmp*")) and not (out / "dataset.json").exists()
