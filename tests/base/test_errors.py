import errno
import os
import shutil
import subprocess
import sys

import click
import pytest

from hangeul_bench.base.errors import (
    UserError,
    check_names,
    exit_on_user_error,
    system_error_sentence,
)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "The disk is full at out/file;"),
        (errno.EDQUOT, "The disk is full at out/file;"),
        (errno.EFBIG, "out/file would become larger than this system allows"),
        (errno.EACCES, "No permission for out/file;"),
        (errno.EROFS, "No permission for out/file;"),
        (errno.ENAMETOOLONG, "out/file cannot be used as it is asked for"),
        (errno.ENXIO, "out/file cannot be used as it is asked for"),
        (errno.EBADF, "out/file cannot be used as it is asked for"),
        (errno.EMFILE, "Too many files are open at out/file;"),
        (errno.EIO, "The disk of out/file fails"),
    ],
)
def test_each_refusal_of_the_system_is_one_sentence(number, said):
    sentence = system_error_sentence(OSError(number, os.strerror(number), "out/file"))
    assert sentence.startswith(said)
    assert sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "encoding", "said"),
    [
        ("가😀.png", "euc_kr", r"'\U0001f600' cannot be written in euc_kr; set PYTHONUTF8=1, or"),
        ("가.png", "ascii", r"'\uac00' cannot be written in ascii; set PYTHONUTF8=1, or rename"),
        ("\udcc7.png", "utf-8", r"'\udcc7' cannot be written in utf-8; rename the file"),
    ],
)
def test_a_name_that_an_encoding_lacks_is_one_sentence(name, encoding, said):
    with pytest.raises(UnicodeEncodeError) as caught:
        name.encode(encoding)
    sentence = system_error_sentence(caught.value)
    assert sentence.startswith(said) and "\n" not in sentence


class OutOfMemoryError(RuntimeError):
    """Named as torch.cuda's, whose message has several lines."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        MemoryError("Unable to allocate 3.00 TiB for an array"),
        RuntimeError("[enforce fail] . DefaultCPUAllocator: can't allocate memory: you tried"),
        OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 MiB"),
    ],
)
def test_want_of_memory_is_one_sentence(error):
    sentence = system_error_sentence(error)
    assert sentence.startswith("Out of memory")
    assert "--batch-size" in sentence and "\n" not in sentence


@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("x"), RuntimeError("x")])
def test_other_errors_are_not_dressed_up(error):
    assert system_error_sentence(error) is None


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("Expected a font, but found none."), 2, "Error: Expected a font, but found"),
        (OSError(errno.ENOSPC, "No space left on device", "out"), 2, "Error: "),
        (click.UsageError("No such option"), 2, "Error: No such option"),
        (click.Abort(), 130, ""),
    ],
)
def test_an_error_that_a_user_can_mend_is_one_sentence(error, code, said, monkeypatch, capsys):
    @click.command()
    def command():
        raise error

    monkeypatch.setattr("sys.argv", ["program"])
    with pytest.raises(SystemExit) as end:
        exit_on_user_error(command)
    assert end.value.code == code
    printed = capsys.readouterr().err
    assert said in printed and "Traceback" not in printed


def test_an_error_of_the_program_is_none_of_the_user_s(monkeypatch):
    @click.command()
    def command():
        raise ZeroDivisionError

    monkeypatch.setattr("sys.argv", ["program"])
    with pytest.raises(ZeroDivisionError):
        exit_on_user_error(command)


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.mark.parametrize("encoding", ["utf-8", "euc_kr", "cp949", "utf-16-le"])
def test_encodings_that_hold_korean_are_right(encoding):
    check_names(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "shift_jis"])
def test_encodings_that_lack_korean_are_refused(encoding):
    with pytest.raises(UserError, match=f"is {encoding}; set PYTHONUTF8=1"):
        check_names(encoding)


def run(arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", "from hangeul_bench.cli import main; main()", *arguments],
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.skipif(os.name != "posix", reason="locales of POSIX")
@pytest.mark.parametrize("command", [["build", "--out", "한글"], ["leaderboard", "--out", "한글"]])
def test_a_locale_without_korean_is_refused_in_one_sentence(command, tmp_path):
    ended = run(command, **ASCII)
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"Error: Expected an encoding of file names")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name != "posix", reason="locales of POSIX")
def test_a_character_that_the_terminal_lacks_does_not_end_the_program():
    probe = (
        "from hangeul_bench.base.errors import let_output_pass\n"
        "let_output_pass()\nprint('ssim \\u2191 \\udcc7')"
    )
    command = [sys.executable, "-c", probe]
    env = {**os.environ, "PYTHONIOENCODING": "euc_kr"}
    shown = subprocess.run(command, capture_output=True, env=env, check=True).stdout
    assert shown.decode("euc_kr").split() == ["ssim", "↑", "\\udcc7"]
    shown = subprocess.run(command, capture_output=True, env={**os.environ, **ASCII}, check=True)
    assert shown.stdout.split() == [b"ssim", b"\\u2191", b"\\udcc7"]


ROUND = """
import sys
from pathlib import Path
import numpy as np
import torch
assert sys.getfilesystemencoding() == "euc_kr", sys.getfilesystemencoding()
from hangeul_bench.adapter.predictions import PredictionFolder
from hangeul_bench.reader.reader import JamoReader, SHIPPED_WEIGHTS
from hangeul_bench.dataset.shards import read_shard_info, read_table
from hangeul_bench.base.files import write_whole
from baselines.training.checkpoint import read_tensors, write_tensors

root = Path(sys.argv[1])
folder = PredictionFolder(root / "가", size=128)
images = np.full((1, 128, 128), 255, np.uint8)
folder.write("pen", "한", images, delivered=np.array([True]), seconds=1.0)
assert folder.read("pen", "한").delivered.all()
assert len(read_table(root / "가" / "pen.parquet")) == 1
write_whole(root / "나.safetensors", SHIPPED_WEIGHTS.read_bytes())
JamoReader.load(root / "나.safetensors")
write_tensors(root / "다.safetensors", {"x": torch.ones(2)}, {"progress": "{}"})
assert read_tensors(root / "다.safetensors")["x"].tolist() == [1, 1]
"""


@pytest.mark.skipif(shutil.which("localedef") is None, reason="no localedef")
def test_korean_names_go_through_whole_where_names_are_euc_kr(tmp_path):
    (tmp_path / "locales").mkdir()
    place = tmp_path / "locales" / "ko_KR.EUC-KR"
    made = subprocess.run(
        ["localedef", "-i", "ko_KR", "-f", "EUC-KR", place], capture_output=True, check=False
    )
    if made.returncode > 1:  # 1 is a warning
        pytest.skip("the locale's sources are not here")
    (tmp_path / "round.py").write_text(ROUND, encoding="utf-8")
    root = tmp_path / "out"
    root.mkdir()
    env = {**os.environ, "LOCPATH": str(tmp_path / "locales"), "LC_ALL": "ko_KR.EUC-KR"}
    env.pop("PYTHONUTF8", None)
    ended = subprocess.run(
        [sys.executable, tmp_path / "round.py", root],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    expected = {name.encode("euc_kr") for name in ("가", "나.safetensors", "다.safetensors")}
    assert {os.fsencode(path.name) for path in root.iterdir()} == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x85", "\u2028", "\u2029", "\x0b", "\x1b[2J"])
def test_a_sentence_stays_one_line(end):
    error = UserError(f"Expected weights of diff-font, but w.json holds weights of a{end}b.")
    assert len(str(error).splitlines()) == 1
    assert "\x1b" not in str(error)


def test_other_characters_of_a_sentence_stay():
    sentence = "뷁 (U+BDC1) in 내 글꼴\u3000e\u0301.ttf"
    assert str(UserError(sentence)) == sentence
