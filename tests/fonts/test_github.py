"""Fonts of repositories, from two servers on this machine that stand for GitHub and its mirror."""

import errno
import hashlib
import json
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangeul_bench.base import download as base_download
from hangeul_bench.base.files import write_whole
from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.fonts import download, github
from hangeul_bench.fonts.corpus import corpus_fonts
from hangeul_bench.fonts.download import fetch, fetch_fonts
from support.file_server import FileServer
from support.packages import font_bytes
from support.servers import running

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def servers(monkeypatch):
    """GitHub and its mirror."""
    with running(FileServer()) as first, running(FileServer()) as second:
        monkeypatch.setattr(github, "SERVICES", (first.template, second.template))
        monkeypatch.setattr(github, "_SECONDS_BETWEEN", 0.0)
        yield first, second


def row(font_id, path, data):
    return replace(
        next(font for font in corpus_fonts("open") if font.source == "github"),
        font_id=font_id,
        package="maker/fonts",
        version=COMMIT,
        file=path,
        sha256=hashlib.sha256(data).hexdigest(),
        n_bytes=len(data),
        category="printed",
    )


@pytest.fixture
def one(servers, tmp_path):
    """A font that both servers have; its path needs to be encoded."""
    data = font_bytes(tmp_path, "One", flavor="woff")
    for server in servers:
        server.files[f"/maker/fonts/{COMMIT}/새 글꼴/one #1.woff"] = data
    return row("one-regular", "새 글꼴/one #1.woff", data)


def content(servers, number=0):
    (data,) = servers[number].files.values()
    return data


def give(servers, number, data):
    (path,) = servers[number].files
    servers[number].files[path] = data


def partials(folder: Path):
    return [path.name for path in folder.rglob("*") if ".part" in path.name or ".tmp" in path.name]


def assert_written(fetched, out):
    assert (fetched.written, fetched.failures) == (("one-regular",), {})
    assert (out / "printed/one-regular.ttf").read_bytes()[:4] == b"\0\1\0\0"
    assert not partials(out)


def test_a_file_comes_from_the_first_at_that_commit(servers, one, tmp_path):
    fetched = fetch_fonts([one], tmp_path / "out", set_name="open")
    assert_written(fetched, tmp_path / "out")
    path = f"/maker/fonts/{COMMIT}/%EC%83%88%20%EA%B8%80%EA%BC%B4/one%20%231.woff"
    assert servers[0].asked == [(path, "")] and not servers[1].asked
    (entry,) = json.loads((tmp_path / "out/fonts.lock.json").read_text())["fonts"]
    assert (entry["source"], entry["package"], entry["version"]) == (
        *("github", "maker/fonts", COMMIT),
    )
    assert (entry["source_file"], entry["source_sha256"]) == (one.file, one.sha256)
    assert (entry["licence"], entry["licence_evidence"]) == ("OFL-1.1", one.licence_evidence)


def test_a_second_fetch_asks_for_nothing(servers, one, tmp_path):
    fetch_fonts([one], tmp_path / "out")
    assert fetch_fonts([one], tmp_path / "out").kept == ("one-regular",)
    assert len(servers[0].asked) == 1


@pytest.mark.parametrize("status", [404, 429, 500])
def test_the_mirror_has_what_the_first_refuses(servers, one, tmp_path, status):
    servers[0].status = status
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")
    assert len(servers[0].asked) == 1


@pytest.mark.parametrize("other", ["changed", "longer", "shorter"])
def test_a_server_that_gives_another_file_is_passed_over(servers, one, tmp_path, other):
    right = content(servers)
    wrong = {"changed": right[::-1], "longer": right + b"x", "shorter": right[:-9]}[other]
    give(servers, 0, wrong)
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")


def test_a_file_that_nobody_has_is_one_sentence_and_the_rest_arrives(servers, one, tmp_path):
    gone = replace(one, font_id="gone-regular", file="gone.ttf")
    also = replace(gone, font_id="also-gone", version="f" * 40)
    fetched = fetch_fonts([gone, also, one], tmp_path / "out")
    assert fetched.written == ("one-regular",)
    hosts = [f"127.0.0.1:{server.server_port}" for server in servers]
    reason = "; ".join(f"{host}: it answers HTTP 404" for host in hosts)
    assert fetched.failures == {"also-gone": reason, "gone-regular": reason}
    assert sum("gone.ttf" in path for path, _ in servers[0].asked) == 2  # not there: asked once


def test_a_shorter_file_is_told_from_one_that_broke_off(servers, one, tmp_path):
    give(servers, 0, content(servers)[:-9])
    servers[1].status = 404
    fetched = fetch_fonts([one], tmp_path / "out")
    assert "it gives another, shorter file" in fetched.failures["one-regular"]
    assert len(servers[0].asked) == 1 and not partials(tmp_path / "out")


def test_a_row_of_a_wrong_hash_is_refused_and_leaves_nothing(servers, one, tmp_path):
    fetched = fetch_fonts([replace(one, sha256="0" * 64)], tmp_path / "out")
    assert "it gives another file than the pinned one" in fetched.failures["one-regular"]
    assert not list((tmp_path / "out/printed").iterdir())


@pytest.mark.parametrize("length", [True, False])
def test_a_download_that_breaks_off_is_continued_by_the_mirror(servers, one, tmp_path, length):
    servers[0].cut, servers[0].length = 100, length
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")
    assert [said for _, said in servers[1].asked] == ["bytes=100-"]


def test_a_download_that_breaks_off_everywhere_is_continued_by_the_next_run(servers, one, tmp_path):
    for server in servers:
        server.cut = 10
    fetched = fetch_fonts([one], tmp_path / "out")
    assert f"it broke off after 40 of {one.n_bytes} bytes" in fetched.failures["one-regular"]
    assert partials(tmp_path / "out") == [f"one-regular.{one.sha256[:12]}.part"]
    servers[0].cut = None
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")
    assert servers[0].asked[-1][1] == "bytes=40-"


def test_a_server_without_ranges_begins_it_anew(servers, one, tmp_path):
    servers[0].cut, servers[1].ranges = 100, False
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")


def leave_partial(out, font, data):
    path = out / "printed" / f"{font.font_id}.{font.sha256[:12]}.part"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)


@pytest.mark.parametrize("left", ["nothing", "whole", "wrong", "longer"])
def test_what_a_killed_run_left_is_used_or_removed(servers, one, tmp_path, left):
    right = content(servers)
    data = {"nothing": b"", "whole": right, "wrong": b"x" * 50, "longer": right + b"x"}[left]
    leave_partial(tmp_path / "out", one, data)
    servers[1].status = 404  # so the first has to give it, whatever lies there
    (tmp_path / "out/printed/one-regular.0000.part").write_bytes(b"of another pin")
    (tmp_path / "out/printed/one-regular.ttf.tmp-123").write_bytes(b"half")
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")
    assert bool(servers[0].asked) == (left != "whole")


def test_a_silent_server_is_left_for_the_mirror(servers, one, tmp_path, monkeypatch):
    monkeypatch.setattr(base_download, "_TIMEOUT", 0.2)
    servers[0].pause = 1.0
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")
    assert [said for _, said in servers[1].asked] == ["bytes=1-"]


def test_a_server_that_gives_too_few_bytes_a_second_is_left(servers, one, tmp_path, monkeypatch):
    monkeypatch.setattr(base_download, "_FIRST_SECONDS", -1.0)
    monkeypatch.setattr(base_download, "_SLOWEST", 1 << 30)
    fetched = fetch_fonts([one], tmp_path / "out")
    assert "the connection broke (too slow)" in fetched.failures["one-regular"]


def test_a_service_that_cannot_be_reached_is_not_asked_for_every_font(
    servers, one, tmp_path, monkeypatch
):
    fonts = [replace(one, font_id=f"one-{number}") for number in range(9)]
    nobody = "http://127.0.0.1:9/{repository}/{commit}/{path}"
    monkeypatch.setattr(github, "SERVICES", (nobody, servers[1].template))
    calls = []
    connect = base_download._connect
    monkeypatch.setattr(
        base_download, "_connect", lambda url, headers: calls.append(url) or connect(url, headers)
    )
    fetched = fetch_fonts(fonts, tmp_path / "out", jobs=1)
    assert len(fetched.written) == 9
    assert sum(":9/" in url for url in calls) == 3


def test_no_network_is_one_sentence_for_all(servers, one, tmp_path, monkeypatch):
    nobody = "http://127.0.0.1:9/{repository}/{commit}/{path}"
    monkeypatch.setattr(github, "SERVICES", (nobody,))
    fonts = (one, replace(one, font_id="two-regular"))
    monkeypatch.setattr(download, "corpus_fonts", lambda name: fonts)
    out = tmp_path / "out"
    result = CliRunner().invoke(fonts_command, ["fetch", "--set", "open", "--out", str(out)])
    assert result.exit_code == 1
    assert "Not fetched: one-regular, two-regular: 127.0.0.1:9: it cannot be" in result.output
    assert result.output.count("Not fetched") == 1


def test_a_proxy_of_the_environment_is_asked(servers, one, tmp_path, monkeypatch):
    monkeypatch.setattr(github, "SERVICES", ("http://raw.invalid/{repository}/{commit}/{path}",))
    monkeypatch.setattr(urllib.request, "_opener", None)  # it was made before the variable was set
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{servers[0].server_port}")
    (path, data) = next(iter(servers[0].files.items()))
    servers[0].files[f"http://raw.invalid{path}"] = data
    assert_written(fetch_fonts([one], tmp_path / "out"), tmp_path / "out")


@pytest.mark.parametrize("where", ["partial", "font"])
def test_a_full_disk_is_one_sentence_loses_nothing_and_the_rest_goes_on(
    servers, one, tmp_path, monkeypatch, where
):
    out = tmp_path / "out"
    fetch_fonts([replace(one, font_id="kept-regular")], out)
    fonts = [replace(one, font_id=f"{name}-regular") for name in ("kept", "full", "fits")]
    if where == "partial":
        (out / "printed" / f"full-regular.{one.sha256[:12]}.part").symlink_to("/dev/full")
    else:
        monkeypatch.setattr(download, "write_whole", full_for("full-regular"))
    fetched = fetch_fonts(fonts, out)
    assert (fetched.kept, fetched.written) == (("kept-regular",), ("fits-regular",))
    (reason,) = fetched.failures.values()
    assert reason == f"The disk is full at {out}; free some space and run the same command again"
    lock = json.loads((out / "fonts.lock.json").read_text())
    assert [entry["font_id"] for entry in lock["fonts"]] == ["fits-regular", "kept-regular"]


def full_for(font_id):
    """A way to write files for which the disk is full at those of one font."""

    def write(path, data):
        if path.name.startswith(font_id):
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_whole(path, data)

    return write


def test_the_addresses_are_those_of_github_and_its_mirror():
    raw, mirror = (
        service.format(repository="a/b", commit=COMMIT, path="c.ttf") for service in github.SERVICES
    )
    assert raw == f"https://raw.githubusercontent.com/a/b/{COMMIT}/c.ttf"
    assert mirror == f"https://cdn.jsdelivr.net/gh/a/b@{COMMIT}/c.ttf"


def test_fetch_asks_for_the_whole_set(servers, one, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "corpus_fonts", lambda name: (one,))
    assert_written(fetch("open", tmp_path / "out"), tmp_path / "out")
    lock = json.loads((tmp_path / "out/fonts.lock.json").read_text())
    assert lock["set"] == {"name": "open", "fonts": ["one-regular"]}
