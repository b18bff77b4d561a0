"""Weights that ship (safetensors and a JSON file beside them) and the state that a run resumes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from baselines.training.quantized import dequantize
from hangeul_bench.base.documents import Schema, parse_json, read_json
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.files import pretty_json, whole_file, write_whole

FORMAT = 1
# By the width of a number, as the library lays them out.
_TYPES = {torch.int64: "I64", torch.float32: "F32", torch.float16: "F16", torch.int8: "I8"}
_COUNT = {"type": "integer", "minimum": 0, "maximum": 1e15}
NAMES = {"type": "array", "items": {"type": "string"}}
# In configurations of all models.
CHARACTERS = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": 0xD7FF},  # code points
}
DROPOUT = {"type": "number", "minimum": 0, "maximum": 1}
_PROGRESS = Schema(
    {
        "type": "object",
        "required": ["step", "samples", "seconds"],
        "properties": {
            "step": _COUNT,
            "samples": _COUNT,
            "averaged": _COUNT,
            "stage_two_from": {**_COUNT, "type": ["integer", "null"]},
            "seconds": {"type": "number", "minimum": 0, "maximum": 1e12},
        },
    }
)


class Config(Protocol):
    """All that is needed to build a model again, beside its weights.

    Attributes:
        schema: JSON schema of each field in the JSON; the configuration says itself when one is
            absent.
    """

    schema: ClassVar[Mapping[str, Any]]

    @property
    def characters(self) -> tuple[str, ...]:
        """The characters that it was trained to draw."""

    def to_json(self) -> dict[str, Any]:
        """A dictionary of JSON values; ``characters`` as code points."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Config":
        """The inverse of :meth:`to_json`."""


class TrainedModel(nn.Module):
    """What can be written to a weights' file and built from it again.

    Attributes:
        name: Of the registered model.
        config_type: Class of its ``config``.
        presets: Its sizes by name.
        ablations: What its configuration may be ``without``.
    """

    name: ClassVar[str]
    config_type: ClassVar[type[Config]]
    presets: ClassVar[Mapping[str, Any]] = {}
    ablations: ClassVar[tuple[str, ...]] = ()
    config: Config

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config

    def training_facts(self) -> dict[str, Any]:
        """What the checkpoint should say of a training beside the shared facts."""
        return {}


Model = TypeVar("Model", bound=TrainedModel)


def save_weights(path: Path, state: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write weights as float16 and ``facts`` as JSON beside them; each replaces the old whole.

    Args:
        path: Ends in ``.safetensors``.
        state: The model's (averaged) state.
        facts: Must hold ``model`` and ``config``.
    """
    halves = {k: v.half() if v.is_floating_point() else v for k, v in state.items()}
    write_tensors(path, halves)
    write_whole(path.with_suffix(".json"), pretty_json({"format": FORMAT, **facts}))


def write_tensors(
    path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None
) -> None:
    """A safetensors file, written under another name first; byte for byte the library's.

    The library makes the whole file in memory, twice: four times what a large model weighs. Here a
    tensor is written after the other. And an error of the library's own names no file.

    Args:
        path: The file.
        tensors: Of the types in ``_TYPES``.
        metadata: What its header holds beside them.

    Raises:
        OSError: The disk refuses; nothing is left.
    """
    order = sorted(tensors, key=lambda name: ([*_TYPES].index(tensors[name].dtype), name))
    header: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    end = 0
    for name in order:
        tensor, start = tensors[name], end
        end += tensor.nbytes
        about = {"dtype": _TYPES[tensor.dtype], "shape": [*tensor.shape]}
        header[name] = {**about, "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    try:
        with whole_file(path) as temporary, temporary.open("wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for name in order:
                flat = tensors[name].detach().cpu().contiguous().reshape(-1)
                file.write(flat.view(torch.uint8).numpy().data)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def read_facts(path: Path, kind: type[TrainedModel]) -> dict[str, Any]:
    """The JSON beside the weights' file of a model.

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
            f"Expected weights of {kind.name} at {path} and their JSON file beside them; train "
            "them or name others with --option checkpoint=FILE."
        )
    schema = _facts_schema(kind.config_type.schema)
    facts: dict[str, Any] = read_json(
        beside, schema, expected="the JSON file of weights", remedy="copy or train them again"
    )
    found, version = facts["model"], facts["format"]
    if found != kind.name:
        raise UserError(f"Expected weights of {kind.name}, but {path} holds weights of {found}.")
    if version > FORMAT:
        raise UserError(f"{path} has format {version}, newer than {FORMAT}; update hangeul-bench.")
    return facts


def _facts_schema(config: Mapping[str, Any]) -> Schema:
    return Schema(
        {
            "type": "object",
            "required": ["format", "model", "config"],
            "properties": {
                "format": {"type": "integer"},
                "model": {"type": "string"},
                "config": {"type": "object", "properties": {**config}},
                "parameters": _COUNT,
                "samples": _COUNT,
                "steps": _COUNT,
                "stage": {"enum": [1, 2]},
                "training_seconds": {"type": "number", "minimum": 0, "maximum": 1e12},
                "style_encoder_sha256": {"type": "string"},
                "held_out": NAMES,
                "drawing": {"type": "object"},
            },
        }
    )


def check_facts(facts: dict[str, Any], path: Path, needs: Sequence[str]) -> None:
    """Refuse facts that lack what the caller needs of them.

    Raises:
        UserError: One of ``needs`` is not among them.
    """
    absent = [name for name in needs if name not in facts]
    if absent:
        raise UserError(
            f"Expected {absent[0]} in {path.with_suffix('.json')}, but found no such field; train "
            "the weights again."
        )


def load_weights(kind: type[Model], path: Path, device: str) -> tuple[Model, dict[str, Any]]:
    """Build the model that a weights' file describes and fill it, in eval mode.

    Raises:
        UserError: The file is absent, truncated, of another model, preset or format.
    """
    facts = read_facts(path, kind)
    try:
        model = kind(kind.config_type.from_json(facts["config"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"The configuration in {path.with_suffix('.json')} does not fit: {error}."
        ) from error
    state = read_weights(path)
    try:
        model.load_state_dict(state)
    except RuntimeError as error:
        first = str(error).splitlines()[:2][-1].strip()
        raise UserError(f"Weights {path} do not fit their JSON file: {first}") from error
    return model.to(device).eval(), facts


def read_tensors(path: Path) -> dict[str, Tensor]:
    """All tensors of a safetensors file.

    Raises:
        UserError: The file is truncated or no safetensors file.
    """
    try:
        # Read here, as safetensors takes every name for UTF-8, whatever the system's encoding is.
        tensors: dict[str, Tensor] = load(path.read_bytes())
        return tensors
    except (SafetensorError, OSError) as error:
        raise UserError(
            f"{path} is no complete safetensors file ({error}); copy or train it again."
        ) from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """All weights of a file of either kind, float16 or int8, as float32.

    Raises:
        UserError: The file is truncated or no safetensors file.
    """
    return dequantize(read_tensors(path))


def _metadata(path: Path) -> dict[str, str]:
    """The texts in the head of a file that :func:`read_tensors` has read."""
    with path.open("rb") as file:
        head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    texts: dict[str, str] = head.get("__metadata__", {})
    return texts


def save_state(
    path: Path,
    model: nn.Module,
    optimizers: Mapping[str, torch.optim.Optimizer],
    average: dict[str, Tensor],
    progress: dict[str, Any],
) -> None:
    """Everything that a run needs to go on as if it had not stopped; optimizers by their names."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.items()}
    for own, optimizer in optimizers.items():
        for index, entry in optimizer.state_dict()["state"].items():
            for name, value in entry.items():
                tensors[f"{own}.{index}.{name}"] = torch.as_tensor(value)
    write_tensors(path, tensors, {"progress": json.dumps(progress)})


def load_state(
    path: Path, model: nn.Module, optimizers: Mapping[str, torch.optim.Optimizer]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The inverse of :func:`save_state`: fills model and optimizers.

    Returns:
        The averaged weights and the progress.

    Raises:
        UserError: The file is damaged or belongs to another model or preset.
    """
    tensors = read_tensors(path)
    text = _metadata(path).get("progress", "{}")
    progress = parse_json(text, _PROGRESS, expected=f"the progress of a run in {path}")
    try:
        model.load_state_dict(_group(tensors, "model."))
    except RuntimeError as error:
        raise UserError(
            f"The run in {path.parent} was started with another preset or model; choose another "
            "--out or the options it was started with."
        ) from error
    for own, optimizer in optimizers.items():
        entries: dict[int, dict[str, Tensor]] = {}
        for name, value in _group(tensors, f"{own}.").items():
            index, _, key = name.partition(".")
            entries.setdefault(int(index), {})[key] = value
        optimizer.load_state_dict({**optimizer.state_dict(), "state": entries})
    return _group(tensors, "average."), progress


def _group(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
