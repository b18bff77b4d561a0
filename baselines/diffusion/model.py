"""What a diffusion model is to loop and sampler, and what DK-Font and Diff-Font share of theirs."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor, nn

from baselines.diffusion.carrier import CARRIERS, Carrier
from baselines.diffusion.conditions import CharacterAttributes, CharacterTable, Inputs
from baselines.diffusion.presets import PRESETS
from baselines.diffusion.schedule import NoiseSchedule, Prediction, ScheduleName
from baselines.diffusion.unet import GlyphUNet


class Config(Protocol):
    """All that is needed to build a model again, beside its weights."""

    @property
    def characters(self) -> tuple[str, ...]:
        """The characters that it was trained to draw."""

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON values; ``characters`` as code points."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Config":
        """The inverse of :meth:`to_json`."""


class DiffusionConfig(Config, Protocol):
    """What loop and sampler read of a diffusion model's configuration."""

    @property
    def prediction(self) -> Prediction:
        """What the network outputs: x_0 (``sample``), v or epsilon."""

    @property
    def schedule(self) -> ScheduleName:
        """The noise schedule."""


class TrainedModel(nn.Module):
    """What can be written to a weights' file and built from it again.

    Attributes:
        name: Of the registered model.
        config_type: Class of its ``config``.
    """

    name: ClassVar[str]
    config_type: ClassVar[type[Config]]
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config

    def training_facts(self) -> dict[str, Any]:
        """What the checkpoint should say of a training beside the shared facts."""
        return {}


class DiffusionModel(TrainedModel, ABC):
    """What the training loop and the sampler ask of a model.

    Attributes:
        carrier: What it paints on.
    """

    config: DiffusionConfig
    carrier: Carrier

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__(config)
        self._schedules: dict[torch.device, NoiseSchedule] = {}

    def schedule(self, device: torch.device) -> NoiseSchedule:
        """The noise schedule with its table on ``device``."""
        if device not in self._schedules:
            self._schedules[device] = NoiseSchedule(
                self.config.schedule, device, signal=self.carrier.signal
            )
        return self._schedules[device]

    def forward(self, x_t: Tensor, t: Tensor, inputs: Inputs) -> Tensor:
        """Predict x_0, v or epsilon from (N, 1, S, S) noisy glyphs, (N,) steps and inputs."""
        return self.denoise(x_t, t, self.read(inputs))

    @abstractmethod
    def read(self, inputs: Inputs) -> Any:
        """What :meth:`denoise` needs of the inputs; a sampler reads them once for all steps."""

    @abstractmethod
    def denoise(self, x_t: Tensor, t: Tensor, given: Any) -> Tensor:
        """Predict x_0, v or epsilon from noisy glyphs, (N,) steps and what was read."""

    @abstractmethod
    def drop(self, inputs: Inputs, names: Iterable[str]) -> Inputs:
        """The inputs with the named conditions taken away from every glyph."""

    @abstractmethod
    def drop_for_training(self, inputs: Inputs, stage: int, generator: torch.Generator) -> Inputs:
        """The inputs with conditions taken away at random, as guidance needs it."""

    @abstractmethod
    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """What is taken away in the branch that each guidance scale compares with."""

    def extra_loss(self, output: Tensor, x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor | None:
        """A loss beside the mean squared error; None for none."""
        del output, x_t, t, x_0
        return None


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
        carrier: Name of an entry of ``CARRIERS``: what it paints on. The paper's is ``pixels``.
        characters: The content table's characters, one row each beside the null row.
        without: Names of conditions that an ablation leaves out.
    """

    preset: str
    prediction: Prediction = "sample"
    schedule: ScheduleName = "linear"
    dropout: float = 0.0
    carrier: str = "pixels"
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
        data = {"carrier": "pixels", **data}  # weights of before there was a choice
        known = {name: data[name] for name in cls.__dataclass_fields__}
        characters = tuple(chr(codepoint) for codepoint in known.pop("characters"))
        return replace(cls(**known), characters=characters, without=tuple(known["without"]))


class GlyphDiffusion(DiffusionModel):
    """A U-Net that denoises a glyph under one vector of character and style.

    Diff-Font and DK-Font each say what that vector is made of and how conditions are dropped.
    """

    config_type = ModelConfig
    config: ModelConfig

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config)
        self.carrier = CARRIERS[config.carrier]
        preset = PRESETS[config.preset]
        self.attributes = self.make_attributes(CharacterTable(config.characters))
        self.unet = GlyphUNet(preset, dropout=config.dropout, size=self.carrier.size)

    def make_attributes(self, table: CharacterTable) -> CharacterAttributes:
        """The module that turns inputs into z."""
        return CharacterAttributes(table)

    def read(self, inputs: Inputs) -> Tensor:
        """(N, 512) condition vectors z."""
        z: Tensor = self.attributes(inputs)
        return z

    def denoise(self, x_t: Tensor, t: Tensor, given: Tensor) -> Tensor:
        """Predict x_0, v or epsilon from (N, 1, S, S) noisy glyphs, (N,) steps and z."""
        prediction: Tensor = self.unet(x_t, t, given)
        return prediction

    def drop(self, inputs: Inputs, names: Iterable[str]) -> Inputs:
        """The inputs with the named conditions taken away from every glyph."""
        for name in names:
            inputs = self.attributes.drop(inputs, name, torch.ones_like(inputs["style_known"]))
        return inputs

    def character_inputs(self, characters: Sequence[str], phonetics: Sequence[str]) -> Inputs:
        """The inputs of N characters that do not depend on style, on the CPU."""
        return self.attributes.character_inputs(characters, phonetics)

    @staticmethod
    def draw(inputs: Inputs, p: float, generator: torch.Generator) -> Tensor:
        """(N,) bool, each true with probability ``p``."""
        known = inputs["style_known"]
        return (torch.rand(known.shape, generator=generator) < p).to(known.device)
