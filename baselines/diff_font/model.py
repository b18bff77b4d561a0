"""Diff-Font: how the baseline drops conditions in training, and what it compares with."""

import torch

from baselines.diffusion.conditions import Inputs
from baselines.diffusion.model import GlyphDiffusion

_DROP = 0.3


class DiffFont(GlyphDiffusion):
    """The baseline; trained with the linear schedule."""

    name = "diff-font"

    def drop_for_training(self, inputs: Inputs, stage: int, generator: torch.Generator) -> Inputs:
        """Drop conditions as Diff-Font does: nothing in stage 1.

        In stage 2 content and components are each dropped with p = 0.3, and style where both are.
        """
        if stage == 1:
            return inputs
        content = self.draw(inputs, _DROP, generator)
        components = self.draw(inputs, _DROP, generator)
        inputs = self.attributes.drop(inputs, "content", content)
        inputs = self.attributes.drop(inputs, "components", components)
        return self.attributes.drop(inputs, "style", content & components)

    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """Diff-Font never drops the character alone, so its one branch drops everything."""
        return {"character": (*self.attributes.condition_names, "style")}
