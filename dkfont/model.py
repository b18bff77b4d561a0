"""DK-Font: Diff-Font plus phonetic text, joined attributes and a perceptual loss.

1. A text encoder reads the jamo of a syllable (:class:`TextEncoder`).
2. Its vector joins Diff-Font's attributes, mixed by one linear layer (:class:`JamoAttributes`).
3. A perceptual loss compares the one-step estimate with the truth
   (:mod:`baselines.perceptual.loss`).

Beside them, the noise schedule is the cosine one, and character and style are dropped apart.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from baselines.diff_font.model import CharacterAttributes
from baselines.diffusion.model import GlyphDiffusion, Inputs, ModelConfig
from baselines.diffusion.unet import CONDITION_SIZE
from baselines.perceptual.loss import PerceptualLoss
from hangeul_bench.hangeul import decompose

TEXT_SIZE = 256
_INITIALS, _MEDIALS, _FINALS = 19, 21, 28  # with "no final"
NULL_TOKEN = _INITIALS + _MEDIALS + _FINALS  # stands in all three places of a dropped text
PERCEPTUAL_WEIGHT = 0.01  # lambda; the paper names none, FontDiffuser's precedent has 0.01


def jamo_tokens(characters: Sequence[str]) -> Tensor:
    """Syllables -> (N, 3) int64 tokens of their phonetic text: initial, medial, final or none.

    A jamo has one token for each place it can stand in, so no two syllables share their tokens.
    """
    parts = [decompose(character) for character in characters]
    tokens = [(p.initial, _INITIALS + p.medial, _INITIALS + _MEDIALS + p.final) for p in parts]
    return torch.tensor(tokens, dtype=torch.int64).view(-1, 3)


class TextEncoder(nn.Module):
    """A Transformer of two layers over the three jamo; the mean of its outputs is the vector.

    The paper says only that the encoder makes a dense vector of the phonetic text.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(NULL_TOKEN + 1, TEXT_SIZE)
        layer = nn.TransformerEncoderLayer(
            TEXT_SIZE,
            nhead=4,
            dim_feedforward=4 * TEXT_SIZE,
            dropout=0.0,
            batch_first=True,
            norm_first=True,
            activation="gelu",
        )
        self.layers = nn.TransformerEncoder(layer, num_layers=2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(TEXT_SIZE)

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, 3) int64 tokens -> (N, 256)."""
        embedded = self.tokens(tokens)  # (N, 3, 256)
        vectors: Tensor = self.norm(self.layers(embedded).mean(1))  # (N, 256)
        return vectors


class JamoAttributes(CharacterAttributes):
    """z = Linear([content 128 | component 128 | style 256 | text 256]) -> 512."""

    null_values = {**CharacterAttributes.null_values, "text": NULL_TOKEN}

    def __init__(self, characters: Sequence[str], *, text: bool = True) -> None:
        """Build it; an ablation has no ``text``."""
        super().__init__(characters)
        self.text_encoder = TextEncoder() if text else None
        if text:
            self.character_names = (*super().character_names, "text")
        self.join = nn.Linear(CONDITION_SIZE + (TEXT_SIZE if text else 0), CONDITION_SIZE)

    def character_inputs(self, characters: Sequence[str]) -> Inputs:
        """Diff-Font's inputs and ``text``, (N, 3) tokens of the jamo."""
        inputs = super().character_inputs(characters)
        return {**inputs, "text": jamo_tokens(characters)} if self.text_encoder else inputs

    def parts(self, inputs: Inputs) -> list[Tensor]:
        """Diff-Font's vectors and the text's."""
        vectors = super().parts(inputs)
        if self.text_encoder is not None:
            vectors.append(self.text_encoder(inputs["text"]))  # (N, 256)
        return vectors

    def forward(self, inputs: Inputs) -> Tensor:
        """(N, 512) condition vectors z."""
        z: Tensor = self.join(super().forward(inputs))
        return z


class DKFont(GlyphDiffusion):
    """Diff-Font with phonetic text, joined attributes and a perceptual loss."""

    name = "dkfont"
    ablations = ("text",)

    def __init__(self, config: ModelConfig, *, perceptual: PerceptualLoss | None = None) -> None:
        """Build the model.

        Args:
            config: See :class:`ModelConfig`; ``without`` may name ``text``.
            perceptual: The loss on features while training; None has none. It is no part of the
                model's parameters or state.
        """
        text = "text" not in config.without
        super().__init__(config, JamoAttributes(config.characters, text=text))
        self._perceptual = [perceptual] if perceptual else []  # a list keeps it out of the state

    def drop_for_training(self, inputs: Inputs, stage: int, generator: torch.Generator) -> Inputs:
        """Drop the character with p = 0.1, the style with p = 0.1, the content row with p = 0.3.

        The row alone is dropped so that characters without a row are drawn from their text.
        """
        inputs = self.dropped(inputs, self.attributes.character_names, 0.1, generator)
        inputs = self.dropped(inputs, ("style",), 0.1, generator)
        return self.dropped(inputs, ("content",), 0.3, generator)

    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """Character and style are dropped apart in training, so each can be guided."""
        return {"character": self.attributes.character_names, "style": ("style",)}

    def extra_loss(self, output: Tensor, x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor | None:
        """Lambda times the perceptual loss of the one-step estimate of x_0."""
        if not self._perceptual:
            return None
        perceptual = self._perceptual[0]
        drawn, truth = (self.images(x) for x in (self.one_step(output, x_t, t), x_0))
        weight = None
        if perceptual.weighting == "alpha_bar":
            weight = self.schedule(x_t.device).alpha_bar[t]
        return PERCEPTUAL_WEIGHT * perceptual(drawn, truth, weight)

    def training_facts(self) -> dict[str, Any]:
        """Which network the perceptual loss looked through."""
        return {"perceptual": self._perceptual[0].facts if self._perceptual else None}
