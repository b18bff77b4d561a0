"""Diff-Font as a model of the benchmark."""

from pathlib import Path

from baselines.diff_font.model import DiffFont
from baselines.diffusion.adapter import DiffusionAdapter


class DiffFontAdapter(DiffusionAdapter):
    """Draws with Diff-Font from a style vector, a content row and component counts."""

    name = "diff-font"
    model_class = DiffFont
    weights = Path(__file__).parent / "weights" / "diff-font-swift.safetensors"
