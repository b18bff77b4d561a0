"""Diff-Font: character attributes and a U-Net that denoises a glyph under them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from baselines.diff_font.attributes import CharacterAttributes, CharacterTable, Inputs
from baselines.diff_font.presets import PRESETS
from baselines.diff_font.schedule import NoiseSchedule, Prediction, ScheduleName
from baselines.diff_font.unet import GlyphUNet


@dataclass(frozen=True)
class ModelConfig:
    """All that is needed to build a model again, beside its weights.

    Attributes:
        preset: Name of an entry of ``PRESETS``.
        prediction: What the U-Net outputs: x_0 (``sample``), v, or epsilon as Diff-Font and the
            paper. Patches of 8 x 8 pixels hold more noise than 64 channels can pass on, and a
            network that has to output noise leaves it on the page.
        schedule: Diff-Font trains with the linear one, DK-Font with the cosine one.
        dropout: Of the residual blocks; Diff-Font 0, DK-Font 0.1.
        characters: The content table's characters, one row each beside the null row.
        without: Names of conditions that an ablation leaves out.
    """

    preset: str
    prediction: Prediction = "sample"
    schedule: ScheduleName = "linear"
    dropout: float = 0.0
    characters: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON values; ``characters`` as code points."""
        data = asdict(self)
        data["characters"] = [ord(character) for character in self.characters]
        return {**data, "without": list(self.without)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ModelConfig":
        """The inverse of :meth:`to_json`."""
        known = {name: data[name] for name in cls.__dataclass_fields__}
        characters = tuple(chr(codepoint) for codepoint in known.pop("characters"))
        return replace(cls(**known), characters=characters, without=tuple(known["without"]))


class DiffFont(nn.Module):
    """The baseline. DK-Font replaces :meth:`make_attributes` and adds to the loss."""

    name = "diff-font"

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        preset = PRESETS[config.preset]
        self.attributes = self.make_attributes(CharacterTable(config.characters))
        self.unet = GlyphUNet(preset, dropout=config.dropout)
        self._schedules: dict[torch.device, NoiseSchedule] = {}

    def make_attributes(self, table: CharacterTable) -> CharacterAttributes:
        """The module that turns inputs into z."""
        return CharacterAttributes(table)

    def schedule(self, device: torch.device) -> NoiseSchedule:
        """The noise schedule with its table on ``device``."""
        if device not in self._schedules:
            self._schedules[device] = NoiseSchedule(self.config.schedule, device)
        return self._schedules[device]

    def forward(self, x_t: Tensor, t: Tensor, inputs: Inputs) -> Tensor:
        """Predict x_0, v or epsilon from (N, 1, 128, 128) noisy glyphs, (N,) steps and inputs."""
        prediction: Tensor = self.unet(x_t, t, self.attributes(inputs))
        return prediction

    def drop(self, inputs: Inputs, names: Iterable[str]) -> Inputs:
        """The inputs with the named conditions taken away from every glyph."""
        for name in names:
            inputs = self.attributes.drop(inputs, name, torch.ones_like(inputs["style_known"]))
        return inputs

    def drop_for_training(self, inputs: Inputs, stage: int, generator: torch.Generator) -> Inputs:
        """Drop conditions as Diff-Font does: nothing in stage 1.

        In stage 2 content and components are each dropped with p = 0.3, and style where both are.
        """
        if stage == 1:
            return inputs
        content = self.draw(inputs, 0.3, generator)
        components = self.draw(inputs, 0.3, generator)
        inputs = self.attributes.drop(inputs, "content", content)
        inputs = self.attributes.drop(inputs, "components", components)
        return self.attributes.drop(inputs, "style", content & components)

    @staticmethod
    def draw(inputs: Inputs, p: float, generator: torch.Generator) -> Tensor:
        """(N,) bool, each true with probability ``p``."""
        known = inputs["style_known"]
        return (torch.rand(known.shape, generator=generator) < p).to(known.device)

    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """What is taken away in the branch that each guidance scale compares with.

        Diff-Font never drops the character alone, so its one branch drops everything.
        """
        return {"character": (*self.attributes.condition_names, "style")}

    def extra_loss(self, output: Tensor, x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor | None:
        """A loss beside the mean squared error; Diff-Font has none."""
        return None

    def training_facts(self) -> dict[str, Any]:
        """What the checkpoint should say of a training beside the shared facts."""
        return {}

    def character_inputs(self, characters: Sequence[str], phonetics: Sequence[str]) -> Inputs:
        """The inputs of N characters that do not depend on style, on the CPU."""
        return self.attributes.character_inputs(characters, phonetics)
