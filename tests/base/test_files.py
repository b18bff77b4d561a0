import os
import subprocess
import sys

import pytest

from hangeul_bench.base.files import whole_file, write_whole


def test_a_file_is_written_whole_and_alone(tmp_path):
    write_whole(tmp_path / "new" / "a.txt", "가\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "가\n".encode()
    assert len(list((tmp_path / "new").iterdir())) == 1


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_what_a_killed_process_left_goes_and_what_a_living_one_writes_stays(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as living:
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        for name in (f"a.txt.tmp-{dead.pid}", f"a.txt.tmp-{living.pid}", f"b.txt.tmp-{dead.pid}"):
            (tmp_path / name).touch()
        write_whole(tmp_path / "a.txt", b"")
        found = sorted(path.name for path in tmp_path.iterdir())
        assert found == sorted(["a.txt", f"a.txt.tmp-{living.pid}", f"b.txt.tmp-{dead.pid}"])
        living.communicate(b"\n")


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(b"old")
    with pytest.raises(KeyError), whole_file(path) as temporary:
        temporary.write_bytes(b"ne")
        raise KeyError
    assert [p.name for p in tmp_path.iterdir()] == ["a.npy"]
    assert path.read_bytes() == b"old"


def test_a_refusal_names_the_file_that_was_asked_for(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError) as caught:
        write_whole(tmp_path / "file" / "a.txt", b"")
    assert str(tmp_path / "file") in str(caught.value.filename)
