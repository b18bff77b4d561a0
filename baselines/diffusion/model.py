"""What a diffusion model is to trainer and sampler, and a U-Net under any vector of conditions."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Protocol, get_args

import torch
from torch import Tensor

from baselines.diffusion.schedule import NoiseSchedule, Prediction, ScheduleName
from baselines.diffusion.unet import PRESETS, GlyphUNet
from baselines.glyphs.representation import REPRESENTATIONS, Representation, RepresentationName
from baselines.training.checkpoint import CHARACTERS, DROPOUT, NAMES, Config, TrainedModel

STYLE_SIZE = 128  # DG-Font's style vector

Inputs = dict[str, Tensor]


class DiffusionConfig(Config, Protocol):
    """What loop and sampler read of a diffusion model's configuration."""

    @property
    def prediction(self) -> Prediction:
        """What the network outputs: x_0 (``sample``), v or epsilon."""

    @property
    def schedule(self) -> ScheduleName:
        """The noise schedule."""


class DiffusionModel(TrainedModel, ABC):
    """What the training loop and the sampler ask of a model.

    Attributes:
        representation: What x_0 is.
    """

    config: DiffusionConfig
    representation: Representation

    def __init__(self, config: DiffusionConfig) -> None:
        super().__init__(config)
        self._schedules: dict[torch.device, NoiseSchedule] = {}

    def schedule(self, device: torch.device) -> NoiseSchedule:
        """The noise schedule with its table on ``device``."""
        if device not in self._schedules:
            self._schedules[device] = NoiseSchedule(
                self.config.schedule, device, signal=self.representation.signal
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

    def one_step(self, output: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
        """The estimate of x_0 from the network's output, (N, 1, S, S) within [-1, 1]."""
        schedule = self.schedule(x_t.device)
        return schedule.x_0(self.config.prediction, output, x_t, t).clamp(-1, 1)

    def images(self, x_0: Tensor) -> Tensor:
        """x_0 to (N, 1, 128, 128) images in [-1, 1], ink = -1; differentiable."""
        return self.representation.brightness(x_0) / 127.5 - 1


@dataclass(frozen=True)
class ModelConfig:
    """All that is needed to build a model again, beside its weights.

    Attributes:
        preset: Name of an entry of the model's presets.
        prediction: What the U-Net outputs: x_0 (``sample``), v, or epsilon as Diff-Font and the
            paper. Patches of 8 x 8 pixels hold more noise than 64 channels can pass on, and a
            network that has to output noise leaves it in the image.
        schedule: Diff-Font trains with the linear one, DK-Font with the cosine one.
        dropout: Of the residual blocks; Diff-Font 0, DK-Font 0.1.
        representation: What x_0 is: ``pixels``, as the paper's, or ``sdf64``, a signed distance
            field of 64 x 64. Files call it ``carrier``.
        characters: The content table's characters, one row each beside the null row.
        without: Names of conditions that an ablation leaves out.
    """

    schema: ClassVar[Mapping[str, Any]] = {
        "carrier": {"type": "string"},
        "preset": {"type": "string"},
        "prediction": {"enum": [*get_args(Prediction)]},
        "schedule": {"enum": [*get_args(ScheduleName)]},
        "dropout": DROPOUT,
        "characters": CHARACTERS,
        "without": NAMES,
    }

    preset: str
    prediction: Prediction = "sample"
    schedule: ScheduleName = "linear"
    dropout: float = field(default=0.0, metadata={"range": (0, 1)})
    representation: RepresentationName = "pixels"
    characters: tuple[str, ...] = field(default=(), metadata={"fixed": True})
    without: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON values; ``characters`` as code points."""
        data = asdict(self)
        data["carrier"] = data.pop("representation")
        data["characters"] = [ord(character) for character in self.characters]
        return {**data, "without": list(self.without)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ModelConfig":
        """The inverse of :meth:`to_json`."""
        known = {f.name: data[f.name] for f in fields(cls) if f.name != "representation"}
        known["characters"] = tuple(chr(codepoint) for codepoint in known["characters"])
        # Earlier weights named the perceptual loss among them, which is no condition.
        known["without"] = tuple(name for name in known["without"] if name != "perceptual")
        # Weights of before there was a choice say nothing of it.
        return cls(**known, representation=data.get("carrier", "pixels"))


class ConditionEncoder(Protocol):
    """The module that turns conditions into one vector z.

    Attributes:
        character_names: The conditions that say which character it is.
    """

    character_names: tuple[str, ...]

    def __call__(self, inputs: Inputs) -> Tensor:
        """(N, 512) condition vectors z."""

    def character_inputs(self, characters: Sequence[str]) -> Inputs:
        """The inputs of N characters that do not depend on style, on the CPU."""

    def drop(self, inputs: Inputs, name: str, dropped: Tensor) -> Inputs:
        """The same inputs with one condition taken away where ``dropped`` (N,) is true."""


class GlyphDiffusion(DiffusionModel):
    """A U-Net that denoises a glyph under one vector of character and style.

    A model says what that vector is made of, and how conditions are dropped.
    """

    config_type = ModelConfig
    config: ModelConfig
    presets = PRESETS

    def __init__(self, config: ModelConfig, attributes: ConditionEncoder) -> None:
        """Build it.

        Args:
            config: See :class:`ModelConfig`.
            attributes: A module that encodes the conditions.
        """
        super().__init__(config)
        self.representation = REPRESENTATIONS[config.representation]
        self.attributes = attributes
        preset, size = self.presets[config.preset], self.representation.size
        self.unet = GlyphUNet(preset, dropout=config.dropout, size=size)

    def read(self, inputs: Inputs) -> Tensor:
        """(N, 512) condition vectors z."""
        return self.attributes(inputs)

    def denoise(self, x_t: Tensor, t: Tensor, given: Tensor) -> Tensor:
        """Predict x_0, v or epsilon from (N, 1, S, S) noisy glyphs, (N,) steps and z."""
        prediction: Tensor = self.unet(x_t, t, given)
        return prediction

    def drop(self, inputs: Inputs, names: Iterable[str]) -> Inputs:
        """The inputs with the named conditions taken away from every glyph."""
        return self._without(inputs, names, torch.ones_like(inputs["style_known"]))

    def dropped(
        self, inputs: Inputs, names: Iterable[str], p: float, generator: torch.Generator
    ) -> Inputs:
        """The inputs with the named conditions taken away together with probability ``p``."""
        return self._without(inputs, names, self.draw(inputs, p, generator))

    def _without(self, inputs: Inputs, names: Iterable[str], dropped: Tensor) -> Inputs:
        for name in names:
            inputs = self.attributes.drop(inputs, name, dropped)
        return inputs

    @staticmethod
    def draw(inputs: Inputs, p: float, generator: torch.Generator) -> Tensor:
        """(N,) bool, each true with probability ``p``."""
        known = inputs["style_known"]
        return (torch.rand(known.shape, generator=generator) < p).to(known.device)


def add_style(inputs: Inputs, style: Tensor) -> Inputs:
    """Inputs with (N, 128) style vectors, all known."""
    known = torch.ones(len(style), dtype=torch.bool, device=style.device)
    return {**inputs, "style": style, "style_known": known}
