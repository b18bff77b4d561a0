"""DK-Font as a model of the benchmark."""

from pathlib import Path

from baselines.diff_font.adapter import DiffFontAdapter
from dkfont.model import DKFont


class DKFontAdapter(DiffFontAdapter):
    """Draws as Diff-Font does, and by the phonetic text."""

    name = "dkfont"
    model_class = DKFont
    weights = Path(__file__).parent / "weights" / "dkfont-swift.safetensors"
