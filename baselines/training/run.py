"""The course of a training run: batches, limits, interrupts, saves, steps that change nothing."""

import math
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import click
import torch
from accelerate import Accelerator
from torch import nn

from baselines.training.checkpoint import load_state, save_state, save_weights
from baselines.training.data import Batch, TrainingData, batches
from baselines.training.log import RunLog
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.torchvision import ensure_torchvision

ensure_torchvision()

from diffusers.training_utils import EMAModel  # noqa: E402

STATE, WEIGHTS = "state.safetensors", "weights.safetensors"
_SECONDS_BETWEEN_SAVES = 120.0
_MOST_SKIPPED = 10  # steps in a row whose gradient is not finite


_FROM_ZERO, _FROM_ONE = {"range": (0, math.inf)}, {"range": (1, math.inf)}


@dataclass(frozen=True)
class RunOptions:
    """How long to train, and on how much at once.

    Attributes:
        batch_size: Glyphs a step and process; the paper prints 16.
        learning_rate: Between warm-up and cool-down; the paper prints 1e-3.
        warmup: Steps over which the learning rate rises from 0.
        cooldown: Share of ``steps`` at the end over which it falls back to 0. A run that only
            ``minutes`` limits has none.
        steps: Stop after this many steps in all; None for no such limit.
        minutes: Stop after this long in this call; None for no such limit.
        average: Highest decay of the moving average of the weights.
        seed: Of weights, batches and noise.
        validate_every: Steps between validations and sample sheets; 0 for none.
        workers: Processes that make batches ahead; they are the same for any number.
        threads: Of PyTorch; None for all cores.
    """

    batch_size: int = field(default=32, metadata=_FROM_ONE)
    learning_rate: float = 5e-4
    warmup: int = field(default=200, metadata=_FROM_ZERO)
    cooldown: float = field(default=0.2, metadata={"range": (0, 1)})
    steps: int | None = field(default=None, metadata=_FROM_ONE)
    minutes: float | None = field(default=None, metadata={"range": (1e-9, math.inf)})
    average: float = field(default=0.9999, metadata={"range": (0, 1)})
    seed: int = 0
    validate_every: int = field(default=1000, metadata=_FROM_ZERO)
    workers: int = field(default=0, metadata=_FROM_ZERO)
    threads: int | None = field(default=None, metadata=_FROM_ONE)

    def seed_of(self, step: int, rank: int = 0) -> int:
        """What decides all that is random in a step: its number, and the process's rank."""
        return (self.seed * 1_000_003 + step) * 4099 + rank

    def rate_at(self, step: int) -> float:
        """Learning rate of the step after ``step`` steps: warm-up, plateau, cool-down."""
        share = min(1.0, (step + 1) / max(1, self.warmup))
        if self.steps is not None and self.cooldown > 0:
            share = min(share, (self.steps - step) / (self.steps * self.cooldown))
        return self.learning_rate * share


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
        trained: nn.Module,
        shipped: nn.Module,
        optimizers: Mapping[str, torch.optim.Optimizer],
        facts: dict[str, Any],
        out: Path,
        options: RunOptions,
        report: RunLog,
        accelerator: Accelerator,
    ) -> None:
        """Set up a run.

        Args:
            data: What to train on.
            trained: All that learns; the state holds it.
            shipped: That part of it whose averaged weights are written.
            optimizers: By name.
            facts: What the weights' JSON file shall say beside what the run itself knows.
            out: Folder for state, weights, log and sample sheets.
            options: How long to train, and on how much at once.
            report: What is written down.
            accelerator: Of Hugging Face Accelerate; one process or many.
        """
        self.data, self.out, self.options, self.report = data, out, options, report
        self.trained, self.shipped, self.optimizers = trained, shipped, optimizers
        self.facts, self.accelerator = facts, accelerator
        self.step = self.samples = 0
        self.skipped = 0  # steps in a row that changed no weight
        self.validated_at = -1
        self.average = EMAModel(
            shipped.parameters(),
            decay=options.average,
            use_ema_warmup=True,
            power=0.75,
            foreach=accelerator.device.type == "cuda",
        )

    def resume(self) -> bool:
        """Go on from the folder's state if there is one.

        Raises:
            UserError: The state is damaged or of another model.
        """
        path = self.out / STATE
        if not path.is_file():
            return False
        average, progress = load_state(path, self.trained, self.optimizers)
        names = [name for name, _ in self.shipped.named_parameters()]
        self.average.shadow_params = [average[n].to(self.accelerator.device) for n in names]
        self.average.optimization_step = progress.get("averaged", progress["step"])
        self.step, self.samples = progress["step"], progress["samples"]
        self._go_on(progress)
        self.report.resume(self.step, progress["seconds"])
        self.validated_at = self.report.drop_after(self.step)
        return True

    def save(self) -> None:
        """Write the state and the averaged weights."""
        if not self.accelerator.is_main_process:
            return
        self.out.mkdir(parents=True, exist_ok=True)
        progress = {
            "step": self.step,
            "samples": self.samples,
            "averaged": self.average.optimization_step,
            **self._progress(),
            "seconds": self.report.seconds,
        }
        names = [name for name, _ in self.shipped.named_parameters()]
        average = dict(zip(names, self.average.shadow_params, strict=True))
        save_state(self.out / STATE, self.trained, self.optimizers, average, progress)
        facts = {**self.facts, "steps": self.step, "samples": self.samples}
        facts["training_seconds"] = round(self.report.seconds)
        save_weights(self.out / WEIGHTS, average, {**facts, **self._own_facts()})

    def validate(self) -> None:
        """Measure the averaged weights and draw a sheet, unless that is done for this step."""
        active = self.accelerator.is_main_process and self.options.validate_every > 0
        if not active or self.validated_at == self.step:
            return
        self.validated_at = self.step
        parameters = list(self.shipped.parameters())
        self.average.store(parameters)
        self.average.copy_to(parameters)
        self._validate()
        self.average.restore(parameters)

    @abstractmethod
    def _validate(self) -> None:
        """Measure the weights as they are and draw a sheet."""

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

    def _progress(self) -> dict[str, Any]:
        """What the state says of a run of this kind."""
        return {}

    def _go_on(self, progress: Mapping[str, Any]) -> None:
        """Take up what :meth:`_progress` said."""
        del progress

    def _own_facts(self) -> dict[str, Any]:
        """What the weights say of a run of this kind."""
        return {}

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


def bfloat16_on_cpu(asked: bool) -> bool:
    """Whether to multiply in bfloat16 on this CPU; says on stderr where it was asked for in vain.

    Without AVX-512, PyTorch imitates it on x86, at a twentieth of float32's speed.
    """
    if asked and torch.backends.cpu.get_cpu_capability() == "AVX2":
        click.echo(
            "This processor has no bfloat16; training in float32 in spite of --bf16.", err=True
        )
        return False
    return asked


@contextmanager
def interrupts() -> Iterator[list[bool]]:
    """A list that becomes non-empty on SIGINT or SIGTERM, so that a step is finished first."""
    arrived: list[bool] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: arrived.append(True)) for number in signals]
    try:
        yield arrived
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
