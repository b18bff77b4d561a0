"""Retrieval-font as the shared training loop and sampler know a model."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, get_args

import torch
from torch import Tensor
from torch.nn import functional

from baselines.diffusion.model import DiffusionModel
from baselines.diffusion.schedule import Prediction, ScheduleName
from baselines.retrieval_font.data import REPRESENTATION
from baselines.retrieval_font.network import Head, RetrievalNetwork
from baselines.training.checkpoint import CHARACTERS, DROPOUT, read_facts, read_weights
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256

_DROP = 0.05  # of the structure, and apart from it of the style
_DROP_TEXT = 0.1
_INK_WEIGHT = 1.0  # of the image's squared error beside that of x_0
_PLACE, _PLACE_WEIGHT = 16, 5.0  # pixels each way within which ink is counted
_ROUGH_WEIGHT = 0.1
_STRUCTURE = ("neighbours", "content", "jamo")
_STYLE = ("references", "reference_neighbours", "reference_content")


@dataclass(frozen=True)
class RetrievalConfig:
    """All that is needed to build the model again, beside its weights.

    Attributes:
        neighbours: How many stand beside a glyph; files call it ``kin``.
        channels: Of the U-Net's levels.
        dropout: Of its blocks.
        schedule: Noise schedule, shifted for the smooth field.
        prediction: Always x_0.
        head: ``warp`` bends the nearest neighbour's glyph in one step; ``free`` draws x_0 in
            several.
        characters: The characters whose glyphs it was trained to draw.
    """

    schema: ClassVar[Mapping[str, Any]] = {
        "kin": {"type": "integer", "minimum": 1, "maximum": 64},
        "channels": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 4096}},
        "prediction": {"enum": [*get_args(Prediction)]},
        "schedule": {"enum": [*get_args(ScheduleName)]},
        "dropout": DROPOUT,
        "characters": CHARACTERS,
    }

    neighbours: int = field(default=4, metadata={"range": (1, 64)})
    channels: tuple[int, ...] = (64, 128, 192)
    dropout: float = field(default=0.0, metadata={"range": (0, 1)})
    schedule: ScheduleName = "cosine"
    prediction: Prediction = field(default="sample", metadata={"fixed": True})
    head: Head = "warp"
    characters: tuple[str, ...] = field(default=(), metadata={"fixed": True})

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON values; ``characters`` as code points."""
        data = asdict(self)
        data["kin"] = data.pop("neighbours")
        data["characters"] = [ord(character) for character in self.characters]
        return {**data, "channels": list(self.channels)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "RetrievalConfig":
        """The inverse of :meth:`to_json`."""
        data = {**data, "neighbours": data["kin"]}
        known = {own.name: data[own.name] for own in fields(cls)}
        known["characters"] = tuple(chr(codepoint) for codepoint in known["characters"])
        return cls(**{**known, "channels": tuple(known["channels"])})


class RetrievalFont(DiffusionModel):
    """A glyph's field, drawn beside neighbours' glyphs (after Blattmann et al. 2022)."""

    name = "retrieval-font"
    config_type = RetrievalConfig
    config: RetrievalConfig
    representation = REPRESENTATION

    def __init__(self, config: RetrievalConfig) -> None:
        super().__init__(config)
        self.trunk: dict[str, Any] | None = None  # whose trunk it began with
        self.network = RetrievalNetwork(
            config.neighbours, config.channels, dropout=config.dropout, head=config.head
        )

    def read(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        """The inputs as they are: neighbours and references are read beside x_t at every step."""
        return inputs

    def denoise(self, x_t: Tensor, t: Tensor, given: dict[str, Tensor]) -> Tensor:
        """Predict x_0; see :meth:`RetrievalNetwork.forward`."""
        x_0: Tensor = self.network(x_t, t, given)
        return x_0

    def start_trunk(self, path: Path) -> None:
        """Take all that fits from other weights of this network; the rest stays as it is.

        Raises:
            UserError: The file is unusable, of another model, or nothing in it fits.
        """
        facts = read_facts(path, type(self))
        own = self.state_dict()
        theirs = {
            name: value
            for name, value in read_weights(path).items()
            if name in own and own[name].shape == value.shape
        }
        if not theirs:
            raise UserError(f"Nothing in {path} fits {self.name}; give weights of {self.name}.")
        self.load_state_dict(own | theirs)
        self.trunk = {"sha256": file_sha256(path), "samples": facts.get("samples", 0)}

    def drop(self, inputs: dict[str, Tensor], names: Iterable[str]) -> dict[str, Tensor]:
        """The inputs with the named ones taken away from every glyph."""
        everyone = torch.ones(len(inputs["jamo"]), dtype=torch.bool)
        return _without(inputs, names, everyone)

    def drop_for_training(
        self, inputs: dict[str, Tensor], stage: int, generator: torch.Generator
    ) -> dict[str, Tensor]:
        """Take text, structure or style away from a few glyphs, each apart from the others."""
        del stage

        def some(p: float) -> Tensor:
            return torch.rand(len(inputs["jamo"]), generator=generator) < p

        inputs = _without(inputs, ("jamo",), some(_DROP_TEXT))
        if self.config.head == "free":  # without its neighbours there is nothing to bend
            inputs = _without(inputs, _STRUCTURE, some(_DROP))
        return _without(inputs, _STYLE, some(_DROP))

    def guidance_branches(self) -> dict[str, tuple[str, ...]]:
        """What is taken away in the branch that each guidance scale compares with."""
        if self.config.head == "warp":
            return {"style": _STYLE}
        return {"character": _STRUCTURE, "style": _STYLE}

    def extra_loss(self, output: Tensor, x_t: Tensor, t: Tensor, x_0: Tensor) -> Tensor:
        """Squared error of the image that the estimate draws: contours count, far paper does not.

        A bent glyph is also held to the amount of ink at every place, or it would get thin where
        it cannot know the place exactly, and to a smooth change.
        """
        del x_t, t
        found, wanted = self.representation.brightness(output), self.representation.brightness(x_0)
        wrong = (found - wanted) / 255
        loss = _INK_WEIGHT * wrong.square().mean()
        if self.config.head == "free":
            return loss
        assert self.network.roughness is not None
        ink = functional.avg_pool2d(wrong, _PLACE, stride=_PLACE // 2).square().mean()
        return loss + _PLACE_WEIGHT * ink + _ROUGH_WEIGHT * self.network.roughness.mean()

    def training_facts(self) -> dict[str, Any]:
        """What the checkpoint should say of a training beside the shared facts."""
        trunk = {} if self.trunk is None else {"trunk": self.trunk}
        return {"carrier": self.representation.name, **trunk}


def _without(inputs: dict[str, Tensor], names: Iterable[str], rows: Tensor) -> dict[str, Tensor]:
    changed = dict(inputs)
    for name in names:
        value = inputs[name]
        mask = rows.to(value.device).view(-1, *[1] * (value.dim() - 1))
        changed[name] = value.masked_fill(mask, 0)
    return changed
