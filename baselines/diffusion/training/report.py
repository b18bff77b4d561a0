"""What the training of a diffusion model writes down: its log, validation and sample sheets."""

from pathlib import Path

import torch
from torch import Tensor

from baselines.diffusion.carrier import to_pages
from baselines.diffusion.model import DiffusionModel
from baselines.diffusion.sampling import sample
from baselines.diffusion.sampling_options import SamplingOptions
from baselines.diffusion.training.data import TrainingData
from baselines.diffusion.training.log import SHEET_CHARACTERS, SHEET_FONTS, RunLog, rmse

_PROBES = (999, 900, 700, 400)  # timesteps at which the one-step estimate of x_0 is measured


class TrainingReport(RunLog):
    """Writes ``log.csv``, ``validation.csv`` and ``samples/*.png`` into a run's folder."""

    def __init__(self, out: Path, validation: TrainingData | None, *, active: bool) -> None:
        """Set up.

        Args:
            out: The run's folder.
            validation: What to measure on; None measures on training glyphs, and says so.
            active: False on all processes but the first, which then write nothing.
        """
        super().__init__(out, active=active)
        self.validation = validation

    def step(
        self,
        step: int,
        samples: int,
        loss: Tensor,
        extra: Tensor | None,
        *,
        rate: float,
        seconds_left: float | None,
    ) -> None:
        """Take note of a step; now and then print a line and write one into the log."""
        values = {"loss": loss, "extra_loss": extra}
        self.note(step, samples, values, rate=rate, seconds_left=seconds_left)

    @torch.no_grad()
    def validate(self, model: DiffusionModel, step: int, samples: int, data: TrainingData) -> None:
        """Measure the one-step x_0 and drawn glyphs against the truth, and draw a sheet.

        RMSE is per glyph on [0, 1], then the mean. At t = 999 x_t is noise and the condition alone
        decides what is drawn.
        """
        held_out = self.validation is not None
        grid = (self.validation or data).grid(SHEET_FONTS, SHEET_CHARACTERS)
        row: dict[str, object] = {"step": step, "samples": samples, "held_out": held_out}
        device = grid.x_0.device
        schedule = model.schedule(device)
        truth = to_pages(model.carrier, grid.x_0)
        eps = torch.randn(grid.x_0.shape, generator=grid.generator).to(device)
        for probe in _PROBES:
            t = torch.full((len(eps),), probe, device=device)
            x_t = schedule.add_noise(grid.x_0, eps, t)
            x_0 = schedule.x_0(model.config.prediction, model(x_t, t, grid.inputs), x_t, t)
            row[f"rmse_x0_t{probe}"] = round(rmse(to_pages(model.carrier, x_0), truth), 4)
        rows = [str(number) for number in range(len(eps))]
        names = [chr(0xAC00 + int(number)) for number in rows]  # any distinct seeds will do
        drawn = sample(model, grid.inputs, names, seed=0, options=SamplingOptions())
        row["rmse_drawn"] = round(rmse(drawn, truth), 4)
        self.sheet(truth, drawn, step)
        # The row comes last: without it, a run that goes on validates this step again.
        self.validated(row)
