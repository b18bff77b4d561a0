"""What any training run writes down: progress lines, a log, sample sheets."""

import io
import time
from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from hangeul_bench.base.files import write_whole
from hangeul_bench.base.tables import append_row

_SECONDS_BETWEEN_LINES = 20.0
SHEET_FONTS, SHEET_CHARACTERS = 6, 10  # validation grid


class RunLog:
    """Writes ``log.csv`` and ``samples/*.png`` into a run's folder."""

    def __init__(self, out: Path, *, active: bool) -> None:
        """Set up.

        Args:
            out: The run's folder.
            active: False on all processes but the first, which then write nothing.
        """
        self.out, self.active = out, active
        self.steps_a_second = 0.0
        self._before = 0.0
        self._start = self._last = time.monotonic()
        self._step_then = 0
        self._values: dict[str, list[Tensor]] = {}

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

    def note(
        self,
        step: int,
        samples: int,
        values: Mapping[str, Tensor | None],
        *,
        rate: float,
        seconds_left: float | None,
    ) -> None:
        """Take note of a step; now and then print a line and write one into the log.

        Args:
            step: Its number.
            samples: Glyphs seen by now.
            values: Losses and whatever else shall be seen, by column; each is averaged over the
                steps since the last row. None leaves a column empty.
            rate: Learning rate of the step.
            seconds_left: Until the run ends, if it is known.
        """
        for name, value in values.items():
            kept = self._values.setdefault(name, [])
            if value is not None:
                kept.append(value.detach())
        now = time.monotonic()
        if not self.active or now - self._last < _SECONDS_BETWEEN_LINES:
            return
        self.steps_a_second = (step - self._step_then) / (now - self._last)
        speed = self.steps_a_second * samples / step
        # The loss of a step that changed no weight may be NaN.
        means = {
            name: round(float(torch.stack(kept).nanmean()), 5) if kept else ""
            for name, kept in self._values.items()
        }
        row: dict[str, object] = {"step": step, "samples": samples, **means}
        row |= {"learning_rate": rate, "samples_per_second": round(speed, 1)}
        append_row(self.out / "log.csv", {**row, "seconds": round(self.seconds)})
        left = "" if seconds_left is None else f", {seconds_left / 60:.1f} min left"
        said = "".join(f", {name} {value:.4f}" for name, value in means.items() if value != "")
        click.echo(
            f"step {step:,}, {samples:,} samples, {speed:.0f}/s{said}, "
            f"learning rate {rate:g}{left}",
            err=True,
        )
        self._last, self._step_then = now, step
        self._values = {}

    def skipped(self, step: int, norm: float) -> None:
        """Say that a step changed no weight, since its gradient's norm is not finite."""
        if self.active:
            click.echo(f"step {step:,} changed nothing: its gradient's norm is {norm}", err=True)

    def validated(self, row: Mapping[str, object]) -> None:
        """Write a row of ``validation.csv`` and print it."""
        append_row(self.out / "validation.csv", row)
        click.echo(", ".join(f"{name} {value}" for name, value in row.items()), err=True)

    def sheet(self, truth: Tensor, drawn: Tensor, step: int) -> None:
        """Draw truth above drawing, a font in every second row.

        Args:
            truth: (N, 128, 128) uint8, ten glyphs a font.
            drawn: (N, 128, 128) uint8.
            step: Names the picture.
        """
        width = min(SHEET_CHARACTERS, len(drawn))
        rows = []
        for start in range(0, len(drawn) - width + 1, width):
            for glyphs in (truth, drawn):
                rows.append(np.concatenate(list(glyphs[start : start + width].numpy()), axis=1))
        path = self.out / "samples" / f"step-{step:06d}.png"
        buffer = io.BytesIO()
        sheet = Image.fromarray(np.concatenate(rows)).resize((width * 64, len(rows) * 64))
        sheet.save(buffer, "PNG")
        write_whole(path, buffer.getvalue())


def rmse(a: Tensor, b: Tensor) -> float:
    """Of (N, 128, 128) uint8 images: per glyph on [0, 1], then the mean."""
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
