"""FontDiffuser as a model of the benchmark."""

from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from baselines.diffusion.sampling import SamplingOptions, sample
from baselines.font_diffuser.model import FontDiffuser
from baselines.trained_model import FittedAdapter
from hangeul_bench.base.images import Glyphs


class FontDiffuserAdapter(FittedAdapter[FontDiffuser]):
    """Draws from the content font's image and as many references as its weights know.

    Attributes:
        defaults: How it draws in each representation unless asked otherwise.
    """

    name = "font-diffuser"
    model_class = FontDiffuser
    weights = Path(__file__).parent / "weights" / "font-diffuser-swift.safetensors"
    uses_content = True
    # Pixels: the paper's steps; its scale of 7.5 leaves too much ink where x_0 is predicted
    # (README). Fields: as DK-Font and Diff-Font, on held-out training families.
    defaults: ClassVar[dict[str, SamplingOptions]] = {
        "pixels": SamplingOptions(steps=20, guidance=3.0),
        "sdf64": SamplingOptions(steps=3, guidance=2.0),
    }

    def __init__(self, **arguments: Any) -> None:
        """Load the weights; see :class:`FittedAdapter` for the arguments.

        Raises:
            UserError: The weights or an option are unusable, or CUDA is absent.
        """
        super().__init__(**arguments)
        self.most_references = self.facts.get("options", {}).get("references", 1)
        config = self.model.config
        self.details = {
            "preset": config.preset,
            "prediction": config.prediction,
            "schedule": config.schedule,
            "carrier": config.representation,
            "phase": self.facts.get("phase"),
            "samples": self.facts["samples"],
            "fonts": len(self.trained_on.font_ids) if self.trained_on else None,
            # Results of before there was a choice say nothing of it.
            **({"fit": self.fit} if self.fit != "none" else {}),
            "frame": self.frame,
            **asdict(self.options),
        }

    def usual_sampling(self) -> SamplingOptions:
        """By what the model draws."""
        return self.defaults[self.model.config.representation]

    def read(self, references: Glyphs) -> Glyphs:
        """The references themselves."""
        return references

    def draw(
        self, style: Glyphs, characters: tuple[str, ...], content: Glyphs | None, seed: int
    ) -> Glyphs:
        """(N, 128, 128) uint8 drawings of the content's syllables."""
        assert content is not None
        asked = torch.tensor(np.ascontiguousarray(content)).to(self.device)
        shown = torch.tensor(style).expand(len(asked), -1, -1, -1).to(self.device)
        inputs = {"content": asked, "reference": shown}
        return sample(self.model, inputs, characters, seed=seed, options=self.options).numpy()
