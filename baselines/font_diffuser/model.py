"""FontDiffuser: a content page and one reference page decide what the U-Net draws."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from baselines.diffusion.carrier import CARRIERS
from baselines.diffusion.conditions import Inputs
from baselines.diffusion.model import DiffusionModel, ModelConfig
from baselines.diffusion.perceptual import PerceptualLoss
from baselines.font_diffuser.contrast import StyleContrast
from baselines.font_diffuser.encoders import ContentEncoder, StyleEncoder, to_pages
from baselines.font_diffuser.sizes import SIZES
from baselines.font_diffuser.unet import Conditions, FontDiffuserUNet

# The paper's weights beside the squared error: content perceptual, offset, style contrastive.
PERCEPTUAL_WEIGHT, OFFSET_WEIGHT, CONTRAST_WEIGHT = 0.01, 0.5, 0.01
_DROP = 0.1  # both pages at once, as the paper; white paper stands for none
_WHITE = 255
CONDITIONS = ("content", "reference")
CONTRASTED = ("positive", "negatives")  # of a batch of phase 2; the network never sees them


class FontDiffuser(DiffusionModel):
    """The paper's model.

    Inputs is a dictionary of uint8 pages, 0 = ink: ``content`` (N, 128, 128), the asked syllable
    in the content font, and ``reference`` (N, 128, 128), a glyph of the font; in phase 2 also
    ``positive`` (N, 128, 128) and ``negatives`` (N, K, 128, 128).
    """

    name = "font-diffuser"
    config_type = ModelConfig
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
        self.carrier = CARRIERS[config.carrier]
        size = SIZES[config.preset]
        self.content_encoder = ContentEncoder(size.stem, size.encoder)
        self.style_encoder = StyleEncoder(size.stem, size.style)
        self.unet = FontDiffuserUNet(size, dropout=config.dropout, pixels=self.carrier.size)
        self._perceptual = [perceptual] if perceptual else []  # a list keeps it out of the state
        self._contrast = [contrast] if contrast else []
        self._offset_weight = offset_weight
        self._offsets: Tensor | None = None  # mean magnitude in the last run of the network
        self._contrasted: Inputs = {}  # of the step in hand

    def read(self, inputs: Inputs) -> Conditions:
        """What both encoders see on N pages."""
        content, reference = (to_pages(inputs[name]) for name in CONDITIONS)
        # The paper's structure maps are the content encoder's view of the reference.
        both = self.content_encoder(torch.cat([content, reference]))
        maps = [level.chunk(2) for level in both]
        return Conditions(
            [own for own, _ in maps], [other for _, other in maps], self.style_encoder(reference)
        )

    def denoise(self, x_t: Tensor, t: Tensor, given: Conditions) -> Tensor:
        """Predict x_0, v or epsilon from (N, 1, S, S) noisy glyphs, (N,) steps and maps."""
        prediction: Tensor
        prediction, self._offsets = self.unet(x_t, t, given)
        return prediction

    def drop(self, inputs: Inputs, names: Iterable[str]) -> Inputs:
        """The inputs with the named pages made white."""
        return {**inputs, **{name: torch.full_like(inputs[name], _WHITE) for name in names}}

    def drop_for_training(self, inputs: Inputs, stage: int, generator: torch.Generator) -> Inputs:
        """Make both pages white with p = 0.1, and keep aside what only phase 2's loss needs."""
        del stage
        self._contrasted = {name: inputs[name] for name in CONTRASTED if name in inputs}
        pages = {name: inputs[name] for name in CONDITIONS}
        dropped = torch.rand(len(pages["content"]), generator=generator) < _DROP
        mask = dropped.view(-1, 1, 1).to(pages["content"].device)
        return {name: page.masked_fill(mask, _WHITE) for name, page in pages.items()}

    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """Both pages are dropped together in training, so they guide together."""
        return {"character": CONDITIONS}

    def extra_loss(self, output: Tensor, x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor:
        """The paper's weighted sum of offset, perceptual and, in phase 2, contrastive losses."""
        assert self._offsets is not None
        loss = self._offset_weight * self._offsets
        if not self._perceptual and not self._contrast:
            return loss
        schedule = self.schedule(x_t.device)
        estimate = schedule.x_0(self.config.prediction, output, x_t, t).clamp(-1, 1)
        drawn, truth = self.carrier.paper(estimate), self.carrier.paper(x_0)
        if self._perceptual:
            pages = (drawn / 127.5 - 1, truth / 127.5 - 1)
            loss = loss + PERCEPTUAL_WEIGHT * self._perceptual[0](*pages)
        if self._contrast:
            positive, negatives = (self._contrasted[name] for name in CONTRASTED)
            style = self._contrast[0](drawn[:, 0], positive, negatives)
            loss = loss + CONTRAST_WEIGHT * style
        return loss

    def training_facts(self) -> dict[str, Any]:
        """Phase, and which network the perceptual loss looked through."""
        seen = self._perceptual[0].facts if self._perceptual else None
        return {"perceptual": seen, "phase": 2 if self._contrast else 1}
