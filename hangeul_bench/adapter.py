"""What a model is to the benchmark: the request it answers, its protocol, and how it is found."""

import difflib
import hashlib
import importlib.metadata
import importlib.util
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from hangeul_bench.errors import UserError
from hangeul_bench.plugins import check_options, import_target
from hangeul_bench.torchvision_heal import ensure_torchvision
from hangeul_bench.weights import VGG19, Weights
from hangeul_bench.weights import load_weights as load_imagenet_weights

if TYPE_CHECKING:
    from hangeul_bench.dataset import GlyphDataset

__all__ = [
    "VGG19",
    "FontModel",
    "Glyphs",
    "ModelInfo",
    "Request",
    "TrainedOn",
    "UserError",
    "Weights",
    "ensure_torchvision",
    "file_sha256",
    "identify_font",
    "list_models",
    "load_imagenet_weights",
    "load_model",
    "resolve_model",
]

ENTRY_POINT_GROUP = "hangeul_bench.models"
_ATTRIBUTES = ("name", "trained_on", "parameters", "checkpoint_sha256", "kind", "details")

Glyphs = NDArray[np.uint8]  # (N, 128, 128) uint8, 0 = ink, 255 = paper
Kind = Literal["model", "control"]


@dataclass(frozen=True)
class Request:
    """Glyphs to draw in the style of the reference glyphs; it never carries the answer.

    Attributes:
        characters: The N syllables to draw, in any order.
        phonetics: Their N phonetic lines (positional jamo joined by spaces).
        references: (K, 128, 128) uint8, 0 = ink, 255 = paper: the font to continue.
        reference_characters: The K syllables that ``references`` show.
        content: (N, 128, 128) uint8: ``characters`` in the one fixed content font.
        seed: The font's own seed. Noise for a glyph may depend on (seed, syllable) alone, so that
            neither the batch size nor the order changes a glyph.
    """

    characters: tuple[str, ...]
    phonetics: tuple[str, ...]
    references: Glyphs
    reference_characters: tuple[str, ...]
    content: Glyphs
    seed: int


@dataclass(frozen=True)
class TrainedOn:
    """What a model's weights have seen; empty for controls."""

    font_ids: frozenset[str] = frozenset()
    lineages: frozenset[str] = frozenset()
    characters: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> "TrainedOn":
        """Read ``font_ids``, ``lineages`` and ``characters`` from a checkpoint's JSON file.

        Raises:
            UserError: The file is absent, is no JSON, or lacks one of the three lists.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            lists = [data[key] for key in ("font_ids", "lineages", "characters")]
        except FileNotFoundError:
            raise UserError(
                f"Expected {path} beside the checkpoint to say what it was trained on, but there "
                "is no such file; put it back or train again."
            ) from None
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"Expected {path} to be JSON with the lists font_ids, lineages and characters, "
                f"but found: {error!r}; train again or restore the file."
            ) from None
        return cls(*(frozenset(values) for values in lists))


class FontModel(Protocol):
    """A font generator; constructed as ``Class(*, device, dataset, batch_size, **options)``.

    A model with an attribute ``batch_size`` gets it halved when a GPU runs out of memory. One with
    a method ``delivered(request) -> (N,) bool`` may leave glyphs out; they count as blank pages.

    Attributes:
        name: What results and tables call it.
        trained_on: What its weights have seen, which the contamination check reads; None if that
            is not declared, which takes no rank.
        parameters: Number of weights; 0 for a control.
        checkpoint_sha256: Hash of the weights' file, or None where there is none.
        kind: Controls stand on every board but take no rank.
        details: Whatever else a reader of the result should know (steps, guidance, gallery size);
            must be JSON.
    """

    name: str
    trained_on: TrainedOn | None
    parameters: int
    checkpoint_sha256: str | None
    kind: Kind
    details: dict[str, Any]

    def generate(self, request: Request) -> Glyphs:
        """Draw ``request.characters``: (N, 128, 128) uint8, 0 = ink, 255 = paper, same order."""


@dataclass(frozen=True)
class ModelInfo:
    """What ``models.toml`` says about a registered model; reading it imports no model."""

    name: str
    target: str
    summary: str = ""
    paper: str = ""
    licence: str = ""
    kind: str = "model"
    parameters: int = 0
    checkpoint: Path | None = None

    @cached_property
    def trained_on(self) -> TrainedOn | None:
        """What the checkpoint's JSON says it saw; None where there is no such file."""
        if self.checkpoint is None or not self.checkpoint.with_suffix(".json").is_file():
            return None
        return TrainedOn.read(self.checkpoint.with_suffix(".json"))


def list_models() -> list[ModelInfo]:
    """All registered models by name, from entry points and each package's ``models.toml``."""
    entries = _entry_points()
    return [_model_info(name, entries[name]) for name in sorted(entries)]


def resolve_model(name: str) -> str:
    """Check that a model of this name can be found, without importing it; return ``name``.

    Raises:
        UserError: No registered model, Python file or folder answers to ``name``.
    """
    if name.startswith("dir:"):
        if not Path(name.removeprefix("dir:")).is_dir():
            raise UserError(f"Expected a folder of PNGs after dir:, but found none at {name[4:]}.")
    elif ".py:" in name:
        path = Path(name.rpartition(":")[0])
        if not path.is_file():
            raise UserError(f"Expected a Python file in --model {name}, but found none at {path}.")
    elif name not in (known := sorted(_entry_points())):
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(known)}."
        raise UserError(
            f"Expected a model's name, FILE.py:Class or dir:FOLDER, but found {name!r}; {hint}"
        )
    return name


def load_model(
    name: str,
    *,
    device: str = "cpu",
    dataset: "GlyphDataset | None" = None,
    batch_size: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> FontModel:
    """Construct a model.

    Args:
        name: A registered name, ``path/to/file.py:Class`` or ``dir:FOLDER``.
        device: Where it should run: ``cpu`` or ``cuda``.
        dataset: What controls look their glyphs up in.
        batch_size: How many glyphs it may draw at once; None leaves it to the model.
        options: Further keyword arguments of its constructor.

    Raises:
        UserError: There is no such model, it cannot be imported, does not take an option, or
            lacks an attribute of :class:`FontModel`.
    """
    resolve_model(name)
    if name.startswith("dir:"):
        options = {"folder": name.removeprefix("dir:"), **(options or {})}
        target = "hangeul_bench.folder:Folder"
    else:
        target = name if ".py:" in name else _entry_points()[name]
    factory = import_target(target)
    arguments = dict(options or {})
    check_options(name, factory, arguments)
    model = factory(device=device, dataset=dataset, batch_size=batch_size, **arguments)
    missing = [a for a in (*_ATTRIBUTES, "generate") if not hasattr(model, a)]
    if missing:
        raise UserError(
            f"Model {name} lacks {', '.join(missing)}; see FontModel in hangeul_bench/adapter.py."
        )
    return cast(FontModel, model)


def identify_font(dataset: "GlyphDataset", request: Request) -> str:
    """The font that a request's references come from; for controls, which know the answers.

    Raises:
        UserError: No font of the dataset draws exactly these references.
    """
    splits = dataset.splits
    evaluation = sorted((*splits.unseen_fonts, *splits.seen_fonts))
    for font_id in (*evaluation, *(font.font_id for font in dataset.fonts)):
        own = dataset.images(font_id, request.reference_characters)
        if np.array_equal(own, request.references):
            return font_id
    raise UserError(
        f"Expected references drawn by a font of {dataset.path}, but no font of it matches them; "
        "a control can only continue a font of its dataset."
    )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; what ``checkpoint_sha256`` should be."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _entry_points() -> dict[str, str]:
    found = importlib.metadata.entry_points(group=ENTRY_POINT_GROUP)
    return {point.name: point.value for point in found}


def _model_info(name: str, target: str) -> ModelInfo:
    # find_spec of a top-level package locates it without running any of its code.
    spec = importlib.util.find_spec(target.partition(".")[0].partition(":")[0])
    locations = list(spec.submodule_search_locations or ()) if spec else []
    for folder in map(Path, locations):
        table = _read_toml(folder / "models.toml").get(name)
        if table is not None:
            checkpoint = table.pop("checkpoint", None)
            known = {key: table[key] for key in ModelInfo.__dataclass_fields__ if key in table}
            path = folder / checkpoint if checkpoint else None
            return ModelInfo(name=name, target=target, checkpoint=path, **known)
    return ModelInfo(name=name, target=target)


def _read_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"Expected {path} to be TOML, but found: {error}; correct it.") from None
