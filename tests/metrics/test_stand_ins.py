"""ST-LPIPS and EfficientNet-Lite0 against their authors' own networks, on the real weights."""

import sys
import types
from pathlib import Path

import pytest
import torch

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.torchvision import ensure_torchvision
from hangeul_bench.base.weights import EFFICIENTNET_LITE0, SHIFT_TOLERANT_ALEXNET
from hangeul_bench.metrics.fd_effnet import FDEfficientNet
from hangeul_bench.metrics.frechet import fit, frechet_distance
from hangeul_bench.metrics.st_lpips import STLPIPS
from support.metric_glyphs import blank, pages, shifted

pytestmark = pytest.mark.skipif(
    SHIFT_TOLERANT_ALEXNET.home is None or EFFICIENTNET_LITE0.home is None,
    reason="pip install 'hangeul-bench[perceptual]'",
)
Glyphs = tuple[torch.Tensor, torch.Tensor]


@pytest.fixture(scope="module")
def glyphs() -> Glyphs:
    target = pages(3)
    return torch.cat([shifted(target[:2], 2, 1), blank(1)]), target


def as_input(images: torch.Tensor) -> torch.Tensor:
    return (images[:, None].float() / 127.5 - 1).expand(-1, 3, -1, -1)


def test_st_lpips_equals_the_authors_network(
    glyphs: Glyphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure_torchvision()
    # It imports two packages that it neither uses nor asks pip for.
    for name, attribute in (("IPython", "embed"), ("torchsummary", "summary")):
        module = types.ModuleType(name)
        setattr(module, attribute, None)
        monkeypatch.setitem(sys.modules, name, module)
    stlpips = pytest.importorskip("stlpips_pytorch.stlpips")
    network = stlpips.LPIPS(net="alex", variant="shift_tolerant", verbose=False)
    with torch.no_grad():
        expected = network(*map(as_input, glyphs)).flatten().double()
    found = STLPIPS().scores(*glyphs)
    assert expected.min() > 1e-3
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_the_features_equal_those_of_the_published_network(glyphs: Glyphs) -> None:
    package = pytest.importorskip("efficientnet_lite_pytorch")
    metric = FDEfficientNet()
    network = package.EfficientNet.from_name("efficientnet-lite0").eval()
    network.load_state_dict(torch.load(EFFICIENTNET_LITE0.home, weights_only=True))
    x = glyphs[0][:, None].float().expand(-1, 3, -1, -1)
    x = torch.nn.functional.interpolate(x, size=(224, 224), mode="bilinear")
    with torch.no_grad():
        expected = network.extract_features((x - 127) / 128).mean((2, 3)).double()
    assert expected.std(0).mean() > 1e-2
    torch.testing.assert_close(metric.features(glyphs[0]), expected, rtol=0, atol=1e-5)


def test_neither_depends_on_the_batch_size(glyphs: Glyphs) -> None:
    pred, target = glyphs
    st_lpips, fd = STLPIPS(), FDEfficientNet()
    assert torch.equal(st_lpips.scores(pred, target)[1:], st_lpips.scores(pred[1:], target[1:]))
    assert st_lpips.scores(target, target).tolist() == [0] * 3
    assert torch.equal(fd.features(pred)[1:], fd.features(pred[1:]))


def test_the_distance_is_that_of_the_features(glyphs: Glyphs) -> None:
    metric = FDEfficientNet()
    a, b = (metric.features(x).numpy() for x in glyphs)
    assert metric.distance(a, b) == frechet_distance(fit(a), fit(b)) > 0
    metric.update(*glyphs)
    assert float(metric.compute()) == pytest.approx(metric.distance(a, b), rel=1e-6)


@pytest.mark.parametrize("metric", [STLPIPS, FDEfficientNet])
def test_a_file_of_another_hash_is_refused(metric: type, tmp_path: Path) -> None:
    for wanted in (SHIFT_TOLERANT_ALEXNET, EFFICIENTNET_LITE0):
        (tmp_path / wanted.file).write_bytes(b"weights of another version")
    with pytest.raises(UserError, match="to have a SHA-256 beginning"):
        metric(weights=tmp_path)
