"""How a model is found: by its registered name, in a Python file, or as a folder of pictures."""

import difflib
import importlib
import importlib.metadata
import importlib.util
import inspect
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hangeul_bench.adapter.contract import FontModel, TrainedOn
from hangeul_bench.base.errors import UserError
from hangeul_bench.base.processes import add_in_one_order
from hangeul_bench.base.weights import WeightsFile, place_weights

if TYPE_CHECKING:
    from hangeul_bench.dataset.glyphs import GlyphDataset

ENTRY_POINT_GROUP = "hangeul_bench.models"
_ATTRIBUTES = ("name", "trained_on", "parameters", "checkpoint_sha256", "kind", "details")


@dataclass(frozen=True)
class ModelInfo:
    """What ``models.toml`` says about a registered model; listing them imports none.

    Attributes:
        label: What tables for readers call it, see :func:`label_of`; empty: its name.
        url: Where the checkpoint is published, if it is not beside the code.
        sha256: What it must hash to then.
        preferred: Commands that need one model take the highest whose weights are there; 0 is
            never taken.
        needs_dataset: Whether it draws only beside a dataset.
        train: ``module:attribute`` of the command that trains it, for ``hangeul-bench train``.
    """

    name: str
    target: str
    label: str = ""
    summary: str = ""
    paper: str = ""
    licence: str = ""
    kind: str = "model"
    parameters: int = 0
    checkpoint: Path | None = None
    url: str = ""
    sha256: str = ""
    preferred: int = 0
    needs_dataset: bool = False
    train: str = ""

    @cached_property
    def trained_on(self) -> TrainedOn | None:
        """What the checkpoint's JSON says it saw, or failing that the class; None if neither does.

        The class is imported for it. One that finds out in its constructor has to be made.
        """
        if self.checkpoint is not None and self.checkpoint.with_suffix(".json").is_file():
            return TrainedOn.read(self.checkpoint.with_suffix(".json"))
        declared = getattr(import_target(self.target), "trained_on", None)
        return declared if isinstance(declared, TrainedOn) else None

    def place_checkpoint(self) -> None:
        """Download the checkpoint to its place if it is not there and has a ``url``.

        Raises:
            UserError: It cannot be downloaded, or ``models.toml`` does not say its hash.
        """
        if self.checkpoint is None or not self.url:
            return
        if not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise UserError(
                f"Expected models.toml to give {self.name} a sha256 of 64 hexadecimal digits "
                f"beside its url, but found {self.sha256!r}; correct it."
            )
        wanted = WeightsFile(self.checkpoint.name, self.url, self.name, self.sha256)
        place_weights(wanted, self.checkpoint)


def list_models() -> list[ModelInfo]:
    """All registered models by name, from entry points and each package's ``models.toml``."""
    entries = _entry_points()
    return [_model_info(name, entries[name]) for name in sorted(entries)]


def label_of(name: str, details: Mapping[str, Any]) -> str:
    """What tables for readers call a model, such as ``Released (swift)`` for ``released``.

    Args:
        name: The model's, as its results have it.
        details: Those of its result; a label's ``{preset}`` is the preset there.

    Returns:
        The label of its ``models.toml``; the name where there is none or a detail of it is absent.
    """
    target = _entry_points().get(name)
    label = _model_info(name, target).label if target else ""
    try:
        return label.format_map(details) or name
    except KeyError:
        return name


def default_model(*, with_dataset: bool) -> str:
    """The name of the model that a command takes if the user names none.

    It is the most preferred registered one (``preferred`` in its ``models.toml``) whose weights are
    here, or, if there is none, whose weights can be downloaded.

    Args:
        with_dataset: Whether there is a dataset, which some models need.

    Raises:
        UserError: No model with weights is registered.
    """
    usable = (m for m in list_models() if m.preferred and (with_dataset or not m.needs_dataset))
    stated = [m for m in usable if m.checkpoint]
    here = [m for m in stated if m.checkpoint and m.checkpoint.is_file()]
    ready = here or [m for m in stated if m.url]
    if not ready:
        raise UserError("Expected a registered model with weights, but found none; name --model.")
    return max(ready, key=lambda model: model.preferred).name


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

    Where nothing was multiplied before, its matrix products do not depend on the threads
    (:func:`~hangeul_bench.base.processes.add_in_one_order`).

    Args:
        name: A registered name, ``path/to/file.py:Class`` or ``dir:FOLDER``.
        device: Where it should run: ``cpu`` or ``cuda``.
        dataset: What controls look their glyphs up in.
        batch_size: How many glyphs it may draw at once; None leaves it to the model.
        options: Further keyword arguments of its constructor.

    Raises:
        UserError: There is no such model, its weights cannot be downloaded, it cannot be imported,
            does not take an option, or lacks an attribute of :class:`FontModel`.
    """
    add_in_one_order()
    resolve_model(name)
    if name.startswith("dir:"):
        options = {"folder": name.removeprefix("dir:"), **(options or {})}
        target = "hangeul_bench.adapter.folder:Folder"
    else:
        target = name if ".py:" in name else _entry_points()[name]
    factory = import_target(target)
    arguments = dict(options or {})
    check_options(name, factory, arguments)
    if name in _entry_points() and "checkpoint" not in arguments:
        _model_info(name, target).place_checkpoint()
    model = factory(device=device, dataset=dataset, batch_size=batch_size, **arguments)
    draws = "look_up" if hasattr(model, "look_up") else "generate"
    missing = [a for a in (*_ATTRIBUTES, draws) if not hasattr(model, a)]
    if missing:
        raise UserError(
            f"Model {name} lacks {', '.join(missing)}; see FontModel in "
            "hangeul_bench/adapter/contract.py."
        )
    return cast(FontModel, model)


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


_ALWAYS_GIVEN = frozenset({"device", "dataset", "batch_size"})


def import_target(target: str) -> Any:
    """Import ``package.module:Class`` or ``path/to/file.py:Class``.

    Raises:
        UserError: The module raises when it is imported, or has no such class.
    """
    module_name, _, attribute = target.rpartition(":")
    try:
        if module_name.endswith(".py"):
            module = _import_file(Path(module_name))
        else:
            module = importlib.import_module(module_name)
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"Model {target} cannot be imported: {type(error).__name__}: {error}; "
            "correct the file or install what it needs."
        ) from error
    if not hasattr(module, attribute):
        raise UserError(f"Expected a class {attribute} in {module_name}, but found none.")
    return getattr(module, attribute)


def check_options(name: str, factory: Any, options: Iterable[str]) -> None:
    """Refuse options that a model's constructor does not take.

    Args:
        name: The model, for the message.
        factory: Its class, or a function that makes it.
        options: Names of keyword arguments.

    Raises:
        UserError: It does not take one of them; names those that it takes.
    """
    taken = _keywords(factory)
    if taken is not None and (unknown := sorted(set(options) - taken)):
        known = ", ".join(sorted(taken - _ALWAYS_GIVEN)) or "none"
        raise UserError(f"Model {name} takes no option {', '.join(unknown)}; it takes {known}.")


def _keywords(factory: Any) -> set[str] | None:
    """The keyword arguments that a constructor takes; None for any."""
    # A constructor with **arguments hands them on to the next class's.
    classes = inspect.getmro(factory) if inspect.isclass(factory) else ()
    makers = [vars(c)["__init__"] for c in classes if "__init__" in vars(c)] or [factory]
    names: set[str] = set()
    for maker in makers:
        parameters = inspect.signature(maker).parameters.values()
        names |= {p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)}
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            return names - {"self"}
    return None


def _import_file(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} is no Python file that can be imported.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
