"""The networks behind the metrics: published ones with their weights, and the jamo reader."""

from abc import abstractmethod
from pathlib import Path
from typing import Any, Literal

from torch import Tensor, nn

from hangeul_bench.base.weights import (
    ALEXNET,
    INCEPTION,
    SQUEEZENET,
    Weights,
    WeightsFile,
    load_weights,
)
from hangeul_bench.metrics.base import Metric, Reader

Backbone = Literal["alex", "squeeze"]
_BACKBONES: dict[Backbone, WeightsFile] = {"alex": ALEXNET, "squeeze": SQUEEZENET}


class NetworkMetric(Metric):
    """A metric that looks through a published network.

    Args:
        weights: Folder that holds the published weights under their own name; None looks where
            torch or their package keeps them, and downloads them if they can be.
        device: Where the network runs.
        allow_unpinned: Accept a file of another SHA-256 (for tests of the loading itself).

    Raises:
        MissingWeights: The weights are not on this machine and cannot be downloaded.
        UserError: They are not the published ones.
    """

    def __init__(
        self, *, weights: Path | None = None, device: str = "cpu", allow_unpinned: bool = False
    ) -> None:
        super().__init__()
        self.network, loaded = self._load(weights, allow_unpinned=allow_unpinned)
        self._weights = loaded.signature
        self.to(device)

    @abstractmethod
    def _load(self, folder: Path | None, *, allow_unpinned: bool) -> tuple[Any, Weights]:
        """The network and its weights."""

    def _colour(self, images: Tensor) -> Tensor:
        """(n, H, W) uint8 => (n, 3, H, W) float32 grey levels on the network's device."""
        return images.to(self.device).float()[:, None].expand(-1, 3, -1, -1)


class ReaderMetric(Metric):
    """A metric that looks through the jamo reader.

    Args:
        reader: The jamo reader; None loads the shipped one.
        device: Where the shipped reader runs.

    Raises:
        UserError: The shipped reader's weights are absent.
    """

    def __init__(self, *, reader: Reader | None = None, device: str = "cpu") -> None:
        super().__init__()
        self._reader = reader or jamo_reader(device)


def lpips_network(
    backbone: Backbone, folder: Path | None, *, allow_unpinned: bool = False
) -> tuple[nn.Module, Weights]:
    """The `lpips` package's network, version 0.1, on its backbone's published weights.

    Raises:
        MissingWeights: They are not on this machine and cannot be downloaded.
        UserError: They are not the published ones.
    """
    import lpips

    weights = load_weights(_BACKBONES[backbone], folder=folder, allow_unpinned=allow_unpinned)
    # pnet_rand only keeps the package from loading the backbone by itself; it is filled below.
    # The linear heads come with the package.
    network = lpips.LPIPS(net=backbone, version="0.1", pnet_rand=True, verbose=False)
    layers = {f"features.{i}": layer for part in _slices(network.net) for i, layer in part}
    for name, layer in layers.items():
        layer.load_state_dict({key: weights.state[f"{name}.{key}"] for key in layer.state_dict()})
    return network.requires_grad_(False), weights


def _slices(backbone: Any) -> list[list[tuple[str, nn.Module]]]:
    # Each slice names its layers by their index in torchvision's `features`.
    return [
        list(getattr(backbone, f"slice{i}").named_children())
        for i in range(1, 8)
        if hasattr(backbone, f"slice{i}")
    ]


def fid_inception(
    folder: Path | None, *, allow_unpinned: bool = False
) -> tuple[nn.Module, Weights]:
    """pytorch-fid's Inception on its published weights: (N, 3, H, W) in [0, 1] => [(N, 2048)].

    Raises:
        MissingWeights: They are not on this machine and cannot be downloaded.
        UserError: They are not the published ones.
    """
    from pytorch_fid import inception

    weights = load_weights(INCEPTION, folder=folder, allow_unpinned=allow_unpinned)
    # The package downloads inside its constructor and takes no file, so it is handed the checked
    # weights where it would download.
    download = inception.load_state_dict_from_url
    inception.load_state_dict_from_url = lambda *_, **__: weights.state
    try:
        network = inception.InceptionV3([inception.InceptionV3.BLOCK_INDEX_BY_DIM[2048]])
    finally:
        inception.load_state_dict_from_url = download
    return network.eval(), weights


def jamo_reader(device: str) -> Reader:
    """The shipped reader, which several metrics may share.

    Raises:
        UserError: Its weights are absent or broken.
    """
    from hangeul_bench.reader.reader import JamoReader

    return JamoReader.load(device=device)
