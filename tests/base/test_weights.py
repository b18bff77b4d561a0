"""Where ImageNet weights are looked for, and that a wrong or absent file is never replaced."""

import hashlib
import io
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner

from hangeul_bench.base import download, weights
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.weights import (
    MissingWeights,
    PackagedWeights,
    WeightsFile,
    find_weights,
    load_weights,
)
from hangeul_bench.cli import cli

CONTENT = {"layer": torch.arange(3.0)}


def _bytes() -> bytes:
    buffer = io.BytesIO()
    torch.save(CONTENT, buffer)
    return buffer.getvalue()


def _wanted(data: bytes) -> WeightsFile:
    prefix = hashlib.sha256(data).hexdigest()[:8]
    return WeightsFile(f"net-{prefix}.pth", f"https://example.org/net-{prefix}.pth", "lpips")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Torch's hub cache in a fresh folder, and no network."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))

    def refuse(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no network in tests")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    return tmp_path / "torch" / "hub" / "checkpoints"


def _serve(monkeypatch: pytest.MonkeyPatch, data: bytes) -> list[tuple[Any, ...]]:
    asked: list[tuple[Any, ...]] = []

    def urlopen(url: str, timeout: float) -> io.BytesIO:
        asked.append((url, timeout))
        return io.BytesIO(data)

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    return asked


def test_the_published_files_carry_their_hash_in_their_name() -> None:
    found = {w.sha256_prefix for w in (weights.ALEXNET, weights.VGG19, weights.INCEPTION)}
    assert found == {"7be5be79", "dcbb9e9d", "6726825d"}
    for wanted in (weights.ALEXNET, weights.VGG19, weights.INCEPTION):
        assert wanted.url.endswith("/" + wanted.file)


def test_what_a_package_carries_is_found_without_running_it(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _bytes()
    site = tmp_path / "site"
    (site / "carrier" / "deep").mkdir(parents=True)
    (site / "carrier" / "__init__.py").write_text("raise RuntimeError('its code ran')")
    (site / "carrier" / "deep" / "net.pth").write_bytes(data)
    (site / "carrier-1.0.dist-info").mkdir()
    (site / "carrier-1.0.dist-info" / "METADATA").write_text("Name: carrier\nVersion: 1.0\n")
    sha256 = hashlib.sha256(data).hexdigest()
    wanted = PackagedWeights("net.pth", "carrier", "carrier/deep/net.pth", sha256, "st_lpips")
    with pytest.raises(MissingWeights, match=r"carrier is not installed; install them: pip "):
        load_weights(wanted)
    monkeypatch.syspath_prepend(str(site))
    assert load_weights(wanted).signature == f"w:{sha256[:8]}"
    (site / "carrier" / "deep" / "net.pth").write_bytes(b"another version's")
    with pytest.raises(UserError, match=f"beginning {sha256[:8]}, but found"):
        load_weights(wanted)


def test_the_command_tells_right_from_wrong_from_absent(cache: Path, tmp_path: Path) -> None:
    (tmp_path / weights.ALEXNET.file).write_bytes(_bytes())
    done = CliRunner().invoke(cli, ["weights", "check", "--weights", str(tmp_path)])
    assert done.exit_code == 1
    assert f"{weights.ALEXNET.file}: wrong" in done.output
    assert f"{weights.INCEPTION.file}: absent\n    needed by   fid" in done.output
    for wanted in weights.ALL_WEIGHTS:
        assert f"SHA-256     {wanted.sha256_prefix}" in done.output


def test_the_command_fetches_what_it_can(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = _bytes()
    monkeypatch.setattr(weights, "ALL_WEIGHTS", (_wanted(data), weights.VGG19))
    _serve(monkeypatch, data)
    done = CliRunner().invoke(cli, ["weights", "fetch"])
    assert done.exit_code == 1
    assert f"{_wanted(data).file}: {cache / _wanted(data).file}" in done.stdout
    assert "the download had another SHA-256" in done.stderr
    monkeypatch.setattr(weights, "ALL_WEIGHTS", (_wanted(data),))
    assert CliRunner().invoke(cli, ["weights", "fetch"]).exit_code == 0
    assert CliRunner().invoke(cli, ["weights", "check"]).exit_code == 0


def test_the_users_folder_comes_before_the_cache(cache: Path, tmp_path: Path) -> None:
    data = _bytes()
    wanted = _wanted(data)
    cache.mkdir(parents=True)
    (cache / wanted.file).write_bytes(data)
    assert find_weights(wanted, folder=tmp_path) == cache / wanted.file
    (tmp_path / wanted.file).write_bytes(data)
    assert find_weights(wanted, folder=tmp_path) == tmp_path / wanted.file


def test_loading_returns_the_state_and_its_signature(cache: Path, tmp_path: Path) -> None:
    data = _bytes()
    wanted = _wanted(data)
    (tmp_path / wanted.file).write_bytes(data)
    loaded = load_weights(wanted, folder=tmp_path)
    assert torch.equal(loaded.state["layer"], CONTENT["layer"])
    assert loaded.signature == f"w:{wanted.sha256_prefix}"


def test_a_download_is_checked_and_kept_in_torchs_cache(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = _bytes()
    wanted = _wanted(data)
    asked = _serve(monkeypatch, data)
    assert load_weights(wanted).pinned
    assert asked[0][0] == wanted.url and 0 < asked[0][1] <= 30  # never without a time limit
    assert [p.name for p in cache.iterdir()] == [wanted.file]
    load_weights(wanted)
    assert len(asked) == 1


def test_a_download_of_another_hash_is_refused_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = _wanted(b"published")
    _serve(monkeypatch, b"something else")
    with pytest.raises(MissingWeights, match="the download had another SHA-256"):
        load_weights(wanted)
    assert list(cache.iterdir()) == []


def test_absent_and_offline_is_one_sentence_with_what_to_do(cache: Path) -> None:
    with pytest.raises(MissingWeights) as caught:
        load_weights(weights.ALEXNET)
    message = str(caught.value)
    assert "lpips needs alexnet-owt-7be5be79.pth" in message
    assert str(cache) in message and "no network in tests" in message
    assert weights.ALEXNET.url in message and "\n" not in message


def test_an_answer_that_never_comes_is_given_up(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    never = threading.Event()
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: never.wait())
    monkeypatch.setattr(download, "_TIMEOUT", 0.05)
    with pytest.raises(MissingWeights, match="no answer within"):
        load_weights(weights.INCEPTION)
    never.set()


def test_a_connection_that_breaks_midway_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Breaking(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise ConnectionResetError("reset by peer")

    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: Breaking())
    with pytest.raises(MissingWeights, match="reset by peer"):
        load_weights(weights.INCEPTION)
    assert list(cache.iterdir()) == []


def test_a_file_of_another_hash_is_refused_unless_a_test_allows_it(
    cache: Path, tmp_path: Path
) -> None:
    path = tmp_path / weights.ALEXNET.file
    path.write_bytes(_bytes())
    with pytest.raises(UserError, match=f"{path.name} to have a SHA-256 beginning 7be5be79"):
        load_weights(weights.ALEXNET, folder=tmp_path)
    loaded = load_weights(weights.ALEXNET, folder=tmp_path, allow_unpinned=True)
    assert loaded.signature.endswith(":unpinned")


def test_a_file_that_holds_no_weights_is_refused(cache: Path, tmp_path: Path) -> None:
    wanted = _wanted(b"no weights")
    (tmp_path / wanted.file).write_bytes(b"no weights")
    with pytest.raises(UserError, match="to hold torch weights, but it cannot be loaded"):
        load_weights(wanted, folder=tmp_path)


def test_the_folder_must_exist(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--weights to be a folder"):
        load_weights(weights.ALEXNET, folder=tmp_path / "none")
