"""FontDiffuser: a content image and reference images decide what the U-Net draws."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from baselines.diffusion.model import DiffusionModel, Inputs, ModelConfig
from baselines.font_diffuser.encoders import ContentEncoder, StyleEncoder
from baselines.font_diffuser.unet import SIZES, Conditions, FontDiffuserUNet
from baselines.glyphs.representation import REPRESENTATIONS, from_uint8
from baselines.perceptual.loss import PerceptualLoss
from baselines.style_encoder.encoder import StyleEncoder as FrozenEncoder
from baselines.style_encoder.encoder import prepare

# The paper's weights beside the squared error: content perceptual, offset, style contrastive.
PERCEPTUAL_WEIGHT, OFFSET_WEIGHT, CONTRAST_WEIGHT = 0.01, 0.5, 0.01
_DROP = 0.1  # both images at once, as the paper; white paper stands for none
_WHITE = 255
CONDITIONS = ("content", "reference")
CONTRASTED = ("positive", "negatives")  # of a batch of phase 2; the network never sees them
TEMPERATURE = 0.07  # the paper's tau
# ReLUs of the encoder's `features`, from fine to coarse. Of 64 training glyphs, 69, 72, 75 and 78 %
# are nearest to their own crop among 16 of other fonts, some of which are almost the same.
_LAYERS = (6, 16, 20, 27)
_LEAST_SPREAD = 1e-3  # of the mean number; a channel in which no key differs says nothing


class StyleContrast:
    """The style-contrastive loss (InfoNCE), the mean over the extractor's layers."""

    def __init__(self, extractor: FrozenEncoder) -> None:
        """Set up.

        Args:
            extractor: Frozen; the paper trains one of its own on a contrast of styles.
        """
        self.extractor = extractor

    def vectors(self, images: Tensor) -> list[Tensor]:
        """Mean and maximum of each layer's channels, as the paper pools them.

        Args:
            images: (N, 128, 128) brightness in [0, 255]; the gradient flows through float ones.

        Returns:
            An (N, 2 C) tensor a layer.
        """
        x = prepare(images)  # (N, 3, 48, 48)
        found = []
        for number, layer in enumerate(self.extractor.features.children()):
            x = layer(x)
            if number in _LAYERS:
                found.append(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))
        return found

    def __call__(self, drawn: Tensor, positive: Tensor, negatives: Tensor) -> Tensor:
        """The loss, lower where a glyph's style is that of its positive.

        Args:
            drawn: (N, 128, 128) brightness in [0, 255]; the gradient flows here.
            positive: (N, 128, 128) uint8, the same syllable in the same font.
            negatives: (N, K, 128, 128) uint8, the same syllable in other fonts.
        """
        n, count = negatives.shape[:2]
        with torch.no_grad():
            others = torch.cat([positive.unsqueeze(1), negatives], 1).flatten(0, 1)
            keys = [v.view(n, 1 + count, -1) for v in self.vectors(others)]
        layers = [
            contrast(query, key) for query, key in zip(self.vectors(drawn), keys, strict=True)
        ]
        return torch.stack(layers).mean()


def contrast(query: Tensor, keys: Tensor) -> Tensor:
    """InfoNCE of (N, D) vectors against (N, 1 + K, D), of which the first is right.

    Vectors are measured from the mean of their keys, in units of their spread: the extractor's
    numbers are all positive, so that any two of its vectors point almost the same way.
    """
    middle = keys.mean(1, keepdim=True)
    spread = keys.std(1, keepdim=True) + _LEAST_SPREAD * keys.abs().mean()
    unit = functional.normalize((query.unsqueeze(1) - middle) / spread, dim=2)  # (N, 1, D)
    others = functional.normalize((keys - middle) / spread, dim=2)
    logits = (unit * others).sum(2) / TEMPERATURE  # (N, 1 + K)
    right = torch.zeros(len(logits), dtype=torch.int64, device=logits.device)
    return functional.cross_entropy(logits, right)


class FontDiffuser(DiffusionModel):
    """The paper's model.

    Inputs is a dictionary of uint8 images, 0 = ink: ``content`` (N, 128, 128), the asked syllable
    in the content font, and ``reference`` (N, K, 128, 128), glyphs of the font; in phase 2 also
    ``positive`` (N, 128, 128) and ``negatives`` (N, M, 128, 128). The paper has K = 1; of more,
    all style tokens are asked at once, and the skips' offsets are the mean.
    """

    name = "font-diffuser"
    config_type = ModelConfig
    presets = SIZES
    config: ModelConfig

    def __init__(
        self,
        config: ModelConfig,
        *,
        perceptual: PerceptualLoss | None = None,
        contrast: StyleContrast | None = None,
        offset_weight: float = OFFSET_WEIGHT,
    ) -> None:
        """Build the model.

        Args:
            config: See :class:`ModelConfig`; there is no table of characters.
            perceptual: The loss on features while training; None has none. Neither it nor
                ``contrast`` is a part of the model's parameters or state.
            contrast: The loss of phase 2; None trains phase 1.
            offset_weight: Of the offsets' mean magnitude in cells of their maps.
        """
        super().__init__(config)
        self.representation = REPRESENTATIONS[config.representation]
        size = SIZES[config.preset]
        self.content_encoder = ContentEncoder(size.stem, size.encoder)
        self.style_encoder = StyleEncoder(size.stem, size.style)
        self.unet = FontDiffuserUNet(size, dropout=config.dropout, pixels=self.representation.size)
        self._perceptual = [perceptual] if perceptual else []  # a list keeps it out of the state
        self._contrast = [contrast] if contrast else []
        self._offset_weight = offset_weight
        self._offsets: Tensor | None = None  # mean magnitude in the last run of the network
        self._contrasted: Inputs = {}  # of the step in hand

    def read(self, inputs: Inputs) -> Conditions:
        """What both encoders see on N images; references that follow each other are read once."""
        asked, shown = (inputs[name] for name in CONDITIONS)
        n, k = shown.shape[:2]
        new = torch.ones(n, dtype=torch.bool, device=shown.device)
        new[1:] = (shown[1:] != shown[:-1]).flatten(1).any(1)
        row = new.cumsum(0) - 1  # (N,) among those that are read
        content, reference = (from_uint8(x.unsqueeze(1)) for x in (asked, shown[new].flatten(0, 1)))
        # The paper's structure maps are the content encoder's view of the reference.
        both = self.content_encoder(torch.cat([content, reference]))
        structure = [level[n:].unflatten(0, (-1, k))[row] for level in both]
        style = self.style_encoder(reference).unflatten(0, (-1, k)).flatten(1, 2)[row]
        return Conditions([level[:n] for level in both], structure, style)

    def denoise(self, x_t: Tensor, t: Tensor, given: Conditions) -> Tensor:
        """Predict x_0, v or epsilon from (N, 1, S, S) noisy glyphs, (N,) steps and maps."""
        prediction: Tensor
        prediction, self._offsets = self.unet(x_t, t, given)
        return prediction

    def drop(self, inputs: Inputs, names: Iterable[str]) -> Inputs:
        """The inputs with the named images made white."""
        return {**inputs, **{name: torch.full_like(inputs[name], _WHITE) for name in names}}

    def drop_for_training(self, inputs: Inputs, stage: int, generator: torch.Generator) -> Inputs:
        """Make both images white with p = 0.1, and keep aside what only phase 2's loss needs."""
        del stage
        self._contrasted = {name: inputs[name] for name in CONTRASTED if name in inputs}
        images = {name: inputs[name] for name in CONDITIONS}
        dropped = torch.rand(len(images["content"]), generator=generator) < _DROP
        mask = dropped.to(images["content"].device)
        return {
            name: image.masked_fill(mask.view(-1, *[1] * (image.dim() - 1)), _WHITE)
            for name, image in images.items()
        }

    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """Both images are dropped together in training, so they guide together."""
        return {"character": CONDITIONS}

    def extra_loss(self, output: Tensor, x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor:
        """The paper's weighted sum of offset, perceptual and, in phase 2, contrastive losses."""
        assert self._offsets is not None
        loss = self._offset_weight * self._offsets
        if not self._perceptual and not self._contrast:
            return loss
        estimate = self.one_step(output, x_t, t)
        if self._perceptual:
            perceptual = self._perceptual[0](self.images(estimate), self.images(x_0))
            loss = loss + PERCEPTUAL_WEIGHT * perceptual
        if self._contrast:
            positive, negatives = (self._contrasted[name] for name in CONTRASTED)
            drawn = self.representation.brightness(estimate)[:, 0]
            style = self._contrast[0](drawn, positive, negatives)
            loss = loss + CONTRAST_WEIGHT * style
        return loss

    def training_facts(self) -> dict[str, Any]:
        """Phase, and which network the perceptual loss looked through."""
        seen = self._perceptual[0].facts if self._perceptual else None
        return {"perceptual": seen, "phase": 2 if self._contrast else 1}
