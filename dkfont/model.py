"""DK-Font: Diff-Font plus three ideas.

1. A text encoder reads the phonetic line of a syllable (:mod:`dkfont.text_encoder`).
2. Its vector joins Diff-Font's attributes, mixed by one linear layer (:class:`EnhancedAttributes`).
3. A perceptual loss compares the one-step estimate with the truth
   (:mod:`baselines.diffusion.perceptual`).

Beside them, the noise schedule is the cosine one, and character and style are dropped apart.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from baselines.diffusion.conditions import CharacterAttributes, CharacterTable, Inputs
from baselines.diffusion.model import GlyphDiffusion, ModelConfig
from baselines.diffusion.perceptual import PerceptualLoss
from baselines.diffusion.presets import CONDITION_SIZE
from dkfont.text_encoder import NULL_TOKEN, TEXT_SIZE, TextEncoder, tokenize

PERCEPTUAL_WEIGHT = 0.01  # lambda; the paper names none, FontDiffuser's precedent has 0.01
_DROP, _DROP_ROW = 0.1, 0.3


class EnhancedAttributes(CharacterAttributes):
    """z = Linear([content 128 | component 128 | style 256 | text 256]) -> 512."""

    def __init__(self, table: CharacterTable, *, text: bool = True) -> None:
        super().__init__(table)
        self.text_encoder = TextEncoder() if text else None
        width = CONDITION_SIZE + (TEXT_SIZE if text else 0)
        self.join = nn.Linear(width, CONDITION_SIZE)

    def character_inputs(self, characters: Sequence[str], phonetics: Sequence[str]) -> Inputs:
        """Diff-Font's inputs and the tokens of the phonetic lines."""
        inputs = super().character_inputs(characters, phonetics)
        return {**inputs, "text": tokenize(phonetics)} if self.text_encoder else inputs

    def null_value(self, name: str) -> int:
        """Text that is dropped is three null tokens."""
        return NULL_TOKEN if name == "text" else super().null_value(name)

    @property
    def condition_names(self) -> tuple[str, ...]:
        """The conditions that say which character it is."""
        return (*super().condition_names, "text") if self.text_encoder else super().condition_names

    def parts(self, inputs: Inputs) -> list[Tensor]:
        """Diff-Font's vectors and the text's."""
        vectors = super().parts(inputs)
        if self.text_encoder is not None:
            vectors.append(self.text_encoder(inputs["text"]))
        return vectors

    def forward(self, inputs: Inputs) -> Tensor:
        """(N, 512) condition vectors z."""
        z: Tensor = self.join(super().forward(inputs))
        return z


class DKFont(GlyphDiffusion):
    """Diff-Font with a text encoder and a perceptual loss; trained with the cosine schedule."""

    name = "dkfont"

    def __init__(self, config: ModelConfig, *, perceptual: PerceptualLoss | None = None) -> None:
        """Build the model.

        Args:
            config: See :class:`ModelConfig`; ``without`` may name ``text``.
            perceptual: The loss on features while training; None has none. It is no part of the
                model's parameters or state.
        """
        super().__init__(config)
        self._perceptual = [perceptual] if perceptual else []  # a list keeps it out of the state

    def make_attributes(self, table: CharacterTable) -> EnhancedAttributes:
        """The enhanced character attributes encoder."""
        return EnhancedAttributes(table, text="text" not in self.config.without)

    def drop_for_training(self, inputs: Inputs, stage: int, generator: torch.Generator) -> Inputs:
        """Drop the character with p = 0.1, the style with p = 0.1, the content row with p = 0.3.

        The row alone is dropped so that characters without a row are drawn from their text.
        """
        character = self.draw(inputs, _DROP, generator)
        for name in self.attributes.condition_names:
            inputs = self.attributes.drop(inputs, name, character)
        inputs = self.attributes.drop(inputs, "style", self.draw(inputs, _DROP, generator))
        return self.attributes.drop(inputs, "content", self.draw(inputs, _DROP_ROW, generator))

    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """Character and style are dropped apart in training, so each can be guided."""
        return {"character": self.attributes.condition_names, "style": ("style",)}

    def extra_loss(self, output: Tensor, x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor | None:
        """Lambda times the perceptual loss of the one-step estimate of x_0."""
        if not self._perceptual:
            return None
        schedule = self.schedule(x_t.device)
        estimate = schedule.x_0(self.config.prediction, output, x_t, t).clamp(-1, 1)
        pages, truth = (self.carrier.paper(x) / 127.5 - 1 for x in (estimate, x_0))
        perceptual = self._perceptual[0]
        weight = schedule.alpha_bar[t] if perceptual.weighting == "alpha_bar" else None
        return PERCEPTUAL_WEIGHT * perceptual(pages, truth, weight)

    def training_facts(self) -> dict[str, Any]:
        """Which network the perceptual loss looked through."""
        if not self._perceptual:
            return {"perceptual": None}
        return {"perceptual": self._perceptual[0].facts}
