"""Batches made ahead by other processes, for a device that trains faster than one core draws."""

import signal
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from baselines.diffusion.conditions import Inputs
from baselines.diffusion.training.data import Batch, TrainingData

_Made = tuple[Tensor, Inputs, Tensor]  # a batch, with its generator's state in place of itself


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
