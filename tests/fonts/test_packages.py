"""A font of an npm package, by the machine's own npm client, from a registry on this machine."""

import hashlib
import shutil

import pytest

from hangeul_bench.fonts.packages import PackageError, fetch_npm
from support.packages import font_bytes
from support.registry import running_registry


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A registry that the machine's own npm client asks instead of its own."""
    if not shutil.which("npm"):
        pytest.skip("no npm client on this machine")
    with running_registry() as made:
        monkeypatch.setenv("npm_config_registry", made.url)
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm-cache"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        yield made


def test_npm_brings_the_wanted_file_of_a_package(registry, tmp_path):
    font = font_bytes(tmp_path, "One")
    sha256 = registry.add("@a/one", "1.0.0", {"package/one.ttf": font, "package/x": b"x"})
    members = ("package/one.ttf",)
    archive = fetch_npm("@a/one", "1.0.0", sha256=sha256, members=members, folder=tmp_path)
    assert (archive.version, archive.sha256) == ("1.0.0", sha256)
    assert archive.files == {"package/one.ttf": font}


def test_what_npm_says_is_the_reason(registry, tmp_path):
    with pytest.raises(PackageError, match="npm says E404: Not Found"):
        fetch_npm("@a/none", "1.0.0", sha256="0" * 64, members=(), folder=tmp_path)


def test_another_tarball_is_refused_by_its_hash(registry, tmp_path):
    found = hashlib.sha256(b"").hexdigest()
    registry.add("one", "1.0.0", {})
    with pytest.raises(PackageError, match=f"instead of the pinned {found[:12]}"):
        fetch_npm("one", "1.0.0", sha256=found, members=(), folder=tmp_path)
