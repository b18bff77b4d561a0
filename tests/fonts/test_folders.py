"""Fonts taken from folders in place of the network, by what the files hold."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.fonts import download, folders
from hangeul_bench.fonts.corpus import corpus_fonts
from hangeul_bench.fonts.download import fetch_fonts
from hangeul_bench.fonts.folders import find_files
from support.packages import font_bytes


def row(source, font_id, data):
    return replace(
        next(font for font in corpus_fonts("open") if font.source == source),
        font_id=font_id,
        sha256=hashlib.sha256(data).hexdigest(),
        n_bytes=len(data),
        category="printed",
    )


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("the network is asked")

    for name in ("fetch_npm", "fetch_debian", "npm_command", "Repositories"):
        monkeypatch.setattr(download, name, refuse)


@pytest.fixture
def three(no_network, tmp_path):
    """A font of each source, and its file under another name somewhere below ``tree``."""
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    kinds = {"npm": (None, "x.txt"), "deb": ("woff", "a/b/이름"), "github": ("woff2", "a/y.ttf")}
    fonts = []
    for source, (flavor, name) in kinds.items():
        data = font_bytes(tmp_path, source, flavor=flavor)
        (tree / name).write_bytes(data)
        fonts.append(row(source, f"{source}-regular", data))
    return fonts


def test_files_are_recognised_by_what_they_hold_and_unpacked(three, tmp_path):
    fetched = fetch_fonts(three, tmp_path / "out", sources=[tmp_path / "tree"])
    assert fetched.written == ("deb-regular", "github-regular", "npm-regular")
    assert not fetched.failures
    for font_id in fetched.written:
        written = tmp_path / "out/printed" / f"{font_id}.ttf"
        assert written.read_bytes()[:4] == b"\0\1\0\0"


def test_what_no_folder_has_is_one_sentence_and_exit_code_1(three, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "corpus_fonts", lambda name: three)
    (tmp_path / "tree/x.txt").write_bytes(b"x" * three[0].n_bytes)
    (tmp_path / "empty").mkdir()
    command = ["fetch", "--set", "open", "--out", str(tmp_path / "out")]
    command += ["--from", str(tmp_path / "empty"), "--from", str(tmp_path / "tree")]
    result = CliRunner().invoke(fonts_command, command)
    assert result.exit_code == 1
    assert "2 fonts in" in result.output
    said = f"no file in {tmp_path}/empty or {tmp_path}/tree is the pinned one, by its SHA-256."
    assert f"Not fetched: npm-regular: {said}\n" in result.output


def test_thousands_of_other_files_are_not_read(three, tmp_path, monkeypatch):
    many = tmp_path / "tree" / "A"  # it is looked through before the folder of the fonts
    many.mkdir()
    for number in range(3000):
        (many / f"{number}.ttf").write_bytes(b"x" * (number % 50))
    read = []
    real = folders.file_sha256
    monkeypatch.setattr(folders, "file_sha256", lambda path: read.append(path) or real(path))
    fetched = fetch_fonts(three, tmp_path / "out", sources=[tmp_path / "tree"])
    assert len(fetched.written) == len(read) == 3


def test_of_two_with_one_hash_the_first_counts(three, tmp_path):
    tree, again = tmp_path / "tree", tmp_path / "again"
    again.mkdir()
    (tree / "a.txt").write_bytes((tree / "x.txt").read_bytes())
    (again / "a.txt").write_bytes((tree / "x.txt").read_bytes())
    assert find_files([tree, again], three).paths[three[0].sha256] == tree / "a.txt"
    assert find_files([again, tree], three).paths[three[0].sha256] == again / "a.txt"


def test_links_in_a_circle_and_other_things_than_files_do_not_hold_it_up(three, tmp_path):
    tree = tmp_path / "tree"
    (tree / "a" / "round").symlink_to(tree, target_is_directory=True)
    (tree / "self").symlink_to(tree / "self")
    (tree / "away").symlink_to(tmp_path / "not-there")
    os.mkfifo(tree / "pipe")
    (tree / "x.txt").rename(tmp_path / "elsewhere")
    (tree / "link").symlink_to(tmp_path / "elsewhere")
    found = find_files([tree], three)
    assert len(found.paths) == 3 and found.paths[three[0].sha256] == tree / "link"


def test_what_cannot_be_read_is_named_and_the_rest_is_taken(three, tmp_path, monkeypatch):
    real = folders.file_sha256

    def read(path: Path) -> str:
        if path.name == "x.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(folders, "file_sha256", read)
    monkeypatch.setattr(download, "corpus_fonts", lambda name: three)
    command = ["fetch", "--set", "open", "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(fonts_command, [*command, "--from", str(tmp_path / "tree")])
    assert result.exit_code == 1 and "2 fonts in" in result.output
    assert f"Not looked at: {tmp_path}/tree/x.txt: Permission denied." in result.output


def test_a_folder_that_cannot_be_listed_is_named(three, tmp_path, monkeypatch):
    real = os.scandir

    def scandir(path):
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find_files([tmp_path / "tree"], three)
    assert found.unread == {str(tmp_path / "tree/a/b"): "Permission denied"}
    assert len(found.paths) == 2


def test_a_file_that_changes_after_it_was_found_is_refused(three, tmp_path):
    found = find_files([tmp_path / "tree"], three)
    (tmp_path / "tree/x.txt").write_bytes(b"changed")
    (outcome,) = download._fetch(
        download._downloads(three[:1], tmp_path / "out", found),
        download.FontsLock(tmp_path / "out"),
        jobs=1,
    )[1].values()
    assert "instead of the pinned" in outcome


@pytest.mark.parametrize("kind", ["file", "nothing"])
def test_a_source_that_is_no_folder_is_refused_before_anything_is_written(three, tmp_path, kind):
    place = tmp_path / "tree" / ("x.txt" if kind == "file" else "none")
    found = "a file" if kind == "file" else "nothing"
    with pytest.raises(UserError, match=f"Expected a folder of font files at .*found {found}"):
        fetch_fonts(three, tmp_path / "out", sources=[tmp_path / "tree", place])
    assert not (tmp_path / "out").exists()
