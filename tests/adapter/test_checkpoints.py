"""A model's own weights: found beside its code, or had from where its ``models.toml`` says."""

import functools
import hashlib
import http.server
import sys
import threading

import pytest

from hangeul_bench.adapter.registry import default_model, label_of, list_models, load_model
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.weights import MissingWeights
from hangeul_bench.cli.models import _describe

WEIGHTS = b"weights of the released model"
MODEL = """
from pathlib import Path
from hangeul_bench.adapter import TrainedOn

class Released:
    name, kind, parameters, trained_on, details = "released", "model", 1, TrainedOn(), {}
    checkpoint_sha256 = None

    def __init__(self, *, device, dataset=None, batch_size=None, checkpoint=None):
        self.read = Path(checkpoint or Path(__file__).parent / "released.bin").read_bytes()

    def generate(self, request):
        return request.content
"""


@pytest.fixture
def release(tmp_path):
    """A local file server: its folder, and the address of a file in it."""
    folder = tmp_path / "release"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_port}/released.bin"
        server.shutdown()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a package whose ``models.toml`` says what a test wants of its model."""
    site = tmp_path / "site"
    package, info = site / "released_model", site / "released_model-1.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(MODEL)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: released-model\nVersion: 1\n")
    points = "[hangeul_bench.models]\nreleased = released_model:Released\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(site)

    def say(**facts):
        lines = [f'{key} = "{value}"' for key, value in facts.items()]
        table = ["[released]", 'checkpoint = "released.bin"', *lines]
        (package / "models.toml").write_text("\n".join(table) + "\n")
        return package / "released.bin"

    yield say
    sys.modules.pop("released_model", None)


def listed():
    return {info.name: info for info in list_models()}["released"]


def test_weights_that_are_not_here_are_downloaded_once_and_checked(release, install):
    folder, url = release
    (folder / "released.bin").write_bytes(WEIGHTS)
    place = install(url=url, sha256=hashlib.sha256(WEIGHTS).hexdigest())
    assert "    checkpoint  released.bin (downloaded at first use)" in _describe(listed())
    assert load_model("released").read == WEIGHTS
    (folder / "released.bin").unlink()
    assert load_model("released").read == WEIGHTS
    assert place.read_bytes() == WEIGHTS
    assert "    checkpoint  released.bin" in _describe(listed())


def test_weights_of_another_hash_are_refused_and_leave_nothing(release, install):
    folder, url = release
    (folder / "released.bin").write_bytes(b"something else")
    place = install(url=url, sha256=hashlib.sha256(WEIGHTS).hexdigest())
    with pytest.raises(MissingWeights, match="the download had another SHA-256") as caught:
        load_model("released")
    assert f"released needs released.bin, which is not in {place.parent}" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not [path for path in place.parent.iterdir() if path.name.startswith("released.bin")]


def test_weights_that_the_server_has_not_are_one_sentence(release, install):
    _, url = release
    install(url=url, sha256="0" * 64)
    with pytest.raises(MissingWeights, match=f"cannot be downloaded .*; get it from {url}."):
        load_model("released")


def test_no_network_is_one_sentence(install):
    install(url="http://127.0.0.1:9/released.bin", sha256="0" * 64)
    with pytest.raises(MissingWeights, match="cannot be downloaded .*refused"):
        load_model("released")


def test_an_address_without_a_hash_is_refused(install):
    install(url="http://127.0.0.1:9/released.bin")
    with pytest.raises(UserError, match="a sha256 of 64 hexadecimal digits .* but found ''"):
        load_model("released")


def test_weights_that_are_named_or_here_ask_no_network(install, tmp_path):
    place = install(url="http://127.0.0.1:9/released.bin", sha256="0" * 64)
    (tmp_path / "mine.bin").write_bytes(b"mine")
    assert load_model("released", options={"checkpoint": tmp_path / "mine.bin"}).read == b"mine"
    place.write_bytes(b"trained here")
    assert load_model("released").read == b"trained here"


def test_the_default_model_has_weights_here_before_any_that_must_be_downloaded(install):
    known = default_model(with_dataset=True)
    place = install(url="http://127.0.0.1:9/released.bin", sha256="0" * 64)
    text = (place.parent / "models.toml").read_text()
    (place.parent / "models.toml").write_text(text + "preferred = 99\n")
    assert default_model(with_dataset=True) == known
    place.touch()
    assert default_model(with_dataset=True) == "released"


def test_a_label_says_which_size_of_a_model_a_row_is_of(install):
    install(label="Released ({preset})")
    assert label_of("released", {"preset": "swift"}) == "Released (swift)"
    assert label_of("released", {}) == "released"
    assert label_of("unheard-of", {"preset": "swift"}) == "unheard-of"


def test_the_reference_model_is_named_with_its_size():
    assert label_of("dkfont", {"preset": "swift"}) == "DK-Font (swift)"
    assert label_of("diff-font", {"preset": "swift"}) == "diff-font"
