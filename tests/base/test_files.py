import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hangeul_bench.base.errors import system_error_sentence
from hangeul_bench.base.files import hash_order, whole_file, write_whole


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


def test_a_link_stays_and_the_file_that_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "real.csv").write_text("old")
    (tmp_path / "middle").symlink_to("far/real.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "middle")
    write_whole(tmp_path / "link.csv", "new")
    assert (tmp_path / "link.csv").is_symlink() and (tmp_path / "middle").is_symlink()
    assert (tmp_path / "far" / "real.csv").read_text() == "new"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["far", "link.csv", "middle", "real.csv"]


def test_a_link_to_nothing_makes_the_file_that_it_names(tmp_path):
    (tmp_path / "link").symlink_to("new/real.csv")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new" / "real.csv").read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_a_pipe_is_written_into_and_stays(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "link").symlink_to(pipe)
    for path in (pipe, tmp_path / "link"):
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # does not wait for the writer
        write_whole(path, "가")
        assert os.read(reader, 100) == "가".encode()
        os.close(reader)
        assert path.is_fifo()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no device that tests may make")
def test_a_device_is_written_into_and_stays(tmp_path):
    ours, theirs = os.openpty()
    device = Path(os.ttyname(theirs))
    write_whole(device, "abc")
    assert os.read(ours, 100) == b"abc"
    assert device.is_char_device()


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no /dev/fd")
def test_an_open_file_is_written_on_where_it_stands(tmp_path):
    with (tmp_path / "log").open("w+b", buffering=0) as log:
        log.write(b"before ")
        write_whole(Path(f"/dev/fd/{log.fileno()}"), "after")
        log.write(b" and on")
    assert (tmp_path / "log").read_bytes() == b"before after and on"


def test_a_folder_and_a_ring_of_links_are_refused_by_their_names(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "ring").symlink_to("ring")
    for name in ("folder", "to-folder", "ring"):
        with pytest.raises(OSError) as caught:
            write_whole(tmp_path / name, "new")
        assert caught.value.filename == str(tmp_path / name)
        assert system_error_sentence(caught.value)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "ring", "to-folder"]


def test_a_file_that_is_a_mount_point_is_written_in_place(tmp_path, monkeypatch):
    def refuse(self, target):
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(self))

    (tmp_path / "a.csv").write_text("a longer old text")
    monkeypatch.setattr(Path, "replace", refuse)
    write_whole(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "new"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="no /dev/fd")
def test_a_folder_that_takes_no_file_is_named_in_a_sentence():
    with pytest.raises(PermissionError) as caught:
        write_whole(Path("/proc/board.csv"), "x")
    assert caught.value.filename == "/proc/board.csv"
    assert system_error_sentence(caught.value).startswith("No permission for /proc/board.csv;")


def test_a_file_that_a_block_misses_is_its_own_mistake(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "a"):
        (tmp_path / "absent").read_bytes()


def test_standard_output_is_known_by_all_its_names(tmp_path):
    (tmp_path / "link").symlink_to("/dev/fd/1")
    probe = (
        "import sys\nfrom pathlib import Path\nfrom hangeul_bench.base.files import is_stdout\n"
        "print([is_stdout(Path(name)) for name in sys.argv[1:]])"
    )
    names = ("/dev/fd/1", tmp_path / "link", "/dev/fd/2", "1", tmp_path / "none")
    command = [sys.executable, "-c", probe, *map(str, names)]
    to_a_pipe = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with (tmp_path / "out").open("w") as file:
        subprocess.run(command, stdout=file, check=True)
    expected = "[True, True, False, False, False]\n"
    assert (to_a_pipe, (tmp_path / "out").read_text()) == (expected, expected)


def test_hash_order_does_not_depend_on_the_listing():
    names = [f"n{i}" for i in range(50)]
    assert hash_order(names) == hash_order(reversed(names)) != names
    assert hash_order(names, "other ") != hash_order(names)
