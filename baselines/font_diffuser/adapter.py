"""FontDiffuser as a model of the benchmark."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch

from baselines.diffusion.fitting import ContentFitting, brought_back, fits
from baselines.diffusion.framing import Frame, enlarges
from baselines.diffusion.sampling import sample
from baselines.diffusion.sampling_options import SamplingOptions, sampling_options
from baselines.diffusion.trained import TrainedAdapter
from baselines.font_diffuser.model import FontDiffuser
from hangeul_bench.adapter import Request
from hangeul_bench.base.images import Glyphs

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

_WEIGHTS = Path(__file__).parent / "weights" / "font-diffuser-swift.safetensors"


class FontDiffuserAdapter(TrainedAdapter[FontDiffuser]):
    """Draws from the content font's page and the first reference: the model is one-shot."""

    name = "font-diffuser"
    uses_content = True
    weights = _WEIGHTS
    # Pixels: the paper's steps; its scale of 7.5 leaves too much ink where x_0 is predicted
    # (README). Fields: as DK-Font and Diff-Font, on held-out training families.
    defaults: ClassVar[dict[str, SamplingOptions]] = {
        "pixels": SamplingOptions(steps=20, guidance=3.0),
        "sdf64": SamplingOptions(steps=3, guidance=2.0),
    }

    def __init__(
        self,
        *,
        device: str = "cpu",
        dataset: "GlyphDataset | None" = None,
        batch_size: int | None = None,
        checkpoint: str | None = None,
        fit: str = "none",
        frame: str = "usual",
        **sampling: Any,
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
            **sampling: Fields of :class:`SamplingOptions`.

        Raises:
            UserError: The weights or an option are unusable, or CUDA is absent.
        """
        self._fitting = ContentFitting(dataset) if fits(fit) else None
        self._frames = enlarges(frame)
        self.batch_size = batch_size
        facts = self._load(FontDiffuser, Path(checkpoint or self.weights), device)
        config = self.model.config
        self.options = sampling_options(self.defaults[config.carrier], sampling)
        self.details = {
            "preset": config.preset,
            "prediction": config.prediction,
            "schedule": config.schedule,
            "carrier": config.carrier,
            "phase": facts.get("phase"),
            "samples": facts["samples"],
            # Results of before there was a choice say nothing of it.
            **({"fit": fit} if self._fitting else {}),
            "frame": frame,
            **{k: getattr(self.options, k) for k in SamplingOptions.__dataclass_fields__},
        }

    def generate(self, request: Request) -> Glyphs:
        """(N, 128, 128) uint8 glyphs in the style of the first reference."""
        first = request.references[:1]
        frame = Frame.around(first) if self._frames else Frame.still()
        seen = frame.enlarge(first)

        def draw(characters: tuple[str, ...], content: Glyphs) -> Glyphs:
            return self._draw(characters, content, seen, request.seed)

        own = self._fitting.of(request, seen, draw) if self._fitting else None
        fitting = brought_back(own, frame)
        drawn = draw(request.characters, request.content)
        return drawn if fitting is None else fitting(drawn)

    def _draw(
        self, characters: tuple[str, ...], content: Glyphs, seen: Glyphs, seed: int
    ) -> Glyphs:
        pages = torch.tensor(np.ascontiguousarray(content)).to(self.device)
        shown = torch.tensor(seen).expand(len(pages), -1, -1).to(self.device)
        inputs = {"content": pages, "reference": shown}
        glyphs: Glyphs = sample(
            self.model, inputs, characters, seed=seed, options=self.options
        ).numpy()
        return glyphs
