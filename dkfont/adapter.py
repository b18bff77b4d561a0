"""DK-Font as a model of the benchmark."""

from pathlib import Path

from baselines.diffusion.adapter import DiffusionAdapter
from dkfont.model import DKFont


class DKFontAdapter(DiffusionAdapter):
    """Draws with DK-Font from a style vector, a content row, components and the phonetic text."""

    name = "dkfont"
    model_class = DKFont
    weights = Path(__file__).parent / "weights" / "dkfont-swift.safetensors"
