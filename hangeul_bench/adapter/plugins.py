"""Import a class by name, from a package or a file, and check what its constructor takes."""

import importlib
import importlib.util
import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hangeul_bench.base.errors import UserError

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
