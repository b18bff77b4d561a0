"""Diff-Font (He et al., IJCV 2024): content, components and style become one vector z."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from baselines.diffusion.model import STYLE_SIZE, GlyphDiffusion, Inputs, ModelConfig
from hangeul_bench.hangeul import component_counts

_SLOTS = 32  # Diff-Font's component file has 32 slots; Hangeul fills 24
_CONTENT, _COMPONENT, _STYLE = 128, 128, 256  # widths inside z
_DROP = 0.3
NULL_ROW = 0  # of the content table: dropped and unseen characters


class CharacterTable:
    """Which row of the content table a character has, keyed by code point.

    Diff-Font joins characters, images and components by position in sorted listings; one list
    that is longer than another then gives every character its neighbour's components.
    """

    def __init__(self, characters: Sequence[str]) -> None:
        self.characters = tuple(sorted(set(characters)))
        self._rows = {character: row for row, character in enumerate(self.characters, start=1)}

    def rows(self, characters: Sequence[str]) -> Tensor:
        """(N,) int64 rows; characters that the table lacks have the null row."""
        return torch.tensor([self._rows.get(c, NULL_ROW) for c in characters], dtype=torch.int64)

    def __len__(self) -> int:
        return len(self.characters) + 1


class CharacterAttributes(nn.Module):
    """z = [content 128 | component 128 | style 256] (Diff-Font).

    Inputs is a dictionary of tensors: ``content`` (N,) rows, ``components`` (N, 24) counts,
    ``style`` (N, 128) vectors and ``style_known`` (N,) bool. Dropping a condition is a change of
    these inputs, see :meth:`drop`.

    Attributes:
        character_names: The conditions that say which character it is.
        null_values: What a dropped input is filled with.
    """

    character_names: tuple[str, ...] = ("content", "components")
    null_values = {"content": NULL_ROW, "components": 0}

    def __init__(self, characters: Sequence[str]) -> None:
        """Build it; ``characters`` have a row each in the content table."""
        super().__init__()
        self.table = CharacterTable(characters)
        self.content = nn.Embedding(len(self.table), _CONTENT)
        # Diff-Font: count_k times four learned numbers a slot, so linear in the counts.
        self.component = nn.Parameter(torch.randn(_SLOTS, _COMPONENT // _SLOTS))
        self.style = nn.Sequential(nn.Linear(STYLE_SIZE, 512), nn.SiLU(), nn.Linear(512, _STYLE))
        self.null_style = nn.Parameter(torch.zeros(_STYLE))

    def character_inputs(self, characters: Sequence[str]) -> Inputs:
        """The inputs of N characters that do not depend on style."""
        counts = [component_counts(character) for character in characters]
        return {
            "content": self.table.rows(characters),
            "components": torch.tensor(counts, dtype=torch.float32),
        }

    def drop(self, inputs: Inputs, name: str, dropped: Tensor) -> Inputs:
        """The same inputs with one condition taken away where ``dropped`` (N,) is true."""
        if name == "style":
            return {**inputs, "style_known": inputs["style_known"] & ~dropped}
        value = inputs[name]
        mask = dropped.view(-1, *[1] * (value.dim() - 1))
        return {**inputs, name: value.masked_fill(mask, self.null_values[name])}

    def parts(self, inputs: Inputs) -> list[Tensor]:
        """The vectors that make up z, each (N, width)."""
        counts = inputs["components"]
        slots = nn.functional.pad(counts, (0, _SLOTS - counts.shape[1]))  # (N, 32)
        components = (slots.unsqueeze(-1) * self.component).flatten(1)  # (N, 128)
        style = self.style(inputs["style"])  # (N, 256)
        style = torch.where(inputs["style_known"].unsqueeze(1), style, self.null_style)
        return [self.content(inputs["content"]), components, style]

    def forward(self, inputs: Inputs) -> Tensor:
        """(N, 512) condition vectors z."""
        return torch.cat(self.parts(inputs), dim=1)


class DiffFont(GlyphDiffusion):
    """A U-Net under content, components and style; trained with the linear schedule."""

    name = "diff-font"

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, CharacterAttributes(config.characters))

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
        return {"character": (*self.attributes.character_names, "style")}
