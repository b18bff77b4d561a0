"""Weights that ship (safetensors and a JSON file beside them) and the state that a run resumes."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from baselines.diff_font.model import DiffFont, ModelConfig
from hangeul_bench.adapter import UserError

FORMAT = 1


def save_weights(path: Path, state: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write weights as float16 and ``facts`` as JSON beside them; each replaces the old whole.

    Args:
        path: Ends in ``.safetensors``.
        state: The model's (averaged) state.
        facts: Must hold ``model`` and ``config``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    halves = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    write_tensors(path, halves)
    text = json.dumps({"format": FORMAT, **facts}, indent=1, ensure_ascii=False) + "\n"
    write_whole(path.with_suffix(".json"), text.encode("utf-8"))


def write_whole(path: Path, data: bytes) -> None:
    """A file, written under another name first."""
    partial = path.with_suffix(f"{path.suffix}.tmp-{os.getpid()}")
    partial.write_bytes(data)
    partial.replace(path)


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict | None = None) -> None:
    """A safetensors file, written under another name first."""
    partial = path.with_suffix(f".tmp-{os.getpid()}")
    save_file({k: v.detach().cpu().contiguous() for k, v in tensors.items()}, partial, metadata)
    partial.replace(path)


def read_facts(path: Path, model: str) -> dict[str, Any]:
    """The JSON beside a weights' file.

    Raises:
        UserError: It is absent, damaged, of another model or of a newer format.
    """
    if path.suffix != ".safetensors":
        raise UserError(
            f"Expected weights as .safetensors, but found {path}; files that may hold code "
            "(.pt, .ckpt) are not loaded."
        )
    beside = path.with_suffix(".json")
    if not path.is_file() or not beside.is_file():
        raise UserError(
            f"Expected weights of {model} at {path} and their JSON file beside them; train them "
            "or name others with --option checkpoint=FILE."
        )
    try:
        facts: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
        found, version = facts["model"], facts["format"]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"The weights' file {beside} is damaged: {error!r}.") from error
    if found != model:
        raise UserError(f"Expected weights of {model}, but {path} holds weights of {found}.")
    if version > FORMAT:
        raise UserError(f"{path} has format {version}, newer than {FORMAT}; update hangeul-bench.")
    return facts


def load_weights(kind: type[DiffFont], path: Path, device: str) -> tuple[DiffFont, dict[str, Any]]:
    """Build the model that a weights' file describes and fill it, in eval mode.

    Raises:
        UserError: The file is absent, truncated, of another model, preset or format.
    """
    facts = read_facts(path, kind.name)
    try:
        model = kind(ModelConfig.from_json(facts["config"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"The configuration in {path.with_suffix('.json')} does not fit: {error}."
        ) from error
    state = read_tensors(path)
    try:
        model.load_state_dict({name: value.float() for name, value in state.items()})
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip()
        raise UserError(f"Weights {path} do not fit their JSON file: {first}") from error
    return model.to(device).eval(), facts


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file.

    Raises:
        UserError: The file is truncated or no safetensors file.
    """
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"{path} is no complete safetensors file ({error}); copy or train it again."
        ) from error


def save_state(
    path: Path,
    model: DiffFont,
    optimizer: torch.optim.Optimizer,
    average: dict[str, Tensor],
    progress: dict[str, Any],
) -> None:
    """Everything that a run needs to go on as if it had not stopped."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.items()}
    for index, entry in optimizer.state_dict()["state"].items():
        for name, value in entry.items():
            tensors[f"optimizer.{index}.{name}"] = torch.as_tensor(value)
    write_tensors(path, tensors, {"progress": json.dumps(progress)})


def load_state(
    path: Path, model: DiffFont, optimizer: torch.optim.Optimizer
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The inverse of :func:`save_state`: fills model and optimizer.

    Returns:
        The averaged weights and the progress.

    Raises:
        UserError: The file is damaged or belongs to another model or preset.
    """
    tensors = read_tensors(path)
    with safe_open(path, "pt") as file:
        progress = json.loads((file.metadata() or {}).get("progress", "{}"))
    try:
        model.load_state_dict(_group(tensors, "model."))
    except RuntimeError as error:
        raise UserError(
            f"The run in {path.parent} was started with another preset or model; choose another "
            "--out or the options it was started with."
        ) from error
    entries: dict[int, dict[str, Tensor]] = {}
    for name, value in _group(tensors, "optimizer.").items():
        index, _, key = name.partition(".")
        entries.setdefault(int(index), {})[key] = value
    state = optimizer.state_dict()
    optimizer.load_state_dict({**state, "state": entries})
    return _group(tensors, "average."), progress


def _group(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
