"""LPIPS and FID against their own packages, on the same random weights loaded from files.

The files have the published names and layouts, so both sides run their real loading code.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.torchvision import ensure_torchvision
from hangeul_bench.metrics import FID, LPIPS
from support.metric_glyphs import pages, shifted, write_alexnet, write_inception


@pytest.fixture(scope="module")
def torch_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A $TORCH_HOME whose hub cache holds both files."""
    home = tmp_path_factory.mktemp("torch")
    cache = home / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    write_alexnet(cache)
    write_inception(cache)
    return home


@pytest.fixture(autouse=True)
def _use_torch_home(torch_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(torch_home))


@pytest.fixture(scope="module")
def fid(torch_home: Path) -> FID:
    return FID(weights=torch_home / "hub" / "checkpoints", allow_unpinned=True)


@pytest.fixture(scope="module")
def glyphs() -> tuple[torch.Tensor, torch.Tensor]:
    target = pages(4)
    return torch.cat([shifted(target[:2], 2, 1), pages(2, seed=8)]), target


@pytest.fixture(scope="module")
def inception(fid: FID, glyphs: "Glyphs") -> "Features":
    """The features of both sides, from one pass of a slow network."""
    first, second = fid.features(torch.cat(glyphs)).split(4)
    return first, second


Glyphs = tuple[torch.Tensor, torch.Tensor]
Features = tuple[torch.Tensor, torch.Tensor]


def test_lpips_equals_the_lpips_package(glyphs: Glyphs) -> None:
    ensure_torchvision()
    import lpips

    pred, target = glyphs
    package = lpips.LPIPS(net="alex", verbose=False)
    grey = [(x[:, None].float() / 127.5 - 1).repeat(1, 3, 1, 1) for x in (pred, target)]
    with torch.no_grad():
        expected = package(*grey).flatten().double()
    found = LPIPS(allow_unpinned=True).scores(pred, target)
    assert expected.min() > 1e-4  # random layers do tell these glyphs apart
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_lpips_does_not_depend_on_the_batch_size(glyphs: Glyphs) -> None:
    metric = LPIPS(allow_unpinned=True)
    pred, target = glyphs
    whole = metric.scores(pred, target)
    parts = [metric.scores(pred[i : i + 3], target[i : i + 3]) for i in range(0, 4, 3)]
    assert torch.equal(whole, torch.cat(parts))
    assert metric.scores(target, target).tolist() == [0] * 4


def test_fid_features_equal_pytorch_fids(fid: FID, glyphs: Glyphs, inception: Features) -> None:
    from pytorch_fid.inception import InceptionV3

    with torch.no_grad():
        grey = (torch.cat(glyphs)[:, None].float() / 255).repeat(1, 3, 1, 1)
        expected = InceptionV3([3]).eval()(grey)[0][:, :, 0, 0].double()
    assert expected.std(0).mean() > 1e-3  # random layers do tell these glyphs apart
    torch.testing.assert_close(torch.cat(inception), expected, rtol=1e-5, atol=1e-6)


def test_fid_equals_pytorch_fids_distance_on_its_features(fid: FID, inception: Features) -> None:
    from pytorch_fid.fid_score import calculate_frechet_distance

    # Of the 2,048 features, 3: 4 glyphs give them full rank, which pytorch-fid's root needs.
    # test_frechet.py has more.
    a, b = (x.numpy()[:, ::700] for x in inception)
    expected = calculate_frechet_distance(
        a.mean(0), np.cov(a, rowvar=False), b.mean(0), np.cov(b, rowvar=False)
    )
    assert fid.distance(a, b) == pytest.approx(float(expected), rel=1e-6)


def test_fid_does_not_depend_on_the_batch_size(
    fid: FID, glyphs: Glyphs, inception: Features
) -> None:
    assert torch.equal(fid.features(glyphs[0][1:]), inception[0][1:])


def test_the_signature_says_that_weights_are_not_the_published_ones(fid: FID) -> None:
    assert ":unpinned|" in LPIPS(allow_unpinned=True).signature()
    assert ":unpinned]" in fid.signature()


@pytest.mark.parametrize("metric", [LPIPS, FID])
def test_random_weights_are_refused_by_default(metric: type) -> None:
    with pytest.raises(UserError, match="to have a SHA-256 beginning"):
        metric()
