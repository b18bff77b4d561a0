"""The perceptual loss: distance between features of the one-step estimate and of the truth."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from baselines.training.checkpoint import read_weights
from baselines.training.recipe import PerceptualOptions, Weighting
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256
from hangeul_bench.base.torchvision import ensure_torchvision
from hangeul_bench.base.weights import VGG19
from hangeul_bench.base.weights import load_weights as load_imagenet_weights

# relu1_2, relu2_2, relu3_4 and relu4_4 of torchvision's vgg19. The paper names no layers.
_VGG_LAYERS = (3, 8, 17, 26)
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as torchvision's weights
WEIGHTS = Path(__file__).parent / "weights" / "glyph-network.safetensors"
# Channels and stride of the 3 x 3 convolutions, and which of them the loss compares.
GLYPH_LAYERS = ((24, 2), (48, 2), (96, 2), (96, 1), (128, 2))
_COMPARED = (0, 1, 3, 4)


class PerceptualLoss:
    """Mean squared difference of feature maps, averaged over layers."""

    def __init__(
        self,
        features: nn.Module,
        *,
        facts: dict[str, Any],
        weighting: Weighting = "none",
    ) -> None:
        """Set up.

        Args:
            features: Network from (N, 1, 128, 128) in [-1, 1] to a list of (N, C, h, w).
            facts: Which network that is and its hash, for the checkpoint.
            weighting: ``none`` as the paper, ``alpha_bar`` to trust estimates by their noise.
        """
        self.features, self.weighting = features, weighting
        self.facts = {**facts, "weighting": weighting}

    def to(self, device: torch.device | str) -> None:
        """Run there from now on."""
        self.features.to(device)

    def __call__(self, estimate: Tensor, truth: Tensor, weight: Tensor | None = None) -> Tensor:
        """The loss.

        Args:
            estimate: (N, 1, 128, 128) in [-1, 1]; the gradient flows here.
            truth: (N, 1, 128, 128) in [-1, 1].
            weight: (N,) of each glyph, or None for 1.
        """
        with torch.no_grad():
            wanted = self.features(truth)
        found = self.features(estimate)
        layers = [
            (a.float() - b.float()).square().mean((1, 2, 3)) / (b.float().square().mean() + 1e-6)
            for a, b in zip(found, wanted, strict=True)
        ]
        distance = torch.stack(layers).mean(0)  # (N,)
        return (distance if weight is None else distance * weight).mean()


def make_perceptual(
    options: PerceptualOptions,
    *,
    weights: Path | None = None,
    device: torch.device | str = "cpu",
) -> PerceptualLoss | None:
    """The perceptual loss of a training run; None for none.

    Args:
        options: Which network, and how estimates count.
        weights: Folder that holds VGG-19's weights, or file of a glyph network.
        device: Where it shall run.

    Raises:
        UserError: The weights are unusable.
    """
    loads: dict[str, Callable[[Path | None], tuple[nn.Module, str]]] = {
        "vgg19": vgg19_features,
        "glyph": load_glyph_network,
    }
    if options.perceptual == "none":
        return None
    features, sha256 = loads[options.perceptual](weights)
    facts = {"network": options.perceptual, "sha256": sha256}
    return PerceptualLoss(features.to(device), facts=facts, weighting=options.perceptual_weighting)


class VGG19Features(nn.Module):
    """The four feature maps of VGG-19 for grey images in [-1, 1]."""

    def __init__(self) -> None:
        super().__init__()
        ensure_torchvision()
        from torchvision.models import vgg19

        self.mean: Tensor
        self.std: Tensor
        self.features = vgg19(weights=None).features[: _VGG_LAYERS[-1] + 1]
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> list[Tensor]:
        """(N, 1, H, W) in [-1, 1] -> features after relu1_2, relu2_2, relu3_4, relu4_4."""
        x = ((images + 1) / 2 - self.mean) / self.std  # (N, 3, H, W)
        maps = []
        for index, layer in enumerate(self.features):
            # In-place ReLUs would change the map before them that a later gradient needs.
            x = torch.relu(x) if isinstance(layer, nn.ReLU) else layer(x)
            if index in _VGG_LAYERS:
                maps.append(x)
        return maps


def vgg19_features(folder: Path | None = None) -> tuple[VGG19Features, str]:
    """VGG-19 with ImageNet weights, frozen, and the SHA-256 of their file.

    Raises:
        UserError: The weights are neither in ``folder``, nor in the hub's cache, nor downloadable.
    """
    weights = load_imagenet_weights(VGG19, folder=folder)
    network = VGG19Features()
    own = network.state_dict().keys()
    network.load_state_dict({name: weights.state[name] for name in own})
    return network.eval().requires_grad_(False), weights.sha256


class GlyphNetwork(nn.Module):
    """(N, 1, 128, 128) in [-1, 1] -> feature maps at 64, 32, 16 and 8 pixels.

    For trainings without VGG-19's weights; :mod:`baselines.perceptual.glyph_network` trains it.
    """

    def __init__(self) -> None:
        super().__init__()
        layers, channels = [], 1
        for width, stride in GLYPH_LAYERS:
            layers.append(nn.Conv2d(channels, width, 3, stride, padding=1))
            channels = width
        self.layers = nn.ModuleList(layers)

    def forward(self, images: Tensor) -> list[Tensor]:
        """The compared feature maps, after their ReLU."""
        maps = []
        for index, layer in enumerate(self.layers):
            images = functional.relu(layer(images))
            if index in _COMPARED:
                maps.append(images)
        return maps


def load_glyph_network(path: Path | None = None) -> tuple[GlyphNetwork, str]:
    """The network in eval mode without gradients of its own, and the SHA-256 of its file.

    Raises:
        UserError: The file is absent, damaged, or of another network.
    """
    path = path or WEIGHTS
    if not path.is_file():
        raise UserError(
            f"Expected a glyph network at {path}; train it with "
            "python -m baselines.perceptual.glyph_network."
        )
    network = GlyphNetwork()
    try:
        network.load_state_dict(read_weights(path))
    except RuntimeError as error:
        raise UserError(f"{path} does not hold the weights of a glyph network.") from error
    return network.eval().requires_grad_(False), file_sha256(path)
