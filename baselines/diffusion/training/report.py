"""What a training run writes down: progress lines, a log, validation and sample sheets."""

import io
import time
from pathlib import Path

import click
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from baselines.diffusion.carrier import to_pages
from baselines.diffusion.model import DiffusionModel
from baselines.diffusion.sampling import sample
from baselines.diffusion.sampling_options import SamplingOptions
from baselines.diffusion.training.data import TrainingData
from hangeul_bench.base.files import write_whole
from hangeul_bench.base.tables import append_row

_SECONDS_BETWEEN_LINES = 20.0
_PROBES = (999, 900, 700, 400)  # timesteps at which the one-step estimate of x_0 is measured
_FONTS, _CHARACTERS = 6, 10  # validation grid


class TrainingReport:
    """Writes ``log.csv``, ``validation.csv`` and ``samples/*.png`` into a run's folder."""

    def __init__(self, out: Path, validation: TrainingData | None, *, active: bool) -> None:
        """Set up.

        Args:
            out: The run's folder.
            validation: What to measure on; None measures on training glyphs, and says so.
            active: False on all processes but the first, which then write nothing.
        """
        self.out, self.validation, self.active = out, validation, active
        self.steps_a_second = 0.0
        self._before = 0.0
        self._start = self._last = time.monotonic()
        self._step_then = 0
        self._losses: list[Tensor] = []
        self._extras: list[Tensor] = []

    @property
    def seconds(self) -> float:
        """How long the run has taken, earlier calls included."""
        return self._before + time.monotonic() - self._start

    def resume(self, step: int, seconds: float) -> None:
        """Count from where an earlier call stopped."""
        self._step_then, self._before = step, seconds

    def drop_after(self, step: int) -> int:
        """Take the rows of later steps out of the CSV files: a run that goes on repeats them.

        A last row that a killed run left half-written goes too.

        Returns:
            The step of the last validation that is kept, -1 if none.
        """
        if not self.active:
            return -1
        _drop_rows(self.out / "log.csv", step)
        return _drop_rows(self.out / "validation.csv", step)

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
        self._losses.append(loss.detach())
        if extra is not None:
            self._extras.append(extra.detach())
        now = time.monotonic()
        if not self.active or now - self._last < _SECONDS_BETWEEN_LINES:
            return
        self.steps_a_second = (step - self._step_then) / (now - self._last)
        speed = self.steps_a_second * samples / step
        # The loss of a step that changed no weight may be NaN.
        mean = float(torch.stack(self._losses).nanmean())
        row: dict[str, object] = {"step": step, "samples": samples, "loss": round(mean, 5)}
        row["extra_loss"] = (
            round(float(torch.stack(self._extras).nanmean()), 5) if self._extras else ""
        )
        row |= {"learning_rate": rate, "samples_per_second": round(speed, 1)}
        append_row(self.out / "log.csv", {**row, "seconds": round(self.seconds)})
        left = "" if seconds_left is None else f", {seconds_left / 60:.1f} min left"
        click.echo(
            f"step {step:,}, {samples:,} samples, {speed:.0f}/s, loss {mean:.4f}, "
            f"learning rate {rate:g}{left}",
            err=True,
        )
        self._last, self._step_then = now, step
        self._losses, self._extras = [], []

    def skipped(self, step: int, norm: float) -> None:
        """Say that a step changed no weight, since its gradient's norm is not finite."""
        if self.active:
            click.echo(f"step {step:,} changed nothing: its gradient's norm is {norm}", err=True)

    @torch.no_grad()
    def validate(self, model: DiffusionModel, step: int, samples: int, data: TrainingData) -> None:
        """Measure the one-step x_0 and drawn glyphs against the truth, and draw a sheet.

        RMSE is per glyph on [0, 1], then the mean. At t = 999 x_t is noise and the condition alone
        decides what is drawn.
        """
        held_out = self.validation is not None
        grid = (self.validation or data).grid(_FONTS, _CHARACTERS)
        row: dict[str, object] = {"step": step, "samples": samples, "held_out": held_out}
        device = grid.x_0.device
        schedule = model.schedule(device)
        truth = to_pages(model.carrier, grid.x_0)
        eps = torch.randn(grid.x_0.shape, generator=grid.generator).to(device)
        for probe in _PROBES:
            t = torch.full((len(eps),), probe, device=device)
            x_t = schedule.add_noise(grid.x_0, eps, t)
            x_0 = schedule.x_0(model.config.prediction, model(x_t, t, grid.inputs), x_t, t)
            row[f"rmse_x0_t{probe}"] = round(_rmse(to_pages(model.carrier, x_0), truth), 4)
        rows = [str(number) for number in range(len(eps))]
        names = [chr(0xAC00 + int(number)) for number in rows]  # any distinct seeds will do
        drawn = sample(model, grid.inputs, names, seed=0, options=SamplingOptions())
        row["rmse_drawn"] = round(_rmse(drawn, truth), 4)
        self._sheet(truth, drawn, step)
        # The row comes last: without it, a run that goes on validates this step again.
        append_row(self.out / "validation.csv", row)
        click.echo(", ".join(f"{name} {value}" for name, value in row.items()), err=True)

    def _sheet(self, truth: Tensor, drawn: Tensor, step: int) -> None:
        """Truth above drawing, a font in every second row."""
        width = min(_CHARACTERS, len(drawn))
        rows = []
        for start in range(0, len(drawn) - width + 1, width):
            for glyphs in (truth, drawn):
                rows.append(np.concatenate(list(glyphs[start : start + width].numpy()), axis=1))
        path = self.out / "samples" / f"step-{step:06d}.png"
        buffer = io.BytesIO()
        sheet = Image.fromarray(np.concatenate(rows)).resize((width * 64, len(rows) * 64))
        sheet.save(buffer, "PNG")
        write_whole(path, buffer.getvalue())


def _rmse(a: Tensor, b: Tensor) -> float:
    return float(((a.float() - b.float()) / 255).square().mean((1, 2)).sqrt().mean())


def _drop_rows(path: Path, step: int) -> int:
    """Keep a CSV file's whole rows up to a step; the last step that is kept, -1 if none."""
    lines = path.read_bytes().splitlines(keepends=True) if path.is_file() else []
    whole = [line for line in lines if line.endswith(b"\n")]
    rows = [row for row in whole[1:] if int(row.split(b",")[0]) <= step]
    if rows:
        write_whole(path, b"".join(whole[:1] + rows))
        return int(rows[-1].split(b",")[0])
    path.unlink(missing_ok=True)
    return -1
