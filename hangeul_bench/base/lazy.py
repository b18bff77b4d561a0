"""Lazy packages: the names of an ``__init__.py`` import their modules only when they are used."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def lazy(package: str, places: Mapping[str, str]) -> Callable[[str], Any]:
    """A ``__getattr__`` for a package's ``__init__.py``.

    Importing the package costs nothing, whatever its modules import, and packages whose modules
    import each other's modules form no circle over their ``__init__.py``.

    Args:
        package: The package's ``__name__``.
        places: Each name -> the module below the package that defines it; with a dot before it,
            below the package's parent. ``module:name`` where the module has another name for it,
            ``module:`` for the module itself.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807 - what a module's attribute look-up is called
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, colon, own = places[name].partition(":")
        found = importlib.import_module(f".{module}", package)
        return found if colon and not own else getattr(found, own or name)

    return __getattr__
