"""Pages for the tests of the metrics, a stand-in reader, and weights of the published layouts."""

from pathlib import Path
from unittest import mock

import torch
from torch import Tensor

from hangeul_bench.base.torchvision import ensure_torchvision

PAPER = 255


def pages(n: int, *, seed: int = 0, size: int = 128) -> Tensor:
    """(n, size, size) uint8: a few anti-aliased strokes on paper, as a glyph has."""
    generator = torch.Generator().manual_seed(seed)
    small = torch.rand(n, 1, 12, 12, generator=generator)
    smooth = torch.nn.functional.interpolate(small, size=size, mode="bicubic")[:, 0]
    ink = ((smooth - 0.65) * 8 + 0.5).clamp(0, 1)
    ink[:, :12], ink[:, -12:], ink[:, :, :12], ink[:, :, -12:] = 0, 0, 0, 0
    return PAPER - (ink * 255).round().to(torch.uint8)


def blank(n: int, size: int = 128) -> Tensor:
    """(n, size, size) uint8 without ink."""
    return torch.full((n, size, size), PAPER, dtype=torch.uint8)


def bar(width: int, *, height: int = 80, left: int = 40, size: int = 128) -> Tensor:
    """(1, size, size) uint8: one upright stroke."""
    page = blank(1, size)
    page[:, 20 : 20 + height, left : left + width] = 0
    return page


def shifted(images: Tensor, down: int, right: int) -> Tensor:
    """The images moved; paper comes in, what leaves is lost."""
    size = images.shape[1]
    reach = 16
    page = torch.nn.functional.pad(images, (reach,) * 4, value=PAPER)
    top, left = reach - down, reach - right
    return page[:, top : top + size, left : left + size]


class TableReader:
    """Reads a page by the value of its first pixel; the protocol of the shipped reader."""

    sha256 = "5" * 64

    def __init__(self, readings: dict[int, tuple[int, int, int]]) -> None:
        self.readings = readings

    def read(self, images: Tensor) -> Tensor:
        found = torch.tensor([self.readings.get(int(x[0, 0]), (0, 0, 0)) for x in images])
        found = found.reshape(-1, 3)
        found[(images >= 128).flatten(1).all(1)] = -1
        return found

    def features(self, images: Tensor) -> list[Tensor]:
        x = 1 - images[:, None].float() / 255
        coarse = torch.nn.functional.avg_pool2d(x, 8)
        fine = torch.nn.functional.avg_pool2d(x, 4)
        return [torch.cat([fine, fine.square()], 1), torch.cat([coarse, 1 - coarse], 1)]

    def features_and_embedding(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        return self.features(images), self.embed(images)

    def embed(self, images: Tensor) -> Tensor:
        x = 1 - images[:, None].float() / 255
        return torch.nn.functional.adaptive_avg_pool2d(x, 4).flatten(1)


def write_alexnet(folder: Path) -> Path:
    """Random weights under the published name, in torchvision's layout."""
    ensure_torchvision()
    import torchvision

    torch.manual_seed(1)
    path = folder / "alexnet-owt-7be5be79.pth"
    torch.save(torchvision.models.alexnet(weights=None).state_dict(), path)
    return path


def write_inception(folder: Path) -> Path:
    """Random weights under the published name, in pytorch-fid's layout."""
    ensure_torchvision()
    from pytorch_fid import inception

    torch.manual_seed(2)
    path = folder / "pt_inception-2015-12-05-6726825d.pth"
    # The package builds its network and then loads weights into it; here loading only looks on,
    # so that the network stays as it was built.
    built: list[torch.nn.Module] = []
    with (
        mock.patch.object(inception, "load_state_dict_from_url", return_value={}),
        mock.patch.object(
            torch.nn.Module, "load_state_dict", lambda self, *_, **__: built.append(self)
        ),
    ):
        inception.fid_inception_v3()
    _spread(built[0])
    torch.save(built[0].state_dict(), path)
    return path


def _spread(network: torch.nn.Module) -> None:
    """Keep the signal alive through 90 random layers, so that features differ by glyph."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(layer.weight)
