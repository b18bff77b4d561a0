"""Locales that are not UTF-8: Korean names go through whole, or are refused in one sentence."""

import os
import shutil
import subprocess
import sys

import pytest

from hangeul_bench.base.encoding import check_names
from hangeul_bench.base.errors import UserError

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
        "from hangeul_bench.base.encoding import let_output_pass\n"
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
