"""DG-Font as a model of the benchmark."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from baselines.dg_font.model import CARRIER, DGFont
from baselines.diffusion.fitting import ContentFitting, brought_back, fits
from baselines.diffusion.framing import Frame, enlarges
from baselines.diffusion.sampling import CHUNK
from baselines.diffusion.trained import TrainedAdapter
from hangeul_bench.adapter import Request
from hangeul_bench.base.images import Glyphs

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

_WEIGHTS = Path(__file__).parent / "weights" / "dg-font-swift.safetensors"


class DGFontAdapter(TrainedAdapter[DGFont]):
    """Draws the content font's glyph in the style of the references; no noise, one evaluation."""

    name = DGFont.name
    uses_content = True
    weights = _WEIGHTS

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        checkpoint: str | None = None,
        fit: str = "none",
        frame: str = "usual",
    ) -> None:
        """Load the weights.

        Args:
            device: ``cpu`` or ``cuda``.
            dataset: Needed with ``fit`` alone; the asked content pages stand in the request.
            batch_size: Not needed; groups have one fixed size, see ``sampling.CHUNK``.
            checkpoint: Weights other than the shipped ones.
            fit: ``references``: drawings are moved, scaled and thickened by what takes the
                model's own drawings of the reference syllables to the references, which needs a
                dataset; ``none``: they stay as they are.
            frame: ``usual``: references that are smaller than usual are enlarged to the usual size
                and drawings made small again, as Diff-Font's and DK-Font's; ``none``: they are not.

        Raises:
            UserError: The weights or the option are unusable, or CUDA is absent.
        """
        self._fitting = ContentFitting(dataset) if fits(fit) else None
        self._frames = enlarges(frame)
        self.batch_size = batch_size
        facts = self._load(DGFont, Path(checkpoint or self.weights), device)
        preset = self.model.config.preset
        # Results of before there was a choice of fit say nothing of it.
        chosen = ({"fit": fit} if self._fitting else {}) | {"frame": frame}
        self.details = {"preset": preset, "samples": facts["samples"], **chosen}

    @torch.no_grad()
    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the mean of the references' codes."""
        # One by one: kernels choose their order of summation by the batch's shape.
        frame = Frame.around(request.references) if self._frames else Frame.still()
        seen = frame.enlarge(request.references)
        shown = CARRIER.encode(seen).to(self.device)
        code = torch.cat([self.model.style(glyph) for glyph in shown.split(1)]).mean(0)

        def draw(characters: tuple[str, ...], content: Glyphs) -> Glyphs:
            return self._draw(content, code)

        own = self._fitting.of(request, seen, draw) if self._fitting else None
        fitting = brought_back(own, frame)
        drawn = self._draw(request.content, code)
        return drawn if fitting is None else fitting(drawn)

    def _draw(self, asked: Glyphs, code: torch.Tensor) -> Glyphs:
        size, count = CHUNK[self.device.type], len(asked)
        drawn = []
        for start in range(0, count, size):
            rows = np.arange(start, start + size).clip(max=count - 1)  # filled up with copies
            content = CARRIER.encode(asked[rows]).to(self.device)
            pages = self.model.pages(content, code.expand(size, -1))
            drawn.append(pages[: count - start].numpy())
        return np.concatenate(drawn) if drawn else np.empty((0, 128, 128), np.uint8)
