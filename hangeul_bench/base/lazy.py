"""The face of a room: its names import their modules only when they are asked for."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """A ``__getattr__`` for a package's ``__init__.py``.

    Importing a face costs nothing, whatever stands behind it, and rooms whose modules import each
    other's modules form no circle over their faces.

    Args:
        package: The package's ``__name__``.
        places: Each name -> the module below the package that defines it; with a dot before it,
            below the package's parent.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807 - what a module's attribute look-up is called
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f".{places[name]}", package), name)

    return __getattr__
