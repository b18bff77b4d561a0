"""The processes of one run: a single one, or those that torchrun or accelerate launch started."""

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from hangeul_bench.base.errors import UserError

# A rank that is done waits for the slowest one; torch would give up after half an hour.
_LONGEST_WAIT = timedelta(days=30)


@dataclass(frozen=True)
class Processes:
    """This process's place among those of the run.

    Attributes:
        rank: 0 to ``world - 1``; rank 0 scores, writes and prints.
        world: Number of processes.
        device: Where this one computes: ``cpu``, ``cuda`` or ``cuda:<local rank>``.
    """

    rank: int
    world: int
    device: str
    _state: Any = None

    @property
    def first(self) -> bool:
        """Whether this is the process that scores and writes."""
        return self.rank == 0

    def wait(self) -> None:
        """Return once every process has come here."""
        if self._state is not None:
            self._state.wait_for_everyone()


def join_processes(device: str) -> Processes:
    """Join the run's processes.

    Args:
        device: ``cpu``, ``cuda``, or ``auto`` for a GPU where there is one.

    Raises:
        UserError: ``cuda`` is asked for and there is no GPU that torch can use.
    """
    if device != "cpu":
        import torch

        if device == "cuda" and not torch.cuda.is_available():
            raise UserError(
                "Expected a GPU for --device cuda, but torch finds none; use --device cpu."
            )
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Processes(0, 1, device)
    from accelerate import PartialState

    state = PartialState(cpu=device == "cpu", timeout=_LONGEST_WAIT)
    if device == "cuda":
        device = f"cuda:{state.local_process_index}"
    return Processes(state.process_index, state.num_processes, device, state)
