"""DG-Font as a model of the benchmark."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from baselines.dg_font.model import REPRESENTATION, DGFont
from baselines.diffusion.sampling import CHUNK
from baselines.trained_model import FittedAdapter
from hangeul_bench.base.images import Glyphs


class DGFontAdapter(FittedAdapter[DGFont]):
    """Draws the content font's glyph in the style of the references; no noise, one evaluation."""

    name = DGFont.name
    model_class = DGFont
    weights = Path(__file__).parent / "weights" / "dg-font-swift.safetensors"
    uses_content = True

    def __init__(self, **arguments: Any) -> None:
        """Load the weights; see :class:`FittedAdapter` for the arguments.

        Raises:
            UserError: The weights or the option are unusable, or CUDA is absent.
        """
        super().__init__(**arguments)
        # Results of before there was a choice of fit say nothing of it.
        chosen = {"fit": self.fit} if self.fit != "none" else {}
        preset, samples = self.model.config.preset, self.facts["samples"]
        self.details = {"preset": preset, "samples": samples, **chosen, "frame": self.frame}

    @torch.no_grad()
    def read(self, references: Glyphs) -> Tensor:
        """(128,): the mean of the references' style codes."""
        shown = REPRESENTATION.encode(references).to(self.device)
        # One by one: kernels choose their order of summation by the batch's shape.
        return torch.cat([self.model.style(glyph) for glyph in shown.split(1)]).mean(0)

    def draw(
        self, style: Tensor, characters: tuple[str, ...], content: Glyphs | None, seed: int
    ) -> Glyphs:
        """(N, 128, 128) uint8 drawings of the content's syllables."""
        assert content is not None
        size, count = CHUNK[self.device.type], len(content)
        drawn = []
        for start in range(0, count, size):
            rows = np.arange(start, start + size).clip(max=count - 1)  # filled up with copies
            asked = REPRESENTATION.encode(content[rows]).to(self.device)
            images = self.model.draw(asked, style.expand(size, -1))
            drawn.append(images[: count - start].numpy())
        return np.concatenate(drawn) if drawn else np.empty((0, 128, 128), np.uint8)
