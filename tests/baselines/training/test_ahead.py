"""Batches made ahead by other processes are those that the loop would have made itself."""

import os
import signal
from contextlib import closing
from functools import partial
from itertools import islice

import pytest
import torch

from baselines.diffusion.trainer import TrainingOptions
from baselines.training.data import Batch, batches

CPU = torch.device("cpu")


class Numbers:
    """Batches of noise; ``stop`` interrupts whoever makes one."""

    def __init__(self, stop=False):
        self.stop = stop

    def batch(self, size, seed):
        if self.stop:
            os.kill(os.getpid(), signal.SIGINT)
        generator = torch.Generator().manual_seed(seed)
        x_0 = torch.randn(size, 1, 2, 2, generator=generator)
        return Batch(x_0, {"jamo": torch.randint(9, (size, 3), generator=generator)}, generator)


def first_batches(workers, *, first=0, count=5, data=None):
    seed_of = partial(TrainingOptions(seed=3).seed_of, rank=1)
    source = batches(data or Numbers(), 4, seed_of, first=first, workers=workers, device=CPU)
    with closing(source):
        return [
            (b.x_0, b.inputs["jamo"], torch.rand(2, generator=b.generator))
            for b in islice(source, count)
        ]


def same(some, others):
    return len(some) == len(others) and all(
        torch.equal(a, b)
        for x, y in zip(some, others, strict=True)
        for a, b in zip(x, y, strict=True)
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_batches_are_the_same_for_any_number_of_workers(workers):
    assert same(first_batches(0), first_batches(workers))


def test_a_run_that_goes_on_gets_the_batches_of_its_own_steps():
    assert same(first_batches(0)[2:], first_batches(2, first=2, count=3))
    assert not same(first_batches(0)[:3], first_batches(2, first=2, count=3))


def test_an_interrupt_that_reaches_the_workers_too_ends_none_of_them():
    assert same(first_batches(2), first_batches(2, data=Numbers(stop=True)))
