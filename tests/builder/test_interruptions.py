"""What a stop, a kill, a full disk or damage leaves, the next build mends to the same bytes."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.lock import LOCK_NAME, alone_in
from hangeul_bench.builder import shard
from hangeul_bench.builder.run import build
from hangeul_bench.dataset.shards import glyphs_of, read_table
from support.folders import hashes


def test_a_stopped_build_goes_on_where_it_stopped(fonts, options, tmp_path, monkeypatch):
    build(fonts, tmp_path / "whole", options)
    real, calls = shard.shard_file, []

    def stop(*arguments, **named):
        calls.append(1)
        if len(calls) == 11:  # the second of the fourth font's three files
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(shard, "shard_file", stop)
    with pytest.raises(KeyboardInterrupt):
        build(fonts, tmp_path / "out", options)
    assert not (tmp_path / "out" / "dataset.json").exists()
    monkeypatch.setattr(shard, "shard_file", real)
    assert build(fonts, tmp_path / "out", options).n_drawn == 3
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_kill_in_the_middle_and_a_second_run_give_the_same_bytes(fonts, options, tmp_path):
    build(fonts, tmp_path / "whole", options)
    out = tmp_path / "out"
    script = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from hangeul_bench.builder import BuildOptions, build\n"
        "real = Path.write_bytes\n"
        "def slow(path, data):\n"  # half a file under its temporary name, for a long time
        "    done = len(list(path.parent.parent.glob('*/*.parquet')))\n"
        "    if 'parquet' in path.name and done == 7:\n"
        "        real(path, data[: len(data) // 2])\n"
        "        time.sleep(60)\n"
        "    return real(path, data)\n"
        "Path.write_bytes = slow\n"
        f"options = BuildOptions(charset={options.charset!r}, size=32, name='small')\n"
        f"build(Path({str(fonts)!r}), Path({str(out)!r}), options)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    # The second file of the third font: those before come and go at once.
    while len(list(out.glob("images/*/*.parquet"))) < 7 or not list(out.glob("images/*/*.tmp-*")):
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(list(out.glob("images/*/*.tmp-*"))) == 1
    assert build(fonts, out, options).n_drawn == 4
    assert hashes(out) == hashes(tmp_path / "whole")


def test_what_a_killed_run_left_half_written_is_removed(fonts, options, tmp_path):
    build(fonts, tmp_path / "whole", options)
    build(fonts, tmp_path / "out", options)
    (tmp_path / "out" / "dataset.json").unlink()
    for name in ("building.json", "images/sfsc/a.parquet", "texts/U+AC00.txt", "splits/lite.txt"):
        (tmp_path / "out" / f"{name}.tmp-1").touch()
    assert build(fonts, tmp_path / "out", options).n_drawn == 0
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


@pytest.mark.parametrize("name", ["U+AC00.txt", "family-p1"])
def test_full_disk_leaves_nothing_half_written(name, fonts, options, tmp_path, monkeypatch):
    build(fonts, tmp_path / "whole", options)
    real = Path.write_bytes

    def full(path, data):
        if path.name.startswith(name):
            real(path, data[:5])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        build(fonts, tmp_path / "out", options)
    monkeypatch.undo()
    assert not list((tmp_path / "out").rglob("*tmp*"))
    assert not (tmp_path / "out" / "dataset.json").exists()
    build(fonts, tmp_path / "out", options)
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


@pytest.mark.parametrize("place", [45, -20, -14], ids=["data", "pixels' sum", "file's sum"])
def test_a_broken_image_is_drawn_again(place, fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    before = hashes(tmp_path / "out")
    path = min((tmp_path / "out").glob("images/sfsc/*"))
    data, png = bytearray(path.read_bytes()), glyphs_of(read_table(path))[1].png
    data[data.index(png) + place % len(png)] ^= 1
    path.write_bytes(data)
    assert build(fonts, tmp_path / "out", options).n_drawn == 1
    assert hashes(tmp_path / "out") == before


def test_a_file_broken_beside_its_images_is_written_again(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    before = hashes(tmp_path / "out")
    path = min((tmp_path / "out").glob("images/sfsc/*"))
    path.write_bytes(path.read_bytes().replace("ᄀ ᅡ".encode(), "ᄀ ᅢ".encode()))
    assert hashes(tmp_path / "out") != before
    assert build(fonts, tmp_path / "out", options).n_drawn == 0
    assert hashes(tmp_path / "out") == before


def test_a_second_build_in_one_folder_is_refused(fonts, options, tmp_path):
    out = tmp_path / "out"
    with alone_in(out, "build"):
        with pytest.raises(UserError, match=r"out is in use by build \(process "):
            build(fonts, out, options)
        assert sorted(path.name for path in out.iterdir()) == [LOCK_NAME]
    build(fonts, out, options)
    with alone_in(out, "build"):  # a finished dataset asks nobody
        assert build(fonts, out, options).n_drawn == 0


def test_the_lock_of_a_killed_build_holds_nobody(fonts, options, tmp_path):
    build(fonts, tmp_path / "whole", options)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK_NAME).write_text("build (process 1 on here, since 2020)\n")
    build(fonts, tmp_path / "out", options)
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")


@pytest.mark.skipif(os.name != "posix", reason="limits")
def test_a_file_over_the_limit_is_one_sentence(fonts, options, tmp_path):
    limited = (
        "import resource\n"
        "unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, unlimited[1]))\n"
        "from hangeul_bench.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"  # what measures the tests' reach writes a file of its own at the end
        "    resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)\n"
    )
    command = [sys.executable, "-c", limited, "build", "--fonts", fonts, "--size", "32"]
    command += ["--charset", options.charset, "--out", tmp_path / "out", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: ")
    assert ".parquet would become larger than this system allows" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").rglob("*.parquet*"))


def test_a_lost_text_file_comes_back(fonts, options, tmp_path):
    build(fonts, tmp_path / "out", options)
    before = hashes(tmp_path / "out")
    (tmp_path / "out" / "texts" / "U+AC00.txt").unlink()
    assert build(fonts, tmp_path / "out", options).n_drawn == 0
    assert hashes(tmp_path / "out") == before
