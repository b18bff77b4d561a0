"""The training loop of the diffusion models."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click
import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from baselines.diffusion.data import load_training_sets
from baselines.diffusion.model import DiffusionModel, GlyphDiffusion
from baselines.diffusion.sampling import SamplingOptions, sample
from baselines.diffusion.schedule import TIMESTEPS
from baselines.glyphs.representation import to_images
from baselines.perceptual.loss import make_perceptual
from baselines.style_encoder.encoder import load_style_encoder, style_encoder_sha256
from baselines.training.checkpoint import (
    Config,
    check_facts,
    load_weights,
)
from baselines.training.command import (
    Job,
    facts_of,
    prepare,
    run_until_stopped,
    seeded_config,
    training_command,
)
from baselines.training.data import Batch, TrainingData
from baselines.training.log import SHEET_CHARACTERS, SHEET_FONTS, RunLog, rmse
from baselines.training.recipe import Recipe
from baselines.training.run import Run, RunOptions
from hangeul_bench.base.errors import UserError

# Above this much noise single pixels say nothing, but strokes still show through the noise of
# many pixels; only well beyond it must the condition decide which syllable is drawn.
_NOISY = 0.1  # alpha_bar
_STAGE_TWO = 420 / 800  # Diff-Font: 420,000 of 800,000 steps are conditional
_SEEN = ("font_ids", "lineages")  # facts that tell what weights were trained on
_PROBES = (999, 900, 700, 400)  # timesteps at which the one-step estimate of x_0 is measured
Timesteps = Literal["uniform", "noisy", "last"]


@dataclass(frozen=True)
class TrainingOptions(RunOptions):
    """How to train by diffusion; every default is the shipped weights' unless they say otherwise.

    Attributes:
        weight_decay: Of AdamW; Diff-Font has 0.
        timesteps: ``uniform`` as in the paper; ``noisy`` draws half of the timesteps from those
            with alpha_bar < 0.1, where the condition decides what is drawn; ``last`` trains for
            one step from noise alone.
        fuse: Whether ``torch.compile`` fuses the network's operations: a minute that pays where a
            GPU waits for the next of them.
    """

    weight_decay: float = 0.0
    timesteps: Timesteps = "noisy"
    fuse: bool = False


def diffusion_command(kind: type[GlyphDiffusion], recipes: Mapping[str, Recipe]) -> click.Command:
    """The command that trains a model of characters and a style vector."""
    return training_command(kind, recipes, partial(_train, kind))


def _train(kind: type[GlyphDiffusion], recipe: Recipe, job: Job) -> None:
    losses = {}
    if recipe.perceptual is not None:
        losses["perceptual"] = make_perceptual(recipe.perceptual, weights=job.perceptual_weights)
    ground = prepare(recipe, job, kind)
    accelerator = ground.accelerator
    for loss in filter(None, losses.values()):
        loss.to(accelerator.device)
    encoder = load_style_encoder(job.style_encoder, str(accelerator.device))
    build: Callable[..., GlyphDiffusion] = kind
    model = build(seeded_config(recipe, ground), **losses).to(accelerator.device)
    sets = load_training_sets(
        ground.dataset,
        ground.fonts,
        ground.characters,
        model=model,
        encoder=encoder,
        device=accelerator.device,
        bank_folder=job.bank,
        augment=recipe.data.augment,
        autocast=accelerator.autocast,
    )
    seen = style_encoder_sha256(job.style_encoder)
    facts = facts_of(model, ground, recipe, job, style_encoder_sha256=seen)
    train_until_stopped(model, sets, facts, accelerator, recipe, job)


def train_until_stopped(
    model: DiffusionModel,
    sets: tuple[TrainingData, TrainingData | None],
    facts: dict[str, Any],
    accelerator: Accelerator,
    recipe: Recipe,
    job: Job,
) -> None:
    """Train a diffusion model by a recipe.

    Args:
        model: On the accelerator's device.
        sets: What to train on, and what to validate on.
        facts: What the weights' JSON file shall say beside what the run itself knows.
        accelerator: Of Hugging Face Accelerate.
        recipe: Its ``training`` are :class:`TrainingOptions`.
        job: Where, and what to begin with.

    Raises:
        UserError: See :func:`~baselines.training.command.run_until_stopped`, or the weights to
            begin with do not fit.
    """
    assert isinstance(recipe.training, TrainingOptions)
    training = Training(
        model,
        sets[0],
        validation=sets[1],
        out=job.out,
        options=recipe.training,
        facts=facts,
        accelerator=accelerator,
    )
    if job.start is not None:
        training.start_from(job.start)
    run_until_stopped(training, job)


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
        truth = to_images(model.representation, grid.x_0)
        eps = torch.randn(grid.x_0.shape, generator=grid.generator).to(device)
        for probe in _PROBES:
            t = torch.full((len(eps),), probe, device=device)
            x_t = schedule.add_noise(grid.x_0, eps, t)
            x_0 = schedule.x_0(model.config.prediction, model(x_t, t, grid.inputs), x_t, t)
            row[f"rmse_x0_t{probe}"] = round(rmse(to_images(model.representation, x_0), truth), 4)
        rows = [str(number) for number in range(len(eps))]
        names = [chr(0xAC00 + int(number)) for number in rows]  # any distinct seeds will do
        drawn = sample(model, grid.inputs, names, seed=0, options=SamplingOptions())
        row["rmse_drawn"] = round(rmse(drawn, truth), 4)
        self.sheet(truth, drawn, step)
        # The row comes last: without it, a run that goes on validates this step again.
        self.validated(row)


class Training(Run):
    """One run: a model, its data, and where it has got to."""

    options: TrainingOptions
    report: TrainingReport

    def __init__(
        self,
        model: DiffusionModel,
        data: TrainingData,
        *,
        validation: TrainingData | None,
        out: Path,
        options: TrainingOptions,
        facts: dict[str, Any],
        accelerator: Accelerator,
    ) -> None:
        """Set up a run.

        Args:
            model: On the accelerator's device.
            data: What to train on.
            validation: Held-out training families, or None.
            out: Folder for state, weights, log and sample sheets.
            options: How to train.
            facts: What the weights' JSON file shall say beside what the run itself knows.
            accelerator: Of Hugging Face Accelerate; one process or many.
        """
        report = TrainingReport(out, validation, active=accelerator.is_main_process)
        self.model = model
        self.optimizer = torch.optim.AdamW(
            model.parameters(),
            lr=options.learning_rate,
            betas=(0.9, 0.999),
            weight_decay=options.weight_decay,
            fused=True,
        )
        super().__init__(
            data,
            trained=model,
            shipped=model,
            optimizers={"optimizer": self.optimizer},
            facts=facts,
            out=out,
            options=options,
            report=report,
            accelerator=accelerator,
        )
        self.stage_two_from: int | None = None
        if options.steps is not None:
            self.stage_two_from = round(options.steps * _STAGE_TWO)
        self.prepared, self.prepared_optimizer = accelerator.prepare(model, self.optimizer)
        self.network = torch.compile(self.prepared) if options.fuse else self.prepared
        self.noisy_from = _noisy_from(model, accelerator.device)

    def start_from(self, path: Path) -> None:
        """Begin with shipped weights; their steps and samples count on.

        Where they have another representation, the layers that take in and put out x_0
        begin anew, and so does the average of the weights: it would hold on to these layers' first
        random values.

        Raises:
            UserError: The weights are of another model, preset or configuration.
        """
        other, facts = load_weights(type(self.model), path, "cpu")
        if _but_representation(other.config) != _but_representation(self.model.config):
            raise UserError(
                f"Expected weights with the configuration of this run, but those of {path} differ "
                "in preset, prediction, schedule, dropout or characters; give the same options."
            )
        check_facts(facts, path, needs=("steps", "samples", "stage", "training_seconds"))
        own = self.model.state_dict()
        fitting = {n: v for n, v in other.state_dict().items() if v.shape == own[n].shape}
        self.model.load_state_dict(own | fitting)
        self.average.shadow_params = [p.detach().clone() for p in self.model.parameters()]
        self.step, self.samples = facts["steps"], facts["samples"]
        self.average.optimization_step = self.step if len(fitting) == len(own) else 0
        if facts["stage"] == 2:
            self.stage_two_from = 0
        self._see({name: facts.get(name, []) for name in _SEEN})
        self.report.resume(self.step, facts["training_seconds"])

    def _see(self, seen: Mapping[str, Sequence[str]]) -> None:
        """Add what the weights that a run began with had seen to what these weights say."""
        for name, own in seen.items():
            self.facts[name] = sorted({*self.facts.get(name, []), *own})

    def _progress(self) -> dict[str, Any]:
        seen = {name: self.facts[name] for name in _SEEN if name in self.facts}
        return {"stage_two_from": self.stage_two_from, "seen": seen}

    def _go_on(self, progress: Mapping[str, Any]) -> None:
        self._see(progress.get("seen", {}))
        begun = progress.get("stage_two_from")
        if begun is not None and (begun <= self.step or self.stage_two_from is None):
            # Until stage 2 has begun, its beginning follows from the steps that are asked for now.
            self.stage_two_from = begun

    def _own_facts(self) -> dict[str, Any]:
        return {"stage": self._stage()}

    def _validate(self) -> None:
        self.model.eval()
        self.report.validate(self.model, self.step, self.samples, self.data)
        self.model.train()

    def _one_step(self, start: float, batch: Batch) -> None:
        options, rank = self.options, self.accelerator.process_index
        self.model.train()
        rate = options.rate_at(self.step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        # A step's randomness hangs on its number alone, so a resumed run takes the same course.
        torch.manual_seed(options.seed_of(self.step, rank))  # dropout
        self._switch_stage(start)
        self.prepared_optimizer.zero_grad(set_to_none=True)  # room for what the loss needs
        loss, extra = self._loss(batch)
        self.accelerator.backward(loss if extra is None else loss + extra)
        norm = float(self.accelerator.clip_grad_norm_(self.prepared.parameters(), 1.0))
        if math.isfinite(norm):
            self.prepared_optimizer.step()
            self.average.step(self.model.parameters())
            self.skipped = 0
        else:
            self._skip(norm)
        self.step += 1
        self.samples += options.batch_size * self.accelerator.num_processes
        left = self._seconds_left(start)
        values = {"loss": loss, "extra_loss": extra}
        self.report.note(self.step, self.samples, values, rate=rate, seconds_left=left)

    def _loss(self, batch: Batch) -> tuple[Tensor, Tensor | None]:
        model, device = self.model, self.accelerator.device
        generator = batch.generator
        schedule = model.schedule(device)
        x_0 = batch.x_0
        t = self._timesteps(len(x_0), generator).to(device)
        eps = noise_like(x_0, generator)
        x_t = schedule.add_noise(x_0, eps, t)
        inputs = model.drop_for_training(batch.inputs, self._stage(), generator)
        with self.accelerator.autocast(), self._attention():
            output = self.network(x_t, t, inputs)
        output = output.float()
        target = schedule.target(model.config.prediction, x_0, eps, t)
        with self.accelerator.autocast():
            extra = model.extra_loss(output, x_t, t, x_0)
        loss = schedule.loss(model.config.prediction, output, target, t)
        return loss, extra

    def _attention(self) -> AbstractContextManager[None]:
        """On a CPU the fused attention takes eight times as long in bfloat16 as the plain one."""
        slow = self.accelerator.device.type == "cpu" and self.accelerator.mixed_precision == "bf16"
        return sdpa_kernel(SDPBackend.MATH) if slow else nullcontext()

    def _timesteps(self, n: int, generator: torch.Generator) -> Tensor:
        if self.options.timesteps == "last":
            return torch.full((n,), TIMESTEPS - 1)
        t = torch.randint(TIMESTEPS, (n,), generator=generator)
        if self.options.timesteps == "uniform":
            return t
        noisy = torch.randint(self.noisy_from, TIMESTEPS, (n,), generator=generator)
        return torch.where(torch.rand(n, generator=generator) < 0.5, noisy, t)

    def _stage(self) -> int:
        return 2 if self.stage_two_from is not None and self.step >= self.stage_two_from else 1

    def _switch_stage(self, start: float) -> None:
        """Under a limit of time alone, stage 2 begins when that share of the time is gone."""
        limit = self.options.minutes
        if self.stage_two_from is not None or limit is None:
            return
        if time.monotonic() - start >= limit * 60 * _STAGE_TWO:
            self.stage_two_from = self.step


def noise_like(x_0: Tensor, generator: torch.Generator) -> Tensor:
    """Standard normal noise of x_0's shape; a GPU makes its own, which is other noise."""
    if x_0.device.type == "cpu":
        return torch.randn(x_0.shape, generator=generator)
    seed = int(torch.randint(2**62, (1,), generator=generator))
    own = torch.Generator(x_0.device).manual_seed(seed)
    return torch.randn(x_0.shape, generator=own, device=x_0.device)


def _but_representation(config: Config) -> dict[str, Any]:
    return {name: value for name, value in config.to_json().items() if name != "carrier"}


def _noisy_from(model: DiffusionModel, device: torch.device) -> int:
    return int((model.schedule(device).alpha_bar >= _NOISY).sum())
