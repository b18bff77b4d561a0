"""FontDiffuser as a model of the benchmark."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from baselines.diffusion.fitting import Fitting
from baselines.diffusion.framing import Frame, enlarges
from baselines.diffusion.sampling import sample
from baselines.diffusion.sampling_options import SamplingOptions, sampling_options
from baselines.diffusion.trained import TrainedAdapter
from baselines.font_diffuser.model import FontDiffuser
from hangeul_bench.adapter import Request
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.images import Glyphs

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset


class FontDiffuserAdapter(TrainedAdapter[FontDiffuser]):
    """Draws from the content font's page and the first reference: the model is one-shot."""

    name = "font-diffuser"
    uses_content = True
    # The paper's steps; its scale of 7.5 leaves too much ink where x_0 is predicted (README).
    defaults = SamplingOptions(steps=20, guidance=3.0)

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        checkpoint: str | None = None,
        frame: str = "usual",
        **sampling: Any,
    ) -> None:
        """Load the weights.

        Args:
            device: ``cpu`` or ``cuda``.
            dataset: Not needed; the content pages stand in the request.
            batch_size: Not needed; groups have one fixed size, see ``sampling.CHUNK``.
            checkpoint: The weights; none ship.
            frame: ``usual``: references that are smaller than usual are enlarged to the usual size
                and drawings made small again, as Diff-Font's and DK-Font's; ``none``: they are not.
            **sampling: Fields of :class:`SamplingOptions`.

        Raises:
            UserError: There are no weights, they or an option are unusable, or CUDA is absent.
        """
        del dataset
        if checkpoint is None:
            raise UserError(
                "font-diffuser has no weights yet: train some with python -m "
                "baselines.font_diffuser.train and name them with --option checkpoint=FILE."
            )
        self._frames = enlarges(frame)
        self.batch_size = batch_size
        facts = self._load(FontDiffuser, Path(checkpoint), device)
        self.options = sampling_options(self.defaults, sampling)
        config = self.model.config
        self.details = {
            "preset": config.preset,
            "prediction": config.prediction,
            "schedule": config.schedule,
            "carrier": config.carrier,
            "phase": facts.get("phase"),
            "samples": facts["samples"],
            "frame": frame,
            **{k: getattr(self.options, k) for k in SamplingOptions.__dataclass_fields__},
        }

    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the first reference."""
        content = torch.tensor(np.ascontiguousarray(request.content))
        first = request.references[:1]
        frame = Frame.around(first) if self._frames else Frame.still()
        shown = torch.tensor(frame.enlarge(first)).expand(len(content), -1, -1)
        inputs = {"content": content.to(self.device), "reference": shown.to(self.device)}
        drawn = sample(
            self.model, inputs, request.characters, seed=request.seed, options=self.options
        )
        glyphs: Glyphs = drawn.numpy()
        return glyphs if frame.enlarged == 1 else Fitting(frame.back)(glyphs)
