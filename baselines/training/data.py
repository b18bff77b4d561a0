"""The training set as tensors on the device, and batches that a step's number alone decides."""

import hashlib
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from hangeul_bench.base.errors import UserError
from hangeul_bench.dataset import CATEGORIES, Font, GlyphDataset

_HELD_OUT = 10  # lineages a category at most, a fifth of them where there are fewer than fifty
_Made = tuple[
    Tensor, dict[str, Tensor], Tensor
]  # a batch, with its generator's state in place of itself


@dataclass(frozen=True)
class Batch:
    """One step's glyphs and conditions, and the generator for the rest of the step's noise."""

    x_0: Tensor  # (N, 1, S, S) float32 in [-1, 1], in its representation
    inputs: dict[str, Tensor]
    generator: torch.Generator


class TrainingData(Protocol):
    """What a run draws its batches from."""

    def batch(self, size: int, seed: int) -> Batch:
        """A random batch; the same seed gives the same batch."""

    def grid(self, fonts: int, characters: int) -> Batch:
        """Fixed glyphs for validation: the first fonts by evenly spaced characters."""


def present_in(
    dataset: GlyphDataset, font_ids: tuple[str, ...], characters: tuple[str, ...]
) -> Tensor:
    """(F, C) bool: which of some characters F fonts draw.

    Raises:
        UserError: A font draws none of them.
    """
    present = torch.from_numpy(dataset.present(font_ids, characters))
    if not bool(present.any(1).all()):
        empty = font_ids[int((~present.any(1)).int().argmax())]
        raise UserError(f"Font {empty} of {dataset.path} has none of the training characters.")
    return present


@dataclass(frozen=True)
class TrainingFonts:
    """Training fonts, and training *families* held out to validate on.

    The benchmark's unseen fonts are in neither.
    """

    train: tuple[Font, ...]
    validation: tuple[Font, ...]

    @property
    def font_ids(self) -> tuple[str, ...]:
        """The ids of the fonts to train on, sorted."""
        return tuple(font.font_id for font in self.train)

    @property
    def lineages(self) -> tuple[str, ...]:
        """The families of the fonts to train on, sorted."""
        return tuple(sorted({font.lineage for font in self.train}))

    def weights(self) -> Tensor:
        """(F,) float32: how often a font is drawn, one over the square root of its family's size.

        A quarter of the open corpus' printed styles descend from one source; drawn evenly they
        would be most of what a model sees, and a family each would be as lopsided.
        """
        sizes = Counter(font.lineage for font in self.train)
        weights = [sizes[font.lineage] ** -0.5 for font in self.train]
        return torch.tensor(weights, dtype=torch.float32)


def training_fonts(dataset: GlyphDataset, *, category: str = "both") -> TrainingFonts:
    """Divide the dataset's training fonts into those to train on and those to validate on.

    Held out are the families with the least SHA-256 of their name, among those that hold neither
    an evaluation font nor the content font. A dataset with few families holds out fewer.

    Args:
        dataset: Its ``splits.train_fonts`` are divided.
        category: ``handwritten``, ``printed`` or ``both``.

    Raises:
        UserError: The dataset has no training font of this category.
    """
    fonts = [dataset.font(font_id) for font_id in sorted(dataset.splits.train_fonts)]
    fonts = [font for font in fonts if category in ("both", font.category)]
    if not fonts:
        raise UserError(
            f"Expected training fonts of category {category} in {dataset.path}, but found none; "
            "build the dataset from more fonts."
        )
    kept = set(dataset.splits.seen_fonts) | {dataset.splits.content_font}
    fixed = {font.lineage for font in fonts if font.font_id in kept}
    held_out = {name for c in CATEGORIES for name in _held_out_lineages(fonts, c, fixed)}
    return TrainingFonts(
        tuple(font for font in fonts if font.lineage not in held_out),
        tuple(font for font in fonts if font.lineage in held_out),
    )


def _held_out_lineages(fonts: list[Font], category: str, fixed: set[str]) -> list[str]:
    lineages = {font.lineage for font in fonts if font.category == category}
    count = min(_HELD_OUT, len(lineages) // 5)
    free = sorted(lineages - fixed, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    return free[:count]


@dataclass(frozen=True)
class _Steps(Dataset[_Made]):
    """Batches by their place after ``first``: a step's number alone decides what is in it."""

    data: TrainingData
    size: int
    seed_of: Callable[[int], int]
    first: int

    def __getitem__(self, place: int) -> _Made:
        batch = self.data.batch(self.size, self.seed_of(self.first + place))
        return batch.x_0, batch.inputs, batch.generator.get_state()


class _Places:
    """0, 1, 2 and so on without end."""

    def __iter__(self) -> Iterator[int]:
        place = 0
        while True:
            yield place
            place += 1


def batches(
    data: TrainingData,
    size: int,
    seed_of: Callable[[int], int],
    *,
    first: int,
    workers: int,
    device: torch.device,
) -> Generator[Batch]:
    """The batches of step ``first`` and all after it, on the device.

    They are the same for any number of workers.

    Args:
        data: Where they come from; with workers its tensors must lie in the computer's memory.
        size: Glyphs a batch.
        seed_of: Seed of a step.
        first: The first step.
        workers: Processes that make batches ahead; 0 makes each where it is needed.
        device: Where the batches are wanted.
    """
    if workers == 0:
        step = first
        while True:
            yield _moved(data.batch(size, seed_of(step)), device)
            step += 1
    loader = DataLoader(
        _Steps(data, size, seed_of, first),
        batch_size=None,
        sampler=_Places(),
        num_workers=workers,
        prefetch_factor=2,
        pin_memory=device.type == "cuda",
        worker_init_fn=_begin,
        multiprocessing_context="fork",  # the data are shared, not copied
    )
    for x_0, inputs, state in loader:
        generator = torch.Generator()
        generator.set_state(state)
        yield _moved(Batch(x_0, inputs, generator), device)


def _moved(batch: Batch, device: torch.device) -> Batch:
    inputs = {name: value.to(device) for name, value in batch.inputs.items()}
    return Batch(batch.x_0.to(device), inputs, batch.generator)


def _begin(worker: int) -> None:
    del worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the loop ends the workers when it has saved
    torch.set_num_threads(1)
