"""A download of known size: what is left where it grows after an error."""

import pytest

from hangeul_bench.base.download import DownloadError, OtherFileError, download_on
from support.file_server import FileServer
from support.servers import running


@pytest.fixture
def server():
    with running(FileServer()) as made:
        made.files["/a/b/c"] = bytes(range(250)) * 1000
        yield made


def url(server):
    return server.template.format(repository="a", commit="b", path="c")


def test_the_rest_of_a_file_is_put_to_its_beginning(server, tmp_path):
    (data,) = server.files.values()
    partial = tmp_path / "c.part"
    partial.write_bytes(data[:1000])
    download_on(url(server), partial, len(data))
    assert partial.read_bytes() == data and server.asked == [("/a/b/c", "bytes=1000-")]


def test_a_larger_file_is_stopped_at_the_size(server, tmp_path):
    partial = tmp_path / "c.part"
    with pytest.raises(OtherFileError, match="larger"):
        download_on(url(server), partial, 100_000)
    assert partial.stat().st_size <= 100_000


def test_what_came_before_the_connection_broke_stays(server, tmp_path):
    server.cut = 1234
    with pytest.raises(DownloadError, match="it broke off after 1,234 of 250,000 bytes"):
        download_on(url(server), tmp_path / "c.part", 250_000)
    assert (tmp_path / "c.part").stat().st_size == 1234


def test_a_file_that_is_shorter_than_what_is_there_is_another(server, tmp_path):
    (tmp_path / "c.part").write_bytes(b"x" * 300_000)
    with pytest.raises(OtherFileError, match="it has a shorter file") as caught:
        download_on(url(server), tmp_path / "c.part", 400_000)
    assert caught.value.status == 416


def test_the_status_tells_a_refusal_from_silence(server, tmp_path):
    server.status = 503
    with pytest.raises(DownloadError, match="it answers HTTP 503") as refused:
        download_on(url(server), tmp_path / "c.part", 1)
    with pytest.raises(DownloadError, match="it cannot be reached") as silent:
        download_on("http://127.0.0.1:9/c", tmp_path / "c.part", 1)
    assert (refused.value.status, silent.value.status) == (503, 0)
