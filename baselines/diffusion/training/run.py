"""The course of a training run: batches, limits, interrupts, saves, steps that change nothing."""

import time
from abc import ABC, abstractmethod
from contextlib import closing
from functools import partial
from pathlib import Path

from accelerate import Accelerator

from baselines.diffusion.training.ahead import batches
from baselines.diffusion.training.data import Batch, TrainingData
from baselines.diffusion.training.interrupts import interrupts
from baselines.diffusion.training.log import RunLog
from baselines.diffusion.training.options import RunOptions
from hangeul_bench.base.errors import UserError

STATE, WEIGHTS = "state.safetensors", "weights.safetensors"
_SECONDS_BETWEEN_SAVES = 120.0
_MOST_SKIPPED = 10  # steps in a row whose gradient is not finite


class Run(ABC):
    """What any training does, whatever a step of it is.

    Attributes:
        step: Steps done, those of earlier calls included.
        samples: Glyphs that they saw.
        report: Its log.
    """

    def __init__(
        self,
        data: TrainingData,
        *,
        out: Path,
        options: RunOptions,
        report: RunLog,
        accelerator: Accelerator,
    ) -> None:
        """Set up a run.

        Args:
            data: What to train on.
            out: Folder for state, weights, log and sample sheets.
            options: How long to train, and on how much at once.
            report: What is written down.
            accelerator: Of Hugging Face Accelerate; one process or many.
        """
        self.data, self.out, self.options, self.report = data, out, options, report
        self.accelerator = accelerator
        self.step = self.samples = 0
        self.skipped = 0  # steps in a row that changed no weight
        self.validated_at = -1

    @abstractmethod
    def resume(self) -> bool:
        """Go on from the folder's state if there is one."""

    @abstractmethod
    def save(self) -> None:
        """Write the state and the averaged weights."""

    @abstractmethod
    def validate(self) -> None:
        """Measure the averaged weights and draw a sheet."""

    @abstractmethod
    def _one_step(self, start: float, batch: Batch) -> None:
        """Learn from a batch and count it; ``start`` is when this call began, in seconds."""

    def run(self) -> str:
        """Train until a limit or SIGINT; returns why it stopped.

        Raises:
            UserError: Too many gradients in a row are not finite. The last good state stays.
        """
        start = saved = time.monotonic()
        rank = self.accelerator.process_index
        source = batches(
            self.data,
            self.options.batch_size,
            partial(self.options.seed_of, rank=rank),
            first=self.step,
            workers=self.options.workers,
            device=self.accelerator.device,
        )
        with interrupts() as interrupted, closing(source):
            if self.step and self._due(self.options.validate_every):
                self.validate()  # the run was killed between the step and its validation
            while not (reason := self._reason_to_stop(start, interrupted)):
                self._one_step(start, next(source))
                if time.monotonic() - saved > _SECONDS_BETWEEN_SAVES:
                    self.save()
                    saved = time.monotonic()
                if self._due(self.options.validate_every):
                    self.validate()
        self.save()
        return reason

    def _due(self, every: int) -> bool:
        return every > 0 and self.step % every == 0

    def _should_validate(self) -> bool:
        """Whether this process validates and has not yet done so after this step."""
        active = self.accelerator.is_main_process and self.options.validate_every > 0
        return active and self.validated_at != self.step

    def _skip(self, norm: float) -> None:
        """Leave the weights as they are: a gradient that is not finite would make them all NaN.

        A loss that is not finite ends here too. The norm is the same in every process; a loss
        is not, and the others would wait for the one that stops.
        """
        self.skipped += 1
        if self.skipped > _MOST_SKIPPED:
            raise UserError(
                f"The gradients of {self.skipped} steps in a row up to step {self.step + 1} are "
                f"not finite; training stopped and {self.out / STATE} still holds the last good "
                "state. Resume with a lower --learning-rate."
            )
        self.report.skipped(self.step + 1, norm)

    def _seconds_left(self, start: float) -> float | None:
        limits = []
        if self.options.minutes is not None:
            limits.append(self.options.minutes * 60 - (time.monotonic() - start))
        if self.options.steps is not None and self.report.steps_a_second:
            limits.append((self.options.steps - self.step) / self.report.steps_a_second)
        return min(limits) if limits else None

    def _reason_to_stop(self, start: float, interrupted: list[bool]) -> str:
        if interrupted:
            return "interrupted"
        if self.options.steps is not None and self.step >= self.options.steps:
            return "all steps done"
        minutes = self.options.minutes
        if minutes is not None and time.monotonic() - start >= minutes * 60:
            return "time limit"
        return ""
