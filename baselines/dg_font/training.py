"""DG-Font's training: generator and discriminator take turns in every step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.nn import functional

from baselines.dg_font.discriminator import gradient_penalty
from baselines.dg_font.model import REPRESENTATION, Players
from baselines.glyphs.representation import to_images
from baselines.training.data import Batch, TrainingData
from baselines.training.log import SHEET_CHARACTERS, SHEET_FONTS, RunLog, rmse
from baselines.training.run import Run, RunOptions
from hangeul_bench.base.errors import UserError


@dataclass(frozen=True)
class LossWeights:
    """How much each term counts; every default is the paper's or its code's.

    Attributes:
        adversarial: That a drawn glyph passes for one of its font.
        image: That a glyph drawn in its own style is itself.
        content: That what is drawn has the content's features.
        offset: That skips bend no more than they must.
        penalty: Of the discriminator's gradient at real glyphs.
    """

    adversarial: float = 1.0
    image: float = 0.1
    content: float = 0.1
    offset: float = 0.5
    penalty: float = 10.0


@dataclass(frozen=True)
class AdversarialOptions(RunOptions):
    """How to train; what differs from the paper stands in the model's README.

    Attributes:
        losses: How much each term counts.
        penalty_every: Steps between gradient penalties, each counted as often as it stands for.
    """

    batch_size: int = 16
    learning_rate: float = 2e-4
    warmup: int = 50
    average: float = 0.999
    losses: LossWeights = LossWeights()
    penalty_every: int = 4


@dataclass(frozen=True)
class _Drawn:
    """What the generator made of a batch, with what its losses compare."""

    glyphs: Tensor  # (N, 1, 128, 128) the content in the references' styles
    again: Tensor  # (N, 1, 128, 128) the references in their own styles
    given: Tensor  # (N, C, h, w) features of the content
    offsets: list[Tensor]


class AdversarialTraining(Run):
    """One run: both players, their optimizers, and where it has got to."""

    options: AdversarialOptions

    def __init__(
        self,
        players: Players,
        data: TrainingData,
        *,
        validation: TrainingData | None,
        out: Path,
        options: AdversarialOptions,
        facts: dict[str, Any],
        accelerator: Accelerator,
    ) -> None:
        """Set up a run.

        Args:
            players: On the accelerator's device.
            data: What to train on.
            validation: Held-out training families, or None.
            out: Folder for state, weights, log and sample sheets.
            options: How to train.
            facts: What the weights' JSON file shall say beside what the run itself knows.
            accelerator: Of Hugging Face Accelerate; one process.

        Raises:
            UserError: There are several processes.
        """
        if accelerator.num_processes > 1:
            raise UserError("DG-Font trains in one process; start it without torchrun.")
        report = RunLog(out, active=True)
        super().__init__(
            data,
            trained=players,
            shipped=players.generator,
            optimizers=_optimizers(players),
            facts=facts,
            out=out,
            options=options,
            report=report,
            accelerator=accelerator,
        )
        self.players, self.validation = players, validation
        self.generator, self.discriminator = players.generator, players.discriminator

    @torch.no_grad()
    def _validate(self) -> None:
        """Draw, measure against the truth, and write a sheet.

        The truth is looked at here alone; training never sees a pair.
        """
        generator, device = self.generator, self.accelerator.device
        grid = (self.validation or self.data).grid(SHEET_FONTS, SHEET_CHARACTERS)
        code = generator.style(grid.inputs["reference"].to(device))
        drawn = generator.draw(grid.inputs["content"].to(device), code)
        truth = to_images(REPRESENTATION, grid.x_0)
        self.report.sheet(truth, drawn, self.step)
        # The row comes last: without it, a run that goes on validates this step again.
        held_out = self.validation is not None
        row = {"step": self.step, "samples": self.samples, "held_out": held_out}
        self.report.validated({**row, "rmse_drawn": round(rmse(drawn, truth), 4)})

    def _one_step(self, start: float, batch: Batch) -> None:
        rate = self.options.rate_at(self.step)
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate
        fonts = batch.inputs["fonts"]
        drawn = self._draw(batch)
        judged = self._discriminator_losses(batch.x_0, drawn.glyphs.detach(), fonts)
        norms = [self._move(judged["d_loss"], self.discriminator, "discriminator")]
        self.discriminator.requires_grad_(False)
        made = self._generator_losses(batch.x_0, drawn, fonts)
        norms.append(self._move(made["g_loss"], self.generator, "style", "generator"))
        self.discriminator.requires_grad_(True)
        if math.isfinite(norms[1]):
            self.average.step(self.generator.parameters())
        broken = [norm for norm in norms if not math.isfinite(norm)]
        if broken:
            self._skip(broken[0])
        else:
            self.skipped = 0
        self.step += 1
        self.samples += self.options.batch_size
        left = self._seconds_left(start)
        values = {**judged, **made}
        self.report.note(self.step, self.samples, values, rate=rate, seconds_left=left)

    def _draw(self, batch: Batch) -> _Drawn:
        generator = self.generator
        with self.accelerator.autocast():
            code = generator.style(batch.x_0)  # (N, 128)
            given = generator.content(batch.inputs["content"])
            glyphs, offsets = generator.mix(given, code)
            again, _ = generator.mix(generator.content(batch.x_0), code)
        return _Drawn(glyphs.float(), again.float(), given.features.float(), offsets)

    def _discriminator_losses(
        self, real: Tensor, drawn: Tensor, fonts: Tensor
    ) -> dict[str, Tensor | None]:
        """``d_loss`` is lowered; the others say what it is made of, and how both are judged."""
        options = self.options
        with self.accelerator.autocast():
            of_real = self.discriminator(real, fonts).float()
            of_drawn = self.discriminator(drawn, fonts).float()
        adversarial = loss = discriminator_hinge(of_real, of_drawn)
        penalty = None
        if self.step % options.penalty_every == 0:
            glyphs = real.clone().requires_grad_()
            penalty = gradient_penalty(self.discriminator(glyphs, fonts), glyphs)
            loss = loss + options.penalty_every * options.losses.penalty * penalty
        return {
            "d_loss": loss,
            "d_adversarial": adversarial,
            "d_penalty": penalty,
            "d_real": of_real.mean(),
            "d_drawn": of_drawn.mean(),
        }

    def _generator_losses(self, real: Tensor, drawn: _Drawn, fonts: Tensor) -> dict[str, Tensor]:
        """``g_loss`` is lowered; the others are its terms before they are weighed."""
        weights = self.options.losses
        with self.accelerator.autocast():
            passed = generator_hinge(self.discriminator(drawn.glyphs, fonts).float())
            passed = passed + generator_hinge(self.discriminator(drawn.again, fonts).float())
            kept = self.generator.content(drawn.glyphs).features.float()
        image = image_loss(drawn.again, real)
        content, offset = content_loss(kept, drawn.given), offset_loss(drawn.offsets)
        loss = weights.adversarial * passed + weights.image * image
        loss = loss + weights.content * content + weights.offset * offset
        return {
            "g_loss": loss,
            "g_adversarial": passed,
            "g_image": image,
            "g_content": content,
            "g_offset": offset,
        }

    def _move(self, loss: Tensor | None, player: nn.Module, *names: str) -> float:
        """Learn from a loss unless its gradient is not finite; returns the gradient's norm."""
        assert loss is not None
        for name in names:
            self.optimizers[name].zero_grad(set_to_none=True)
        loss.backward()
        norm = float(nn.utils.clip_grad_norm_(player.parameters(), math.inf))
        if math.isfinite(norm):
            for name in names:
                self.optimizers[name].step()
        return norm


def _optimizers(players: Players) -> dict[str, torch.optim.Optimizer]:
    """The paper's: Adam for the style encoder, RMSprop for all else; the run sets their rates."""
    style = list(players.generator.style_encoder.parameters())
    rest = [*players.generator.content_encoder.parameters(), *players.generator.mixer.parameters()]
    other = list(players.discriminator.parameters())
    return {
        "style": torch.optim.Adam(style, betas=(0.9, 0.99), weight_decay=1e-3),
        "generator": torch.optim.RMSprop(rest, weight_decay=1e-4),
        "discriminator": torch.optim.RMSprop(other, weight_decay=1e-4),
    }


def discriminator_hinge(real: Tensor, drawn: Tensor) -> Tensor:
    """What the discriminator lowers: 0 where real is above 1 and drawn below -1.

    Args:
        real: (N,) what it says of real glyphs.
        drawn: (N,) what it says of drawn ones.
    """
    return functional.relu(1 - real).mean() + functional.relu(1 + drawn).mean()


def generator_hinge(drawn: Tensor) -> Tensor:
    """What the generator lowers: it falls as (N,) judgements of drawn glyphs rise."""
    return -drawn.mean()


def image_loss(drawn: Tensor, truth: Tensor) -> Tensor:
    """Mean absolute difference of (N, 1, H, W) glyphs; 0 where they are equal."""
    return (drawn - truth).abs().mean()


def content_loss(drawn: Tensor, given: Tensor) -> Tensor:
    """Mean absolute difference of (N, C, H, W) content features; 0 where they are equal."""
    return (drawn - given).abs().mean()


def offset_loss(offsets: Sequence[Tensor]) -> Tensor:
    """Mean absolute offset over all skips, in pixels of their features; 0 where nothing moves.

    Args:
        offsets: (N, 2 K, H, W) of each skip.
    """
    return torch.stack([offset.abs().mean() for offset in offsets]).mean()
