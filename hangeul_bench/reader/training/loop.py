"""The training loop of the jamo reader: which glyphs it sees, in which order, and how it learns."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from hangeul_bench.base.errors import UserError
from hangeul_bench.base.progress import progress
from hangeul_bench.hangeul.phonetics import decompose
from hangeul_bench.reader.network import FRAME, ReaderNetwork
from hangeul_bench.reader.training.augmentation import MIXED_SHARE, augmented_frames
from hangeul_bench.reader.training.skeletons import drawn_pages

_BATCH = 64
_DRAWN_SHARE = 0.25  # of the glyphs are skeletons, which no font has drawn
_PEAK_RATE = 3e-3
_LATER_PEAK_RATE = 1e-3  # of a stage that goes on from weights, which must not be unlearned
_WARM_UP = 0.03  # share of the run
_FINAL_RATE = 0.005  # of the peak
_WEIGHT_DECAY = 0.02
_LABEL_SMOOTHING = 0.05
_MEAN_DECAY = 0.996  # of the exponential mean of the weights, which is what is kept
_SMALL_FRAME = 40  # pixels; the first part of a run learns from small frames, twice as fast
_SMALL_SHARE = 0.4  # of the run
_STEPS_PER_SAVE = 250


@dataclass(frozen=True)
class TrainingSet:
    """The glyphs to learn from.

    Attributes:
        images: ``(F, N, H, W)`` uint8, 0 = ink, 255 = paper.
        present: ``(F, N)`` bool, False where a font lacks the syllable.
        lineages: The lineage of each font.
        categories: ``handwritten`` or ``printed``, of each font.
        characters: The N syllables.
    """

    images: np.ndarray
    present: np.ndarray
    lineages: tuple[str, ...]
    categories: tuple[str, ...]
    characters: tuple[str, ...]

    def labels(self) -> Tensor:
        """Jamo indices ``(N, 3)`` int64."""
        return torch.tensor([decompose(syllable) for syllable in self.characters])

    def font_weights(self) -> Tensor:
        """How often each font is drawn, ``(F,)``.

        Categories are drawn equally often, lineages of a category too, and fonts of a lineage
        too: the 26 printed styles of one source are not 26 designs.
        """
        weights = []
        for lineage, category in zip(self.lineages, self.categories, strict=True):
            same = [place for place, other in enumerate(self.categories) if other == category]
            count = len({self.lineages[place] for place in same})
            siblings = sum(self.lineages[place] == lineage for place in same)
            weights.append(1 / (count * siblings))
        return torch.tensor(weights)


@dataclass(frozen=True)
class Limit:
    """When a run ends: after so many samples (repeatable), or after so many minutes."""

    samples: int | None = None
    minutes: float | None = None

    def share(self, samples: int, seconds: float) -> float:
        """How much of the run is done, from 0 to 1."""
        if self.samples is not None:
            return samples / self.samples
        return seconds / (60 * (self.minutes or 1))


class Trainer:
    """One training run; its state can be saved after any step and taken up again.

    All randomness of a step comes from the seed and the step's number, so that a run that was
    interrupted and continued gives the same weights as one that was not.
    """

    def __init__(
        self,
        data: TrainingSet,
        limit: Limit,
        *,
        seed: int = 0,
        start: ReaderNetwork | None = None,
    ) -> None:
        torch.manual_seed(seed)
        self.data, self.limit, self.seed = data, limit, seed
        self.network = ReaderNetwork()
        # A second stage goes on from weights that know small frames already.
        self.small_share = _SMALL_SHARE if start is None else 0.0
        self.peak_rate = _PEAK_RATE if start is None else _LATER_PEAK_RATE
        if start is not None:
            self.network.load_state_dict(start.state_dict())
        # A quarter faster on a CPU than channels first.
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.mean = AveragedModel(self.network, avg_fn=_running_mean, use_buffers=True)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=self.peak_rate, weight_decay=_WEIGHT_DECAY, fused=True
        )
        self.labels, self.weights = data.labels(), data.font_weights()
        self.step, self.seconds = 0, 0.0

    @property
    def samples(self) -> int:
        """Glyphs seen so far."""
        return self.step * _BATCH

    @property
    def share(self) -> float:
        """How much of the run is done, from 0 to 1."""
        return self.limit.share(self.samples, self.seconds)

    def run(self, *, save: Callable[["Trainer"], None] | None = None) -> None:
        """Train to the limit, saving the state now and then."""
        by_samples = self.limit.samples is not None
        total = self.limit.samples or 60 * (self.limit.minutes or 0)
        with progress("Training", total, "glyphs" if by_samples else "s") as bar:
            bar.advance(self.samples if by_samples else self.seconds)
            while self.share < 1:
                start = time.monotonic()
                loss = self._learn()
                spent = time.monotonic() - start
                self.seconds += spent
                bar.advance(_BATCH if by_samples else spent)
                if self.step % _STEPS_PER_SAVE == 0 and save is not None:
                    bar.note(f"step {self.step}: loss {loss:.3f}")
                    save(self)

    def _learn(self) -> float:
        generator = Generator().manual_seed(self.seed * 1_000_003 + self.step)
        torch.manual_seed(generator.initial_seed())  # for the dropout
        size = _SMALL_FRAME if self.share < self.small_share else FRAME
        frames, labels = self._batch(size, generator)
        for group in self.optimizer.param_groups:
            group["lr"] = self.peak_rate * _rate(self.share)
        logits = self.network.train()(frames.contiguous(memory_format=torch.channels_last))
        loss = torch.stack(
            [
                F.cross_entropy(part, labels[:, place], label_smoothing=_LABEL_SMOOTHING)
                for place, part in enumerate(logits)
            ]
        ).sum()
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
        self.optimizer.step()
        self.mean.update_parameters(self.network)
        self.step += 1
        return loss.item()

    def _batch(self, size: int, generator: Generator) -> tuple[Tensor, Tensor]:
        fonts, places = self._draw(4 * _BATCH, generator)
        kept = np.flatnonzero(self.data.present[fonts, places])[:_BATCH]
        fonts, places = fonts[kept], places[kept]
        mates, _ = self._draw(int(len(kept) * MIXED_SHARE), generator)
        same = places[: len(mates)]
        mates = np.where(self.data.present[mates, same], mates, fonts[: len(mates)])
        pages = torch.from_numpy(self.data.images[fonts, places])
        drawn = len(kept) - int(len(kept) * _DRAWN_SHARE)
        pages[drawn:] = drawn_pages(self.labels[places[drawn:]], pages.shape[1], generator)
        others = torch.from_numpy(self.data.images[mates, same])
        return augmented_frames(pages, others, size, generator), self.labels[places]

    def _draw(self, count: int, generator: Generator) -> tuple[np.ndarray, np.ndarray]:
        fonts = torch.multinomial(self.weights, count, True, generator=generator)
        places = torch.randint(0, len(self.labels), (count,), generator=generator)
        return fonts.numpy(), places.numpy()

    def state(self) -> dict[str, object]:
        """Everything that continuing needs."""
        return {
            "network": self.network.state_dict(),
            "mean": self.mean.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "seconds": self.seconds,
            "seed": self.seed,
            "limit": (self.limit.samples, self.limit.minutes),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a saved state.

        Raises:
            UserError: The state belongs to a run of another seed or length.
        """
        found = (state["seed"], *state["limit"])
        expected = (self.seed, self.limit.samples, self.limit.minutes)
        if found != expected:
            raise UserError(
                f"The interrupted run had seed, samples, minutes {found}, but {expected} were "
                "asked for; repeat its options or leave --resume away."
            )
        self.network.load_state_dict(state["network"])
        self.mean.load_state_dict(state["mean"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.seconds = state["step"], state["seconds"]

    def result(self) -> ReaderNetwork:
        """The network with the mean weights, rounded as they are stored."""
        network = ReaderNetwork()
        network.load_state_dict(
            {name: stored(value).float() for name, value in self.mean.module.state_dict().items()}
        )
        return network.eval()


def _rate(share: float) -> float:
    """Learning rate as a share of its peak: linear warm-up, then half a cosine."""
    if share < _WARM_UP:
        return max(share / _WARM_UP, 0.01)
    done = (share - _WARM_UP) / (1 - _WARM_UP)
    return _FINAL_RATE + (1 - _FINAL_RATE) * (1 + math.cos(math.pi * min(done, 1))) / 2


def _running_mean(mean: Tensor, value: Tensor, count: Tensor | int) -> Tensor:
    """Exponential mean that forgets faster at first, so that the initial weights leave it."""
    decay = min(_MEAN_DECAY, (1 + float(count)) / (10 + float(count)))
    return mean.lerp(value, 1 - decay) if mean.is_floating_point() else value


def stored(value: Tensor) -> Tensor:
    """A weight as it is stored: 16-bit floats, which halve the file and cost no accuracy."""
    return value.half() if value.is_floating_point() else value
