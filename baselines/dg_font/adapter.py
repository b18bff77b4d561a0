"""DG-Font as a model of the benchmark."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from baselines.dg_font.model import CARRIER, DGFont
from baselines.diffusion.checkpoint import check_facts, load_weights
from baselines.diffusion.sampling import CHUNK
from hangeul_bench.adapter import Request, TrainedOn
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256
from hangeul_bench.base.images import Glyphs

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset


class DGFontAdapter:
    """Draws the content font's glyph in the style of the references; no noise, one evaluation."""

    name = DGFont.name
    kind = "model"
    uses_content = True

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        checkpoint: str | None = None,
    ) -> None:
        """Load the weights.

        Args:
            device: ``cpu`` or ``cuda``.
            dataset: Not needed; glyphs are drawn from the request alone.
            batch_size: Not needed; groups have one fixed size, see ``sampling.CHUNK``.
            checkpoint: The weights; none ship.

        Raises:
            UserError: No weights are named or they are unusable, or CUDA is absent.
        """
        del dataset
        if checkpoint is None:
            raise UserError(
                "No weights of dg-font ship yet; train some with `python -m "
                "baselines.dg_font.train --data hangeul-dataset --minutes 360` and name them with "
                "--option checkpoint=runs/dg-font-swift/weights.safetensors."
            )
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise UserError("CUDA was asked for, but torch finds no CUDA device; use cpu.")
        path = Path(checkpoint)
        self.batch_size = batch_size
        self.device = torch.device(device)
        self.model, facts = load_weights(DGFont, path, device)
        check_facts(facts, path, needs=("samples",))
        self.trained_on = TrainedOn.read(path.with_suffix(".json"))
        self.parameters = sum(p.numel() for p in self.model.parameters())
        self.checkpoint_sha256 = file_sha256(path)
        self.details = {"preset": self.model.config.preset, "samples": facts["samples"]}

    @torch.no_grad()
    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the mean of the references' codes."""
        # One by one: kernels choose their order of summation by the batch's shape.
        shown = CARRIER.encode(request.references).to(self.device)
        code = torch.cat([self.model.style(glyph) for glyph in shown.split(1)]).mean(0)
        size, count = CHUNK[self.device.type], len(request.characters)
        drawn = []
        for start in range(0, count, size):
            rows = np.arange(start, start + size).clip(max=count - 1)  # filled up with copies
            content = CARRIER.encode(request.content[rows]).to(self.device)
            pages = self.model.pages(content, code.expand(size, -1))
            drawn.append(pages[: count - start].numpy())
        return np.concatenate(drawn) if drawn else np.empty((0, 128, 128), np.uint8)
