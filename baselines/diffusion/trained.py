"""What the adapters of all trained models have in common: weights, and what is told of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Generic

import torch

from baselines.diffusion.checkpoint import Model, check_facts, load_weights
from hangeul_bench.adapter import TrainedOn
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import file_sha256


class TrainedAdapter(Generic[Model]):
    """A model of the benchmark that draws with weights.

    Attributes:
        model: In eval mode, on the device.
        device: Where it draws.
        trained_on: What its weights have seen.
        parameters: How many it has.
        checkpoint_sha256: Of the weights' file.
    """

    kind = "model"
    model: Model
    device: torch.device
    trained_on: TrainedOn | None
    parameters: int
    checkpoint_sha256: str

    def _load(
        self, kind: type[Model], path: Path, device: str, *, needs: Sequence[str] = ("samples",)
    ) -> dict[str, Any]:
        """Fill the attributes from a weights' file and return the facts beside it.

        Args:
            kind: What the weights fill.
            path: Ends in ``.safetensors``.
            device: ``cpu`` or ``cuda``.
            needs: Facts that must be there.

        Raises:
            UserError: The weights are unusable, or CUDA is absent.
        """
        if device.startswith("cuda") and not torch.cuda.is_available():
            raise UserError("CUDA was asked for, but torch finds no CUDA device; use cpu.")
        self.device = torch.device(device)
        self.model, facts = load_weights(kind, path, device)
        check_facts(facts, path, needs=needs)
        self.trained_on = TrainedOn.read(path.with_suffix(".json"))
        self.parameters = sum(p.numel() for p in self.model.parameters())
        self.checkpoint_sha256 = file_sha256(path)
        return facts
